//! What the crate promises, seen from outside.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed test panics, in its helpers too"
)]

use intercom_errors::{ApiError, RequestLine};

mod corpus;
mod explain;
mod headers;
mod names;
mod properties;
mod rendering;
mod shapes;
mod sizes;
mod tables;
mod vectors;

/// An answer without headers.
fn answer(status: u16, body: &str) -> ApiError {
    ApiError::from_parts(status, [], body.as_bytes())
}

/// An answer with headers.
fn answer_with(status: u16, headers: &[(&str, &str)], body: &str) -> ApiError {
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, value.as_bytes()));
    ApiError::from_parts(status, headers, body.as_bytes())
}

/// The same answer to this request, without its headers.
fn to(method: &str, path: &str, error: &ApiError) -> ApiError {
    let request = RequestLine::new(method, path);
    ApiError::from_parts_to(&request, error.status(), [], error.body().bytes())
}

/// The body of an error list, with one item for each code and message.
fn list(items: &[(&str, &str)]) -> String {
    let items: Vec<_> = items
        .iter()
        .map(|(code, message)| serde_json::json!({"code": code, "message": message}))
        .collect();
    serde_json::json!({"type": "error.list", "request_id": "req_abc123", "errors": items})
        .to_string()
}

/// A file that stands beside the repository on the machines that have it.
fn beside(path: &str) -> Option<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let text = std::fs::read_to_string(format!("{root}/../shared/{path}")).ok();
    if text.is_none() {
        eprintln!("{path} is not there: nothing was compared");
    }
    text
}
