//! The impure inputs as one value: the time and a random number.

use core::time::Duration;

use intercom_errors::UnixTime;

/// A reading of a monotonic clock.
///
/// The caller chooses the origin: the start of the program, the first call or a simulated zero. All ticks of one call
/// must have the same origin. All arithmetic saturates.
///
/// ```
/// use core::time::Duration;
/// use intercom_retry::Tick;
///
/// let began = Tick::new(Duration::from_secs(5));
/// let deadline = began.after(Duration::from_secs(30));
/// assert_eq!(deadline.since(began), Duration::from_secs(30));
/// assert_eq!(began.since(deadline), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Tick(Duration);

impl Tick {
    /// Creates a tick from the duration since the origin of the clock.
    pub const fn new(since_origin: Duration) -> Self {
        Self(since_origin)
    }

    /// Returns the duration since the origin of the clock.
    pub const fn since_origin(self) -> Duration {
        self.0
    }

    /// Returns the duration from `earlier` to this tick, or zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// Returns the tick `wait` later, or the last possible tick.
    #[must_use]
    pub const fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(wait))
    }
}

/// The inputs that change with time: the monotonic tick, the wall clock if there is one, and a random number.
///
/// This crate does not read clocks or create random numbers. The driver of a call creates a new `Moment` for each
/// method call.
///
/// ```
/// use core::time::Duration;
/// use intercom_errors::UnixTime;
/// use intercom_retry::{Moment, Tick};
///
/// let wall = UnixTime::from_secs(1_711_100_000).unwrap();
/// let now = Moment::new(Tick::new(Duration::from_secs(5)))
///     .with_wall(wall)
///     .with_roll(0x9E37_79B9_7F4A_7C15);
/// assert_eq!(now.wall(), Some(wall));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    tick: Tick,
    wall: Option<UnixTime>,
    roll: u64,
}

impl Moment {
    /// Creates a moment with only the monotonic tick.
    ///
    /// Without a wall clock, a hint that is a date needs the response's own `Date`, and a [`Stop`](crate::Stop) has no
    /// [`retry_at`](crate::Stop::retry_at). Without a random number, waits are not spread: each is the shortest that
    /// the policy allows.
    pub const fn new(tick: Tick) -> Self {
        Self {
            tick,
            wall: None,
            roll: 0,
        }
    }

    /// Sets the time of the local wall clock.
    #[must_use]
    pub const fn with_wall(mut self, wall: UnixTime) -> Self {
        self.wall = Some(wall);
        self
    }

    /// Sets the random number. It must be uniform over `u64` and new for each moment.
    ///
    /// A larger number makes the wait longer. Its upper 32 bits determine the jitter, and its lower 32 bits the spread.
    #[must_use]
    pub const fn with_roll(mut self, roll: u64) -> Self {
        self.roll = roll;
        self
    }

    /// Returns the reading of the monotonic clock.
    pub const fn tick(&self) -> Tick {
        self.tick
    }

    /// Returns the time of the local wall clock, if it was set.
    pub const fn wall(&self) -> Option<UnixTime> {
        self.wall
    }

    /// Returns the random number, or 0 if it was not set.
    pub const fn roll(&self) -> u64 {
        self.roll
    }
}
