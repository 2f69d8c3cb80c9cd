//! `explain` for log lines and other text without a complete response.

use intercom_mock::MockServer;
use serde_json::{Value, json};

use crate::run::{against, command, explained, explained_from, run, run_with};

#[test]
fn a_status_line_of_any_kind_is_explained_by_its_status() {
    for (line, status) in [
        ("401 Unauthorized", 401),
        ("HTTP 429", 429),
        ("HTTP/1.1 401 Unauthorized", 401),
        ("HTTP Error 503: Service Unavailable", 503),
    ] {
        for found in [explained(&[line]), explained_from(line, &[])] {
            assert_eq!(
                (&found["status"], &found["code"]),
                (&json!(status), &Value::Null),
                "{line}"
            );
        }
    }
}

#[test]
fn error_lines_of_this_program_are_understood() {
    let line = "401 unauthorized: get a working access token (request req_abc123)";
    let found = explained(&[line]);
    assert_eq!(
        [&found["code"], &found["request_id"], &found["action"]],
        ["unauthorized", "req_abc123", "regenerate_token"]
    );
    let mock = MockServer::start().unwrap();
    let id = mock.add_contact(json!({ "email": "ada@example.org" }));
    let data = r#"{"role":"user","email":"ada@example.org"}"#;
    let ran = run(against(
        &mock,
        &["api", "POST", "/contacts", "--data", data],
    ));
    let log = format!("{}{}", ran.out, ran.err);
    for found in [explained(&[ran.line()]), explained_from(&log, &[])] {
        assert_eq!(
            (&found["status"], &found["code"]),
            (&json!(409), &json!("conflict")),
            "{log}"
        );
        assert_eq!(found["existing_contact"]["id"], json!(id));
    }
}

#[test]
fn a_code_is_found_in_any_spelling() {
    for name in [
        "ratelimit exceeded",
        "Rate-Limit-Exceeded",
        "RateLimitExceeded",
    ] {
        assert_eq!(explained(&[name])["code"], "rate_limit_exceeded", "{name}");
    }
    assert_eq!(explained(&["back off"])["action"], "back_off");
    let ran = run(command(&["explain", "ratelimit exceded"]));
    assert!(
        ran.line().contains("did you mean rate_limit_exceeded?"),
        "{ran:?}"
    );
}

#[test]
fn a_reason_phrase_is_a_status_and_not_a_code() {
    for (phrase, class) in [
        ("Too Many Requests", (429, "rate_limit")),
        ("Service Unavailable", (503, "server")),
        ("request timeout", (408, "timeout")),
        ("Not Found", (404, "not_found")),
        ("Bad Gateway", (502, "server")),
    ] {
        for found in [explained(&[phrase]), explained_from(phrase, &[])] {
            assert_eq!(
                (&found["status"], &found["code"], &found["category"]),
                (&json!(class.0), &Value::Null, &json!(class.1)),
                "{phrase}"
            );
        }
    }
    let code = explained(&["too_many_requests"]);
    assert_eq!(code["category"], "overload");
}

/// The output of `curl -v`, version 7.88.
const REFUSED: &str = "\
  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0*   Trying 127.0.0.1:9...
* connect to 127.0.0.1 port 9 failed: Connection refused
* Failed to connect to 127.0.0.1 port 9 after 0 ms: Couldn't connect to server
* Closing connection 0
curl: (7) Failed to connect to 127.0.0.1 port 9 after 0 ms: Couldn't connect to server
";

