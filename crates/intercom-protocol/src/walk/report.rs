//! What a walk has done so far.

use serde::{Deserialize, Serialize};

/// What a walk has done so far, including what it did before it was resumed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    pub(super) items: u64,
    pub(super) pages: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) duplicates: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) restarts: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) expired: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) read_again: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) shrunk: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) splits: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub(super) skipped: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<u64>,
    /// Whether the request begins behind the first item, so that the total cannot be compared.
    #[serde(skip_serializing_if = "is_false")]
    pub(super) is_rest: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) may_repeat: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Report {
    /// Returns how many items were returned.
    #[must_use]
    pub const fn items(&self) -> u64 {
        self.items
    }

    /// Returns how many pages were read.
    #[must_use]
    pub const fn pages(&self) -> u64 {
        self.pages
    }

    /// Returns how many items were dropped because they had been returned before.
    #[must_use]
    pub const fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Returns how often a scroll was started again from the beginning.
    #[must_use]
    pub const fn restarts(&self) -> u64 {
        self.restarts
    }

    /// Returns how often a scroll had expired, because more than a minute passed between two pages. Each counts as a restart too.
    #[must_use]
    pub const fn expired(&self) -> u64 {
        self.expired
    }

    /// Returns how many pages held nothing new, because they had been read before.
    #[must_use]
    pub const fn pages_read_again(&self) -> u64 {
        self.read_again
    }

    /// Returns how often a page could not be read and was requested with fewer items.
    #[must_use]
    pub const fn pages_shrunk(&self) -> u64 {
        self.shrunk
    }

    /// Returns how often a search was split into shorter spans of days.
    #[must_use]
    pub const fn splits(&self) -> u64 {
        self.splits
    }

    /// Returns how many items were skipped because the server could not return them.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// Returns how many items there are according to the server.
    #[must_use]
    pub const fn total_count(&self) -> Option<u64> {
        self.total
    }

    /// Returns how many items more than the [`total_count`](Self::total_count) were returned, or fewer if it is negative.
    /// Items that were skipped count as returned. `None` if the server sent no total, or if the request begins behind the first item.
    ///
    /// After the last item, a small difference means that items were created or deleted meanwhile, or that the server's count is
    /// not exact. [`is_short`](Self::is_short) says whether it is large.
    #[must_use]
    pub fn difference(&self) -> Option<i64> {
        let read = self.items.saturating_add(self.skipped);
        let total = self.total.filter(|_| !self.is_rest)?;
        i64::try_from(i128::from(read) - i128::from(total)).ok()
    }

    /// Returns whether many items are missing: after the last one, the list has probably ended too early. Read it again.
    ///
    /// Many are more than 10 and one in a hundred of the [`total_count`](Self::total_count).
    #[must_use]
    pub fn is_short(&self) -> bool {
        let spare = 10 + self.total.unwrap_or_default() / 100;
        let missing = self.difference().map(i64::saturating_neg);
        missing.is_some_and(|missing| u64::try_from(missing).is_ok_and(|missing| missing > spare))
    }

    /// Returns whether items can have been returned twice: the walk was resumed without the ids of the items that had been
    /// returned. See [`Seen`](super::Seen).
    #[must_use]
    pub const fn may_repeat(&self) -> bool {
        self.may_repeat
    }
}
