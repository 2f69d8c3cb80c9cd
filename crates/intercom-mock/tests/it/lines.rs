//! Scripts in JSON, one answer a line.

use std::time::Duration;

use intercom_mock::{MockServer, ScriptError};
use serde_json::json;

use crate::client::{Answer, ask, get, post};

fn scripted(lines: &str) -> MockServer {
    let builder = MockServer::builder().script_lines(lines).unwrap();
    builder.start().unwrap()
}

fn answer(line: &str) -> Answer {
    get(&scripted(line), "/me")
}

fn refused(lines: &str) -> ScriptError {
    let server = MockServer::start().unwrap();
    let error = server.script_lines(lines).unwrap_err();
    assert_eq!(server.scripted_left(), 0, "no line of {lines} is laid down");
    error
}

#[test]
fn the_first_page_shows_lines_that_do_what_it_says() {
    let page = include_str!("../../src/lib.rs");
    let lines: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("//! "))
        .filter(|line| line.starts_with('{'))
        .collect();
    let server = scripted(&lines.join("\n"));
    assert_eq!((lines.len(), server.scripted_left()), (4, 3));

    let contact = json!({ "email": "ada@example.com" });
    assert_eq!(
        post(&server, "/contacts", &contact).error(),
        "500 server_error Server Error"
    );
    assert_eq!(post(&server, "/contacts", &contact).status, 200);

    for path in ["/conversations/1", "/conversations/2/reply"] {
        let bad = get(&server, path);
        assert_eq!(
            (bad.status, bad.header("content-type"), &bad.body[..]),
            (502, Some("text/html"), &b"<h1>Bad Gateway</h1>"[..])
        );
    }

    let limited = get(&server, "/me");
    assert_eq!(limited.status, 429);
    assert_eq!(limited.number("x-ratelimit-reset") - limited.date(), 3);
    assert_eq!(limited.number("x-ratelimit-remaining"), 0);

    let message = json!({ "message_type": "email", "body": "hello" });
    let sent = ask(&server, "POST", "/messages").json(&message);
    assert!(sent.try_answer().is_none());
    assert_eq!((server.messages().len(), server.scripted_left()), (1, 0));
}

