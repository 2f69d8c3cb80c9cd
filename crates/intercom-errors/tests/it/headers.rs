//! Tests of the headers and of the hint when to come back.

use std::time::Duration;

use intercom_errors::{
    ApiError, CATALOG, Entry, ErrorCode, Hint, HintCause, RateLimit, RetryAfter, UnixTime,
};

use crate::{list, response, response_with};

/// `Fri, 22 Mar 2024 09:34:13 GMT`
const NOW: u64 = 1_711_100_053;
const DATE: (&str, &str) = ("Date", "Fri, 22 Mar 2024 09:34:13 GMT");
const RESET: (&str, &str) = ("X-RateLimit-Reset", "1711100060");

fn limited(headers: &[(&str, &str)]) -> ApiError {
    response_with(
        429,
        headers,
        &list(&[("rate_limit_exceeded", "Rate limit exceeded")]),
    )
}

/// Returns the hint in seconds, and its cause.
fn hint(error: &ApiError, wall: Option<u64>) -> Option<(u64, &'static str)> {
    let hint = error.hint(wall.and_then(UnixTime::from_secs))?;
    Some((hint.wait().as_secs(), hint.cause().as_str()))
}

#[test]
fn the_reset_is_measured_on_the_servers_own_clock() {
    let error = limited(&[DATE, RESET]);
    assert_eq!(hint(&error, None), Some((7, "rate_limit_reset")));
    // A wall clock that is off by an hour changes nothing.
    assert_eq!(
        hint(&error, Some(NOW + 3600)),
        Some((7, "rate_limit_reset"))
    );
}

#[test]
fn without_a_date_the_wall_clock_is_used_if_there_is_one() {
    let error = limited(&[RESET]);
    assert_eq!(hint(&error, Some(NOW)), Some((7, "rate_limit_reset")));
    assert_eq!(hint(&error, None), None);
    assert_eq!(
        error
            .hint(UnixTime::from_duration(Duration::from_millis(
                1_711_100_059_250
            )))
            .unwrap()
            .wait(),
        Duration::from_millis(750)
    );
    let unreadable = limited(&[RESET, ("Date", "yesterday")]);
    assert_eq!(hint(&unreadable, Some(NOW)), Some((7, "rate_limit_reset")));
}

#[test]
fn a_time_in_the_past_is_a_wait_of_zero() {
    let error = limited(&[DATE, ("X-RateLimit-Reset", "1711100000")]);
    assert_eq!(hint(&error, None), Some((0, "rate_limit_reset")));
    assert_eq!(
        hint(&limited(&[RESET]), Some(NOW + 60)),
        Some((0, "rate_limit_reset"))
    );
    let asked = response_with(
        503,
        &[DATE, ("Retry-After", "Fri, 22 Mar 2024 09:00:00 GMT")],
        "",
    );
    assert_eq!(hint(&asked, None), Some((0, "retry_after")));
}

#[test]
fn the_longest_hint_wins() {
    let longer = limited(&[DATE, RESET, ("Retry-After", "30")]);
    assert_eq!(hint(&longer, None), Some((30, "retry_after")));
    let shorter = limited(&[DATE, RESET, ("Retry-After", "3")]);
    assert_eq!(hint(&shorter, None), Some((7, "rate_limit_reset")));
}

#[test]
fn retry_after_counts_on_server_errors_and_the_reset_does_not() {
    for status in [500, 502, 503, 504, 408] {
        let error = response_with(status, &[DATE, RESET, ("Retry-After", "2")], "");
        assert_eq!(
            hint(&error, Some(NOW)),
            Some((2, "retry_after")),
            "{status}"
        );
        let reset_alone = response_with(status, &[DATE, RESET], "");
        assert_eq!(hint(&reset_alone, Some(NOW)), None, "{status}");
    }
    let disguised = response_with(502, &[DATE, RESET], &list(&[("rate_limit_exceeded", "x")]));
    assert_eq!(hint(&disguised, Some(NOW)), None);
}

