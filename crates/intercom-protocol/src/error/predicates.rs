//! Predicates for the errors that programs check for most often.

use intercom_errors::{Category, Class, Fault};
use intercom_retry::StopReason;

use super::Error;

impl Error {
    fn is(&self, predicate: fn(Class) -> bool) -> bool {
        self.class().is_some_and(predicate)
    }

    /// Returns whether the token was not accepted (401). Regenerate it in the Developer Hub.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.is(Class::is_unauthorized)
    }

    /// Returns whether the token lacks a permission, usually a scope (403).
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.is(Class::is_forbidden)
    }

    /// Returns whether a firewall or proxy between the client and Intercom refused the request, so that the API never saw it.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.is(Class::is_blocked)
    }

    /// Returns whether the resource does not exist (404).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is(Class::is_not_found)
    }

    /// Returns whether the request conflicts with existing data (409).
    ///
    /// If a write was retried, the conflicting data may be the result of its own earlier attempt. The kind is then
    /// [`MaybeApplied`](crate::ErrorKind::MaybeApplied).
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.is(Class::is_conflict)
    }

    /// Returns whether the contact was merged into another one (410).
    #[must_use]
    pub fn is_merged(&self) -> bool {
        self.is(Class::is_merged)
    }

    /// Returns whether the workspace's plan does not include the feature (402, 403).
    #[must_use]
    pub fn is_plan_restricted(&self) -> bool {
        self.is(Class::is_plan_restricted)
    }

    /// Returns whether the input is invalid, as found by the server (400, 422) or before sending.
    #[must_use]
    pub fn is_validation(&self) -> bool {
        self.category() == Some(Category::Validation)
    }

    /// Returns whether the rate limit of the window was reached (429). A quota of jobs or an overloaded resource does not count.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.is(Class::is_rate_limited)
    }

    /// Returns whether something that may run only once at a time is already running: an export job, a scroll, an upload.
    #[must_use]
    pub fn is_concurrency_limited(&self) -> bool {
        self.is(Class::is_concurrency_limited)
    }

    /// Returns whether the server, or this resource, is overloaded (503 `service_unavailable`, 429 `too_many_requests`).
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.is(Class::is_overloaded)
    }

    /// Returns whether Intercom failed, usually with a 5xx. A 504 (time-out) and a 503 that reports overload do not count.
    #[must_use]
    pub fn is_server_error(&self) -> bool {
        self.is(Class::is_server_error)
    }

    /// Returns whether a time-out occurred: of an attempt, at the server, or of the whole call.
    ///
    /// If the deadline ended the call, this is true, but the category is that of the last attempt, like `RateLimit`.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        let deadline = self
            .stop()
            .is_some_and(|stop| stop.reason() == StopReason::DeadlineExceeded);
        deadline || self.is(Class::is_timeout) || self.fault().is_some_and(Fault::is_timeout)
    }
}

/// Lets `optional()` work on the results of clients.
///
/// ```
/// use intercom_protocol::{ApiError, Error, OptionalExt};
///
/// let gone: Result<u8, Error> = Err(ApiError::from_parts(404, [], b"").into());
/// assert_eq!(gone.optional().unwrap(), None);
/// ```
impl intercom_errors::IsNotFound for Error {
    fn is_not_found(&self) -> bool {
        self.is_not_found()
    }
}
