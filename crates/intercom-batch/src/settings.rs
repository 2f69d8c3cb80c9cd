//! How a run treats its lines.

use std::fmt;

use crate::wording::{self, Wording};

/// How a run treats its lines.
pub(crate) struct Settings {
    pub(crate) concurrency: usize,
    pub(crate) retry_failed: bool,
    pub(crate) retry_unknown: bool,
    pub(crate) wording: Box<dyn Wording>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: 16,
            retry_failed: false,
            retry_unknown: false,
            wording: Box::new(wording::Plain),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("concurrency", &self.concurrency)
            .field("retry_failed", &self.retry_failed)
            .field("retry_unknown", &self.retry_unknown)
            .finish_non_exhaustive()
    }
}
