//! Why a line is not a request.

use std::fmt;

use intercom_protocol::Error as CallError;

use super::lines::LONGEST;

/// Why a line is not a request. Nothing was sent for it.
///
/// A [`Wording`](crate::Wording) meets it. `Display` is what a record says by default.
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
    #[error("{0:?} is an object; give text, numbers or a list")]
    Object(String),
    #[error(transparent)]
    Request(CallError),
    #[error("the line is longer than {} MiB", LONGEST >> 20)]
    TooLong,
}

impl Invalid {
    /// A request that was refused before it was sent.
    pub(crate) const fn request(error: CallError) -> Self {
        Self(Cause::Request(error))
    }

    /// The error of the request that the line asks for, if it is one that cannot be sent.
    #[must_use]
    pub const fn request_error(&self) -> Option<&CallError> {
        match &self.0 {
            Cause::Request(error) => Some(error),
            _ => None,
        }
    }
}

/// What is wrong with the JSON of a line, and at which column: the line's number is known.
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
