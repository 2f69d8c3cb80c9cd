//! Everything impure, as one value: what time it is, and one roll of the dice.

use core::time::Duration;

use intercom_errors::UnixTime;

/// A reading of a monotonic clock.
///
/// The origin is the caller's choice (the start of the program, the first call, a simulated zero); ticks of one
/// call must share it. All arithmetic saturates.
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
pub struct Tick(Duration);

impl Tick {
    /// A reading of `since_origin` after the clock's origin.
    pub const fn new(since_origin: Duration) -> Self {
        Self(since_origin)
    }

    /// How long after the clock's origin this is.
    pub const fn since_origin(self) -> Duration {
        self.0
    }

    /// The time from `earlier` to this tick; zero if `earlier` is the later one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The tick `wait` later, or the last tick there is.
    #[must_use]
    pub const fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(wait))
    }
}

/// What a driver knows at one moment: the monotonic tick, the wall clock if it has one, and a random number.
///
/// This crate reads no clock and owns no generator; whoever drives a call makes a fresh `Moment` each time it asks.
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
    /// A moment of which the monotonic tick alone is known.
    ///
    /// Without a wall clock, a wait given as a date is measured against the answer's own `Date` or not at all, and
    /// a [`Stop`](crate::Stop) has no [`retry_at`](crate::Stop::retry_at). Without a roll, waits are not spread:
    /// each is the shortest the policy allows.
    pub const fn new(tick: Tick) -> Self {
        Self {
            tick,
            wall: None,
            roll: 0,
        }
    }

    /// Adds the reading of the local wall clock.
    #[must_use]
    pub const fn with_wall(mut self, wall: UnixTime) -> Self {
        self.wall = Some(wall);
        self
    }

    /// Adds a random number, uniform over all of `u64` and fresh for each moment.
    ///
    /// The larger the roll, the longer the wait: the upper half of the bits sets the jitter, the lower half the
    /// spread.
    #[must_use]
    pub const fn with_roll(mut self, roll: u64) -> Self {
        self.roll = roll;
        self
    }

    /// The reading of the monotonic clock.
    pub const fn tick(&self) -> Tick {
        self.tick
    }

    /// The reading of the local wall clock, if the driver has one.
    pub const fn wall(&self) -> Option<UnixTime> {
        self.wall
    }

    /// The random number; 0 unless one was given.
    pub const fn roll(&self) -> u64 {
        self.roll
    }
}
