//! Control characters and direction marks in text from outside are escaped before they reach a terminal.

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::json;

use crate::batch::Folder;
use crate::run::{Ran, against, command, run, run_with};

/// Writes to the clipboard, sets a colour, deletes, changes the direction and breaks the line.
pub(crate) const HOSTILE: &str =
    "a\u{9d}52;c;ZXZpbA==\u{9c}\u{9b}31m\u{7f}\u{202e}\u{2066}\u{61c}\u{2028}\u{85}z";
/// The same text, escaped in JSON.
pub(crate) const ESCAPED: &str =
    r"a\u009d52;c;ZXZpbA==\u009c\u009b31m\u007f\u202e\u2066\u061c\u2028\u0085z";

/// Panics if a terminal would execute any of this instead of showing it.
#[track_caller]
pub(crate) fn harmless(text: &str) {
    let is_obeyed = |char: char| {
        (char.is_control() && !matches!(char, '\n' | '\t'))
            || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!text.contains(is_obeyed), "{text:?}");
}

#[track_caller]
fn both_harmless(ran: &Ran) {
    harmless(&ran.out);
    harmless(&ran.err);
}

/// A server that responds to everything with this status and hostile text.
fn hostile(status: u16) -> MockServer {
    let mock = MockServer::start().unwrap();
    let response = Scripted::status(status)
        .json(json!({
            "type": if status < 400 { "contact" } else { "error.list" },
            "id": HOSTILE, "email": HOSTILE, "name": HOSTILE, "request_id": HOSTILE, HOSTILE: 1,
            "status": { "indicator": HOSTILE, "description": HOSTILE },
            "errors": [{ "code": HOSTILE, "field": HOSTILE, "message": HOSTILE, "data": { HOSTILE: HOSTILE } }],
        }))
        .header("location", &format!("http://127.0.0.1:9/{HOSTILE}"));
    for method in [Method::GET, Method::POST] {
        mock.script_always(method, "*", response.clone());
    }
    mock
}

#[test]
fn documents_escape_control_characters_and_stay_equivalent() {
    for status in [200, 302, 401, 409] {
        let mock = hostile(status);
        for args in [
            &["api", "GET", "/x"][..],
            &["doctor"],
            &["contact", "find", "1"],
        ] {
            for form in [&["--json"][..], &["--json", "--color", "always"]] {
                let ran = run(against(&mock, &[args, form].concat()));
                both_harmless(&ran);
                let document = ran.json();
                assert!(ran.out.contains(ESCAPED), "{ran:?}");
                if args[0] == "api" {
                    assert_eq!(document["body"]["name"], HOSTILE);
                    assert_eq!(document["body"][HOSTILE], 1);
                }
            }
        }
    }
}

#[test]
fn text_escapes_control_characters_of_the_server() {
    for status in [200, 302, 401, 409] {
        let mock = hostile(status);
        for args in [&["doctor"][..], &["contact", "find", "1"]] {
            both_harmless(&run(against(&mock, args)));
        }
        harmless(&run(against(&mock, &["api", "GET", "/x"])).err);
    }
}

#[test]
fn a_body_in_a_pipe_is_not_escaped() {
    let mock = MockServer::start().unwrap();
    let html = format!("<p>{HOSTILE}\x1b]52;c;ZXZpbA==\x07\r\n");
    let json = format!("{{\"a\": \"{HOSTILE}\"}}\n");
    for body in [html, json] {
        let response = Scripted::status(502).body(body.clone());
        mock.script_always(Method::GET, "/x", response);
        let ran = run(against(&mock, &["api", "GET", "/x", "--max-attempts", "1"]));
        assert_eq!(ran.out, body);
        harmless(&ran.err);
        mock.clear_scripts();
    }
}

#[test]
fn an_explanation_escapes_pasted_text() {
    let body = json!({ "errors": [{ "code": HOSTILE, "message": HOSTILE, "data": HOSTILE }] });
    let line = json!({ "status": 404, "body": body });
    let bad = json!({ "status": 404, "method": HOSTILE, "headers": { HOSTILE: {} } });
    for (args, input) in [
        (&["explain", "-"][..], body.to_string()),
        (&["explain", "-", "--status", "404"], body.to_string()),
        (&["explain", "--lines", "-"], line.to_string()),
        (&["explain", "--lines", "-"], bad.to_string()),
        (&["explain", "--lines", "-"], format!("{{\"{HOSTILE}\n")),
    ] {
        for form in [&[][..], &["--json"]] {
            let ran = run_with(command(&[args, form].concat()), input.as_bytes());
            both_harmless(&ran);
        }
    }
}

#[test]
fn arguments_and_file_names_in_errors_are_escaped() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("controls", &[r#"{"method":"GET","path":"/me"}"#]);
    let name = format!("{HOSTILE}\x1b]0;x\x07");
    let (none, file, out) = (folder.path(&name), folder.path("in"), folder.path("out"));
    let at = format!("@{none}");
    for args in [
        &["api", "POST", "/x", "--data", &at][..],
        &["api", "POST", "/x", "--data", "{}", "--token-file", &none],
        &["api", "GET", &name],
        &["api", &name, "/x"],
        &["batch", &none, "--out", &out],
        &["batch", &file, "--out", &format!("{none}/out")],
        &["batch", &file, "--out", &file, &name],
        &["contact", "find", &name],
        &["doctor", "--base-url", &format!("https://{name}")],
        &["explain", &name],
        &["explain", "--lines", &none],
        &["mock", "--script", &none],
        &[&name],
        &[&format!("--{name}")],
    ] {
        for form in [&[][..], &["--json"]] {
            let ran = run(against(&mock, &[args, form].concat()));
            assert!(ran.exit > 0, "{args:?}: {ran:?}");
            both_harmless(&ran);
            assert!(!ran.err.is_empty(), "{args:?}");
            if form.contains(&"--json") {
                ran.json();
            }
        }
    }
}

#[test]
fn the_results_of_a_batch_are_escaped_and_stay_equivalent() {
    let mock = hostile(200);
    let folder = Folder::new("controls-out", &[r#"{"method":"GET","path":"/x"}"#]);
    assert_eq!(folder.run(&mock, &[]).exit, 0);
    harmless(&folder.read("out"));
    assert_eq!(folder.records()[0]["body"]["name"], HOSTILE);
}
