//! `mock`: the server as a process.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::run::{Running, command, run};

fn start(args: &[&str]) -> (Running, Value) {
    let mut child = command(&[&["mock", "--json"], args].concat())
        // The mock's own token is no secret, even where it is the one in the environment.
        .env("INTERCOM_ACCESS_TOKEN", "mock-token")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (Running(child), serde_json::from_str(&line).unwrap())
}

#[test]
fn the_line_it_prints_is_all_a_client_needs() {
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
    let base_url = ready["base_url"].as_str().unwrap();
    let mut doctor = command(&[
        "doctor",
        "--json",
        "--status-url",
        base_url,
        "--base-url",
        base_url,
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
fn a_port_that_is_taken_is_told() {
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
