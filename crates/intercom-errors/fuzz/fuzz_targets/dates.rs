//! Fuzzes the values of `Date` and `Retry-After`, and compares them with the crate `httpdate`.

#![no_main]

use std::time::UNIX_EPOCH;

use intercom_errors::{ApiError, RateLimit, RetryAfter, UnixTime};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &[u8]| {
    let date = RateLimit::from_headers([("Date", value)]).date();
    let read = RetryAfter::parse(value);
    match read {
        Some(RetryAfter::At(at)) => assert_eq!(date, Some(at)),
        Some(RetryAfter::Delay(_)) => {
            let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
            assert!(value.trim_ascii().iter().all(is_part));
        }
        _ => assert_eq!(date, None),
    }
    let error = ApiError::from_parts(503, [("Retry-After", value)], b"");
    // A value that cannot be parsed as one value may be a list.
    if read.is_some() || !value.contains(&b',') {
        assert_eq!(error.retry_after(), read);
    }
    if let Some(RetryAfter::At(at)) = read {
        let epoch = UnixTime::from_secs(0);
        let wait = error.hint(epoch).map(|hint| hint.wait());
        assert_eq!(wait, Some(at.since_epoch()));
    }

    // A date that both accept must be the same. This crate accepts slightly more, like leap seconds, but nothing before
    // 1970. In both, two-digit years below 70 belong to this century.
    let theirs = std::str::from_utf8(value)
        .ok()
        .and_then(|text| httpdate::parse_http_date(text.trim()).ok());
    let theirs = theirs
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
        .and_then(UnixTime::from_duration);
    if let (Some(date), Some(theirs)) = (date, theirs) {
        assert_eq!(date, theirs);
    }
});
