//! Failures and moments for the tests.

use core::time::Duration;

use intercom_errors::{ApiError, Fault, FaultKind, UnixTime};
use intercom_retry::{Failure, Moment, Tick};

/// The wall clock at tick 0: Fri, 22 Mar 2024 09:33:20 GMT.
pub(crate) const WALL: u64 = 1_711_100_000;

/// A random number with both halves in the middle.
pub(crate) const MIDDLE: u64 = 0x8000_0000_8000_0000;

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Returns the time `seconds` after [`WALL`].
pub(crate) fn wall(seconds: u64) -> UnixTime {
    UnixTime::from_secs(WALL + seconds).unwrap()
}

/// Returns the moment `seconds` after the origin, with the wall clock and the lowest random number.
pub(crate) fn at(seconds: u64) -> Moment {
    Moment::new(Tick::new(secs(seconds))).with_wall(wall(seconds))
}

/// Creates the failure of a response with an error list of one code, and these headers.
pub(crate) fn failed_with(status: u16, code: &str, headers: &[(&str, &str)]) -> Failure {
    api(status, code, headers).into()
}

/// Creates the same response as an error.
pub(crate) fn api(status: u16, code: &str, headers: &[(&str, &str)]) -> ApiError {
    let body =
        format!(r#"{{"type":"error.list","request_id":"req_1","errors":[{{"code":"{code}"}}]}}"#);
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, value.as_bytes()));
    ApiError::from_parts(status, headers, body.as_bytes())
}

/// Returns a refused token, for which a retry never helps.
pub(crate) fn unauthorized() -> Failure {
    failed_with(401, "unauthorized", &[])
}

/// Returns a server error, whose outcome is unknown.
pub(crate) fn server_error() -> Failure {
    failed_with(500, "server_error", &[])
}

/// Returns a rate limit whose window ends `seconds` after [`WALL`].
pub(crate) fn rate_limited(seconds: u64) -> Failure {
    failed_with(
        429,
        "rate_limit_exceeded",
        &[("X-RateLimit-Reset", &(WALL + seconds).to_string())],
    )
}

/// Returns a rate limit that does not say when its window ends.
pub(crate) fn bare_rate_limit() -> Failure {
    failed_with(429, "rate_limit_exceeded", &[])
}

/// Returns an overload that says when to come back.
pub(crate) fn overloaded(seconds: u64) -> Failure {
    failed_with(
        503,
        "service_unavailable",
        &[("Retry-After", &seconds.to_string())],
    )
}

/// Returns the same response, cut off.
pub(crate) fn cut(kind: FaultKind, failure: Failure) -> Failure {
    match failure {
        Failure::Api(response) => Fault::cut(kind, response).into(),
        fault => fault,
    }
}
