//! `mock`: the server in its own process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::run::{Ran, Running, command, run, run_with};

fn start(args: &[&str]) -> (Running, Value) {
    start_with(args, "")
}

/// Starts the server with this on stdin, and waits until it is ready.
fn start_with(args: &[&str], input: &str) -> (Running, Value) {
    let mut child = command(&[&["mock", "--json"], args].concat())
        // The mock's own token is not redacted, even if it is the one in the environment.
        .env("INTERCOM_ACCESS_TOKEN", "mock-token")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (Running(child), serde_json::from_str(&line).unwrap())
}

#[test]
fn a_client_can_connect_with_the_printed_line() {
    let (_mock, ready) = start(&[
        "--limit",
        "5",
        "--window",
        "60",
        "--status",
        "minor",
        "--clock-offset",
        "-30",
    ]);
    assert_eq!(ready["token"], "mock-token");
    let mut doctor = command(&[
        "doctor",
        "--json",
        "--status-url",
        ready["status_url"].as_str().unwrap(),
        "--base-url",
        ready["base_url"].as_str().unwrap(),
    ]);
    doctor.env("INTERCOM_ACCESS_TOKEN", "mock-token");
    let report = run(doctor).json();
    assert_eq!(
        (&report["ok"], &report["rate_limit"]["limit"]),
        (&json!(true), &json!(5))
    );
    assert_eq!(report["service"]["indicator"], "minor");
    assert!(report["clock_offset_ms"].as_i64().unwrap() < -25_000);
}

#[test]
fn a_port_in_use_is_reported() {
    let (_mock, ready) = start(&["--token", "mine"]);
    assert_eq!(ready["token"], "mine");
    let port = ready["base_url"]
        .as_str()
        .unwrap()
        .rsplit(':')
        .next()
        .unwrap();
    let ran = run(command(&["mock", "--port", port]));
    assert_eq!((ran.exit, ran.out.as_str()), (2, ""));
    assert!(
        ran.line().contains(port) && ran.line().contains("--port"),
        "{ran:?}"
    );
}

/// All bytes from the socket; none if the connection was closed without a response.
fn exchange(ready: &Value, method: &str, path: &str, body: &str) -> String {
    let address = ready["base_url"].as_str().unwrap();
    let mut stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: mock\r\nAuthorization: Bearer mock-token\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn the_examples_in_the_help_work_as_a_script() {
    let help = run(command(&["mock", "--help"])).out;
    let examples: Vec<&str> = help
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("{\""))
        .collect();
    assert_eq!(examples.len(), 4, "{help}");
    let (_mock, ready) = start_with(&["--script", "-"], &examples.join("\n"));
    let ada = r#"{"email": "ada@example.com"}"#;
    let failed = exchange(&ready, "POST", "/contacts", ada);
    assert!(
        failed.starts_with("HTTP/1.1 500 ") && failed.contains("\"server_error\""),
        "{failed}"
    );
    let page = exchange(&ready, "GET", "/me", "");
    assert!(
        page.starts_with("HTTP/1.1 502 ") && page.ends_with("<html>"),
        "{page}"
    );
    for path in ["/me", "/tags"] {
        let limited = exchange(&ready, "GET", path, "");
        assert!(
            limited.starts_with("HTTP/1.1 429 ") && limited.contains("x-ratelimit-reset: "),
            "{limited}"
        );
    }
    let message = r#"{"message_type": "email", "body": "hello"}"#;
    assert_eq!(exchange(&ready, "POST", "/messages", message), "");
    assert!(exchange(&ready, "POST", "/messages", message).starts_with("HTTP/1.1 200 "));
    assert!(exchange(&ready, "POST", "/contacts", ada).starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_script_in_a_file_can_set_the_reset() {
    let file = std::env::temp_dir().join(format!("intercom-script-{}.ndjson", std::process::id()));
    let line = r#"{"path": "/me", "status": 429, "code": "rate_limit_exceeded", "reset_in": 60}"#;
    std::fs::write(&file, line).unwrap();
    let (_mock, ready) = start(&["--script", file.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    let base_url = ready["base_url"].as_str().unwrap();
    let get = ["api", "GET", "/me", "--json", "--base-url", base_url];
    // The wait would exceed the deadline, so the command does not wait.
    let mut asked = command(&[&get[..], &["--deadline", "30"]].concat());
    asked.env("INTERCOM_ACCESS_TOKEN", "mock-token");
    let ran = run(asked);
    assert_eq!(ran.exit, 1, "{ran:?}");
    let shown = ran.json();
    assert_eq!(
        (&shown["status"], &shown["error"]["wait_ms"], &shown["stop"]),
        (&json!(429), &json!(60_000), &json!("deadline_exceeded"))
    );
}

#[test]
fn an_invalid_script_ends_the_command_before_it_serves() {
    let refused = |script: &str| run_with(command(&["mock", "--script", "-"]), script.as_bytes());
    let ends = |ran: Ran, start: &str| {
        assert_eq!((ran.exit, ran.out.as_str()), (2, ""));
        assert!(ran.line().starts_with(start), "{ran:?}");
        assert!(ran.line().contains("--help") || ran.line().contains("give a file"));
    };
    ends(
        refused("{\"status\": 500}\n{\"staus\": 500}\n"),
        "the script stdin, line 2: unknown field `staus`, expected one of `method`, `path`, ",
    );
    ends(
        refused("{\"\\u001b[31m\\n\": 1}"),
        "the script stdin, line 1: unknown field `\\u{1b}[31m `, expected",
    );
    ends(refused(" \n"), "the script stdin is empty; ");
    ends(
        run_with(command(&["mock", "--script", "-"]), b"\xff"),
        "the script stdin cannot be read: ",
    );
    ends(
        run(command(&["mock", "--script", "no/such.ndjson"])),
        "the script no/such.ndjson cannot be read: ",
    );
}