#[test]
fn an_error_of_curl_is_explained_as_a_fault() {
    let ran = run_with(command(&["explain", "-"]), REFUSED.as_bytes());
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(ran.out, @"
    no connection could be made; nothing was sent: check the host, the network and
    the certificates

      means       There was no complete response.
      category    connection
      action      check_connection
      retry?      yes, any request: nothing was sent
      wait        longer before each attempt

    Causes
      - The host name is wrong, or this machine cannot resolve it.
      - A firewall or proxy between this machine and Intercom blocks the connection.
      - This machine does not trust the server's certificate.

    Fix
      1. Check that the base URL is https://api.intercom.io,
         https://api.eu.intercom.io or https://api.au.intercom.io.
      2. Try curl -sI https://api.intercom.io from the same machine.
    ");
    for (text, class) in [
        (
            "curl: (6) Could not resolve host: x.example",
            ["connection", "safe", "check_connection"],
        ),
        (
            "curl: (60) SSL certificate problem: unable to get local issuer certificate",
            ["connection", "never", "check_connection"],
        ),
        (
            "curl: (28) Operation timed out after 5001 milliseconds with 0 bytes received",
            ["timeout", "if_replayable", "retry_and_check_status"],
        ),
        (
            "* connect to 127.0.0.1 port 9 failed: Connection refused",
            ["connection", "safe", "check_connection"],
        ),
    ] {
        let found = explained(&[text]);
        assert_eq!(
            [&found["category"], &found["resend"], &found["action"]],
            class,
            "{text}"
        );
        assert_eq!(found["status"], Value::Null);
    }
    let failed = explained(&["curl: (22) The requested URL returned error: 401"]);
    assert_eq!(failed["status"], 401);
}

#[test]
fn a_sent_request_without_a_response_may_have_been_applied() {
    let text = "* Connected to x\n> POST /messages HTTP/1.1\n> Host: x\n>\n* Operation timed out\n\
        curl: (28) Operation timed out after 5001 milliseconds with 0 bytes received\n";
    let found = explained_from(text, &[]);
    assert_eq!(
        [&found["category"], &found["resend"], &found["replay"]],
        ["timeout", "if_replayable", "no"]
    );
}

#[test]
fn empty_input_is_nothing_to_explain() {
    for input in ["", " \n"] {
        let ran = run_with(command(&["explain"]), input.as_bytes());
        assert_eq!(ran.exit, 2);
        assert!(ran.line().starts_with("nothing to explain: "), "{ran:?}");
    }
    assert_eq!(explained_from("", &["--status", "404"])["status"], 404);
}

/// A line, and the expected status, code and action.
type Row = (&'static str, u16, Option<&'static str>, &'static str);

const LINES: &[Row] = &[
    (
        "2026-03-22T09:34:13Z DEBUG intercom: answered call=5 method=\"GET\" path=\"/contacts/5\" attempt=1 status=404 code=\"not_found\" request_id=\"req_abc123\" took_ms=80",
        404,
        Some("not_found"),
        "verify_id",
    ),
    (
        "#5 POST /contacts: attempt 1 answered 409 conflict in 80ms (request req_abc123)",
        409,
        Some("conflict"),
        "search_before_create",
    ),
    (
        "#5 POST /contacts: attempt 1 answered 502 in 80ms",
        502,
        None,
        "retry_and_check_status",
    ),
    (
        "ERROR app: 404 not_found: check the id (request req_abc123)",
        404,
        Some("not_found"),
        "verify_id",
    ),
    (
        "Request failed with status code 404",
        404,
        None,
        "verify_id",
    ),
    (
        "AxiosError: Request failed with status code 422\n    at settle (settle.js:404:12)",
        422,
        None,
        "fix_input",
    ),
    (
        "10.0.0.1 - - [22/Mar/2024:09:34:13 +0000] \"POST /contacts HTTP/1.1\" 422 187",
        422,
        None,
        "fix_input",
    ),
    (
        "<html><head><title>502 Bad Gateway</title></head></html>",
        502,
        None,
        "retry_and_check_status",
    ),
    (
        "{'type': 'error.list', 'errors': [{'code': 'token_expired'}]}",
        401,
        Some("token_expired"),
        "regenerate_token",
    ),
    (
        "Intercom said tag_not_found to me",
        404,
        Some("tag_not_found"),
        "verify_id",
    ),
    (
        "{\"status\":429,\"headers\":{\"retry-after\":5},\"body\":{\"errors\":[{\"code\":\"rate_limit_exceeded\"}]}}",
        429,
        Some("rate_limit_exceeded"),
        "back_off",
    ),
    (
        "ERROR api 409 {\"errors\":[{\"code\":\"conflict\"}]}",
        409,
        Some("conflict"),
        "search_before_create",
    ),
    (
        "Exceeded rate limit of 83 in 10_seconds",
        429,
        Some("rate_limit_exceeded"),
        "back_off",
    ),
    (
        "RuntimeError: Exceeded rate limit of 5 pending reporting dataset export jobs",
        429,
        Some("rate_limit_exceeded"),
        "wait_for_job",
    ),
    (
        "WARN x status=429 message=\"Exceeded rate limit of 5 pending export jobs\"",
        429,
        Some("rate_limit_exceeded"),
        "wait_for_job",
    ),
    (
        "Access Token Invalid",
        401,
        Some("unauthorized"),
        "regenerate_token",
    ),
    (
        "A contact matching those details already exists with id=5f1a",
        409,
        Some("conflict"),
        "use_existing",
    ),
    (
        "ERROR app: 409 conflict \"A contact matching those details already exists with id=5f1a\": look (request r)",
        409,
        Some("conflict"),
        "use_existing",
    ),
];

#[test]
fn a_log_line_is_explained_by_its_status_and_code() {
    for (line, status, code, action) in LINES {
        for found in [explained(&[line]), explained_from(line, &[])] {
            assert_eq!(
                (&found["status"], &found["code"], &found["action"]),
                (&json!(status), &json!(code), &json!(action)),
                "{line}"
            );
            if line.contains("req_abc123") {
                assert_eq!(found["request_id"], "req_abc123");
            }
        }
    }
    let event = "#5 POST /messages: attempt 1 answered 500 in 80ms";
    assert_eq!(explained(&[event])["replay"], "no");
}

#[test]
fn a_log_line_about_a_fault_is_explained() {
    for (line, class) in [
        ("connect ECONNREFUSED 127.0.0.1:9", ["connection", "safe"]),
        (
            "intercom: no connection could be made (Connection refused); nothing was sent: check the host, the network and the certificates",
            ["connection", "safe"],
        ),
        (
            "intercom: timed out: the request may have been applied, so check before sending it again",
            ["timeout", "if_replayable"],
        ),
        ("urlopen error timed out", ["timeout", "if_replayable"]),
        ("read ECONNRESET", ["connection", "if_replayable"]),
        (
            "#5 POST /contacts: attempt 1 broke off: outcome_unknown timeout in 5s",
            ["timeout", "if_replayable"],
        ),
    ] {
        for found in [explained(&[line]), explained_from(line, &[])] {
            let shown = [&found["category"], &found["resend"]];
            assert_eq!(shown, class, "{line}");
            assert_eq!(found["status"], Value::Null, "{line}");
        }
    }
}

#[test]
fn a_response_does_not_settle_the_outcome_of_an_earlier_attempt() {
    let verbose = "curl: (28) Operation timed out after 5 ms\n> POST /messages HTTP/1.1\n>\n";
    for (before, after) in [
        ("POST /messages failed: read ECONNRESET", "status=429"),
        (
            "#5 POST /messages: attempt 1 broke off: outcome_unknown timeout in 5s",
            "#5 POST /messages: attempt 2 answered 429 in 80ms",
        ),
        (
            "POST /messages failed: read ECONNRESET",
            "HTTP/2 429\nretry-after: 5\n\n",
        ),
        (verbose, "< HTTP/1.1 429 Too Many Requests\n<\n"),
        (
            "POST /messages\ncurl: (28) Operation timed out after 5 ms",
            "curl: (22) The requested URL returned error: 429",
        ),
    ] {
        let found = explained_from(&format!("{before}\n{after}"), &[]);
        let shown = [&found["category"], &found["resend"]];
        assert_eq!(shown, ["rate_limit", "if_replayable"], "{before} {after}");
        let alone = explained_from(&format!("\n{after}"), &[]);
        assert_eq!(alone["resend"], "safe", "{after}");
    }
}

#[test]
fn text_without_status_or_code_is_rejected() {
    let unknown = "no status and no known code in this text; add --status N";
    for (text, complaint) in [
        ("the sync took 404 ms", unknown),
        ("INFO 404 contacts were read, exit status: 101", unknown),
        ("it said tag_not_found to me", unknown),
        ("{'errors': [{'message': 'x'}]}", unknown),
        (
            "<html><body>Not here</body></html>",
            "this is a page of HTML or XML without a status; add --status N",
        ),
        (
            "404 Not Found for url: https://api.example.com/v1/users",
            "this is not an error of Intercom: its URL is on api.example.com",
        ),
    ] {
        for ran in [
            run(command(&["explain", text])),
            run_with(command(&["explain", "-"]), text.as_bytes()),
        ] {
            assert_eq!((ran.exit, ran.out.as_str()), (2, ""), "{text}");
            assert_eq!(ran.line(), complaint);
        }
    }
    let ran = run(command(&["explain", &"x".repeat(100)]));
    assert!(ran.line().contains("xxx…\""), "{ran:?}");
}
