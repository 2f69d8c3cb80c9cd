//! What earlier runs did with each line, in four bytes per line.

use crate::Ending;
use crate::source::MOST_LINES;

/// What earlier runs did with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Past {
    /// The line was never started.
    New,
    /// The line was started and has no record.
    Open,
    /// The line has a record; this is the latest.
    Ended(Ending),
}

impl Past {
    /// Whether the request may have been applied.
    const fn may_be_done(self) -> bool {
        match self {
            Self::New => false,
            Self::Open => true,
            Self::Ended(ending) => ending.may_be_done(),
        }
    }
}

/// The lines that earlier runs started, with a digest of each.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
}

/// Bits 0 to 3: how often the line was started, minus how often it was recorded. Bits 4 to 6: its latest ending. The
/// rest: a digest, which is never 0.
#[derive(Clone, Copy, Debug, Default)]
struct Entry(u32);

const OPEN: u32 = 0xf;
const ENDING: u32 = 0x70;
const DIGEST: u32 = !(OPEN | ENDING);

impl Ledger {
    /// Enters that a line was started. Returns `false` if no line can have this number.
    ///
    /// A line may have been started several times, with a record after each start but the last. The latest digest
    /// counts, because a line that was not applied may have been corrected in between.
    pub(crate) fn begun(&mut self, line: u64, digest: u64) -> bool {
        let Some(index) = index(line) else {
            return false;
        };
        if self.entries.len() <= index {
            self.grow(index + 1);
        }
        let Some(entry) = self.entries.get_mut(index) else {
            return false;
        };
        entry.0 = entry.0 & !DIGEST | fold(digest);
        entry.count(1);
        true
    }

    /// Enters a record of a line. Returns `false` if the line was not started.
    pub(crate) fn ended(&mut self, line: u64, ending: Ending) -> bool {
        let entry = index(line).and_then(|index| self.entries.get_mut(index));
        let Some(entry) = entry.filter(|entry| !entry.is_new()) else {
            return false;
        };
        entry.count(OPEN);
        entry.0 = entry.0 & !ENDING | (ending as u32 + 1) << 4;
        true
    }

    /// Returns what earlier runs did with a line.
    ///
    /// If the line has changed and the old one was not applied, it counts as new. If the old one was or may have
    /// been applied, returns an error with what earlier runs did with it.
    pub(crate) fn past(&self, line: u64, digest: u64) -> Result<Past, Past> {
        let entry = index(line).and_then(|index| self.entries.get(index));
        let entry = entry.copied().unwrap_or_default();
        match entry.past() {
            past if entry.0 & DIGEST == fold(digest) => Ok(past),
            past if past.may_be_done() => Err(past),
            _ => Ok(Past::New),
        }
    }

    /// Returns the first line between these two that was sent.
    pub(crate) fn sent_between(&self, before: u64, behind: u64) -> Option<u64> {
        let was_sent = |line: &u64| {
            let entry = index(*line).and_then(|index| self.entries.get(index));
            entry.is_some_and(|entry| entry.was_sent())
        };
        (before + 1..behind.min(self.last_begun() + 1)).find(was_sent)
    }

    /// Returns the last line that was started, or 0.
    pub(crate) fn last_begun(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Returns the last line that was sent, or 0.
    pub(crate) fn last_sent(&self) -> u64 {
        let last = self.entries.iter().rposition(|entry| entry.was_sent());
        last.map_or(0, |index| index as u64 + 1)
    }

    /// Reserves an eighth more than needed: the vector's own doubling would use too much memory.
    fn grow(&mut self, len: usize) {
        if self.entries.capacity() < len {
            self.entries
                .reserve_exact(len - self.entries.len() + len / 8 + 1024);
        }
        self.entries.resize(len, Entry::default());
    }
}

impl Entry {
    const fn is_new(self) -> bool {
        self.0 == 0
    }

    /// Whether a request may have been sent for the line.
    const fn was_sent(self) -> bool {
        !self.is_new() && !matches!(self.past(), Past::Ended(Ending::Invalid))
    }

    /// Adds to the count, which has four bits: adding 15 subtracts 1.
    const fn count(&mut self, number: u32) {
        self.0 = self.0 & !OPEN | (self.0 + number) & OPEN;
    }