#[test]
fn the_reset_is_only_a_hint_for_the_rate_limit_of_the_window() {
    for code in ["too_many_requests", "retry_after"] {
        let error = response_with(429, &[DATE, RESET], &list(&[(code, "x")]));
        assert_eq!(hint(&error, Some(NOW)), None, "{code}");
        let asked = response_with(
            429,
            &[DATE, RESET, ("Retry-After", "1")],
            &list(&[(code, "x")]),
        );
        assert_eq!(hint(&asked, Some(NOW)), Some((1, "retry_after")), "{code}");
    }
    let jobs = "Exceeded rate limit of 1 pending message data export jobs";
    let quota = |headers: &[(&str, &str)]| {
        response_with(429, headers, &list(&[("rate_limit_exceeded", jobs)]))
    };
    assert_eq!(hint(&quota(&[DATE, RESET]), Some(NOW)), None);
    let later = quota(&[DATE, RESET, ("Retry-After", "600")]);
    assert_eq!(hint(&later, Some(NOW)), Some((600, "retry_after")));
    let success = response_with(200, &[DATE, RESET], &list(&[("rate_limit_exceeded", "x")]));
    assert_eq!(hint(&success, None), Some((7, "rate_limit_reset")));
}

#[test]
fn there_is_no_hint_if_sending_again_does_not_help() {
    let jobs = "Exceeded rate limit of 5 pending reporting dataset export jobs";
    let jobs = response_with(429, &[DATE, RESET], &list(&[("rate_limit_exceeded", jobs)]));
    assert_eq!(hint(&jobs, Some(NOW)), None);
    assert_eq!(
        hint(
            &response_with(404, &[DATE, RESET, ("Retry-After", "5")], ""),
            Some(NOW)
        ),
        None
    );
}

#[test]
fn each_cause_belongs_to_its_own_codes_and_statuses() {
    for status in 400..600 {
        for code in CATALOG.iter().map(Entry::code) {
            let error = response_with(status, &[DATE, RESET], &list(&[(code.as_str(), "words")]));
            let cause = error.hint(None).map(|hint| hint.cause());
            let is_scroll = status == 400 && *code == ErrorCode::ScrollExists;
            assert_eq!(
                cause == Some(HintCause::ScrollIdle),
                is_scroll,
                "{status} {code}"
            );
            let is_server = cause == Some(HintCause::RateLimitReset) && status >= 500;
            assert!(!is_server, "{status} {code}");
        }
    }
}

#[test]
fn an_open_scroll_is_a_hint_of_a_minute() {
    let scroll = list(&[("scroll_exists", "scroll already exists for this workspace")]);
    assert_eq!(
        hint(&response(400, &scroll), None),
        Some((60, "scroll_idle"))
    );
    assert_eq!(
        hint(&response_with(400, &[("Retry-After", "61")], &scroll), None),
        Some((61, "retry_after"))
    );
    let by_message = list(&[("bad_request", "scroll already exists for this workspace")]);
    assert_eq!(
        hint(&response(400, &by_message), None),
        Some((60, "scroll_idle"))
    );
}

#[test]
fn a_date_in_retry_after_is_measured_from_the_date_of_the_response() {
    let later = ("Retry-After", "Fri, 22 Mar 2024 09:34:33 GMT");
    assert_eq!(
        hint(&response_with(503, &[DATE, later], ""), Some(0)),
        Some((20, "retry_after"))
    );
    assert_eq!(
        hint(&response_with(503, &[later], ""), Some(NOW + 5)),
        Some((15, "retry_after"))
    );
    assert_eq!(hint(&response_with(503, &[later], ""), None), None);
}

#[test]
fn a_delay_that_is_too_large_becomes_the_longest_delay() {
    let error = response_with(503, &[("Retry-After", "99999999999999999999999999")], "");
    assert_eq!(
        error.retry_after(),
        Some(RetryAfter::Delay(Duration::from_secs(u64::MAX)))
    );
    assert_eq!(hint(&error, None), Some((u64::MAX, "retry_after")));
}

