//! How often each status and code occurred.

use std::collections::BTreeMap;

use intercom_protocol::{Error as CallError, FaultKind};
use serde::{Serialize, Serializer};

use crate::work::Success;

/// How many lines ended with this status and code, or without a complete response.
///
/// Only the first few dozen different outcomes have a count of their own. The lines with any other outcome are counted
/// together, in the count that has neither a `status` nor a `fault`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OutcomeCount {
    /// The status of the last response.
    pub status: Option<u16>,
    /// The code of its first error.
    pub code: Option<String>,
    /// Why no complete response arrived.
    #[serde(serialize_with = "name")]
    pub fault: Option<FaultKind>,
    /// How many lines there are.
    pub lines: u64,
}

fn name<S: Serializer>(fault: &Option<FaultKind>, serializer: S) -> Result<S::Ok, S::Error> {
    fault.map(FaultKind::as_str).serialize(serializer)
}

/// The counts, in bounded memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcomes {
    counts: BTreeMap<Outcome, u64>,
    other: u64,
}

/// A status, a code and a fault.
type Outcome = (Option<u16>, Option<String>, Option<FaultKind>);

impl Outcomes {
    /// How many outcomes are counted one by one.
    const KEPT: usize = 32;

    pub(crate) fn add(&mut self, outcome: &Result<Success, CallError>) {
        self.count(match outcome {
            Ok(success) => (Some(success.status()), None, None),
            Err(error) => (
                error.status().map(|status| status.as_u16()),
                error.code().map(|code| code.as_str().to_owned()),
                error.fault().map(|fault| fault.kind()),
            ),
        });
    }

    fn count(&mut self, outcome: Outcome) {
        let is_full = self.counts.len() >= Self::KEPT;
        if is_full && !self.counts.contains_key(&outcome) {
            self.other += 1;
        } else {
            *self.counts.entry(outcome).or_default() += 1;
        }
    }

    /// Returns the counts, the most frequent first, and the other outcomes last.
    pub(crate) fn counts(&self) -> Vec<OutcomeCount> {
        let count = |((status, code, fault), lines): (&Outcome, &u64)| OutcomeCount {
            status: *status,
            code: code.clone(),
            fault: *fault,
            lines: *lines,
        };
        let mut counts: Vec<_> = self.counts.iter().map(count).collect();
        counts.sort_by_key(|count| std::cmp::Reverse(count.lines));
        let other = (&(None, None, None), &self.other);
        counts.extend((self.other > 0).then(|| count(other)));
        counts
    }
}

impl Serialize for Outcomes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.counts().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::Outcomes;

    #[test]
    fn outcomes_beyond_the_limit_are_counted_together() {
        let mut outcomes = Outcomes::default();
        for round in 0..2 {
            for code in 0..40 {
                outcomes.count((Some(422), Some(format!("code_{code}")), None));
            }
            outcomes.count((Some(422), Some("code_7".to_owned()), None));
            assert_eq!(outcomes.counts().len(), Outcomes::KEPT + 1, "{round}");
        }
        let counts = outcomes.counts();
        let first = counts.first().unwrap();
        assert_eq!((first.code.as_deref(), first.lines), (Some("code_7"), 4));
        let last = counts.last().unwrap();
        assert_eq!((last.status, last.fault, last.lines), (None, None, 16));
        assert_eq!(counts.iter().map(|count| count.lines).sum::<u64>(), 82);
    }
}
