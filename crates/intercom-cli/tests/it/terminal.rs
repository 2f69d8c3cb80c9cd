//! What only people at a terminal are told. `script` gives one; where it is missing, nothing is tested.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::Value;

use crate::batch::Folder;
use crate::controls::{ESCAPED, HOSTILE, harmless};
use crate::run::{against, command};

/// What a command tells at a terminal of so many columns, up to these words; both outputs come as one. Then the terminal is closed.
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
    let (mut told, mut piece) = (Vec::new(), [0; 1024]);
    while !String::from_utf8_lossy(&told).contains(until) {
        match output.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(length) => told.extend_from_slice(&piece[..length]),
        }
    }
    script.kill().unwrap();
    script.wait().unwrap();
    Some(String::from_utf8_lossy(&told).replace('\r', ""))
}

#[test]
fn a_mock_at_a_terminal_says_what_to_do_with_it() {
    let Some(told) = at_terminal(&command(&["mock"]), 80, "/status\r\n") else {
        return;
    };
    let base_url = told.trim_start().split(' ').next().unwrap();
    assert!(base_url.starts_with("http://127.0.0.1:"), "{told}");
    let example = format!("intercom api GET /me --base-url {base_url}\n");
    assert!(told.contains(&example) && told.contains("Ctrl-C"), "{told}");
    let doctor = format!("intercom doctor --base-url {base_url} --status-url {base_url}/status\n");
    assert!(told.contains(&doctor), "{told}");
}

#[test]
fn a_terminal_that_is_read_from_is_told_so() {
    let Some(told) = at_terminal(
        &command(&["explain", "-", "--status", "404"]),
        80,
        "paste an answer",
    ) else {
        return;
    };
    assert!(told.contains("intercom: paste an answer"), "{told}");
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
    let Some(told) = at_terminal(&asked, 60, " left") else {
        return;
    };
    assert!(told.contains("quota ") && told.contains(" left"), "{told}");
}

#[test]
fn a_page_of_html_cannot_command_the_terminal() {
    let mock = MockServer::start().unwrap();
    let page = format!("<p>\x1b]52;c;ZXZpbA==\x07\r\n\t{HOSTILE}\rover</p>");
    for status in [200, 502] {
        let answer = Scripted::status(status).body(page.clone());
        mock.script_always(Method::GET, "/page", answer);
        for more in [&[][..], &["--any"], &["--color", "always"]] {
            let args = ["api", "GET", "/page", "--max-attempts", "1"];
            let asked = against(&mock, &[&args[..], more].concat());
            let Some(told) = at_terminal(&asked, 80, "intercom: ") else {
                return;
            };
            harmless(&told);
            assert!(told.contains("<p>\\u{1b}]52;c;ZXZpbA==\\u{7}\n"), "{told}");
            assert!(
                told.contains("\\u{9b}31m") && told.contains("z\\rover</p>\n"),
                "{told}"
            );
        }
        mock.clear_scripts();
    }
}

#[test]
fn json_at_a_terminal_is_escaped_and_still_the_same_json() {
    let mock = MockServer::start().unwrap();
    let body = format!("{{\"name\": \"{HOSTILE}\"}}");
    mock.script_always(Method::GET, "/x", Scripted::status(200).body(body.clone()));
    let Some(told) = at_terminal(&against(&mock, &["api", "GET", "/x"]), 80, "intercom: ") else {
        return;
    };
    harmless(&told);
    assert!(
        told.contains(&format!("  \"name\": \"{ESCAPED}\"\n")),
        "{told}"
    );
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(read(&told), read(&body));
}
