//! The settings of a pacer: pacing, reserve and the length of a window.

use core::time::Duration;

use intercom_errors::names;

names! {
    /// How fast a window's quota is spent while no other client seems to use it.
    ///
    /// ```
    /// assert_eq!(intercom_pace::Pacing::default(), intercom_pace::Pacing::Steady);
    /// ```
    #[derive(Default)]
    #[non_exhaustive]
    pub enum Pacing {
        /// Spends the quota over about an eighth of the window. A job that fits into one window ends sooner, but other
        /// clients that do not pace are refused about twice as often.
        Fast = "fast",
        /// Spends the quota over about a quarter of the window, so that few requests are in flight when conditions change.
        #[default]
        Steady = "steady",
    }
}

impl Pacing {
    /// The rate, as a factor on the rate that spends the quota evenly over the window.
    pub(super) const fn spread_factor(self) -> f64 {
        match self {
            Self::Fast => 8.0,
            Self::Steady => 4.0,
        }
    }
}

/// The settings of a [`Pacer`](super::Pacer). The defaults suit Intercom.
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
    /// The largest reserve.
    const MOST_RESERVE: f64 = 0.9;

    /// Returns the defaults: steady pacing, no reserve, windows of ten seconds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how fast the quota is spent.
    #[must_use]
    pub fn with_pacing(mut self, pacing: Pacing) -> Self {
        self.pacing = pacing;
        self
    }

    /// Sets the share of every window that is left to other clients, from 0 to 0.9. Values outside are clamped.
    ///
    /// Throughput falls by exactly this share. Use it if another client does not pace, sends late in the window, and
    /// must not be refused. No other setting protects such a client.
    #[must_use]
    pub fn with_reserve(mut self, share: f64) -> Self {
        self.reserve = if share.is_nan() {
            0.0
        } else {
            share.clamp(0.0, Self::MOST_RESERVE)
        };
        self
    }

    /// Sets the length of the server's windows: 10 s by default, clamped to between 100 ms and an hour.
    ///
    /// This is only a starting value. The pacer corrects it from the resets in responses.
    #[must_use]
    pub fn with_window(mut self, length: Duration) -> Self {
        self.window = length.clamp(Duration::from_millis(100), Duration::from_secs(3600));
        self
    }

    /// Returns how fast the quota is spent.
    pub fn pacing(&self) -> Pacing {
        self.pacing
    }

    /// Returns the share of every window that is left to other clients.
    pub fn reserve(&self) -> f64 {
        self.reserve
    }

    /// Returns the length of the server's windows that the pacer starts with.
    pub fn window(&self) -> Duration {
        self.window
    }
}
