//! An error as a record that can be stored and read again (feature `serde`).

use core::time::Duration;

use http::Method;
use intercom_errors::{StoredClass, Version};
use intercom_retry::{History, Stop};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Cause, Ending, Error, Inner};
use crate::target::Target;

/// The record. It borrows the cause and the history to be written, and owns them after it was read.
#[derive(Serialize, Deserialize)]
struct Record<C, H> {
    v: Version,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Request>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<StoredClass>,
    cause: C,
    history: H,
    elapsed: Duration,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<Stop>,
    may_have_been_applied: bool,
    conflicts_with_itself: bool,
    replayable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_offset_ms: Option<i64>,
}

/// The request without its query, which can hold personal data and which no error shows.
#[derive(Serialize, Deserialize)]
struct Request {
    method: String,
    path: String,
}

impl Request {
    fn of(target: &Target) -> Self {
        Self {
            method: target.method.as_str().to_owned(),
            path: target.path.clone(),
        }
    }

    fn into_target(self) -> Result<Target, http::method::InvalidMethod> {
        Ok(Target {
            method: Method::from_bytes(self.method.as_bytes())?,
            path: self.path,
            query: String::new(),
        })
    }
}

/// Writes the error with its path, the server's messages and its body, which contain personal data. The token and the
/// [`source`](core::error::Error::source) are not written.
///
/// ```
/// use intercom_protocol::{ApiError, Error};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let error = Error::from(ApiError::from_parts(429, [("Retry-After", &b"7"[..])], b""));
/// let stored = serde_json::to_string(&error)?;
/// let read: Error = serde_json::from_str(&stored)?;
/// assert_eq!((read.class(), read.to_string()), (error.class(), error.to_string()));
/// # Ok(())
/// # }
/// ```
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Inner { cause, ending, .. } = &*self.0;
        let stored = self.stored_class().cloned();
        let record = Record {
            v: Version,
            request: self.target().map(Request::of),
            class: stored.or_else(|| self.class().map(StoredClass::from)),
            cause,
            history: &ending.attempts,
            elapsed: ending.elapsed,
            stop: ending.stop,
            may_have_been_applied: ending.maybe_applied,
            conflicts_with_itself: ending.conflicts_with_itself,
            replayable: ending.replayable,
            clock_offset_ms: ending.clock_offset,
        };
        record.serialize(serializer)
    }
}

/// Classifies the error again. [`stored_class`](Error::stored_class) is the class in the record.
impl<'de> Deserialize<'de> for Error {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = Record::<Cause, History>::deserialize(deserializer)?;
        let target = record.request.map(Request::into_target).transpose();
        Ok(Self(Box::new(Inner {
            source: None,
            target: target.map_err(D::Error::custom)?,
            cause: record.cause,
            ending: Ending {
                attempts: record.history,
                elapsed: record.elapsed,
                stop: record.stop,
                maybe_applied: record.may_have_been_applied,
                conflicts_with_itself: record.conflicts_with_itself,
                replayable: record.replayable,
                clock_offset: record.clock_offset_ms,
            },
            stored_class: record.class,
        })))
    }
}

impl Error {
    /// Returns the class in the record that the error was read from, or `None` if it was not read from a record.
    ///
    /// [`class`](Self::class) is computed anew, and is the one to act on. The two differ if the version that stored the
    /// error classified it differently.
    #[must_use]
    pub fn stored_class(&self) -> Option<&StoredClass> {
        self.0.stored_class.as_ref()
    }
}
