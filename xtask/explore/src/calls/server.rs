//! The server's responses.

use std::time::{Duration, UNIX_EPOCH};

use intercom_errors::{ApiError, Fault, FaultKind};
use intercom_protocol::bytes::Bytes;
use intercom_protocol::http::{HeaderValue, Response};

use crate::quota::{self, Arrived, EPOCH, PHASE};

/// How many requests a window allows.
pub(super) const LIMIT: u32 = 2;

/// The wait in `Retry-After`, in milliseconds.
const RETRY_AFTER: u64 = 2000;

/// How an exchange ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    /// A success.
    Ok,
    /// 429: the window has no quota left.
    Limited,
    /// 503 with `Retry-After`, which refuses the request.
    Busy,
    /// 500, which may come after the request was applied.
    Failed,
    /// 404.
    Missing,
    /// No connection.
    NotSent,
    /// The connection closes before a response.
    Closed,
    /// The response to an applied request breaks off.
    Cut,
    /// Silence until the transport gives up.
    Timeout,
}

/// What the project's documentation says about an outcome. The rules are checked against this, and not against the code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meaning {
    /// Whether the server may have applied the request.
    pub(super) may_be_applied: bool,
    /// Whether a retry costs budget.
    pub(super) is_free: bool,
    /// Whether the response shows that the server works.
    pub(super) is_conclusive: bool,
}

impl Outcome {
    /// Outcomes that a server or a network can choose at any time.
    pub(super) const CHOICES: [Self; 8] = [
        Self::Ok,
        Self::Limited,
        Self::Busy,
        Self::Failed,
        Self::Missing,
        Self::NotSent,
        Self::Closed,
        Self::Cut,
    ];

    pub(super) fn meaning(self) -> Meaning {
        Meaning {
            may_be_applied: matches!(
                self,
                Self::Ok | Self::Failed | Self::Closed | Self::Cut | Self::Timeout
            ),
            is_free: self == Self::Limited,
            is_conclusive: self == Self::Missing,
        }
    }

    /// The call of the scenario tables that makes the mock respond like this.
    pub(super) fn scripted(self) -> &'static str {
        match self {
            Self::Ok => "ok()",
            Self::Limited => "limited(3)",
            Self::Busy => "error(503, \"service_unavailable\").header(\"retry-after\", \"2\")",
            Self::Failed => "error(500, \"server_error\")",
            Self::Missing => "error(404, \"not_found\")",
            Self::NotSent => "/* no connection */",
            Self::Closed => "Scripted::close_before()",
            Self::Cut => "ok().truncate_after(3)",
            Self::Timeout => "late()",
        }
    }
}

impl Outcome {
    /// Whether an exchange can end like this: the server refuses a request that the window has no room for.
    pub(super) fn may_end(self, arrived: Arrived) -> bool {
        let without_decision = [Self::Limited, Self::NotSent, Self::Closed];
        !arrived.is_refused() || without_decision.contains(&self)
    }
}

/// Until when the server asks the client to wait.
pub(super) fn hint(outcome: Outcome, arrived: Arrived, now: u64) -> u64 {
    match outcome {
        Outcome::Busy => now + RETRY_AFTER,
        Outcome::Limited => quota::end(arrived.window),
        _ => 0,
    }
}

/// What the transport returns.
pub(super) fn response(
    outcome: Outcome,
    arrived: Arrived,
    now: u64,
) -> Result<Response<Bytes>, Fault> {
    let (status, body) = match outcome {
        Outcome::NotSent => return Err(Fault::not_sent(FaultKind::Connect)),
        Outcome::Closed => return Err(Fault::outcome_unknown(FaultKind::Closed)),
        Outcome::Timeout => return Err(Fault::outcome_unknown(FaultKind::Timeout)),
        Outcome::Cut => {
            let begun = ApiError::from_parts(200, [], br#"{"id"#);
            return Err(Fault::cut(FaultKind::Closed, begun));
        }
        Outcome::Ok => (200, r#"{"id":"1"}"#),
        Outcome::Limited => (429, LIMITED),
        Outcome::Busy => (503, BUSY),
        Outcome::Failed => (500, FAILED),
        Outcome::Missing => (404, MISSING),
    };
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = http_status(status);
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("x-ratelimit-limit", HeaderValue::from(LIMIT));
    let remaining = match outcome {
        Outcome::Limited => 0,
        _ => arrived.remaining.unwrap_or_default(),
    };
    headers.insert("x-ratelimit-remaining", HeaderValue::from(remaining));
    let reset = EPOCH + (quota::end(arrived.window) + PHASE) / 1000;
    headers.insert("x-ratelimit-reset", HeaderValue::from(reset));
    if let Ok(date) = HeaderValue::try_from(date(now)) {
        headers.insert("date", date);
    }
    if outcome == Outcome::Busy {
        headers.insert("retry-after", HeaderValue::from(RETRY_AFTER / 1000));
    }
    Ok(response)
}

const LIMITED: &str = r#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded","message":"Exceeded rate limit of 2 in 4_seconds"}]}"#;
const BUSY: &str = r#"{"type":"error.list","errors":[{"code":"service_unavailable","message":"Sorry, the API service is temporarily unavailable"}]}"#;
const FAILED: &str =
    r#"{"type":"error.list","errors":[{"code":"server_error","message":"Internal Server Error"}]}"#;
const MISSING: &str =
    r#"{"type":"error.list","errors":[{"code":"not_found","message":"Resource Not Found"}]}"#;

fn http_status(status: u16) -> intercom_protocol::http::StatusCode {
    intercom_protocol::http::StatusCode::from_u16(status).unwrap_or_default()
}

/// The server's clock, as `Date` shows it.
fn date(now: u64) -> String {
    let secs = EPOCH + (PHASE + now) / 1000;
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(secs))
}
