//! Calls that end by their own limits.

use std::time::Duration;

use intercom_async::RetryPolicy;

use super::scenario::{Scenario, error, get, html, limited, ok, post};

pub(super) fn table() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "a call that is never retried",
            get().policy(RetryPolicy::none()),
            [error(500, "server_error")],
            "500 server_error => api attempts_exhausted, back at +0.75 s",
        ),
        Scenario::new(
            "a call that is never retried gets a rate limit",
            get().policy(RetryPolicy::none()),
            [limited(4)],
            "429 rate_limit_exceeded => api attempts_exhausted, back at +4.5 s",
        ),
        Scenario::new(
            "four attempts are made and no more",
            get(),
            [html(502), error(500, "server_error"), html(502), html(502)],
            "502, 0.75 s backoff; 500 server_error, 1.5 s backoff; 502, 3 s backoff; 502 \
             => api attempts_exhausted, back at +11.25 s",
        ),
        Scenario::new(
            "a wait that would end after the deadline is not started",
            get().deadline(Duration::from_secs(10)),
            [limited(30)],
            "429 rate_limit_exceeded => api deadline_exceeded, back at +30.5 s",
        ),
        Scenario::new(
            "a wait that would end exactly at the deadline is not started",
            get().deadline(Duration::from_millis(4_500)),
            [limited(4)],
            "429 rate_limit_exceeded => api deadline_exceeded, back at +4.5 s",
        ),
        Scenario::new(
            "a deadline between two back-offs",
            get().deadline(Duration::from_secs(2)),
            [html(502), html(502)],
            "502, 0.75 s backoff; 502 => api deadline_exceeded, back at +2.25 s",
        ),
        Scenario::new(
            "a deadline that leaves enough time",
            get().deadline(Duration::from_secs(10)),
            [html(502), ok()],
            "502, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a deadline that has passed",
            post().deadline(Duration::ZERO),
            [],
            " => not_started deadline_exceeded",
        ),
        Scenario::new(
            "a refused connection: even a message is retried",
            post(),
            [],
            "not_sent connect, 0.75 s backoff; not_sent connect, 1.5 s backoff; not_sent connect, 3 s backoff; \
             not_sent connect => fault attempts_exhausted, back at +11.25 s",
        )
        .connection_refused(),
        Scenario::new(
            "an invalid request is not sent",
            get().header("Authorization", "Bearer other"),
            [],
            " => invalid",
        ),
    ]
}