#[test]
fn the_longest_of_several_retry_afters_wins() {
    let later = ("Retry-After", "Fri, 22 Mar 2024 09:34:33 GMT");
    for (headers, seconds) in [
        (&[("Retry-After", "1"), ("retry-after", "4")][..], 4),
        (&[("Retry-After", "4"), ("Retry-After", "1")], 4),
        (&[("Retry-After", "1, 4")], 4),
        (&[("Retry-After", "4,soon,, 1 ")], 4),
        (&[("Retry-After", "soon"), ("Retry-After", "4")], 4),
        (&[DATE, later, ("Retry-After", "4")], 20),
        (&[DATE, later, ("Retry-After", "40")], 40),
        (&[("Retry-After", "3"), later, DATE], 20),
        (&[("Retry-After", "21"), later, DATE], 21),
        (
            &[DATE, ("Retry-After", "4, Fri, 22 Mar 2024 09:34:33 GMT, 7")],
            20,
        ),
        (
            &[
                DATE,
                (
                    "Retry-After",
                    "Friday, 22-Mar-24 09:34:20 GMT,Fri Mar 22 09:34:23 2024",
                ),
            ],
            10,
        ),
        (
            &[("Retry-After", "999999999999999999999999999999, 1")],
            u64::MAX,
        ),
    ] {
        let error = response_with(503, headers, "");
        let expected = Some((seconds, "retry_after"));
        assert_eq!(hint(&error, Some(NOW + 1000)), expected, "{headers:?}");
    }
    let both = response_with(503, &[later, ("Retry-After", "4")], "");
    assert_eq!(hint(&both, None), Some((4, "retry_after")));
    assert_eq!(hint(&both, Some(NOW)), Some((20, "retry_after")));
}

#[test]
fn fractions_of_a_second_are_rounded_up() {
    for (value, seconds) in [
        ("2.5", 3),
        ("2.0", 2),
        ("2.000000000000000000000000001", 3),
        (".5", 1),
        ("0.0", 0),
        ("2.5, 2", 3),
        ("99999999999999999999999.5", u64::MAX),
    ] {
        let error = response_with(503, &[("Retry-After", value)], "");
        let expected = Some((seconds, "retry_after"));
        assert_eq!(hint(&error, None), expected, "{value}");
    }
    for value in [".", "-2.5", "2.5.1", "2,", "2.x", "1e3", "+2", "2 s"] {
        let error = response_with(503, &[("Retry-After", value)], "");
        let readable = value == "2,";
        assert_eq!(hint(&error, None).is_some(), readable, "{value}");
    }
    let reset = limited(&[DATE, ("X-RateLimit-Reset", "1711100059.001")]);
    assert_eq!(hint(&reset, None), Some((7, "rate_limit_reset")));
    assert_eq!(reset.rate_limit().reset(), UnixTime::from_secs(NOW + 7));
}

#[test]
fn the_latest_valid_reset_wins() {
    let reset = |value| ("X-RateLimit-Reset", value);
    for headers in [
        &[DATE, reset("1711100054"), reset("1711100060")][..],
        &[reset("1711100060"), reset("1711100054"), DATE],
        &[DATE, reset("1711100054, 1711100060")],
        &[DATE, reset("soon"), reset("1711100060")],
        // Milliseconds, a delay, and a day and a second ahead.
        &[DATE, reset("1711100060000"), reset("1711100060")],
        &[DATE, reset("7"), reset("1711100060"), reset("1711186454")],
        &[reset("1711186454"), reset("1711100060"), DATE],
    ] {
        let error = limited(headers);
        let expected = Some((7, "rate_limit_reset"));
        assert_eq!(hint(&error, None), expected, "{headers:?}");
        assert_eq!(
            error.rate_limit().reset(),
            UnixTime::from_secs(NOW + 7),
            "{headers:?}"
        );
        let undated: Vec<_> = headers
            .iter()
            .copied()
            .filter(|pair| *pair != DATE)
            .collect();
        assert_eq!(hint(&limited(&undated), Some(NOW)), expected, "{undated:?}");
    }
}

