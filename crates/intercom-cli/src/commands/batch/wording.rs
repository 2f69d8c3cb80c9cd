//! The wording of the records of a batch, which is that of `api --json`.

use intercom_batch::{self as batch, Failure, Invalid};

use crate::clean;
use crate::error::describe;
use crate::explanation::{Explanation, Request};
use crate::redact::Redactor;

/// Explains errors, and redacts the token in the results.
pub(super) struct Wording(pub(super) Redactor);

impl batch::Wording for Wording {
    fn invalid(&self, why: &Invalid) -> String {
        why.request_error()
            .map_or_else(|| why.to_string(), describe)
    }

    fn error(&self, failure: &Failure<'_>) -> String {
        let explanation = match *failure {
            Failure::Call { error, request } => {
                Explanation::of_error(error, request.map(Request::from))
            }
            Failure::Invalid(why) => Explanation::of_invalid(why),
            Failure::Unknown { why, request } => {
                Explanation::of_unknown(why, request.map(Request::from).as_ref())
            }
        };
        serde_json::to_string(&explanation).unwrap_or_default()
    }

    fn redact(&self, json: String) -> String {
        clean::json(&self.0.json(&json))
    }
}
