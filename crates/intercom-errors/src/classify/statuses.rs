//! Sets of statuses, as the tables of rules name them.

/// A set of statuses: inclusive ranges.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "only the rules are built from it"
)]
pub struct Statuses(pub &'static [(u16, u16)]);

impl Statuses {
    /// Every status.
    pub(super) const ANY: Self = Self(&[(0, u16::MAX)]);

    /// Returns `true` if the set contains the status.
    #[must_use]
    pub fn contains(self, status: u16) -> bool {
        let Self(ranges) = self;
        ranges
            .iter()
            .any(|&(first, last)| (first..=last).contains(&status))
    }
}

/// Builds [`Statuses`] from a list like `400 | 422 | 500..=599`.
macro_rules! statuses {
    ($($first:literal $(..= $last:literal)?)|+) => {
        $crate::classify::statuses::Statuses(&[$(statuses!(@range $first $($last)?)),+])
    };
    (@range $first:literal) => { ($first, $first) };
    (@range $first:literal $last:literal) => { ($first, $last) };
}

pub(super) use statuses;
