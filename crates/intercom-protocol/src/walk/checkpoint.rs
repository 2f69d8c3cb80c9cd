//! Where a walk can go on.

use core::fmt;
use core::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::days::Days;
use super::identity::Identity;
use super::place::Place;
use super::report::Report;

/// The version of the format.
const VERSION: u64 = 1;

/// Where a walk can go on, even in another process and on another machine.
///
/// `walk.checkpoint()` returns it at any time, and so does the error that ends a walk. Its text is one line of JSON: print it,
/// store it, and parse it again. A walk that [resumes](crate::client::Walk::resume) from it returns the items that come
/// after those that were returned before.
///
/// It holds the server's cursor, counts, ids, and a digest of the request. It contains neither the token nor the query nor
/// personal data. A cursor is opaque: what it contains is up to the server. Its size is a few hundred bytes. In the middle of a page,
/// each item of the page that has been returned adds 17 bytes.
///
/// ```
/// use intercom_protocol::walk::Checkpoint;
///
/// let error = "{}".parse::<Checkpoint>().unwrap_err();
/// assert_eq!(error.to_string(), "not a checkpoint of a walk; pass the whole text that the walk printed");
/// ```
#[derive(Clone, PartialEq)]
pub struct Checkpoint(pub(super) Box<State>);

/// The parts of a checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    /// What the request is, and where it goes.
    #[serde(flatten)]
    pub(super) identity: Identity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) workspace: Option<String>,
    pub(super) place: Place,
    /// The items of the page at this place that were returned.
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub(super) returned: Marks,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) size: Option<u32>,
    /// The id of the item that was returned last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) days: Option<Days>,
    pub(super) counts: Report,
}

impl Checkpoint {
    /// Returns what the walk had done.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.0.counts
    }

    /// Returns the id of the item that the walk returned last; `None` if it has returned none, or the item has no id.
    #[must_use]
    pub fn last_id(&self) -> Option<&str> {
        self.0.last.as_deref().filter(|id| !id.is_empty())
    }

    /// Returns whether the walk had read everything.
    #[must_use]
    pub fn is_end(&self) -> bool {
        self.0.place == Place::End
    }

    fn from_value(mut value: Value) -> Result<Self, CheckpointError> {
        let version = value.as_object_mut().and_then(|object| object.remove("v"));
        match version.as_ref().and_then(Value::as_u64) {
            Some(VERSION) => {}
            Some(version) => return Err(CheckpointError(Problem::Version(version))),
            None => return Err(CheckpointError(Problem::Form)),
        }
        let state = serde_json::from_value(value).map_err(|_| CheckpointError(Problem::Form))?;
        Ok(Self(state))
    }
}

#[derive(Serialize)]
struct Versioned<'s> {
    v: u64,
    #[serde(flatten)]
    state: &'s State,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

/// Shows the counts.
impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint")
            .field("report", self.report())
            .finish_non_exhaustive()
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let value = serde_json::from_str(text).map_err(|_| CheckpointError(Problem::Form))?;
        Self::from_value(value)
    }
}

impl Serialize for Checkpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let state = &*self.0;
        Versioned { v: VERSION, state }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Checkpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_value(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Why a text is not a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointError(Problem);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Problem {
    Form,
    Version(u64),
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Problem::Form => {
                f.write_str("not a checkpoint of a walk; pass the whole text that the walk printed")
            }
            Problem::Version(version) => write!(
                f,
                "the checkpoint has version {version}, but this program reads version {VERSION}; resume with the program that wrote it, or start without it"
            ),
        }
    }
}

impl core::error::Error for CheckpointError {}

/// Marks of items, in the order in which they were returned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks(pub(super) Vec<u64>);

impl Marks {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Marks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let texts: Vec<String> = self.0.iter().map(|mark| format!("{mark:016x}")).collect();
        serializer.serialize_str(&texts.join(" "))
    }
}

impl<'de> Deserialize<'de> for Marks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let marks = text
            .split_whitespace()
            .map(|mark| u64::from_str_radix(mark, 16));
        marks
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(D::Error::custom)
    }
}
