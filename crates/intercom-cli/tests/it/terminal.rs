//! Output that is only printed at a terminal. The terminal comes from `script`; without it, these tests are skipped.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::Value;

use crate::batch::Folder;
use crate::controls::{ESCAPED, HOSTILE, harmless};
use crate::run::{against, command};

/// Runs a command at a terminal with this many columns. Returns its stdout and stderr up to these words, then closes the
/// terminal.
fn at_terminal(asked: &Command, columns: u16, until: &str) -> Option<String> {
    let mut words = vec![asked.get_program().to_str().unwrap().to_owned()];
    words.extend(asked.get_args().map(|arg| arg.to_str().unwrap().to_owned()));
    let line = format!(
        "stty cols {columns} rows 24; timeout 60 '{}'",
        words.join("' '")
    );
    let mut script = Command::new("script");
    script
        .args(["-qc", &line, "/dev/null"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    for (name, value) in asked.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    let mut script = script.spawn().ok()?;
    let mut output = script.stdout.take().unwrap();
    let (mut text, mut piece) = (Vec::new(), [0; 1024]);
    while !String::from_utf8_lossy(&text).contains(until) {
        match output.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(length) => text.extend_from_slice(&piece[..length]),
        }
    }
    script.kill().unwrap();
    script.wait().unwrap();
    Some(String::from_utf8_lossy(&text).replace('\r', ""))
}

#[test]
fn a_mock_at_a_terminal_prints_commands_to_try() {
    let Some(text) = at_terminal(&command(&["mock"]), 80, "/status\r\n") else {
        return;
    };
    let base_url = text.trim_start().split(' ').next().unwrap();
    assert!(base_url.starts_with("http://127.0.0.1:"), "{text}");
    let example = format!("intercom api GET /me --base-url {base_url}\n");
    assert!(text.contains(&example) && text.contains("Ctrl-C"), "{text}");
    let doctor = format!("intercom doctor --base-url {base_url} --status-url {base_url}/status\n");
    assert!(text.contains(&doctor), "{text}");
}

#[test]
fn explain_prompts_at_a_terminal() {
    let Some(text) = at_terminal(
        &command(&["explain", "-", "--status", "404"]),
        80,
        "paste a response",
    ) else {
        return;
    };
    assert!(text.contains("intercom: paste a response"), "{text}");
}

#[test]
fn a_narrow_terminal_shows_quota_and_time_left() {
    let mock = MockServer::start().unwrap();
    let late = Scripted::normal().delay(Duration::from_secs(600));
    mock.script_always(Method::GET, "/late", late);
    let line = |path: &str| format!(r#"{{"method":"GET","path":"{path}"}}"#);
    let folder = Folder::new("narrow", &[line("/me"), line("/late")]);
    let (file, out) = (folder.path("in"), folder.path("out"));
    let asked = against(&mock, &["batch", &file, "--out", &out]);
    let Some(text) = at_terminal(&asked, 60, " left") else {
        return;
    };
    assert!(text.contains("quota ") && text.contains(" left"), "{text}");
}

#[test]
fn an_export_of_messages_shows_what_it_waits_for() {
    let hour = Duration::from_secs(3_600);
    let mock = MockServer::builder().export_time(hour).start().unwrap();
    for (name, phase) in [
        ("making", "Intercom is making the table, 0:0"),
        ("other", "waiting for another export of the workspace, 0:0"),
    ] {
        let folder = Folder::new(&format!("messages-{name}"), &[""]);
        let out = folder.path("out");
        let args = ["export", "messages", "--since", "2026-03-01", "--out", &out];
        let Some(text) = at_terminal(&against(&mock, &args), 80, phase) else {
            return;
        };
        assert!(text.contains(phase), "{text}");
    }
}

fn limited_for_ten_minutes() -> MockServer {
    let mock = MockServer::start().unwrap();
    let limited = Scripted::error(429, "rate_limit_exceeded", "").header("retry-after", "600");
    mock.script_always(Method::GET, "/me", limited);
    mock
}

#[test]
fn a_long_wait_is_counted_down_at_a_terminal() {
    let mock = limited_for_ten_minutes();
    for client in ["blocking", "async"] {
        let args = ["api", "GET", "/me", "--max-wait", "900", "--client", client];
        let Some(text) = at_terminal(&against(&mock, &args), 80, "s left") else {
            return;
        };
        let (line, countdown) = text.trim_start().split_once('\n').unwrap();
        assert!(
            line.starts_with("intercom: 429 rate_limit_exceeded; attempt 2 of 4 in 60"),
            "{text}"
        );
        assert!(countdown.starts_with("intercom: 60"), "{text}");
    }
}

#[test]
fn a_long_wait_in_a_pipe_is_one_line() {
    let mock = limited_for_ten_minutes();
    let mut asked = against(&mock, &["api", "GET", "/me", "--max-wait", "900"]);
    let mut child = asked.stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut text = String::new();
    stderr.read_line(&mut text).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    stderr.read_to_string(&mut text).unwrap();
    assert!(
        text.ends_with(")\n") && text.lines().count() == 1,
        "{text:?}"
    );
    assert!(!text.contains(['\r', '\u{1b}']), "{text:?}");
}

#[test]
fn html_is_escaped_at_a_terminal() {
    let mock = MockServer::start().unwrap();
    let page = format!("<p>\x1b]52;c;ZXZpbA==\x07\r\n\t{HOSTILE}\rover</p>");
    for status in [200, 502] {
        let response = Scripted::status(status).body(page.clone());
        mock.script_always(Method::GET, "/page", response);
        for more in [&[][..], &["--any"], &["--color", "always"]] {
            let args = ["api", "GET", "/page", "--max-attempts", "1"];
            let asked = against(&mock, &[&args[..], more].concat());
            let Some(text) = at_terminal(&asked, 80, "intercom: ") else {
                return;
            };
            harmless(&text);
            assert!(text.contains("<p>\\u{1b}]52;c;ZXZpbA==\\u{7}\n"), "{text}");
            assert!(
                text.contains("\\u{9b}31m") && text.contains("z\\rover</p>\n"),
                "{text}"
            );
        }
        mock.clear_scripts();
    }
}

#[test]
fn json_at_a_terminal_is_escaped_and_equivalent() {
    let mock = MockServer::start().unwrap();
    let body = format!("{{\"name\": \"{HOSTILE}\"}}");
    mock.script_always(Method::GET, "/x", Scripted::status(200).body(body.clone()));
    let Some(text) = at_terminal(&against(&mock, &["api", "GET", "/x"]), 80, "intercom: ") else {
        return;
    };
    harmless(&text);
    assert!(
        text.contains(&format!("  \"name\": \"{ESCAPED}\"\n")),
        "{text}"
    );
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(read(&text), read(&body));
}
