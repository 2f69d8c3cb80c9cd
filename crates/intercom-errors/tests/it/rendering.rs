//! Snapshots of the texts: an error on one line, and its whole chain of sources.

use std::error::Error;
use std::fmt::Write;

use insta::assert_snapshot;
use intercom_errors::{Action, ApiError, BodyKind, ErrorItem, Fault, FaultKind};

use crate::{list, response, response_with};

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, "\n  because {cause}");
        source = cause.source();
    }
    text
}

#[test]
fn display_has_status_code_next_step_and_request_id() {
    let conflict = response(
        409,
        &list(&[(
            "conflict",
            "A contact matching those details already exists with id=abc123",
        )]),
    );
    assert_snapshot!(conflict, @"409 conflict: use the existing contact abc123 (request req_abc123)");
    assert_snapshot!(conflict.line().with_message(), @r#"409 conflict "A contact matching those details already exists with id=abc123": use the existing contact abc123 (request req_abc123)"#);
    assert_snapshot!(chain(&conflict), @"409 conflict: use the existing contact abc123 (request req_abc123)");
    assert_snapshot!(response(401, &list(&[("unauthorized", "Access Token Invalid")])), @"401 unauthorized: get a working access token (request req_abc123)");
    assert_snapshot!(response(429, ""), @"429: wait, then send it again");
    assert_snapshot!(response_with(504, &[("x-request-id", "b2i3")], "<html>"), @"504: try again, and check the status page if the error persists (request b2i3)");
    assert_snapshot!(response(403, &list(&[("forbidden", "You do not have the required scope (read_macros) to access this resource")])), @"403 forbidden: add the missing permission read_macros (request req_abc123)");
    assert_snapshot!(response(200, "<html>"), @"200: check the base URL, then contact Intercom's support; the body is not JSON");
    assert_snapshot!(response(502, "<html>"), @"502: try again, and check the status page if the error persists");
    assert_snapshot!(response(200, "{}"), @"200: check the base URL, then contact Intercom's support");
}

#[test]
fn display_does_not_invent_a_wait_of_the_server() {
    let overloaded = list(&[("service_unavailable", "Sorry")]);
    for error in [response(429, ""), response(503, &overloaded)] {
        assert_eq!(error.hint(None), None);
        let line = error.to_string();
        assert!(!line.contains("server says"), "{line}");
        assert!(line.contains(": wait, then send it again"), "{line}");
    }
}

#[test]
fn text_from_the_server_is_escaped_and_cut_off() {
    let error = response(
        400,
        &list(&[(
            "a\nb\u{202e}c\u{7f}",
            "first\r\nsecond\u{2028}third\t\u{1b}[31mred",
        )]),
    );
    assert_snapshot!(error, @r#"400 a\nb\u{202e}c\u{7f}: correct the input (request req_abc123)"#);
    assert_snapshot!(error.line().with_message(), @r#"400 a\nb\u{202e}c\u{7f} "first\r\nsecond\u{2028}third\t\u{1b}[31mred": correct the input (request req_abc123)"#);
    let long = response(400, &list(&[(&"x".repeat(100), &"y".repeat(1000))]));
    assert_eq!(long.to_string().matches('x').count(), 64);
    assert_eq!(
        long.line().with_message().to_string().matches('y').count(),
        300
    );
}

#[test]
fn debug_leaves_out_personal_data() {
    let headers = [
        ("X-RateLimit-Limit", "83"),
        ("X-RateLimit-Remaining", "0"),
        ("X-RateLimit-Reset", "1522849880"),
    ];
    let error = response_with(
        429,
        &headers,
        &list(&[("rate_limit_exceeded", "for a@b.c")]),
    );
    assert_snapshot!(format!("{error:#?}"), @r#"
    ApiError {
        status: 429,
        request_id: Some(
            "req_abc123",
        ),
        errors: [
            ErrorItem {
                code: Some(
                    RateLimitExceeded,
                ),
                field: None,
                message_len: Some(
                    9,
                ),
                ..
            },
        ],
        class: Class {
            category: RateLimit,
            resend: Safe,
            action: BackOff,
        },
        answered_by: Api,
        rate_limit: RateLimit {
            limit: Some(
                83,
            ),
            remaining: Some(
                0,
            ),
            reset: Some(
                UnixTime(1522849880s, 2018-04-04T13:51:20Z),
            ),
            date: None,
        },
        body: Body {
            kind: ErrorList,
            len: 111,
            ..
        },
        ..
    }
    "#);
}

#[test]
fn display_of_a_fault_says_what_failed_and_how_far_it_got() {
    let mut text = String::new();
    let faults = [
        Fault::not_sent(FaultKind::Connect),
        Fault::not_sent(FaultKind::Dns),
        Fault::not_sent(FaultKind::Tls),
        Fault::not_sent(FaultKind::Timeout),
        Fault::not_sent(FaultKind::BadCertificate),
        Fault::not_sent(FaultKind::BadUri),
        Fault::not_sent(FaultKind::Other),
        Fault::outcome_unknown(FaultKind::Closed),
        Fault::outcome_unknown(FaultKind::Timeout),
        Fault::outcome_unknown(FaultKind::Protocol),
        Fault::cut(FaultKind::Closed, response(200, "{\"id\":")),
        Fault::cut(FaultKind::TooLarge, response(200, "{")),
        Fault::cut(FaultKind::BadUri, response(200, "{")),
        Fault::cut(
            FaultKind::Timeout,
            response(503, &list(&[("service_unavailable", "x")])),
        ),
        Fault::cut(FaultKind::Closed, response(429, "{")),
        Fault::cut(FaultKind::Closed, response(404, "{")),
    ];
    for fault in faults {
        let class = fault.class();
        let (category, resend, action) = (
            class.category().as_str(),
            class.resend().as_str(),
            class.action().as_str(),
        );
        let _ = writeln!(
            text,
            "{fault}\n  {} {}: {category} {resend} {action}",
            fault.phase().as_str(),
            fault.kind().as_str()
        );
    }
    assert_snapshot!(text, @"
    no connection could be made; nothing was sent
      not_sent connect: connection safe check_connection
    the host name could not be resolved; nothing was sent
      not_sent dns: connection safe check_connection
    the TLS handshake failed; nothing was sent
      not_sent tls: connection safe check_connection
    timed out; nothing was sent
      not_sent timeout: timeout safe retry_and_check_status
    the server's certificate was refused; nothing was sent
      not_sent bad_certificate: connection never check_connection
    the URI cannot be used; nothing was sent
      not_sent bad_uri: connection never check_connection
    the exchange failed; nothing was sent
      not_sent other: connection safe retry_and_check_status
    the connection was closed; the request may have been applied
      outcome_unknown closed: connection if_replayable retry_and_check_status
    timed out; the request may have been applied
      outcome_unknown timeout: timeout if_replayable retry_and_check_status
    the response is not valid HTTP; the request may have been applied
      outcome_unknown protocol: connection if_replayable retry_and_check_status
    the connection was closed; a response with status 200 was cut off
      cut closed: unreadable if_replayable retry_and_check_status
    the response is larger than the limit; a response with status 200 was cut off
      cut too_large: unreadable never ask_for_less
    the URI cannot be used; a response with status 200 was cut off
      cut bad_uri: unreadable never contact_support
    timed out; a response with status 503 was cut off
      cut timeout: overload if_replayable back_off
    the connection was closed; a response with status 429 was cut off
      cut closed: rate_limit safe back_off
    the connection was closed; a response with status 404 was cut off
      cut closed: not_found never verify_id
    ");
}

#[test]
fn display_of_a_fault_leaves_out_its_source() {
    let source = std::io::Error::other("connection reset by peer");
    let fault = Fault::outcome_unknown(FaultKind::Closed).with_source(source);
    assert_snapshot!(chain(&fault), @r#"
    the connection was closed; the request may have been applied
      because connection reset by peer
    "#);
    assert_snapshot!(format!("{:?}", Fault::not_sent(FaultKind::Dns)), @"Fault { phase: NotSent, kind: Dns, response: None, .. }");
    assert!(
        Fault::not_sent(FaultKind::Timeout).is_timeout()
            && Fault::not_sent(FaultKind::Dns).response().is_none()
    );
}

#[test]
fn every_action_is_explained() {
    let mut text = String::new();
    for action in Action::ALL {
        let _ = writeln!(text, "{}: {}", action.as_str(), action.meaning());
        for cause in action.causes() {
            let _ = writeln!(text, "  why: {cause}");
        }
        for fix in action.fixes() {
            let _ = writeln!(text, "  fix: {}", fix.template());
        }
        assert!(action.causes().iter().all(|text| text.ends_with('.')));
        assert!(!action.meaning().ends_with('.'));
    }
    assert_snapshot!("actions", text);
}

#[test]
fn display_names_an_encoding_that_was_not_decoded() {
    let encoded = |status, encoding: &'static str, body: &'static [u8]| {
        let headers = [
            ("content-encoding", encoding.as_bytes()),
            ("x-request-id", b"req-1"),
        ];
        ApiError::from_parts(status, headers, body)
    };
    let error = encoded(409, "br", b"\x8b\x01\x80{}\x03");
    assert_snapshot!(error, @"409: the resource may already exist: search for it before you create it; the body was not read: it is encoded as br (request req-1)");
    assert_eq!(error.body().kind(), BodyKind::Encoded);
    assert_snapshot!(encoded(200, "zstd", b"\x28\xb5\x2f\xfd"), @"200: check the base URL, then contact Intercom's support; the body was not read: it is encoded as zstd (request req-1)");

    // Neither a decoded body whose header remains, nor the encoding `identity`, counts as encoded.
    for encoding in ["br", "identity"] {
        let read = encoded(409, encoding, br#"{"errors":[{"code":"conflict"}]}"#);
        assert_eq!(read.content_encoding(), None);
        assert_eq!(read.code().unwrap(), "conflict");
    }
    assert_eq!(
        encoded(502, "identity", b"<html>").body().kind(),
        BodyKind::Raw
    );
}

#[test]
fn a_message_equal_to_the_code_is_left_out() {
    let body = br#"{"errors":[{"code":"not_found","message":"not_found"}]}"#;
    let error = ApiError::from_parts(404, [], body);
    assert_eq!(
        error.line().with_message().to_string(),
        "404 not_found: check the id"
    );
}

#[test]
fn debug_shows_a_field_only_if_it_has_the_form_of_a_name() {
    let shows = |field: &str| {
        let item = ErrorItem::new("parameter_invalid", "empty").with_field(field);
        format!("{item:?}").contains(field)
    };
    let longest = "a".repeat(64);
    for name in ["email", "custom_attributes.plan", "tags[0].id", &longest] {
        assert!(shows(name), "{name}");
    }
    for text in [
        "jo@example.com",
        "two words",
        "caf\u{e9}",
        &format!("{longest}a"),
    ] {
        assert!(!shows(text), "{text}");
    }
}
