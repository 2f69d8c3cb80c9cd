//! How long a call waits: by the server's clock, never less than it asks for, and not at all if that is too long.

use std::time::Duration;

use intercom_mock::Scripted;

use super::scenario::{
    Scenario, attempts, error, get, html, limited, limited_at, ok, post, scroll,
};

pub(super) fn table() -> Vec<Scenario> {
    [resets(), retry_after(), others()]
        .into_iter()
        .flatten()
        .collect()
}

fn resets() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "a call waits for the reset of a rate limit",
            get(),
            [limited(4), ok()],
            "429 rate_limit_exceeded, 4.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a server whose clock is ten minutes ahead",
            get(),
            [
                limited_at("Fri, 22 Mar 2024 09:43:20 GMT", 1_711_100_604),
                ok(),
            ],
            "429 rate_limit_exceeded, 4.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a server whose clock is ten minutes behind",
            get(),
            [
                limited_at("Fri, 22 Mar 2024 09:23:20 GMT", 1_711_099_404),
                ok(),
            ],
            "429 rate_limit_exceeded, 4.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a reset without a date is measured by our clock",
            get(),
            [
                error(429, "rate_limit_exceeded")
                    .without_header("date")
                    .header("x-ratelimit-reset", "1711100006"),
                ok(),
            ],
            "429 rate_limit_exceeded, 6.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a reset that has passed",
            get(),
            [
                limited_at("Fri, 22 Mar 2024 09:33:20 GMT", 1_711_099_990),
                ok(),
            ],
            "429 rate_limit_exceeded, 1.5 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a rate limit without a reset",
            get(),
            [Scripted::status(429), ok()],
            "429, 1.5 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a reset in an hour",
            get(),
            [limited(3_600)],
            "429 rate_limit_exceeded => api wait_too_long, back at +3600.5 s",
        ),
        Scenario::new(
            "a reset that is just not too long",
            get(),
            [limited(90), ok()],
            "429 rate_limit_exceeded, 90.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a reset that is just too long",
            get(),
            [limited(91)],
            "429 rate_limit_exceeded => api wait_too_long, back at +91.5 s",
        ),
        Scenario::new(
            "a rate limit at every attempt",
            post(),
            [limited(3), limited(10), limited(10), limited(10)],
            "429 rate_limit_exceeded, 3.5 s rate_limit_reset; 429 rate_limit_exceeded, 10.5 s rate_limit_reset; \
             429 rate_limit_exceeded, 10.5 s rate_limit_reset; 429 rate_limit_exceeded \
             => api attempts_exhausted, back at +35 s",
        ),
        Scenario::new(
            "two resets: the later one counts",
            get(),
            [
                limited_at("Fri, 22 Mar 2024 09:33:20 GMT", 1_711_100_001)
                    .header("x-ratelimit-reset", "1711100004"),
                ok(),
            ],
            "429 rate_limit_exceeded, 4.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a reset with a fraction is rounded up",
            get(),
            [
                error(429, "rate_limit_exceeded")
                    .header("date", "Fri, 22 Mar 2024 09:33:20 GMT")
                    .header("x-ratelimit-reset", "1711100003.2"),
                ok(),
            ],
            "429 rate_limit_exceeded, 4.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a reset in milliseconds is ignored",
            get(),
            [
                limited_at("Fri, 22 Mar 2024 09:33:20 GMT", 1_711_100_004_000),
                ok(),
            ],
            "429 rate_limit_exceeded, 1.5 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a reset more than a day ahead is ignored, by our clock too",
            get(),
            [
                error(429, "rate_limit_exceeded")
                    .without_header("date")
                    .header("x-ratelimit-reset", "1711186401")
                    .header("x-ratelimit-reset", "1711100004"),
                ok(),
            ],
            "429 rate_limit_exceeded, 4.5 s rate_limit_reset; 200 => ok 200",
        ),
        Scenario::new(
            "a reset on a 500 is ignored",
            get(),
            [
                error(500, "server_error").rate_limit_headers(167, 9, Duration::from_secs(60)),
                ok(),
            ],
            "500 server_error, 0.75 s backoff; 200 => ok 200",
        ),
    ]
}

