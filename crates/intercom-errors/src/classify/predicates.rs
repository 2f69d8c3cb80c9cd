//! Predicates for the categories, and the conversion of "not found" to `None`.

use super::Class;
use crate::{ApiError, Category, ErrorCode, ErrorItem};

macro_rules! predicates {
    ($($(#[$doc:meta])+ $name:ident: $category:ident;)+) => {
        impl Class {
            $(
                $(#[$doc])+
                #[must_use]
                pub const fn $name(self) -> bool {
                    matches!(self.category(), Category::$category)
                }
            )+
        }

        impl ApiError {
            $(
                #[doc = concat!("Calls [`Class::", stringify!($name), "`] on the class of this error.")]
                #[must_use]
                pub fn $name(&self) -> bool {
                    self.class().$name()
                }
            )+
        }
    };
}

predicates! {
    /// Returns `true` if the token was not accepted. The status is usually 401.
    ///
    /// Regenerate the token in the Developer Hub.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(401, [], br#"{"errors":[{"code":"token_revoked"}]}"#);
    /// assert!(error.is_unauthorized());
    /// ```
    is_unauthorized: Authentication;

    /// Returns `true` if the token lacks a permission. The status is usually 403; a 401 `token_unauthorized` counts
    /// too.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(401, [], br#"{"errors":[{"code":"token_unauthorized"}]}"#);
    /// assert!(error.is_forbidden());
    /// ```
    is_forbidden: Permission;

    /// Returns `true` if a firewall or proxy between the client and Intercom refused the request.
    ///
    /// The API never saw the request. See [`ApiError::answered_by`].
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// assert!(ApiError::from_parts(407, [], b"").is_blocked());
    /// ```
    is_blocked: Blocked;

    /// Returns `true` if the workspace's plan does not include this (402, or 403 `api_plan_restricted`).
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(403, [], br#"{"errors":[{"code":"api_plan_restricted"}]}"#);
    /// assert!(error.is_plan_restricted());
    /// ```
    is_plan_restricted: Plan;

    /// Returns `true` if the resource does not exist. Some 404s mean something else, and some other statuses mean this.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(404, [], br#"{"errors":[{"code":"company_not_found"}]}"#);
    /// assert!(error.is_not_found());
    /// ```
    is_not_found: NotFound;

    /// Returns `true` if the contact was merged into another one (410).
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(410, [], br#"{"errors":[{"code":"contact_merged"}]}"#);
    /// assert!(error.is_merged());
    /// ```
    is_merged: Merged;

    /// Returns `true` if the request conflicts with existing data. The status is usually 409.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(409, [], br#"{"errors":[{"code":"resource_conflict"}]}"#);
    /// assert!(error.is_conflict());
    /// ```
    is_conflict: Conflict;

    /// Returns `true` if the input is not valid. The status is usually 400 or 422, sometimes 404.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(422, [], br#"{"errors":[{"code":"parameter_not_found"}]}"#);
    /// assert!(error.is_validation());
    /// ```
    is_validation: Validation;

    /// Returns `true` if the rate limit of the window was reached (429).
    ///
    /// A quota of jobs and an overloaded resource have the status 429 too, but do not count.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(429, [], br#"{"errors":[{"code":"rate_limit_exceeded"}]}"#);
    /// assert!(error.is_rate_limited());
    /// ```
    is_rate_limited: RateLimit;

    /// Returns `true` if the request timed out, at the server or at a proxy (408, 504).
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(408, [], br#"{"errors":[{"code":"request_timeout"}]}"#);
    /// assert!(error.is_timeout());
    /// ```
    is_timeout: Timeout;

    /// Returns `true` if something that can run only once at a time is already running: an export job, a scroll or an
    /// upload.
    ///
    /// Some of these have the status 429, but they do not end with the reset of the rate limit.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let message = "Exceeded rate limit of 1 pending message data export jobs";
    /// let body = format!(r#"{{"errors":[{{"code":"rate_limit_exceeded","message":"{message}"}}]}}"#);
    /// let error = ApiError::from_parts(429, [], body.as_bytes());
    /// assert!(error.is_concurrency_limited() && !error.is_rate_limited());
    /// ```
    is_concurrency_limited: ConcurrencyLimit;

    /// Returns `true` if the server or this resource is overloaded (503 `service_unavailable`, 429
    /// `too_many_requests`).
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(429, [], br#"{"errors":[{"code":"too_many_requests"}]}"#);
    /// assert!(error.is_overloaded() && !error.is_rate_limited());
    /// ```
    is_overloaded: Overload;

    /// Returns `true` if Intercom failed. The status is usually 5xx.
    ///
    /// A 504 is a [time-out](Self::is_timeout) instead, and a 503 `service_unavailable` is an
    /// [overload](Self::is_overloaded).
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(500, [], br#"{"errors":[{"code":"server_error"}]}"#);
    /// assert!(error.is_server_error());
    /// ```
    is_server_error: Server;
}

impl ApiError {
    /// Returns `true` if Intercom itself says that the resource in the request's path does not exist.
    ///
    /// This is stricter than [`is_not_found`](Self::is_not_found), which accepts almost any 404. A proxy's error page,
    /// or a missing admin or assignee, says nothing about the resource in the path. If the outcome of a DELETE is
    /// unknown and its retry fails with this error, the resource is gone.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let gone = ApiError::from_parts(404, [], br#"{"errors":[{"code":"tag_not_found"}]}"#);
    /// assert!(gone.is_gone());
    /// let page = ApiError::from_parts(404, [], b"<html>");
    /// assert!(page.is_not_found() && !page.is_gone());
    /// ```
    #[must_use]
    pub fn is_gone(&self) -> bool {
        let is_admin = |code: &ErrorCode| {
            matches!(code, ErrorCode::AdminNotFound | ErrorCode::AssigneeNotFound)
        };
        let gone = |item: &ErrorItem| {
            item.code()
                .is_some_and(|code| code.as_str().ends_with("not_found") && !is_admin(code))
        };
        self.is_not_found() && !self.errors().is_empty() && self.errors().iter().all(gone)
    }
}

/// An error that can mean "not found": [`ApiError`], and the errors of clients.
pub trait IsNotFound {
    /// Returns `true` if the resource does not exist.
    fn is_not_found(&self) -> bool;
}

impl IsNotFound for ApiError {
    fn is_not_found(&self) -> bool {
        self.is_not_found()
    }
}

/// Turns "not found" into `None`.
pub trait OptionalExt<T, E> {
    /// Returns `Ok(None)` if the error means that the resource does not exist.
    ///
    /// # Errors
    ///
    /// Returns any other error unchanged.
    ///
    /// ```
    /// use intercom_errors::{ApiError, OptionalExt};
    ///
    /// let gone: Result<u8, _> = Err(ApiError::from_parts(404, [], b""));
    /// assert_eq!(gone.optional().unwrap(), None);
    /// ```
    fn optional(self) -> Result<Option<T>, E>;
}

impl<T, E: IsNotFound> OptionalExt<T, E> for Result<T, E> {
    fn optional(self) -> Result<Option<T>, E> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