#[test]
fn lines_are_used_up_from_the_first_to_the_last() {
    let server = scripted(
        "\u{feff}{\"status\": 500, \"times\": 2}\r\n\n{\"method\": \"get\", \"status\": 501}\n{\"answer\": \"normal\"}\n",
    );
    assert_eq!(server.scripted_left(), 4);
    let other = json!({ "email": "ada@example.com" });
    assert_eq!(get(&server, "/me").status, 500);
    assert_eq!(post(&server, "/contacts", &other).status, 500);
    assert_eq!(post(&server, "/contacts", &other).status, 200);
    assert_eq!(get(&server, "/any/thing").status, 501);
    assert_eq!(server.scripted_left(), 0);
    server
        .script_lines(r#"{"status": 503, "times": "always"}"#)
        .unwrap();
    server.script_lines(r#"{"status": 504}"#).unwrap();
    assert_eq!(
        (get(&server, "/me").status, get(&server, "/me").status),
        (503, 503)
    );
}

#[test]
fn a_body_is_sent_as_it_is_written() {
    let json = answer(r#"{"status": 200, "body": {"b": 1.10, "a": [12345678901234567890123]}}"#);
    assert_eq!(json.body, br#"{"b": 1.10, "a": [12345678901234567890123]}"#);
    let kind = Some("application/json; charset=utf-8");
    assert_eq!(json.header("content-type"), kind);
    let text = answer(r#"{"status": 200, "body": "{\"cut\": \u00e4"}"#);
    assert_eq!(text.body, "{\"cut\": ä".as_bytes());
    assert_eq!(text.header("content-type"), None);
    let typed = answer(r#"{"status": 200, "body": [], "headers": {"Content-Type": "text/plain"}}"#);
    assert_eq!(typed.header("content-type"), Some("text/plain"));
    assert_eq!(
        typed
            .headers
            .iter()
            .filter(|(name, _)| name == "content-type")
            .count(),
        1
    );
    assert!(answer(r#"{"status": 500, "body": null}"#).body.is_empty());
}

#[test]
fn headers_are_added_repeated_replaced_and_left_out() {
    let line = r#"{"status": 503, "reset_in": 30, "headers": {"Retry-After": 5, "x-one": ["1", "2"], "date": null, "X-RateLimit-Limit": "9"}}"#;
    let answer = answer(line);
    let ones = answer.headers.iter().filter(|(name, _)| name == "x-one");
    assert_eq!(ones.count(), 2);
    assert_eq!(
        (answer.header("date"), answer.number("retry-after")),
        (None, 5)
    );
    assert_eq!(answer.number("x-ratelimit-limit"), 9);
    assert_eq!(answer.number("x-ratelimit-remaining"), 0);
}

#[test]
fn connections_close_before_during_and_after_the_work() {
    let server = scripted(
        r#"{"answer": "close_before", "path": "/contacts"}
           {"answer": "close_during", "path": "/contacts"}
           {"answer": "close_after_work", "path": "/contacts"}"#,
    );
    let create = |email: &str| {
        let contact = json!({ "email": email });
        ask(&server, "POST", "/contacts")
            .json(&contact)
            .try_answer()
    };
    assert!(create("a@b").is_none() && server.contacts().is_empty());
    let cut = create("a@b").unwrap();
    assert!(!cut.complete && server.contacts().len() == 1, "{cut:?}");
    assert!(create("b@c").is_none() && server.contacts().len() == 2);
}

#[test]
fn bodies_are_cut_packed_padded_and_held_up() {
    let server = scripted(
        r#"{"status": 200, "body": "0123456789", "truncate_after": 4}
           {"status": 200, "body": "{}", "chunked": true}
           {"answer": "normal", "gzip": true}
           {"status": 200, "body": {}, "oversized": 1000}
           {"status": 504, "work": true, "path": "/contacts"}"#,
    );
    let ask_me = || ask(&server, "GET", "/me").try_answer().unwrap();
    let cut = ask_me();
    assert_eq!((&cut.body[..], cut.complete), (&b"0123"[..], false));
    assert_eq!(ask_me().header("transfer-encoding"), Some("chunked"));
    assert_eq!(ask_me().header("content-encoding"), Some("gzip"));
    assert_eq!(ask_me().body.len(), 1000);
    let contact = json!({ "email": "a@b" });
    assert_eq!(post(&server, "/contacts", &contact).status, 504);
    assert_eq!(server.contacts().len(), 1);

    let pause = Duration::from_millis(40);
    for line in [
        r#"{"answer": "normal", "delay_ms": 40}"#,
        r#"{"answer": "normal", "body_delay_ms": 40}"#,
    ] {
        server.script_lines(line).unwrap();
        let before = server.server_time();
        assert_eq!(ask_me().status, 200);
        assert!(server.server_time() - before >= pause, "{line}");
    }
}

#[test]
fn a_line_that_is_no_answer_says_which_it_is_and_what_would_be() {
    let error = refused("{\"status\": 500}\n\n{\"status\": 500, \"tmies\": 2}");
    assert_eq!(error.line(), 3);
    assert_eq!(
        error.to_string(),
        "line 3: unknown field `tmies`, expected one of `method`, `path`, `times`, `answer`, `status`, `code`, `message`, \
         `headers`, `body`, `work`, `reset_in`, `delay_ms`, `body_delay_ms`, `truncate_after`, `gzip`, `chunked`, \
         `oversized` at column 23"
    );
    for (line, why) in [
        (
            "[{\"status\": 500}]",
            "not a JSON object; a script is one object a line",
        ),
        (
            "{\n\"status\": 500}",
            "EOF while parsing an object at column 1; the whole object has to stand on this line",
        ),
        ("{\"status\": 500} x", "trailing characters at column 17"),
        (
            r#"{"path": "/me"}"#,
            "nothing says what happens; give a status, or an answer: normal, close_before, close_during or close_after_work",
        ),
        (
            r#"{"status": 500, "answer": "normal"}"#,
            "status cannot stand with the answer normal; give one of them",
        ),
        (
            r#"{"answer": "close_during", "truncate_after": 1}"#,
            "truncate_after cannot stand with the answer close_during; give one of them",
        ),
        (
            r#"{"answer": "close_before", "headers": {"a": 1}}"#,
            "headers cannot stand with the answer close_before; give one of them",
        ),
        (
            r#"{"answer": "close_after_work", "body": 1}"#,
            "body cannot stand with the answer close_after_work; give one of them",
        ),
        (
            r#"{"status": 500, "code": "x", "body": 1}"#,
            "both code and body are given; give one of them",
        ),
        (
            r#"{"status": 500, "message": "x"}"#,
            "a message needs a code",
        ),
        (
            r#"{"status": 199}"#,
            "the status 199 is not between 200 and 999",
        ),
        (
            r#"{"status": 1000}"#,
            "the status 1000 is not between 200 and 999",
        ),
        (
            r#"{"status": 500, "method": "G T"}"#,
            "\"G T\" is not a method, such as GET or POST",
        ),
        (
            r#"{"status": 500, "path": "me"}"#,
            "\"me\" is not a path, such as /contacts or /contacts/*",
        ),
        (
            r#"{"status": 500, "path": ""}"#,
            "\"\" is not a path, such as /contacts or /contacts/*",
        ),
        (
            r#"{"status": 500, "path": "/a?b=c"}"#,
            "\"/a?b=c\" has a query; paths are compared without it",
        ),
        (
            r#"{"status": 500, "path": "/a/*/b"}"#,
            "\"/a/*/b\" has a * before its end; only there one stands for anything",
        ),
        (
            r#"{"status": 500, "headers": {"a b": "1"}}"#,
            "\"a b\" is not the name of a header",
        ),
        (
            r#"{"status": 500, "headers": {"a": "1\r\nb: 2"}}"#,
            "the header a has a character that HTTP does not allow",
        ),
        (
            r#"{"status": 500, "headers": {"a": {}}}"#,
            "the header a is neither text nor a list of texts",
        ),
        (
            r#"{"status": 500, "headers": {"a": [[]]}}"#,
            "the header a is neither text nor a list of texts",
        ),
        (
            r#"{"status": 500, "headers": {"Content-Length": 1}}"#,
            "Content-Length is set by the server; truncate_after and chunked change how the body is sent",
        ),
        (
            r#"{"status": 500, "times": 0}"#,
            "invalid value: integer `0`, expected a number from 1, or \"always\", as times at column 26",
        ),
        (
            r#"{"status": 500, "times": null}"#,
            "invalid type: null, expected a number from 1, or \"always\", as times at column 29",
        ),
        (
            r#"{"status": 500, "times": "often"}"#,
            "invalid value: string \"often\", expected a number from 1, or \"always\", as times at column 32",
        ),
        (
            r#"{"answer": "close"}"#,
            "unknown variant `close`, expected one of `normal`, `close_before`, `close_during`, `close_after_work` at column 18",
        ),
    ] {
        assert_eq!(refused(line).to_string(), format!("line 1: {why}"));
    }
}

#[test]
fn numbers_beyond_all_reason_harm_nothing() {
    let most = u64::MAX;
    let server = scripted(&format!(
        r#"{{"status": 429, "reset_in": {most}, "times": {most}}}"#
    ));
    assert_eq!(get(&server, "/me").number("x-ratelimit-reset"), most);
    let line = format!(r#"{{"status": 200, "truncate_after": {most}, "body": "x"}}"#);
    assert_eq!(answer(&line).body, b"x");
    scripted(&format!(r#"{{"status": 200, "delay_ms": {most}}}"#));
}