fn retry_after() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "Retry-After in seconds",
            get(),
            [html(503).header("retry-after", "7"), ok()],
            "503, 7.5 s retry_after; 200 => ok 200",
        ),
        Scenario::new(
            "Retry-After as a date, by the server's clock",
            get(),
            [
                html(503)
                    .header("date", "Fri, 22 Mar 2024 09:43:20 GMT")
                    .header("retry-after", "Fri, 22 Mar 2024 09:43:25 GMT"),
                ok(),
            ],
            "503, 5.5 s retry_after; 200 => ok 200",
        ),
        Scenario::new(
            "Retry-After as a date that has passed",
            get(),
            [
                html(503)
                    .header("date", "Fri, 22 Mar 2024 09:43:20 GMT")
                    .header("retry-after", "Fri, 22 Mar 2024 09:00:00 GMT"),
                ok(),
            ],
            "503, 1.25 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "Retry-After of an hour",
            post(),
            [error(429, "rate_limit_exceeded").header("retry-after", "3600")],
            "429 rate_limit_exceeded => api wait_too_long, back at +3600.5 s",
        ),
        Scenario::new(
            "Retry-After and a reset: the longer one counts",
            get(),
            [limited(4).header("retry-after", "9"), ok()],
            "429 rate_limit_exceeded, 9.5 s retry_after; 200 => ok 200",
        ),
        Scenario::new(
            "Retry-After on two lines: the longer one counts",
            get(),
            [
                html(503)
                    .header("retry-after", "1")
                    .header("retry-after", "4"),
                ok(),
            ],
            "503, 4.5 s retry_after; 200 => ok 200",
        ),
        Scenario::new(
            "Retry-After as a list: the longest counts",
            get(),
            [
                html(503)
                    .header("date", "Fri, 22 Mar 2024 09:43:20 GMT")
                    .header("retry-after", "4, Fri, 22 Mar 2024 09:43:27 GMT, 1"),
                ok(),
            ],
            "503, 7.5 s retry_after; 200 => ok 200",
        ),
        Scenario::new(
            "Retry-After with a fraction is rounded up",
            get(),
            [html(503).header("retry-after", "2.5"), ok()],
            "503, 3.5 s retry_after; 200 => ok 200",
        ),
        Scenario::new(
            "an unreadable Retry-After is ignored",
            get(),
            [html(503).header("retry-after", "soon"), ok()],
            "503, 0.75 s backoff; 200 => ok 200",
        ),
    ]
}

fn others() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "a firewall's captcha refuses even a write before the API sees it",
            post(),
            [Scripted::captcha(), ok()],
            "405, 30.5 s firewall; 200 => ok 200",
        ),
        Scenario::new(
            "a firewall's challenge is not a success",
            post(),
            [Scripted::challenge(), Scripted::challenge(), ok()],
            "202, 30.5 s firewall; 202, 30.5 s firewall; 200 => ok 200",
        ),
        Scenario::new(
            "a block page is not retried",
            get(),
            [Scripted::block_page()],
            "403 => api not_retryable",
        ),
        Scenario::new(
            "a proxy that requires a login is not retried",
            get(),
            [Scripted::proxy_login()],
            "407 => api not_retryable",
        ),
        Scenario::new(
            "too many requests for one resource: the window's reset is ignored",
            post(),
            [
                error(429, "too_many_requests").rate_limit_headers(167, 50, Duration::from_secs(9)),
                ok(),
            ],
            "429 too_many_requests, 0.75 s backoff; 200 => ok 200",
        ),
        Scenario::new(
            "a scroll that another program has open",
            scroll(),
            [
                Scripted::error(
                    400,
                    "scroll_exists",
                    "scroll already exists for this workspace",
                ),
                ok(),
            ],
            "400 scroll_exists, 60.5 s scroll_idle; 200 => ok 200",
        ),
        Scenario::new(
            "back-offs that double",
            get().policy(attempts(5)),
            [html(502), html(502), html(502), html(502), html(502)],
            "502, 0.75 s backoff; 502, 1.5 s backoff; 502, 3 s backoff; 502, 6 s backoff; 502 \
             => api attempts_exhausted, back at +23.25 s",
        ),
    ]
}
