//! The token is redacted in every output.

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::json;

use crate::run::{Ran, SECRET, against, run};

/// Spellings in which a server may echo the token.
fn spellings() -> [String; 7] {
    let escaped = |char: char| format!("\\u{:04x}", u32::from(char));
    [
        SECRET.chars().map(escaped).collect(),
        SECRET.to_owned(),
        SECRET.replace('/', "\\/"),
        SECRET.replace('/', "%2F").replace('=', "%3D"),
        SECRET.replace('/', "%2f").replace('=', "%3d"),
        SECRET.replace('/', "&#x2F;").replace('=', "&#61;"),
        SECRET.trim_end_matches('=').to_owned(),
    ]
}

#[track_caller]
fn hidden(ran: &Ran) {
    for secret in spellings() {
        assert!(
            !ran.out.contains(&secret) && !ran.err.contains(&secret),
            "{ran:?}"
        );
    }
}

/// A server that responds with the token in body, message, headers and request id.
fn echoing(status: u16) -> MockServer {
    let mock = MockServer::builder().token(SECRET).start().unwrap();
    let all = spellings().join(" ");
    let body = json!({
        "type": if status < 400 { "contact" } else { "error.list" },
        "id": SECRET, "email": SECRET, "request_id": SECRET,
        "status": { "indicator": SECRET, "description": SECRET },
        "errors": [{ "code": SECRET, "field": SECRET, "data": { SECRET: SECRET }, "message": format!("already exists with id={SECRET} {all}") }],
    });
    for method in [Method::GET, Method::POST] {
        let response = Scripted::status(status)
            .json(body.clone())
            .header("link", &format!("</contacts/{SECRET}>"))
            .header("location", &format!("http://127.0.0.1:9/?t={SECRET}"));
        mock.script_always(method, "*", response);
    }
    mock
}

#[test]
fn an_echoed_token_is_redacted() {
    let path = format!("/echo?token={SECRET}");
    for status in [200, 302, 401, 409, 410, 422] {
        let mock = echoing(status);
        for args in [
            &["api", "GET", &path][..],
            &["api", "POST", "/x", "--any", "--data", "{}"],
            &["doctor"],
            &["contact", "find", SECRET],
            &[
                "contact",
                "find-or-create",
                "--email",
                "a@b",
                "--name",
                SECRET,
            ],
        ] {
            for form in [
                &["--json"][..],
                &["--color", "always"],
                &["--client", "async", "--json"],
            ] {
                let mut asked = against(&mock, &[args, form].concat());
                asked.env("INTERCOM_ACCESS_TOKEN", SECRET);
                let ran = run(asked);
                assert!(ran.exit >= 0, "{args:?}: {ran:?}");
                hidden(&ran);
                if form.contains(&"--json") {
                    ran.json();
                }
            }
        }
        assert!(mock.request_count() > 0);
    }
}

#[test]
fn an_escaped_token_in_a_body_is_redacted() {
    let mock = MockServer::builder().token(SECRET).start().unwrap();
    let body = format!(
        "{{\"all\": [{}]}}",
        spellings().map(|text| format!("\"{text}\"")).join(",")
    );
    mock.script_always(Method::GET, "/echo", Scripted::status(200).body(body));
    for form in [&[][..], &["--json"]] {
        let ran = run(against(&mock, &[&["api", "GET", "/echo"], form].concat()));
        assert_eq!(ran.exit, 0, "{ran:?}");
        hidden(&ran);
        assert!(ran.out.matches("[redacted]").count() == 7, "{ran:?}");
        ran.json();
    }
}

