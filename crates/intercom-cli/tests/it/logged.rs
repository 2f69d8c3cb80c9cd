//! `explain` of what stands in logs where the answer itself is not at hand.

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
fn what_this_program_says_of_an_error_is_understood_by_it() {
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
fn a_code_is_found_however_its_words_are_joined() {
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

/// As curl 7.88 prints it with -v.
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
fn where_no_answer_came_curl_says_why() {
    let ran = run_with(command(&["explain", "-"]), REFUSED.as_bytes());
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    insta::assert_snapshot!(ran.out, @r"
    no connection could be made; nothing was sent: check host, network and
    certificates

      means       No complete answer came.
      category    connection
      action      check_connection
      send again? yes, any request: nothing was sent
      wait        longer with each attempt

    Causes
      - The host name is wrong or cannot be resolved here.
      - A firewall or proxy stands between this machine and Intercom.
      - The server's certificate is not trusted by this machine.

    Fix
      1. See that the base URL is https://api.intercom.io,
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
fn a_request_that_was_sent_without_an_answer_may_have_been_carried_out() {
    let text = "* Connected to x\n> POST /messages HTTP/1.1\n> Host: x\n>\n* Operation timed out\n\
        curl: (28) Operation timed out after 5001 milliseconds with 0 bytes received\n";
    let found = explained_from(text, &[]);
    assert_eq!(
        [&found["category"], &found["resend"], &found["replay"]],
        ["timeout", "if_replayable", "no"]
    );
}

#[test]
fn nothing_is_nothing_to_explain() {
    for input in ["", " \n"] {
        let ran = run_with(command(&["explain"]), input.as_bytes());
        assert_eq!(ran.exit, 2);
        assert!(ran.line().starts_with("nothing to explain: "), "{ran:?}");
    }
    assert_eq!(explained_from("", &["--status", "404"])["status"], 404);
}
