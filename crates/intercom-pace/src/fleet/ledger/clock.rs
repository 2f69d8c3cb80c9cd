//! What the ledger knows about the API server's clock.
//!
//! Members tell the least that the server's clock can show. The ledger keeps how far that is ahead of its own clock, so that a
//! newcomer learns the time without a request to the server. No grant depends on it.

/// The drift of a clock: one microsecond in 2000, or 500 parts in a million.
const DRIFT: i64 = 2000;

/// A bound that is better than what a member tells by more than this is wrong: one of the clocks was set.
const JUMP: i64 = 2_000_000;

/// The least that the server's clock is ahead of the ledger's, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bound {
    ahead: i64,
    /// When that was learnt, on the ledger's clock; 0 if never.
    at: i64,
}

impl Bound {
    /// The least that the server's clock shows now.
    pub(super) fn server_at_least(&self, now: i64) -> Option<i64> {
        self.aged(now).map(|ahead| now + ahead)
    }

    /// How far the server's clock is ahead at least, if both clocks have drifted apart since. The aged value is never stored:
    /// rounded down at each contact, it would lose seconds.
    fn aged(&self, now: i64) -> Option<i64> {
        let age = (now - self.at).max(0);
        (self.at > 0).then(|| self.ahead - age / DRIFT)
    }

    /// Takes in what a member knows, if that is more, or if the clocks have been set.
    pub(super) fn learn(&mut self, server_at_least: i64, now: i64) {
        if server_at_least == 0 {
            return;
        }
        let ahead = server_at_least - now;
        let keeps = self
            .aged(now)
            .is_some_and(|known| (ahead..=ahead + JUMP).contains(&known));
        if !keeps {
            *self = Self { ahead, at: now };
        }
    }
}