#[test]
fn a_token_prefix_at_the_end_of_a_truncated_body_is_redacted() {
    let kept = 64 * 1024;
    let mock = MockServer::builder().token(SECRET).start().unwrap();
    for shown in [10, 12, 20] {
        let body = format!("{}{SECRET} and more", " ".repeat(kept - shown));
        mock.script_always(Method::GET, "/echo", Scripted::status(500).body(body));
        for form in [&[][..], &["--json"]] {
            let args = ["api", "GET", "/echo", "--max-attempts", "1"];
            let ran = run(against(&mock, &[&args, form].concat()));
            assert_eq!(ran.exit, 1, "{ran:?}");
            let output = [ran.out, ran.err].concat();
            assert!(
                output.contains("[redacted]") && !output.contains(&SECRET[..7]),
                "{shown}"
            );
        }
        mock.clear_scripts();
    }
}

/// A server that responds with this in code, message, request id and location.
fn showing(shown: &str) -> MockServer {
    let mock = MockServer::builder().token(SECRET).start().unwrap();
    let response = Scripted::status(302)
        .json(json!({
            "type": "error.list",
            "request_id": shown,
            "errors": [{ "code": shown, "field": shown, "message": shown }],
        }))
        .header("location", &format!("http://127.0.0.1:9/?t={shown}"));
    mock.script_always(Method::GET, "*", response);
    mock
}

#[test]
fn a_token_prefix_is_redacted_whatever_follows_it() {
    for length in [10, 17, SECRET.len() - 1] {
        let prefix = &SECRET[..length];
        for follows in ["", " ", ")", "; x", ",", "&x", "-", SECRET] {
            let mock = showing(&format!("({prefix}{follows}"));
            for args in [&["api", "GET", "/x"][..], &["doctor"]] {
                for form in [&[][..], &["--json"]] {
                    let ran = run(against(&mock, &[args, form].concat()));
                    let output = [ran.out, ran.err].concat();
                    assert!(output.contains("[redacted]"), "{output}");
                    assert!(!output.contains(&SECRET[..10]), "{output}");
                    assert!(!output.contains(&SECRET[1..11]), "{output}");
                }
            }
        }
    }
}

#[test]
fn the_token_is_redacted_in_non_json_bodies() {
    let mock = MockServer::builder().token(SECRET).start().unwrap();
    let page = format!("<p>{}</p>", spellings().join("\n"));
    mock.script_always(Method::GET, "/x", Scripted::status(502).body(page));
    let asked = ["api", "GET", "/x", "--max-attempts", "1"];
    hidden(&run(against(&mock, &asked)));
    let ran = run(against(&mock, &[&asked[..], &["--json"]].concat()));
    hidden(&ran);
    let out = ran.json()["body"].as_str().unwrap().to_owned();
    hidden(&Ran { out, ..ran });
}

#[test]
fn redacted_json_in_a_pipe_is_still_json() {
    for (token, body, left) in [
        (
            "12345678",
            json!([12_345_678, "12345678"]),
            json!(["[redacted]", "[redacted]"]),
        ),
        ("nabcdefghij", json!("\nabcdefghij"), json!("\nabcdefghij")),
        (
            "u0061bcdefg",
            json!("\u{1}u0061bcdefg"),
            json!("\u{1}[redacted]"),
        ),
    ] {
        let mock = MockServer::builder().token(token).start().unwrap();
        let response = Scripted::status(200).body(body.to_string());
        mock.script_always(Method::GET, "/x", response);
        for form in [&[][..], &["--any"]] {
            let ran = run(against(&mock, &[&["api", "GET", "/x"], form].concat()));
            assert_eq!(ran.json(), left);
        }
        let ran = run(against(&mock, &["api", "GET", "/x", "--json"]));
        assert_eq!(ran.json()["body"], left);
    }
}

#[test]
fn a_document_is_still_json_if_the_token_is_a_number() {
    let mock = MockServer::builder().token("12345678").start().unwrap();
    let body = r#"{"id":12345678,"12345678":[-912345678.5e1, 7.10,"a 12345678"],"n":1}"#;
    for status in [200, 422] {
        let response = Scripted::status(status).body(body);
        mock.script_always(Method::GET, "/echo", response);
        let ran = run(against(&mock, &["api", "GET", "/echo", "--json"]));
        let hidden = "[redacted]";
        let left = json!({ "id": hidden, hidden: [hidden, 7.10, "a [redacted]"], "n": 1 });
        assert_eq!(
            (&ran.json()["body"], ran.out.contains("7.10")),
            (&left, true)
        );
        assert_eq!(ran.json()["status"], status);
        mock.clear_scripts();
    }
}

