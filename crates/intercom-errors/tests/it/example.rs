//! The example, run as a program.

use std::env::{self, consts::EXE_SUFFIX};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::string::String;

/// Runs the example with this input. Cargo builds it before it runs all tests; `cargo build --examples` does too.
fn run(input: &str) -> (bool, String) {
    let tests = env::current_exe().unwrap();
    let folder = tests.ancestors().nth(2).unwrap().join("examples");
    let mut example = Command::new(folder.join(std::format!("read_response{EXE_SUFFIX}")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = example.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = example.wait_with_output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(printed).unwrap())
}

#[test]
fn a_response_is_explained() {
    let body = r#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded"}]}"#;
    let (succeeded, printed) = run(&std::format!(
        "HTTP/1.1 429 Too Many Requests\r\nX-Request-Id: req-1\r\n\r\n{body}"
    ));
    assert!(succeeded);
    insta::assert_snapshot!(printed, @"
    429 rate_limit_exceeded: wait, then send it again (request req-1)
    category: rate_limit
    send it again: safe
    - Wait as long as Retry-After says, or until X-RateLimit-Reset, counted from the Date of the response. Without these headers, wait longer with each attempt. Then send the same request again.
    - Spread requests over the window instead of sending them at its start.
    - Ask Intercom's support for a higher limit if your app often reaches this one.
    ");
}

#[test]
fn other_input_is_refused() {
    let (succeeded, printed) = run("hello");
    assert!(!succeeded);
    insta::assert_snapshot!(printed, @"this is not an HTTP response: it does not begin with a line like HTTP/1.1 404");
}
