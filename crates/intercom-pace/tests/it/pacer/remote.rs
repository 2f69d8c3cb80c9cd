//! Answers that another process read: rebuilt from their values, they teach the same.

use intercom_errors::{ApiError, RateLimit, UnixTime};
use intercom_pace::{Admit, Answer, Gauge, Pacer, PacerSettings};

use super::model::{EPOCH, at};

/// A 429 at 3 s of the window that ends at 10 s.
fn refused(message: &str, remaining: &str) -> Answer {
    let reset = (EPOCH as u64 + 10).to_string();
    let date = UnixTime::from_secs(EPOCH as u64 + 3).unwrap();
    let date = httpdate::fmt_http_date(date.into());
    let headers = [
        ("X-RateLimit-Limit", &b"50"[..]),
        ("X-RateLimit-Remaining", remaining.as_bytes()),
        ("X-RateLimit-Reset", reset.as_bytes()),
        ("Date", date.as_bytes()),
    ];
    let body = format!(
        r#"{{"type":"error.list","errors":[{{"code":"rate_limit_exceeded","message":"{message}"}}]}}"#
    );
    Answer::from(&ApiError::from_parts(429, headers, body.as_bytes()))
}

/// The answer as a process makes it that received its values as numbers.
fn rebuilt(answer: &Answer) -> Answer {
    let told = answer.rate_limit();
    let (reset, date) = (
        told.reset().map(UnixTime::as_secs),
        told.date().map(UnixTime::as_secs),
    );
    let limit = RateLimit::default()
        .with_limit(told.limit())
        .with_remaining(told.remaining())
        .with_reset(reset.and_then(UnixTime::from_secs))
        .with_date(date.and_then(UnixTime::from_secs));
    Answer::new(limit, answer.status()).with_window_refusal(answer.is_window_refusal())
}

/// What a pacer knows and does after the answer to its first request.
fn taught(answer: &Answer) -> (Gauge, Admit) {
    let mut pacer = Pacer::new(PacerSettings::default());
    let Admit::Go(place) = pacer.admit(&at(3.0)) else {
        panic!("the first goes at once");
    };
    pacer.observe(place, answer, &at(3.05));
    (pacer.gauge(&at(3.05)), pacer.admit(&at(3.1)))
}

#[test]
fn answer_rebuilt_from_its_values_teaches_the_same() {
    let window = refused("Exceeded rate limit of 50 in 10_seconds", "0");
    let jobs = refused("Exceeded rate limit of 10 pending export jobs", "41");
    assert_ne!(taught(&window), taught(&jobs));
    for answer in [window, jobs] {
        assert_eq!(rebuilt(&answer), answer);
        assert_eq!(taught(&rebuilt(&answer)), taught(&answer));
    }
}
