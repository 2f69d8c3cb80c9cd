//! The wording of records.

use intercom_protocol::{ApiRequest, Class, Error as CallError, Fault, FaultKind};
use serde::Serialize;

use crate::Invalid;

/// The wording of records. Implement it to word errors differently, or to redact secrets.
///
/// Each method has a default. Set the wording with [`Batch::wording`](crate::Batch::wording).
///
/// ```
/// use intercom_batch::Wording;
///
/// /// Keeps the access token out of the results, because a response might repeat it.
/// struct WithoutToken(String);
///
/// impl Wording for WithoutToken {
///     fn redact(&self, json: String) -> String {
///         json.replace(&self.0, "[redacted]")
///     }
/// }
/// # assert_eq!(WithoutToken("dG9rOjEyMw==".to_owned()).redact("\"dG9rOjEyMw==\"".to_owned()), "\"[redacted]\"");
/// ```
pub trait Wording: Send + Sync {
    /// Returns the record's `invalid`: why a line is not a request.
    fn invalid(&self, why: &Invalid) -> String {
        why.to_string()
    }

    /// Returns the record's `error`: a JSON object.
    ///
    /// Later runs read its members `category` and `action`, a [`Category`](intercom_protocol::Category) and an
    /// [`Action`](intercom_protocol::Action) in snake case, to find out whether the request was
    /// [blocked](crate::Ending::Blocked), or [the line caused the failure](crate::Ending::Refused).
    fn error(&self, failure: &Failure<'_>) -> String {
        let error = serde_json::to_string(&PlainError::of(failure));
        error.unwrap_or_else(|_| "null".to_owned())
    }

    /// Redacts a record before it is written.
    ///
    /// `json` is the part of the record after the line's number: the rest of a JSON object on one line. It must still
    /// be valid afterwards, or the record is not written and the run fails.
    fn redact(&self, json: String) -> String {
        json
    }
}

/// The default wording.
#[derive(Debug)]
pub(crate) struct Plain;

impl Wording for Plain {}

/// What a record's `error` is about.
#[expect(
    clippy::exhaustive_enums,
    reason = "a wording that misses a case must not compile"
)]
#[derive(Clone, Copy, Debug)]
pub enum Failure<'f> {
    /// The call failed.
    Call {
        /// How it failed.
        error: &'f CallError,
        /// What was sent; `None` for a contact, which takes several requests.
        request: Option<&'f ApiRequest>,
    },
    /// The line is not a request. Contains the result of [`Wording::invalid`].
    Invalid(&'f str),
    /// An earlier run sent the request and ended before it recorded the response. The request may have been carried
    /// out.
    Unknown {
        /// A message that says so.
        why: &'f str,
        /// What was sent; `None` for a contact, which takes several requests.
        request: Option<&'f ApiRequest>,
    },
}

/// The default `error`.
#[derive(Debug, Serialize)]
struct PlainError {
    status: Option<u16>,
    code: Option<String>,
    message: String,
    request_id: Option<String>,
    category: Option<&'static str>,
    resend: Option<&'static str>,
    action: Option<&'static str>,
    replay: Option<&'static str>,
}

impl PlainError {
    fn of(failure: &Failure<'_>) -> Self {
        match *failure {
            Failure::Call { error, request } => Self {
                status: error.status().map(|status| status.as_u16()),
                code: error.code().map(ToString::to_string),
                request_id: error.request_id().map(str::to_owned),
                ..Self::with_class(message(error), error.class(), request)
            },
            Failure::Invalid(why) => Self {
                category: Some("validation"),
                resend: Some("never"),
                action: Some("fix_input"),
                ..Self::with_class(format!("invalid line: {why}"), None, None)
            },
            Failure::Unknown { why, request } => {
                let fault = Fault::outcome_unknown(FaultKind::Other);
                Self::with_class(why.to_owned(), Some(fault.class()), request)
            }
        }
    }

    fn with_class(message: String, class: Option<Class>, request: Option<&ApiRequest>) -> Self {
        Self {
            status: None,
            code: None,
            message,
            request_id: None,
            category: class.map(|class| class.category().as_str()),
            resend: class.map(|class| class.resend().as_str()),
            action: class.map(|class| class.action().as_str()),
            replay: request.map(|request| request.replay().as_str()),
        }
    }
}

/// Returns the server's message if there is one, and otherwise the error's own text.
fn message(error: &CallError) -> String {
    error
        .message()
        .map_or_else(|| error.to_string(), str::to_owned)
}
