//! The failures and moments that the tests are made of.

use core::time::Duration;

use intercom_errors::{ApiError, Fault, FaultKind, UnixTime};
use intercom_retry::{Failure, Moment, Tick};

/// The wall clock of all moments made here: Fri, 22 Mar 2024 09:33:20 GMT.
pub(crate) const WALL: u64 = 1_711_100_000;

/// A roll with both halves in the middle.
pub(crate) const MIDDLE: u64 = 0x8000_0000_8000_0000;

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The time `seconds` after [`WALL`].
pub(crate) fn wall(seconds: u64) -> UnixTime {
    UnixTime::from_secs(WALL + seconds).unwrap()
}

/// A moment `seconds` after the origin, with the wall clock and the lowest roll.
pub(crate) fn at(seconds: u64) -> Moment {
    Moment::new(Tick::new(secs(seconds))).with_wall(wall(seconds))
}

/// An error list with one code, and the headers given.
pub(crate) fn answer(status: u16, code: &str, headers: &[(&str, &str)]) -> Failure {
    api(status, code, headers).into()
}

/// The same, as a response alone.
pub(crate) fn api(status: u16, code: &str, headers: &[(&str, &str)]) -> ApiError {
    let body =
        format!(r#"{{"type":"error.list","request_id":"req_1","errors":[{{"code":"{code}"}}]}}"#);
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, value.as_bytes()));
    ApiError::from_parts(status, headers, body.as_bytes())
}

/// A token that is refused: no repeat helps.
pub(crate) fn unauthorized() -> Failure {
    answer(401, "unauthorized", &[])
}

/// A server error: its fate is unknown.
pub(crate) fn server_error() -> Failure {
    answer(500, "server_error", &[])
}

/// A rate limit whose window turns `seconds` after [`WALL`].
pub(crate) fn rate_limited(seconds: u64) -> Failure {
    answer(
        429,
        "rate_limit_exceeded",
        &[("X-RateLimit-Reset", &(WALL + seconds).to_string())],
    )
}

/// A rate limit that does not say when its window turns.
pub(crate) fn bare_rate_limit() -> Failure {
    answer(429, "rate_limit_exceeded", &[])
}

/// A server that is overloaded and says when to come back.
pub(crate) fn overloaded(seconds: u64) -> Failure {
    answer(
        503,
        "service_unavailable",
        &[("Retry-After", &seconds.to_string())],
    )
}

/// The same response, cut off.
pub(crate) fn cut(kind: FaultKind, failure: Failure) -> Failure {
    match failure {
        Failure::Api(response) => Fault::cut(kind, response).into(),
        fault => fault,
    }
}
