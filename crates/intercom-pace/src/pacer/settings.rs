//! How a pacer goes about it: spread, reserve and the length of the window.

use core::time::Duration;

use intercom_errors::names;

names! {
    /// How mildly a window's quota is spent when no other program is seen to use it.
    ///
    /// ```
    /// assert_eq!(intercom_pace::Pacing::default(), intercom_pace::Pacing::Steady);
    /// ```
    #[derive(Default)]
    #[non_exhaustive]
    pub enum Pacing {
        /// Over about an eighth of the window: jobs of one window end sooner, and neighbours who do not pace are refused
        /// about twice as often.
        Fast = "fast",
        /// Over about a quarter of the window, so that a surprise meets few requests on the wire.
        #[default]
        Steady = "steady",
    }
}

impl Pacing {
    /// How many times faster than evenly over the window.
    pub(super) const fn spread_factor(self) -> f64 {
        match self {
            Self::Fast => 8.0,
            Self::Steady => 4.0,
        }
    }
}

/// The settings of a [`Pacer`](super::Pacer); the default suits Intercom.
///
/// ```
/// use core::time::Duration;
/// use intercom_pace::{PacerSettings, Pacing};
///
/// let settings = PacerSettings::new().with_pacing(Pacing::Fast).with_reserve(0.2);
/// assert_eq!(settings.reserve(), 0.2);
/// assert_eq!(settings.window(), Duration::from_secs(10));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PacerSettings {
    pacing: Pacing,
    reserve: f64,
    window: Duration,
}

impl Default for PacerSettings {
    fn default() -> Self {
        Self {
            pacing: Pacing::Steady,
            reserve: 0.0,
            window: Duration::from_secs(10),
        }
    }
}

impl PacerSettings {
    /// The most that can be left to others.
    const MOST_RESERVE: f64 = 0.9;

    /// Starts from the defaults: steady, nothing reserved, windows of ten seconds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how mildly the quota is spent.
    #[must_use]
    pub fn with_pacing(mut self, pacing: Pacing) -> Self {
        self.pacing = pacing;
        self
    }

    /// Sets the last share of every window, from 0 to 0.9, that is left to others; anything outside is cut to fit.
    ///
    /// Throughput falls by exactly this share. It is the one cure for a neighbour who does not pace, comes late in
    /// the window and must not be refused.
    #[must_use]
    pub fn with_reserve(mut self, share: f64) -> Self {
        self.reserve = if share.is_nan() {
            0.0
        } else {
            share.clamp(0.0, Self::MOST_RESERVE)
        };
        self
    }

    /// Sets the length of the server's windows, 10 s by default; cut to between 100 ms and an hour.
    ///
    /// It is where learning starts: answers whose resets lie further ahead, or closer together, correct it.
    #[must_use]
    pub fn with_window(mut self, length: Duration) -> Self {
        self.window = length.clamp(Duration::from_millis(100), Duration::from_secs(3600));
        self
    }

    /// How mildly the quota is spent.
    pub fn pacing(&self) -> Pacing {
        self.pacing
    }

    /// The last share of every window that is left to others.
    pub fn reserve(&self) -> f64 {
        self.reserve
    }

    /// The length of the server's windows before anything is learnt.
    pub fn window(&self) -> Duration {
        self.window
    }
}
