//! What only people at a terminal are told. `script` gives one; where it is missing, nothing is tested.

use std::io::Read;
use std::process::{Command, Stdio};

use crate::run::command;

/// What a command tells at a terminal, up to these words; both outputs come as one. Then the terminal is closed.
fn at_terminal(asked: &Command, until: &str) -> Option<String> {
    let mut words = vec![asked.get_program().to_str().unwrap().to_owned()];
    words.extend(asked.get_args().map(|arg| arg.to_str().unwrap().to_owned()));
    let line = format!("timeout 60 '{}'", words.join("' '"));
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
    let Some(told) = at_terminal(&command(&["mock"]), "/status\r\n") else {
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
        "paste an answer",
    ) else {
        return;
    };
    assert!(told.contains("intercom: paste an answer"), "{told}");
}
