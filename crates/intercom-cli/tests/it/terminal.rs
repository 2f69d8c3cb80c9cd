//! What only people at a terminal are told. `script` gives one; where it is missing, nothing is tested.

use std::process::{Command, Stdio};

use crate::run::{Ran, command};

/// Runs a command at a terminal that ends it after so many seconds; both outputs come as one.
fn at_terminal(asked: &Command, seconds: u32) -> Option<String> {
    let mut words = vec![asked.get_program().to_str().unwrap().to_owned()];
    words.extend(asked.get_args().map(|arg| arg.to_str().unwrap().to_owned()));
    let line = format!("timeout {seconds} '{}'", words.join("' '"));
    let mut script = Command::new("script");
    script
        .args(["-qc", &line, "/dev/null"])
        .stdin(Stdio::null());
    for (name, value) in asked.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    let output = script.output().ok()?;
    Some(Ran::of(&output).out.replace('\r', ""))
}

#[test]
fn a_mock_at_a_terminal_says_what_to_do_with_it() {
    let Some(told) = at_terminal(&command(&["mock"]), 1) else {
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
    let Some(told) = at_terminal(&command(&["explain", "-", "--status", "404"]), 5) else {
        return;
    };
    assert!(told.contains("intercom: paste an answer here"), "{told}");
}
