//! The loops decide like our client: the same requests, and the same end.

use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};

const PROGRAMS: [(&str, &str); 3] = [
    ("client", env!("CARGO_BIN_EXE_client")),
    ("reqwest", env!("CARGO_BIN_EXE_on_reqwest")),
    ("minreq", env!("CARGO_BIN_EXE_on_minreq")),
];

/// Runs a program. Returns what it printed.
fn run(program: &str, method: &str, path: &str, base: &str, token: &str) -> String {
    let output = Command::new(program)
        .args([method, path])
        .env_remove("INTERCOM_REGION")
        .env("INTERCOM_BASE_URL", base)
        .env("INTERCOM_ACCESS_TOKEN", token)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

/// Checks that all programs send this many requests for these responses, and print the same.
fn assert_same(method: &Method, script: &[Scripted], requests: usize, printed: &str) {
    for (name, program) in PROGRAMS {
        let server = MockServer::start().unwrap();
        server.script(method.clone(), "/me", script.to_vec());
        let found = run(
            program,
            method.as_str(),
            "/me",
            server.base_url(),
            &server.token(),
        );
        assert_eq!(
            (found.as_str(), server.request_count()),
            (printed, requests),
            "{name}"
        );
    }
}

fn limited(reset_in: u64) -> Scripted {
    let error = Scripted::error(429, "rate_limit_exceeded", "Too fast");
    error.rate_limit_headers(167, 0, Duration::from_secs(reset_in))
}

#[test]
fn a_500_is_retried_only_for_a_read() {
    let failed = || Scripted::error(500, "server_error", "Oops");
    assert_same(&Method::GET, &[failed()], 2, "done");
    assert_same(
        &Method::POST,
        &[failed()],
        1,
        "status Some(500), not_replayable, come back after None, may be applied: true",
    );
}

#[test]
fn the_reset_of_a_429_is_followed() {
    assert_same(&Method::GET, &[limited(0)], 2, "done");
    for method in [Method::GET, Method::POST] {
        assert_same(
            &method,
            &[limited(600)],
            1,
            "status Some(429), wait_too_long, come back after Some(600), may be applied: false",
        );
    }
}

#[test]
fn a_404_is_not_retried() {
    let missing = Scripted::error(404, "not_found", "User Not Found");
    assert_same(
        &Method::GET,
        &[missing],
        1,
        "status Some(404), not_retryable, come back after None, may be applied: false",
    );
}

#[test]
fn a_closed_connection_is_retried_only_for_a_read() {
    assert_same(&Method::GET, &[Scripted::close_before()], 2, "done");
    assert_same(
        &Method::POST,
        &[Scripted::close_before()],
        1,
        "status None, not_replayable, come back after None, may be applied: true",
    );
}

#[test]
fn a_block_page_is_not_retried() {
    assert_same(
        &Method::GET,
        &[Scripted::block_page()],
        1,
        "status Some(403), not_retryable, come back after None, may be applied: false",
    );
}

#[test]
fn a_connection_that_cannot_be_made_is_retried_for_a_write_too() {
    for (name, program) in PROGRAMS {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let found = run(program, "POST", "/me", &format!("http://{port}"), "token");
        assert_eq!(
            found,
            "status None, attempts_exhausted, come back after Some(0), may be applied: false",
            "{name}"
        );
    }
}
