//! Scripts in JSON, with one response on each line.

use std::time::Duration;

use intercom_mock::{MockServer, ScriptError};
use serde_json::json;

use crate::client::{Response, get, post, request};

fn scripted(lines: &str) -> MockServer {
    let builder = MockServer::builder().script_lines(lines).unwrap();
    builder.start().unwrap()
}

fn respond_to_me(line: &str) -> Response {
    get(&scripted(line), "/me")
}

fn refused(lines: &str) -> ScriptError {
    let server = MockServer::start().unwrap();
    let error = server.script_lines(lines).unwrap_err();
    assert_eq!(server.scripted_left(), 0, "no line of {lines} is added");
    error
}

#[test]
fn example_script_on_the_front_page_works_as_described() {
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
    let sent = request(&server, "POST", "/messages").json(&message);
    assert!(sent.try_send().is_none());
    assert_eq!((server.messages().len(), server.scripted_left()), (1, 0));
}

#[test]
fn lines_are_used_in_order() {
    let server = scripted(
        "\u{feff}{\"status\": 500, \"times\": 2}\r\n\n{\"method\": \"get\", \"status\": 501}\n{\"answer\": \"normal\"}\n",
    );
    assert_eq!(server.scripted_left(), 4);
    let contact = json!({ "email": "ada@example.com" });
    assert_eq!(get(&server, "/me").status, 500);
    assert_eq!(post(&server, "/contacts", &contact).status, 500);
    assert_eq!(post(&server, "/contacts", &contact).status, 200);
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
fn body_is_sent_as_written() {
    let json =
        respond_to_me(r#"{"status": 200, "body": {"b": 1.10, "a": [12345678901234567890123]}}"#);
    assert_eq!(json.body, br#"{"b": 1.10, "a": [12345678901234567890123]}"#);
    let kind = Some("application/json; charset=utf-8");
    assert_eq!(json.header("content-type"), kind);
    let text = respond_to_me(r#"{"status": 200, "body": "{\"cut\": \u00e4"}"#);
    assert_eq!(text.body, "{\"cut\": ä".as_bytes());
    assert_eq!(text.header("content-type"), None);
    let typed =
        respond_to_me(r#"{"status": 200, "body": [], "headers": {"Content-Type": "text/plain"}}"#);
    assert_eq!(typed.header("content-type"), Some("text/plain"));
    assert_eq!(
        typed
            .headers
            .iter()
            .filter(|(name, _)| name == "content-type")
            .count(),
        1
    );
    assert!(
        respond_to_me(r#"{"status": 500, "body": null}"#)
            .body
            .is_empty()
    );
}

#[test]
fn headers_can_be_added_repeated_replaced_and_left_out() {
    let line = r#"{"status": 503, "reset_in": 30, "headers": {"Retry-After": 5, "x-one": ["1", "2"], "date": null, "X-RateLimit-Limit": "9"}}"#;
    let response = respond_to_me(line);
    let ones = response.headers.iter().filter(|(name, _)| name == "x-one");
    assert_eq!(ones.count(), 2);
    assert_eq!(
        (response.header("date"), response.number("retry-after")),
        (None, 5)
    );
    assert_eq!(response.number("x-ratelimit-limit"), 9);
    assert_eq!(response.number("x-ratelimit-remaining"), 0);
}

#[test]
fn connections_close_before_during_and_after_processing() {
    let server = scripted(
        r#"{"answer": "close_before", "path": "/contacts"}
           {"answer": "close_during", "path": "/contacts"}
           {"answer": "close_after_work", "path": "/contacts"}"#,
    );
    let create = |email: &str| {
        let contact = json!({ "email": email });
        request(&server, "POST", "/contacts")
            .json(&contact)
            .try_send()
    };
    assert!(create("a@b").is_none() && server.contacts().is_empty());
    let cut = create("a@b").unwrap();
    assert!(!cut.complete && server.contacts().len() == 1, "{cut:?}");
    assert!(create("b@c").is_none() && server.contacts().len() == 2);
}

#[test]
fn bodies_can_be_truncated_compressed_padded_and_delayed() {
    let server = scripted(
        r#"{"status": 200, "body": "0123456789", "truncate_after": 4}
           {"status": 200, "body": "{}", "chunked": true}
           {"answer": "normal", "gzip": true}
           {"status": 200, "body": {}, "oversized": 1000}
           {"status": 504, "work": true, "path": "/contacts"}"#,
    );
    let get_me = || request(&server, "GET", "/me").try_send().unwrap();
    let cut = get_me();
    assert_eq!((&cut.body[..], cut.complete), (&b"0123"[..], false));
    assert_eq!(get_me().header("transfer-encoding"), Some("chunked"));
    assert_eq!(get_me().header("content-encoding"), Some("gzip"));
    assert_eq!(get_me().body.len(), 1000);
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
        assert_eq!(get_me().status, 200);
        assert!(server.server_time() - before >= pause, "{line}");
    }
}

#[test]
fn invalid_line_is_reported_with_its_number_and_the_reason() {
    let error = refused("{\"status\": 500}\n\n{\"status\": 500, \"tmies\": 2}");
    assert_eq!(error.line(), 3);
    assert_eq!(
        error.to_string(),
        "line 3: unknown field `tmies`, expected one of `method`, `path`, `times`, `for_ms`, `answer`, `status`, `code`, `message`, \
         `headers`, `body`, `work`, `reset_in`, `delay_ms`, `body_delay_ms`, `truncate_after`, `gzip`, `chunked`, \
         `oversized` at column 23"
    );
    for (line, why) in [
        (
            "[{\"status\": 500}]",
            "not a JSON object; a script has one object on each line",
        ),
        (
            "{\n\"status\": 500}",
            "EOF while parsing an object at column 1; the whole object must be on this line",
        ),
        ("{\"status\": 500} x", "trailing characters at column 17"),
        (
            r#"{"path": "/me"}"#,
            "status and answer are missing; set a status, or set answer to normal, close_before, close_during, close_after_work, captcha, challenge, block_page or proxy_login",
        ),
        (
            r#"{"status": 500, "answer": "normal"}"#,
            "status cannot be combined with answer \"normal\"; remove one of them",
        ),
        (
            r#"{"answer": "close_during", "truncate_after": 1}"#,
            "truncate_after cannot be combined with answer \"close_during\"; remove one of them",
        ),
        (
            r#"{"answer": "close_before", "headers": {"a": 1}}"#,
            "headers cannot be combined with answer \"close_before\"; remove one of them",
        ),
        (
            r#"{"answer": "close_after_work", "body": 1}"#,
            "body cannot be combined with answer \"close_after_work\"; remove one of them",
        ),
        (
            r#"{"status": 500, "code": "x", "body": 1}"#,
            "code and body cannot be combined; remove one of them",
        ),
        (
            r#"{"status": 500, "message": "x"}"#,
            "message is set without code; set both",
        ),
        (
            r#"{"status": 199}"#,
            "status 199 is not between 200 and 999",
        ),
        (
            r#"{"status": 1000}"#,
            "status 1000 is not between 200 and 999",
        ),
        (
            r#"{"status": 500, "method": "G T"}"#,
            "invalid method \"G T\"; use a method like GET or POST",
        ),
        (
            r#"{"status": 500, "path": "me"}"#,
            "invalid path \"me\"; use a path like /contacts or /contacts/*",
        ),
        (
            r#"{"status": 500, "path": ""}"#,
            "invalid path \"\"; use a path like /contacts or /contacts/*",
        ),
        (
            r#"{"status": 500, "path": "/a?b=c"}"#,
            "\"/a?b=c\" has a query or a fragment; leave it out, because paths are compared without it",
        ),
        (
            r#"{"status": 500, "path": "/a/*/b"}"#,
            "\"/a/*/b\" has a * before the end; a * is a wildcard only at the end",
        ),
        (
            r#"{"status": 500, "headers": {"a b": "1"}}"#,
            "invalid header name \"a b\"",
        ),
        (
            r#"{"status": 500, "headers": {"a": "1\r\nb: 2"}}"#,
            "the value of the header a has a character that HTTP does not allow",
        ),
        (
            r#"{"status": 500, "headers": {"a": {}}}"#,
            "the header a must be a string, a number, a boolean, null, or a list of these",
        ),
        (
            r#"{"status": 500, "headers": {"a": [[]]}}"#,
            "the header a must be a string, a number, a boolean, null, or a list of these",
        ),
        (
            r#"{"status": 500, "headers": {"Content-Length": 1}}"#,
            "the server sets Content-Length; use truncate_after or chunked to change how the body is sent",
        ),
        (
            r#"{"status": 500, "times": 2, "for_ms": 5}"#,
            "times and for_ms cannot be combined; remove one of them",
        ),
        (
            r#"{"status": 500, "times": 0}"#,
            "invalid value: integer `0`, expected a positive number or \"always\" for times at column 26",
        ),
        (
            r#"{"status": 500, "times": null}"#,
            "invalid type: null, expected a positive number or \"always\" for times at column 29",
        ),
        (
            r#"{"status": 500, "times": "often"}"#,
            "invalid value: string \"often\", expected a positive number or \"always\" for times at column 32",
        ),
        (
            r#"{"answer": "close"}"#,
            "unknown variant `close`, expected one of `normal`, `close_before`, `close_during`, `close_after_work`, `captcha`, `challenge`, `block_page`, `proxy_login` at column 18",
        ),
    ] {
        assert_eq!(refused(line).to_string(), format!("line 1: {why}"));
    }
}

#[test]
fn largest_numbers_are_accepted() {
    let max = u64::MAX;
    let server = scripted(&format!(
        r#"{{"status": 429, "reset_in": {max}, "times": {max}}}"#
    ));
    assert_eq!(get(&server, "/me").number("x-ratelimit-reset"), max);
    let line = format!(r#"{{"status": 200, "truncate_after": {max}, "body": "x"}}"#);
    assert_eq!(respond_to_me(&line).body, b"x");
    scripted(&format!(r#"{{"status": 200, "delay_ms": {max}}}"#));
}

#[test]
fn firewalls_and_proxies_send_no_request_id_and_no_quota() {
    let server = MockServer::start().unwrap();
    let names = ["captcha", "challenge", "block_page", "proxy_login"];
    for (name, status) in names.into_iter().zip([405, 202, 403, 407]) {
        let line = format!(r#"{{"answer": "{name}", "for_ms": 3600000}}"#);
        server.script_lines(&line).unwrap();
        let response = get(&server, "/me");
        assert_eq!(response.status, status, "{name}");
        for header in ["x-request-id", "x-ratelimit-limit"] {
            assert_eq!(response.header(header), None, "{name}");
        }
        assert_eq!(server.scripted_left(), 0);
        server.clear_scripts();
    }
}
