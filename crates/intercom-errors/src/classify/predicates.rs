//! The questions a caller asks most often, each answered by the category.

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
                #[doc = concat!("The same of its class: [`Class::", stringify!($name), "`].")]
                #[must_use]
                pub fn $name(&self) -> bool {
                    self.class().$name()
                }
            )+
        }
    };
}

predicates! {
    /// Whether the token was not accepted; usually 401. Regenerate it in the Developer Hub.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(401, [], br#"{"errors":[{"code":"token_revoked"}]}"#);
    /// assert!(error.is_unauthorized());
    /// ```
    is_unauthorized: Authentication;

    /// Whether the token lacks a permission; usually 403, but also the 401 `token_unauthorized`.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(401, [], br#"{"errors":[{"code":"token_unauthorized"}]}"#);
    /// assert!(error.is_forbidden());
    /// ```
    is_forbidden: Permission;

    /// Whether the workspace's plan does not include this; 403 `api_plan_restricted` or 402.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(403, [], br#"{"errors":[{"code":"api_plan_restricted"}]}"#);
    /// assert!(error.is_plan_restricted());
    /// ```
    is_plan_restricted: Plan;

    /// Whether the resource does not exist. Not every 404 means that, and not only a 404 does.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(404, [], br#"{"errors":[{"code":"company_not_found"}]}"#);
    /// assert!(error.is_not_found());
    /// ```
    is_not_found: NotFound;

    /// Whether the contact was merged into another one (410).
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(410, [], br#"{"errors":[{"code":"contact_merged"}]}"#);
    /// assert!(error.is_merged());
    /// ```
    is_merged: Merged;

    /// Whether existing data clashes with the request; usually 409.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(409, [], br#"{"errors":[{"code":"resource_conflict"}]}"#);
    /// assert!(error.is_conflict());
    /// ```
    is_conflict: Conflict;

    /// Whether the input is at fault; 400 as a rule, 422 and some 404 too.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(422, [], br#"{"errors":[{"code":"parameter_not_found"}]}"#);
    /// assert!(error.is_validation());
    /// ```
    is_validation: Validation;

    /// Whether the rate limit of the window was reached (429); a quota of jobs and an overloaded resource answer 429 too, and
    /// are not meant.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(429, [], br#"{"errors":[{"code":"rate_limit_exceeded"}]}"#);
    /// assert!(error.is_rate_limited());
    /// ```
    is_rate_limited: RateLimit;

    /// Whether time ran out at the server or before it (408, 504).
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(408, [], br#"{"errors":[{"code":"request_timeout"}]}"#);
    /// assert!(error.is_timeout());
    /// ```
    is_timeout: Timeout;

    /// Whether something that may run only once at a time is running already: an export job, a scroll, an upload.
    ///
    /// Some of these are a 429 too, but the rate limit's reset does not end them.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let message = "Exceeded rate limit of 1 pending message data export jobs";
    /// let body = format!(r#"{{"errors":[{{"code":"rate_limit_exceeded","message":"{message}"}}]}}"#);
    /// let error = ApiError::from_parts(429, [], body.as_bytes());
    /// assert!(error.is_concurrency_limited() && !error.is_rate_limited());
    /// ```
    is_concurrency_limited: ConcurrencyLimit;

    /// Whether the server, or this resource, has too much to do: 503 `service_unavailable`, 429 `too_many_requests`.
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(429, [], br#"{"errors":[{"code":"too_many_requests"}]}"#);
    /// assert!(error.is_overloaded() && !error.is_rate_limited());
    /// ```
    is_overloaded: Overload;

    /// Whether Intercom failed: a 5xx as a rule, but not a 504, which is a [time-out](Self::is_timeout), nor a 503 that
    /// says [too much to do](Self::is_overloaded).
    ///
    /// ```
    /// # use intercom_errors::ApiError;
    /// let error = ApiError::from_parts(500, [], br#"{"errors":[{"code":"server_error"}]}"#);
    /// assert!(error.is_server_error());
    /// ```
    is_server_error: Server;
}

impl ApiError {
    /// Whether Intercom itself says that what the request names is not there.
    ///
    /// Stricter than [`is_not_found`](Self::is_not_found), which takes any 404: the page of a proxy and an answer about
    /// an admin or assignee in the body say nothing of what the path names. So a DELETE that was repeated because its
    /// fate was unknown was done, if the repeat ends with this.
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
        let about_others = |code: &ErrorCode| {
            matches!(code, ErrorCode::AdminNotFound | ErrorCode::AssigneeNotFound)
        };
        let gone = |item: &ErrorItem| {
            item.code()
                .is_some_and(|code| code.as_str().ends_with("not_found") && !about_others(code))
        };
        self.is_not_found() && !self.errors().is_empty() && self.errors().iter().all(gone)
    }
}

/// An error that can say "not found": [`ApiError`], and the errors of clients around it.
pub trait IsNotFound {
    /// Whether the resource does not exist.
    fn is_not_found(&self) -> bool;
}

impl IsNotFound for ApiError {
    fn is_not_found(&self) -> bool {
        self.is_not_found()
    }
}

/// Turns "not found" into `None`.
pub trait OptionalExt<T, E> {
    /// `Ok(None)` for an error that says the resource does not exist.
    ///
    /// # Errors
    ///
    /// Any other error, as it was.
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
