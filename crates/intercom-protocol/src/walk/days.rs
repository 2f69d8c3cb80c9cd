//! A search for contacts, split into spans of days.

use serde::{Deserialize, Serialize};

/// The spans of days that a search still has to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Days {}
