//! What a pacer shows of itself.

use core::time::Duration;

use intercom_errors::UnixTime;
use intercom_retry::Tick;

/// A reading of a [`Pacer`](super::Pacer): what it knows of the server and what it allows.
///
/// ```
/// use intercom_pace::{Pacer, PacerSettings};
/// use intercom_retry::{Moment, Tick};
///
/// let gauge = Pacer::new(PacerSettings::default()).gauge(&Moment::new(Tick::default()));
/// assert_eq!((gauge.limit(), gauge.in_flight(), gauge.share()), (None, 0, 1.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge {
    pub(super) limit: Option<f64>,
    pub(super) allowed: Option<f64>,
    pub(super) accepted: f64,
    pub(super) used: f64,
    pub(super) in_flight: u32,
    pub(super) given: u32,
    pub(super) answered: bool,
    pub(super) tokens: f64,
    pub(super) burst: f64,
    pub(super) share: f64,
    pub(super) window_end: Option<f64>,
    pub(super) window_length: f64,
    pub(super) turn: Option<f64>,
    pub(super) offset: Option<(f64, f64)>,
}

impl Gauge {
    /// The quota of a window as headers last told it.
    pub fn limit(&self) -> Option<u32> {
        self.limit.map(|limit| limit as u32)
    }

    /// What the pacer lets a window's consumption grow to: less than the limit with a reserve, or when refusals came
    /// early; what was found out, where headers tell nothing. Infinite until then, `None` before any answer.
    pub fn allowed(&self) -> Option<f64> {
        self.allowed
    }

    /// Our requests that the present window has accepted.
    pub fn accepted(&self) -> u32 {
        self.accepted as u32
    }

    /// The most that headers have shown to be consumed of the present window, by anybody.
    pub fn used(&self) -> u32 {
        self.used as u32
    }

    /// Permits out, and sent requests whose answer nobody will read but which may still be counted.
    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// Permits given in the present window.
    pub fn given(&self) -> u32 {
        self.given
    }

    /// Whether an answer has told the present window's counts.
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// Tokens in the bucket that spreads the quota.
    pub fn tokens(&self) -> f64 {
        self.tokens
    }

    /// The most that may go at once.
    pub fn burst(&self) -> f64 {
        self.burst
    }

    /// The share taken of what is left: 1 alone, less as soon as others are seen.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// When the present window ends, on the server's clock.
    pub fn window_end(&self) -> Option<UnixTime> {
        let since_epoch = Duration::try_from_secs_f64(self.window_end?).ok()?;
        UnixTime::from_duration(since_epoch)
    }

    /// How long the windows are.
    pub fn window_length(&self) -> Duration {
        Duration::try_from_secs_f64(self.window_length).unwrap_or_default()
    }

    /// When the pacer will take the next window for open; earlier only if an answer says so.
    pub fn turns_at(&self) -> Option<Tick> {
        let turn = Duration::try_from_secs_f64(self.turn?.max(0.0)).ok()?;
        Some(Tick::new(turn))
    }

    /// The bounds, in seconds, of the server's clock (Unix time) minus our monotonic one; none until it told its time.
    pub fn clock_offset(&self) -> Option<(f64, f64)> {
        self.offset
    }
}
