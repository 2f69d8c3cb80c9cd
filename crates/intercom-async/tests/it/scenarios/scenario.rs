//! One row of the table.

use std::time::Duration;

use intercom_async::protocol::http::Method;
use intercom_async::{ApiRequest, RetryPolicy};
use intercom_mock::Scripted;
use serde_json::{Value, json};

/// A request, the server's responses, and the expected trace.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) request: ApiRequest,
    pub(crate) server: Server,
    /// Time-outs of an attempt, to try one after the other. A busy machine may spend a short one on connecting.
    pub(crate) attempt_timeouts: &'static [Duration],
    pub(crate) body_limit: usize,
    pub(crate) expected: &'static str,
}

#[derive(Debug)]
pub(crate) enum Server {
    /// A mock that sends these responses, one after the other.
    Responses(Vec<Scripted>),
    /// A port that refuses connections.
    Refusing,
}

const LONG: &[Duration] = &[Duration::from_secs(60)];

/// Time-outs that end while the server is silent.
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
        responses: impl IntoIterator<Item = Scripted>,
        expected: &'static str,
    ) -> Self {
        Self {
            name,
            request,
            server: Server::Responses(responses.into_iter().collect()),
            attempt_timeouts: LONG,
            body_limit: 1 << 20,
            expected,
        }
    }

    pub(crate) fn connection_refused(mut self) -> Self {
        self.server = Server::Refusing;
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

/// A response from a gateway in front of the API.
pub(crate) fn html(status: u16) -> Scripted {
    Scripted::status(status)
        .body("<html><body>Gateway</body></html>")
        .header("content-type", "text/html")
}

/// A response whose head says JSON, and whose body is half of an error list.
pub(crate) fn broken_json(status: u16) -> Scripted {
    Scripted::status(status)
        .body(r#"{"type":"error.list","errors":[{"code":"serv"#)
        .header("content-type", "application/json")
}

pub(crate) fn error(status: u16, code: &str) -> Scripted {
    Scripted::error(status, code, "a message of the server")
}

pub(crate) fn json_body(status: u16, body: Value) -> Scripted {
    Scripted::status(status).json(body)
}

/// The 429 of a full window. Its reset is this many seconds after its `Date`.
pub(crate) fn limited(reset_in: u64) -> Scripted {
    Scripted::error(
        429,
        "rate_limit_exceeded",
        "Exceeded rate limit of 167 in 10_seconds",
    )
    .rate_limit_headers(167, 0, Duration::from_secs(reset_in))
}

/// The 429 of a full window, with the `Date` of the server's clock. The client's clock says 09:33:20.
pub(crate) fn limited_at(date: &str, reset: u64) -> Scripted {
    error(429, "rate_limit_exceeded")
        .header("date", date)
        .header("x-ratelimit-limit", "167")
        .header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", &reset.to_string())
}

/// A response that arrives after the attempt's time-out.
pub(crate) fn late() -> Scripted {
    ok().delay(Duration::from_secs(60))
}
