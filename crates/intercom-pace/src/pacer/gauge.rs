//! A snapshot of a pacer's state.

use core::time::Duration;

use intercom_errors::UnixTime;
use intercom_retry::Tick;

/// A snapshot of a [`Pacer`](super::Pacer): what it knows about the server and what it allows.
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
    /// Returns the quota of a window, as reported by the latest headers.
    pub fn limit(&self) -> Option<u32> {
        self.limit.map(|limit| limit as u32)
    }

    /// Returns how many requests the pacer allows in a window, counted over all clients.
    ///
    /// This is less than the limit if there is a reserve, or if the server refused requests below its limit. If the
    /// server sends no quota headers, it is infinite until the first refusal, and then the limit that the refusals show.
    /// It is `None` before the first response.
    pub fn allowed(&self) -> Option<f64> {
        self.allowed
    }

    /// Returns how many of our requests the server has accepted in the current window.
    pub fn accepted(&self) -> u32 {
        self.accepted as u32
    }

    /// Returns how many requests of all clients the current window has counted, as far as headers have shown.
    pub fn used(&self) -> u32 {
        self.used as u32
    }

    /// Returns how many requests are in flight.
    ///
    /// This includes permits whose request is not sent yet, and abandoned requests that the server may still count.
    pub fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// Returns how many permits were given in the current window.
    pub fn given(&self) -> u32 {
        self.given
    }

    /// Returns whether a response has reported the current window's counts.
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// Returns the tokens in the bucket that spreads requests over the window.
    pub fn tokens(&self) -> f64 {
        self.tokens
    }

    /// Returns how many requests may go at once.
    pub fn burst(&self) -> f64 {
        self.burst
    }

    /// Returns the share of the remaining quota that the pacer takes: 1, or less if it detects other clients.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// Returns when the current window ends, on the server's clock.
    pub fn window_end(&self) -> Option<UnixTime> {
        let since_epoch = Duration::try_from_secs_f64(self.window_end?).ok()?;
        UnixTime::from_duration(since_epoch)
    }

    /// Returns the length of a window.
    pub fn window_length(&self) -> Duration {
        Duration::try_from_secs_f64(self.window_length).unwrap_or_default()
    }

    /// Returns when the pacer will enter the next window, unless a response shows earlier that it is open.
    pub fn turns_at(&self) -> Option<Tick> {
        let turn = Duration::try_from_secs_f64(self.turn?.max(0.0)).ok()?;
        Some(Tick::new(turn))
    }

    /// Returns the lower and the upper bound of the clocks' difference in seconds: the server's clock (Unix time) minus our
    /// monotonic clock. Returns `None` until a response has contained the server's time.
    pub fn clock_offset(&self) -> Option<(f64, f64)> {
        self.offset
    }
}