#[test]
fn a_reset_more_than_a_day_ahead_is_ignored() {
    for (value, seconds) in [
        ("1711186453", Some(86_400)),
        ("1711186454", None),
        ("1711100060000", None),
        ("999999999999999999999999999999", None),
    ] {
        let reset = ("X-RateLimit-Reset", value);
        let expected = seconds.map(|seconds| (seconds, "rate_limit_reset"));
        let dated = limited(&[DATE, reset]);
        assert_eq!(hint(&dated, Some(NOW)), expected, "{value}");
        assert_eq!(dated.rate_limit().reset().is_some(), seconds.is_some());
        assert_eq!(hint(&limited(&[reset]), Some(NOW)), expected, "{value}");
    }
    // Only the server's clock counts.
    let skewed = limited(&[DATE, RESET]);
    assert_eq!(hint(&skewed, Some(0)), Some((7, "rate_limit_reset")));
}

#[test]
fn a_rate_limit_from_values_equals_that_from_headers() {
    let headers = [
        ("X-RateLimit-Limit", "167"),
        ("X-RateLimit-Remaining", "3"),
        RESET,
        DATE,
    ];
    let (now, reset) = (UnixTime::from_secs(NOW), UnixTime::from_secs(NOW + 7));
    let limit = RateLimit::default().with_limit(167).with_remaining(3);
    let dated = limit.with_date(now);
    let parsed = limited(&headers).rate_limit();
    assert_eq!(limit.with_reset(reset).with_date(now), parsed);
    assert_eq!(dated.with_reset(reset), parsed);

    let far = UnixTime::from_secs(NOW + 86_401);
    assert_eq!(dated.with_reset(far), dated);
    assert_eq!(limit.with_reset(far).with_date(now), dated);
    assert_eq!(limit.with_reset(far).reset(), far);
}

#[test]
fn a_hint_can_be_created_by_hand() {
    let hint = Hint::new(Duration::from_secs(2), HintCause::ScrollIdle);
    assert_eq!(
        (hint.wait(), hint.cause()),
        (Duration::from_secs(2), HintCause::ScrollIdle)
    );
}

#[test]
fn header_names_match_in_any_case_and_the_first_valid_value_wins() {
    let error = response_with(
        200,
        &[
            ("x-RATElimit-LIMIT", "junk"),
            ("X-RateLimit-Limit", " 167 "),
            ("x-ratelimit-limit", "9"),
            ("x-ratelimit-remaining", "-3"),
            RESET,
            DATE,
        ],
        "",
    );
    let limit = error.rate_limit();
    assert_eq!(
        (
            limit.limit(),
            limit.remaining(),
            limit.reset(),
            limit.date()
        ),
        (
            Some(167),
            Some(0),
            UnixTime::from_secs(NOW + 7),
            UnixTime::from_secs(NOW)
        )
    );
    assert_eq!(limit.wait(), Some(Duration::from_secs(7)));
    assert!(!limit.is_empty());
}

#[test]
fn invalid_rate_limit_headers_are_ignored() {
    for value in [
        "",
        " ",
        "many",
        "1.5.5",
        "99999999999999999999999",
        "1e3",
        "\u{b2}",
    ] {
        let error = response_with(
            429,
            &[
                ("X-RateLimit-Limit", value),
                ("X-RateLimit-Remaining", value),
                ("X-RateLimit-Reset", value),
            ],
            "",
        );
        assert!(error.rate_limit().is_empty(), "{value:?}");
        assert_eq!(error.rate_limit().wait(), None);
    }
    let dated = response_with(429, &[DATE], "");
    assert!(dated.rate_limit().is_empty());
    assert_eq!(RateLimit::default(), response(429, "").rate_limit());
}

