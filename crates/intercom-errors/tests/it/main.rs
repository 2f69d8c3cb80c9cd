//! Tests of the public behaviour.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests panic on failure, also in their helpers"
)]

use intercom_errors::{ApiError, RequestLine};

mod corpus;
mod example;
mod explain;
mod headers;
mod names;
mod properties;
mod rendering;
mod senders;
mod shapes;
mod sizes;
mod stored;
mod tables;
mod vectors;

/// Creates a response without headers.
fn response(status: u16, body: &str) -> ApiError {
    ApiError::from_parts(status, [], body.as_bytes())
}

/// Creates a response with headers.
fn response_with(status: u16, headers: &[(&str, &str)], body: &str) -> ApiError {
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, value.as_bytes()));
    ApiError::from_parts(status, headers, body.as_bytes())
}

/// Creates the same response, without headers, to this request.
fn in_response_to(method: &str, path: &str, error: &ApiError) -> ApiError {
    let request = RequestLine::new(method, path);
    ApiError::from_parts_to(&request, error.status(), [], error.body().bytes())
}

/// Creates the body of an error list with these codes and messages.
fn list(items: &[(&str, &str)]) -> String {
    let items: Vec<_> = items
        .iter()
        .map(|(code, message)| serde_json::json!({"code": code, "message": message}))
        .collect();
    serde_json::json!({"type": "error.list", "request_id": "req_abc123", "errors": items})
        .to_string()
}

/// Reads a file next to the repository, which only some machines have.
fn read_beside(path: &str) -> Option<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let text = std::fs::read_to_string(format!("{root}/../shared/{path}")).ok();
    if text.is_none() {
        eprintln!("{path} does not exist, so nothing was compared");
    }
    text
}
