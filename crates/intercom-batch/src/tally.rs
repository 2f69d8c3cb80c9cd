//! Counts the outcomes of the lines.

use std::collections::{BTreeMap, BTreeSet};

use intercom_protocol::flows::Change;
use serde::{Serialize, Serializer};

use crate::outcomes::Outcomes;
use crate::work::{Carried, Success};
use crate::{Ending, OutcomeCount};

/// The counts of one run.
///
/// `total` is the sum of `ok`, `failed` and `skipped`. Serializes as an object of the counts and `outcomes`, without the
/// line numbers.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tally {
    /// The lines that this run processed or skipped, without blank lines.
    pub total: u64,
    /// The lines that this run recorded as successful.
    pub ok: u64,
    /// The lines that this run recorded as not successful, including `invalid` and `unknown`.
    pub failed: u64,
    /// The lines that have a record of an earlier run and were not sent again.
    pub skipped: u64,
    /// The skipped lines whose record is not successful.
    pub skipped_failed: u64,
    /// The lines that this run recorded as not being valid requests.
    pub invalid: u64,
    /// The lines that this run recorded as failed and that may have been applied.
    pub unknown: u64,
    /// How many requests were sent, including retries.
    pub attempts: u64,
    /// How many requests received a 429.
    pub rate_limited: u64,
    outcomes: Outcomes,
    /// How many contacts were created, updated and so on. Empty unless the lines are [contacts](crate::Source::contacts).
    #[serde(serialize_with = "by_name", skip_serializing_if = "BTreeMap::is_empty")]
    pub contacts: BTreeMap<Change, u64>,
    #[serde(skip)]
    lines: BTreeMap<Ending, LineNumbers>,
    #[serde(skip)]
    sent: LineNumbers,
}

fn by_name<S: Serializer>(
    counts: &BTreeMap<Change, u64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        counts
            .iter()
            .map(|(change, count)| (change.as_str(), count)),
    )
}

/// How many lines are of one kind, and the numbers of the first ten.
#[derive(Clone, Debug, Default)]
pub struct LineNumbers {
    count: u64,
    first: BTreeSet<u64>,
}

impl LineNumbers {
    /// How many numbers are kept.
    const KEPT: usize = 10;

    const NONE: &Self = &Self {
        count: 0,
        first: BTreeSet::new(),
    };

    fn add(&mut self, line: u64) {
        self.count += 1;
        self.first.insert(line);
        if self.first.len() > Self::KEPT {
            self.first.pop_last();
        }
    }

    /// Returns how many lines there are.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Returns the smallest line numbers, up to ten, in ascending order.
    pub fn first(&self) -> impl Iterator<Item = u64> + '_ {
        self.first.iter().copied()
    }
}

impl Tally {
    /// Returns the lines whose last record, of this run or an earlier one, has this ending.
    #[must_use]
    pub fn lines(&self, ending: Ending) -> &LineNumbers {
        self.lines.get(&ending).unwrap_or(LineNumbers::NONE)
    }

    /// Returns the statuses and codes of the lines that this run sent, each with its number of lines, the most frequent first.
    #[must_use]
    pub fn outcomes(&self) -> Vec<OutcomeCount> {
        self.outcomes.counts()
    }

    /// Returns the lines that this run sent a request for.
    #[must_use]
    pub const fn sent(&self) -> &LineNumbers {
        &self.sent
    }

    /// Counts a line that earlier runs recorded.
    pub(crate) fn skip(&mut self, line: u64, ending: Ending) {
        self.skipped += 1;
        self.skipped_failed += u64::from(ending != Ending::Ok);
        self.meet(line, ending);
    }

    /// Counts a line that this run recorded.
    pub(crate) fn record(&mut self, line: u64, ending: Ending) {
        self.ok += u64::from(ending == Ending::Ok);
        self.failed += u64::from(ending != Ending::Ok);
        self.invalid += u64::from(ending == Ending::Invalid);
        self.unknown += u64::from(ending == Ending::Unknown);
        self.meet(line, ending);
    }

    fn meet(&mut self, line: u64, ending: Ending) {
        self.total += 1;
        self.lines.entry(ending).or_default().add(line);
    }

    /// Counts what a line has cost, and what became of it.
    pub(crate) fn send(&mut self, line: u64, carried: &Carried) {
        let spent = carried.spent;
        if spent.attempts > 0 {
            self.sent.add(line);
            self.outcomes.add(&carried.outcome);
        }
        self.attempts += spent.attempts as u64;
        self.rate_limited += spent.rate_limited as u64;
        if let Some(upserted) = carried.outcome.as_ref().ok().and_then(Success::upserted) {
            *self.contacts.entry(upserted.change()).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LineNumbers;

    #[test]
    fn first_ten_numbers_are_kept_in_order_and_all_lines_are_counted() {
        let mut lines = LineNumbers::default();
        for line in (1..=12).rev() {
            lines.add(line);
        }
        assert_eq!(lines.count(), 12);
        assert_eq!(
            lines.first().collect::<Vec<_>>(),
            (1..=10).collect::<Vec<_>>()
        );
    }
}
