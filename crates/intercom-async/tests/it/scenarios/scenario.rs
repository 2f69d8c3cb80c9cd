//! One row of the table.

use std::time::Duration;

use intercom_async::protocol::http::Method;
use intercom_async::{ApiRequest, RetryPolicy};
use intercom_mock::Scripted;
use serde_json::{Value, json};

/// A request, what the server answers, and what has to come of it.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) request: ApiRequest,
    pub(crate) server: Server,
    /// Limits of an attempt to try one after the other: a busy machine may spend a short one on connecting.
    pub(crate) attempt_timeouts: &'static [Duration],
    pub(crate) body_limit: usize,
    pub(crate) expected: &'static str,
}

#[derive(Debug)]
pub(crate) enum Server {
    /// A mock that gives these answers, one after the other.
    Answers(Vec<Scripted>),
    /// A port where nobody listens.
    Nobody,
}

const LONG: &[Duration] = &[Duration::from_secs(60)];

/// Limits that run out while the server is silent.
const SHORT: &[Duration] = &[
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(6),
];

impl Scenario {
    /// `expected` is [`Trace::line`](super::trace::Trace): `attempt, wait cause; attempt => verdict`.
    pub(crate) fn new(
        name: &'static str,
        request: ApiRequest,
        answers: impl IntoIterator<Item = Scripted>,
        expected: &'static str,
    ) -> Self {
        Self {
            name,
            request,
            server: Server::Answers(answers.into_iter().collect()),
            attempt_timeouts: LONG,
            body_limit: 1 << 20,
            expected,
        }
    }

    pub(crate) fn nobody_listens(mut self) -> Self {
        self.server = Server::Nobody;
        self
    }

    pub(crate) fn impatient(mut self) -> Self {
        self.attempt_timeouts = SHORT;
        self
    }

    pub(crate) fn method(&self) -> &Method {
        self.request.method()
    }
}

pub(crate) fn get() -> ApiRequest {
    ApiRequest::get("/contacts/1")
}

pub(crate) fn post() -> ApiRequest {
    ApiRequest::post("/messages").json(&json!({ "body": "hello" }))
}

pub(crate) fn put() -> ApiRequest {
    ApiRequest::put("/contacts/1").json(&json!({ "name": "Ada" }))
}

pub(crate) fn delete() -> ApiRequest {
    ApiRequest::delete("/contacts/1")
}

pub(crate) fn scroll() -> ApiRequest {
    ApiRequest::get("/companies/scroll")
}

pub(crate) fn attempts(most: u32) -> RetryPolicy {
    RetryPolicy::builder().max_attempts(most).build().unwrap()
}

pub(crate) fn ok() -> Scripted {
    Scripted::status(200).json(json!({ "id": "1" }))
}

/// An answer of the edge instead of the API.
pub(crate) fn html(status: u16) -> Scripted {
    Scripted::status(status)
        .body("<html><body>Gateway</body></html>")
        .header("content-type", "text/html")
}

/// An answer whose body is cut in two, though its head says JSON.
pub(crate) fn broken_json(status: u16) -> Scripted {
    Scripted::status(status)
        .body(r#"{"type":"error.list","errors":[{"code":"serv"#)
        .header("content-type", "application/json")
}

pub(crate) fn error(status: u16, code: &str) -> Scripted {
    Scripted::error(status, code, "words of the server")
}

pub(crate) fn json_body(status: u16, body: Value) -> Scripted {
    Scripted::status(status).json(body)
}

/// The window's 429, whose reset is this many seconds after its own date.
pub(crate) fn limited(reset_in: u64) -> Scripted {
    Scripted::error(
        429,
        "rate_limit_exceeded",
        "Exceeded rate limit of 167 in 10_seconds",
    )
    .rate_limit_headers(167, 0, Duration::from_secs(reset_in))
}

/// The window's 429 at a date of the server's own clock; the client's says 09:33:20.
pub(crate) fn limited_at(date: &str, reset: u64) -> Scripted {
    error(429, "rate_limit_exceeded")
        .header("date", date)
        .header("x-ratelimit-limit", "167")
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", &reset.to_string())
}

/// An answer that comes when nobody waits for it any longer.
pub(crate) fn late() -> Scripted {
    ok().delay(Duration::from_secs(60))
}