#[test]
fn the_token_of_the_environment_is_redacted_in_a_pasted_response() {
    let mock = MockServer::start().unwrap();
    let body =
        json!({ "errors": [{ "code": "not_found", "message": format!("Bearer {SECRET}") }] });
    for form in [&["explain", "-"][..], &["explain", "-", "--json"]] {
        let mut asked = against(&mock, form);
        asked.env("INTERCOM_ACCESS_TOKEN", SECRET);
        let ran = crate::run::run_with(asked, body.to_string().as_bytes());
        assert_eq!(ran.exit, 0);
        assert!(ran.out.contains("Bearer [redacted]"), "{ran:?}");
        hidden(&ran);
    }
}

#[test]
fn the_token_of_a_pasted_request_is_redacted() {
    let body = json!({ "errors": [{ "code": "unauthorized", "message": format!("no {SECRET}") }] });
    for (sent, rest) in [
        ("> Authorization: Bearer", ""),
        ("* [HTTP/2] [1] [authorization: Bearer", "]"),
    ] {
        let text = format!(
            "> GET /me HTTP/1.1\r\n{sent} {SECRET}{rest}\r\n>\r\n\
             < HTTP/1.1 401 Unauthorized\r\n< x-request-id: {SECRET}\r\n<\r\n{body}\n"
        );
        for form in [&[][..], &["--json"], &["--status", "401"]] {
            let asked = crate::run::command(&[&["explain", "-"], form].concat());
            let ran = crate::run::run_with(asked, text.as_bytes());
            assert_eq!(ran.exit, 0, "{ran:?}");
            assert!(ran.out.contains("no [redacted]"), "{ran:?}");
            hidden(&ran);
        }
    }
}

#[test]
fn the_token_is_redacted_in_arguments() {
    let mock = MockServer::start().unwrap();
    let url = format!("https://x.example/?token={SECRET}");
    for args in [
        &[SECRET][..],
        &["explain", SECRET],
        &["doctor", "--base-url", &url],
        &["doctor", "--deadline", SECRET],
        &["api", "GET", SECRET],
        &["api", "GET", "/me", "--header", SECRET],
        &["api", "POST", "/me", "--data", SECRET],
        &["explain", "--lines", SECRET],
        &["doctor", "--token-file", SECRET],
    ] {
        let mut asked = against(&mock, args);
        asked.env("INTERCOM_ACCESS_TOKEN", SECRET);
        let ran = run(asked);
        assert_eq!(ran.exit, 2, "{args:?}: {ran:?}");
        hidden(&ran);
        assert!(!ran.err.is_empty(), "{args:?}");
    }
}

#[test]
fn a_mock_redacts_the_token_of_the_environment_unless_it_is_its_own() {
    for own in [SECRET, &SECRET[..10]] {
        let mut asked = crate::run::command(&["mock", "--token", own, "--script", SECRET]);
        asked.env("INTERCOM_ACCESS_TOKEN", SECRET);
        assert!(run(asked).err.contains(SECRET), "{own}");
    }
    let script = format!("{{\"{SECRET}\":1}}\n");
    for (name, form) in [(SECRET, &[][..]), (SECRET, &["--json"]), ("-", &["--json"])] {
        let mut asked = crate::run::command(&[&["mock", "--script", name], form].concat());
        asked.env("INTERCOM_ACCESS_TOKEN", SECRET);
        let ran = crate::run::run_with(asked, script.as_bytes());
        assert_eq!(ran.exit, 2, "{ran:?}");
        assert!(ran.err.contains("[redacted]"), "{ran:?}");
        hidden(&ran);
    }
}
