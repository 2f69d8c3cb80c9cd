//! What the pages of a list held, so that a list without an end is noticed.

use super::seen::{IdKey, SeenIds};
use crate::flows::Page;

/// How many pages in a row may be empty, although each names a next one.
const MOST_EMPTY: u32 = 1_000;

/// Some search indexes count no further than this.
const COUNT_LIMIT: u64 = 10_000;

/// What the pages of a list held: 24 bytes for each page.
#[derive(Default)]
pub(super) struct Contents {
    /// The ids on the page before.
    latest: Option<IdKey>,
    /// The ids on each page.
    all: SeenIds,
    /// How many pages in a row were empty.
    empty: u32,
    /// The largest total so far.
    total: u64,
}

impl Contents {
    /// Adds a page. Returns whether too many pages in a row are empty.
    pub(super) const fn are_empty(&mut self, page: &Page) -> bool {
        self.empty = if page.is_empty() { self.empty + 1 } else { 0 };
        self.empty > MOST_EMPTY
    }

    /// Whether far more items have arrived than the largest total allows.
    pub(super) fn exceed(&mut self, total: Option<u64>, arrived: u64) -> bool {
        self.total = self.total.max(total.unwrap_or_default());
        let is_known = self.total > 0 && self.total != COUNT_LIMIT;
        is_known && arrived > self.total.saturating_mul(2).saturating_add(1_000)
    }

    /// Adds a page. Returns whether one with the same ids came before: right before, or earlier if it is not a single item, which
    /// can move while the list is read.
    pub(super) fn repeat(&mut self, page: &Page) -> bool {
        let Some(content) = page.content() else {
            return false;
        };
        let before = self.latest.replace(content);
        before == Some(content) || (page.len() > 1 && !self.all.add(content))
    }
}