    const fn past(self) -> Past {
        if self.is_new() {
            return Past::New;
        }
        if self.0 & OPEN != 0 {
            return Past::Open;
        }
        match (self.0 & ENDING) >> 4 {
            1 => Past::Ended(Ending::Ok),
            2 => Past::Ended(Ending::Failed),
            3 => Past::Ended(Ending::Unknown),
            5 => Past::Ended(Ending::Refused),
            6 => Past::Ended(Ending::Blocked),
            _ => Past::Ended(Ending::Invalid),
        }
    }
}

fn index(line: u64) -> Option<usize> {
    let index = line.checked_sub(1).filter(|_| line <= MOST_LINES)?;
    usize::try_from(index).ok()
}

/// Returns 25 bits of the digest, one of them always set: enough to detect a changed line.
#[expect(clippy::cast_possible_truncation, reason = "it contains both halves")]
const fn fold(digest: u64) -> u32 {
    ((digest ^ (digest >> 32)) as u32 & DIGEST) | 1 << 31
}

#[cfg(test)]
mod tests {
    use super::{Ledger, Past};
    use crate::Ending;

    #[test]
    fn line_is_open_until_its_record() {
        let mut ledger = Ledger::default();
        assert!(ledger.begun(3, 77));
        assert_eq!(ledger.past(3, 77), Ok(Past::Open));
        assert!(ledger.ended(3, Ending::Unknown));
        assert_eq!(ledger.past(3, 77), Ok(Past::Ended(Ending::Unknown)));
        assert_eq!((ledger.past(1, 5), ledger.last_sent()), (Ok(Past::New), 3));
    }

    #[test]
    fn line_sent_again_is_open_until_its_last_record() {
        let mut ledger = Ledger::default();
        for _ in 0..40 {
            assert!(ledger.begun(1, 77));
        }
        for _ in 0..39 {
            assert!(ledger.ended(1, Ending::Unknown));
            assert_eq!(ledger.last_sent(), 1);
        }
        assert_eq!(ledger.past(1, 77), Ok(Past::Open));
        assert!(ledger.ended(1, Ending::Ok));
        assert_eq!(ledger.past(1, 77), Ok(Past::Ended(Ending::Ok)));
    }

    #[test]
    fn changed_line_is_detected() {
        let mut ledger = Ledger::default();
        assert!(ledger.begun(1, 0));
        assert_eq!(ledger.past(1, 0), Ok(Past::Open));
        assert_eq!(ledger.past(1, 1 << 40), Err(Past::Open));
    }

    #[test]
    fn invalid_line_may_change_until_it_is_sent() {
        let mut ledger = Ledger::default();
        assert!(ledger.begun(1, 7) && ledger.ended(1, Ending::Invalid));
        assert_eq!(ledger.past(1, 7), Ok(Past::Ended(Ending::Invalid)));
        assert_eq!(
            (ledger.past(1, 1 << 40), ledger.last_sent()),
            (Ok(Past::New), 0)
        );
        assert!(ledger.begun(1, 1 << 40));
        assert_eq!(
            (ledger.past(1, 7), ledger.past(1, 1 << 40)),
            (Err(Past::Open), Ok(Past::Open))
        );
        assert_eq!(ledger.last_sent(), 1);
    }

    #[test]
    fn changed_line_is_new_if_the_old_one_was_not_carried_out() {
        for (ending, found) in [
            (Ending::Failed, Ok(Past::New)),
            (Ending::Refused, Ok(Past::New)),
            (Ending::Ok, Err(Past::Ended(Ending::Ok))),
            (Ending::Unknown, Err(Past::Ended(Ending::Unknown))),
        ] {
            let mut ledger = Ledger::default();
            assert!(ledger.begun(1, 7) && ledger.ended(1, ending));
            assert_eq!(ledger.past(1, 1 << 40), found);
            assert_eq!(ledger.past(1, 7), Ok(Past::Ended(ending)));
            assert_eq!(ledger.last_sent(), 1);
        }
    }

    #[test]
    fn impossible_lines_and_records_are_rejected() {
        let mut ledger = Ledger::default();
        assert!(!ledger.begun(0, 1) && !ledger.begun(u64::MAX, 1));
        assert!(!ledger.ended(1, Ending::Ok), "it was never started");
        assert!(ledger.begun(2, 1));
        assert!(!ledger.ended(1, Ending::Ok), "a gap was not started either");
    }
}
