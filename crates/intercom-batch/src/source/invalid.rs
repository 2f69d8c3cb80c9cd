//! Why a line is not a request or a contact.

use std::fmt;

use intercom_protocol::Error as CallError;
use serde::Deserialize;

use super::lines::Unreadable;

/// Why a line is not a valid request or contact. Nothing was sent for it.
///
/// A [`Wording`](crate::Wording) receives it. By default, a record contains its `Display`.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Invalid(#[from] Cause);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    #[error(transparent)]
    Json(#[from] Broken),
    #[error("{0:?} is a list of lists")]
    ListOfLists(String),
    #[error("{0:?}: {1}")]
    Member(String, Broken),
    #[error("{0:?} is not a method")]
    Method(String),
    #[error("not a JSON object")]
    NotAnObject,
    #[error("not UTF-8")]
    NotUtf8,
    #[error("{0:?} is an object; use a string, a number, a boolean or a list")]
    Object(String),
    #[error(transparent)]
    Request(CallError),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

impl Invalid {
    /// A request that was rejected before it was sent.
    pub(crate) const fn request(error: CallError) -> Self {
        Self(Cause::Request(error))
    }

    /// Returns the error of the line's request, if the line is a request that cannot be sent.
    #[must_use]
    pub const fn request_error(&self) -> Option<&CallError> {
        match &self.0 {
            Cause::Request(error) => Some(error),
            _ => None,
        }
    }
}

/// Parses the text of a line. The error for a wrong value names its member.
pub(super) fn json<'l, T: Deserialize<'l>>(text: &'l str) -> Result<T, Cause> {
    let mut json = serde_json::Deserializer::from_str(text);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let member = error.path().to_string();
        let error = error.into_inner();
        // The error for an unknown member names it.
        let is_unnamed = error.is_data() && !error.to_string().starts_with("unknown field");
        match Broken(error) {
            broken if is_unnamed && member != "." => Cause::Member(member, broken),
            broken => Cause::Json(broken),
        }
    })?;
    json.end().map_err(Broken::from)?;
    Ok(parsed)
}

/// A JSON error with its column but without its line, because every line of the input is parsed alone.
#[derive(Debug)]
pub(crate) struct Broken(serde_json::Error);

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        match text.rsplit_once(" at line ") {
            Some((what, _)) => write!(f, "{what} at column {}", self.0.column()),
            None => f.write_str(&text),
        }
    }
}

impl std::error::Error for Broken {}