#[test]
fn the_request_id_comes_from_the_body_or_else_from_the_header() {
    let header = ("X-Request-ID", " b2i3mhcboc6pcbe33q80 ");
    for (body, id) in [
        (
            r#"{"type":"error.list","request_id":"from-the-body","errors":[]}"#,
            "from-the-body",
        ),
        (
            r#"{"type":"error","request_id":"from-the-body"}"#,
            "from-the-body",
        ),
        (r#"{"request_id":12345}"#, "12345"),
        (r#"{"request_id":null}"#, "b2i3mhcboc6pcbe33q80"),
        (r#"{"request_id":""}"#, "b2i3mhcboc6pcbe33q80"),
        (r#"{"request_id":"  "}"#, "b2i3mhcboc6pcbe33q80"),
        (r#"{"request_id":true}"#, "b2i3mhcboc6pcbe33q80"),
        (r#"{"request_id":["x"]}"#, "b2i3mhcboc6pcbe33q80"),
        (r#"{"request_id":{"id":"x"}}"#, "b2i3mhcboc6pcbe33q80"),
        (r#"{"request_id":null,"request_id":"second"}"#, "second"),
        ("<html>", "b2i3mhcboc6pcbe33q80"),
        ("", "b2i3mhcboc6pcbe33q80"),
    ] {
        assert_eq!(
            response_with(500, &[header], body).request_id(),
            Some(id),
            "{body}"
        );
    }
    assert_eq!(response(500, "").request_id(), None);
}

#[test]
fn only_a_merge_names_the_merged_contact() {
    let link = ("link", r#"</contacts/5f1a>; rel="canonical""#);
    let merged = list(&[("contact_merged", "x")]);
    assert_eq!(
        response_with(410, &[link], &merged).merged_into(),
        Some("5f1a")
    );
    assert_eq!(response_with(410, &[link], "").merged_into(), Some("5f1a"));
    assert_eq!(
        response_with(404, &[link], &list(&[("not_found", "x")])).merged_into(),
        None
    );
    assert_eq!(response(410, &merged).merged_into(), None);
    for elsewhere in [
        "</admins/1>; rel=\"canonical\"",
        "</contacts/5f1a/../../admins>; rel=canonical",
        "</contacts/5f1a>; rel=next",
        "<a/b/c/contacts/5f1a>; rel=canonical",
        "<https://api.intercom.io/v2/contacts/5f1a>; rel=canonical",
        "5f1a",
    ] {
        assert_eq!(
            response_with(410, &[("Link", elsewhere)], &merged).merged_into(),
            None,
            "{elsewhere}"
        );
    }
    let both = response_with(
        410,
        &[
            ("Link", "</x>; rel=next"),
            ("Link", "</contacts/5f1a>; rel=\"self canonical\""),
        ],
        &merged,
    );
    assert_eq!(both.merged_into(), Some("5f1a"));
    let whole = (
        "Link",
        "<https://api.intercom.io/contacts/5f1a>; rel=canonical",
    );
    assert_eq!(
        response_with(410, &[whole], &merged).merged_into(),
        Some("5f1a")
    );
}

#[test]
fn the_location_of_a_redirect_is_kept() {
    let error = response_with(
        302,
        &[("location", "https://files.example/recording?sig=1")],
        "",
    );
    assert_eq!(
        error.location(),
        Some("https://files.example/recording?sig=1")
    );
}

#[cfg(feature = "http")]
#[test]
fn an_http_response_is_parsed_like_its_parts() {
    let body = list(&[("rate_limit_exceeded", "x")]);
    let response = http::Response::builder()
        .status(429)
        .header("X-RateLimit-Reset", "1711100060")
        .header("X-RateLimit-Remaining", &b"\xff"[..])
        .header("Date", DATE.1)
        .body(body.clone())
        .unwrap();
    let error = ApiError::from_response(&response);
    assert_eq!(
        (error.status(), error.body().bytes()),
        (429, body.as_bytes())
    );
    assert_eq!(hint(&error, None), Some((7, "rate_limit_reset")));
    assert_eq!(
        RateLimit::from_header_map(response.headers()),
        error.rate_limit()
    );
}

#[test]
fn other_headers_of_the_same_length_are_ignored() {
    let values = [
        "1",
        "1711100000",
        "Fri, 22 Mar 2024 09:33:20 GMT",
        "br",
        "text/html",
        "block",
        "</contacts/5f1>; rel=\"canonical\"",
    ];
    for length in 1..=40 {
        let name = "z".repeat(length);
        for value in values {
            let error = response_with(404, &[(&name, value)], "\x01");
            assert_eq!(
                (error.known_headers(), error.request_id()),
                (Vec::new(), None),
                "{name}: {value}"
            );
        }
    }
}
