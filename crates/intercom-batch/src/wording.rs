//! How records are worded.

use intercom_protocol::{ApiRequest, Class, Error as CallError, Fault, FaultKind};
use serde::Serialize;

use crate::Invalid;

/// How records are worded: for programs with words of their own, or with something to hide.
///
/// Each method has a default. [`Batch::wording`](crate::Batch::wording) takes a wording.
///
/// ```
/// use intercom_batch::Wording;
///
/// /// Keeps the access token out of the results, should a response repeat it.
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
    /// The record's `invalid`: why a line is not a request.
    fn invalid(&self, why: &Invalid) -> String {
        why.to_string()
    }

    /// The record's `error`: a JSON object.
    ///
    /// Its member `action`, an [`Action`](intercom_protocol::Action) in snake case, tells later runs whether the failure was
    /// [the line's own](crate::Ending::Refused).
    fn error(&self, failure: &Failure<'_>) -> String {
        let error = serde_json::to_string(&PlainError::of(failure));
        error.unwrap_or_else(|_| "null".to_owned())
    }

    /// Changes a record on its way to the file: a part of a JSON object on one line, without the line's number.
    ///
    /// It must stay what it is, or a later run refuses the results.
    fn redact(&self, json: String) -> String {
        json
    }
}

/// The wording of a batch that is given none.
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
        /// What was sent.
        request: &'f ApiRequest,
    },
    /// The line is not a request. This is what [`Wording::invalid`] said about it.
    Invalid(&'f str),
    /// An earlier run sent the request, and ended before the response was recorded. It may have been carried out.
    Unknown {
        /// That, in words.
        why: &'f str,
        /// What was sent.
        request: &'f ApiRequest,
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
                ..Self::classed(words(error), error.class(), Some(request))
            },
            Failure::Invalid(why) => Self {
                category: Some("validation"),
                resend: Some("never"),
                action: Some("fix_input"),
                ..Self::classed(format!("invalid line: {why}"), None, None)
            },
            Failure::Unknown { why, request } => {
                let fault = Fault::fate_unknown(FaultKind::Other);
                Self::classed(why.to_owned(), Some(fault.class()), Some(request))
            }
        }
    }

    fn classed(message: String, class: Option<Class>, request: Option<&ApiRequest>) -> Self {
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

/// The server's own words, where there are any.
fn words(error: &CallError) -> String {
    error
        .message()
        .map_or_else(|| error.to_string(), str::to_owned)
}
