//! The questions that programs ask of an error most often.

use intercom_errors::{Category, Class, Fault};
use intercom_retry::StopReason;

use super::Error;

impl Error {
    fn is(&self, predicate: fn(Class) -> bool) -> bool {
        self.class().is_some_and(predicate)
    }

    /// Whether the token was not accepted (401): regenerate it in the Developer Hub.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.is(Class::is_unauthorized)
    }

    /// Whether the token lacks a permission, usually a scope (403).
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.is(Class::is_forbidden)
    }

    /// Whether the resource does not exist (404).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is(Class::is_not_found)
    }

    /// Whether existing data clashes with the request (409).
    ///
    /// Of a write that was repeated it may be the call's own earlier attempt that stands in the way: the kind is then
    /// [`MaybeApplied`](crate::ErrorKind::MaybeApplied).
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.is(Class::is_conflict)
    }

    /// Whether the contact was merged into another one (410).
    #[must_use]
    pub fn is_merged(&self) -> bool {
        self.is(Class::is_merged)
    }

    /// Whether the workspace's plan does not include this (402, 403).
    #[must_use]
    pub fn is_plan_restricted(&self) -> bool {
        self.is(Class::is_plan_restricted)
    }

    /// Whether the input is at fault, found by the server (400, 422) or before sending.
    #[must_use]
    pub fn is_validation(&self) -> bool {
        self.category() == Some(Category::Validation)
    }

    /// Whether the rate limit of the window was reached (429); a quota of jobs and an overloaded resource are not meant.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.is(Class::is_rate_limited)
    }

    /// Whether something that may run only once at a time is running already: an export job, a scroll, an upload.
    #[must_use]
    pub fn is_concurrency_limited(&self) -> bool {
        self.is(Class::is_concurrency_limited)
    }

    /// Whether the server, or this resource, has too much to do (503 `service_unavailable`, 429 `too_many_requests`).
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.is(Class::is_overloaded)
    }

    /// Whether Intercom failed: a 5xx as a rule, but not a 504, which is a time-out, nor a 503 that says too much to do.
    #[must_use]
    pub fn is_server_error(&self) -> bool {
        self.is(Class::is_server_error)
    }

    /// Whether time ran out: of an attempt, at the server, or of the whole call.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        let deadline = self
            .stop()
            .is_some_and(|stop| stop.reason() == StopReason::DeadlineExceeded);
        deadline || self.is(Class::is_timeout) || self.fault().is_some_and(Fault::is_timeout)
    }
}

/// So that `optional()` works on what clients return.
///
/// ```
/// use intercom_protocol::{ApiError, Error, OptionalExt};
///
/// let gone: Result<u8, Error> = Err(ApiError::from_parts(404, [], b"").into());
/// assert_eq!(gone.optional().unwrap(), None);
/// ```
impl intercom_errors::SaysNotFound for Error {
    fn says_not_found(&self) -> bool {
        self.is_not_found()
    }
}
