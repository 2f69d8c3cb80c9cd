//! The server's clock, which a test can skew.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The server's clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// `None` if the clock stands still until it is advanced.
    started: Option<Instant>,
    /// Unix time at `started`. Later readings add monotonic time to it, so a change of the host's clock does not affect a test.
    wall: Duration,
    ahead: Duration,
    /// How far the clock was advanced, if it stands still. It is part of the time since the start then.
    advanced: Duration,
    behind: Duration,
}

/// One reading of the clock. A response takes all its times from the same reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    /// Time since the server started, not skewed.
    pub(crate) at: Duration,
    /// Unix time on the server's clock.
    pub(crate) unix: Duration,
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the file that reads the clock"
    )]
    pub(crate) fn start() -> Self {
        Self {
            started: Some(Instant::now()),
            wall: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
            ahead: Duration::ZERO,
            advanced: Duration::ZERO,
            behind: Duration::ZERO,
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the file that reads the clock"
    )]
    pub(crate) fn now(&self) -> Now {
        let at = match self.started {
            Some(started) => Instant::now().duration_since(started),
            None => self.advanced,
        };
        let unix = self
            .wall
            .saturating_add(at)
            .saturating_add(self.ahead)
            .saturating_sub(self.behind);
        Now { at, unix }
    }

    /// A clock that stands still at this Unix time until it is advanced.
    pub(crate) fn standing(wall: Duration) -> Self {
        Self {
            started: None,
            wall,
            ahead: Duration::ZERO,
            advanced: Duration::ZERO,
            behind: Duration::ZERO,
        }
    }

    /// Sets the clock this many seconds ahead, or behind if negative. Replaces earlier offsets.
    pub(crate) fn set_offset(&mut self, seconds: i64) {
        let size = Duration::from_secs(seconds.unsigned_abs());
        (self.ahead, self.behind) = if seconds < 0 {
            (Duration::ZERO, size)
        } else {
            (size, Duration::ZERO)
        };
    }

    /// Advances the clock, in addition to the current offset.
    pub(crate) fn advance(&mut self, by: Duration) {
        match self.started {
            Some(_) => self.ahead = self.ahead.saturating_add(by),
            None => self.advanced = self.advanced.saturating_add(by),
        }
    }
}

impl Now {
    /// Unix time in whole seconds, as in `Date`.
    pub(crate) fn seconds(self) -> u64 {
        self.unix.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offset_changes_unix_time_and_not_the_time_since_start() {
        let mut clock = Clock::start();
        let before = clock.now();
        clock.set_offset(-3_600);
        let after = clock.now();
        assert!(after.unix + Duration::from_secs(3_000) < before.unix);
        assert!(after.at >= before.at);
        clock.advance(Duration::from_secs(7_200));
        assert!(clock.now().unix > before.unix);
    }

    #[test]
    fn extreme_offsets_do_not_overflow() {
        let mut clock = Clock::start();
        for seconds in [i64::MIN, i64::MAX] {
            clock.set_offset(seconds);
            clock.advance(Duration::MAX);
            let _ = clock.now();
        }
    }
}
