//! `--fleet`: the quota is shared through Redis, and calls go on without it.

use std::net::TcpListener;

use intercom_mock::{Method, MockServer, Scripted};

use crate::run::{Ran, against, run};

/// The URL of a port where nothing listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("redis://:pass-word@{}", listener.local_addr().unwrap())
}

#[track_caller]
fn goes_on(ran: &Ran) {
    assert_eq!(ran.exit, 0, "{ran:?}");
    let troubles = ran.err.matches("the fleet cannot be used").count();
    assert_eq!(troubles, 1, "{ran:?}");
    assert!(
        ran.err.contains("check the URL, and that Redis runs"),
        "{ran:?}"
    );
    assert!(!ran.err.contains("pass-word"), "{ran:?}");
}

#[test]
fn without_redis_the_calls_go_on_and_one_line_says_why() {
    let mock = MockServer::start().unwrap();
    let url = nowhere();
    for client in ["blocking", "async"] {
        // A second attempt, because the first may be over before Redis has refused the connection.
        mock.script(
            Method::GET,
            "/me",
            [Scripted::error(503, "server_error", "Server Error")],
        );
        let args = ["api", "GET", "/me", "--client", client, "--fleet", &url];
        goes_on(&run(against(&mock, &args)));
        mock.script(
            Method::GET,
            "/me",
            [Scripted::error(503, "server_error", "Server Error")],
        );
        let mut command = against(&mock, &["api", "GET", "/me", "--client", client]);
        command.env("INTERCOM_FLEET_URL", &url);
        goes_on(&run(command));
    }
}

#[test]
fn an_invalid_url_of_redis_is_reported_without_its_password() {
    let mock = MockServer::start().unwrap();
    for (url, problem) in [
        ("localhost:6379", "is missing redis://"),
        (
            "http://pass-word@localhost",
            "starts with neither redis:// nor rediss://",
        ),
        (
            "redis://:pass-word@localhost:99999",
            "is invalid; use one like",
        ),
    ] {
        let ran = run(against(&mock, &["api", "GET", "/me", "--fleet", url]));
        assert_eq!(ran.exit, 2, "{ran:?}");
        assert!(
            ran.line().contains(problem) && !ran.err.contains("pass-word"),
            "{ran:?}"
        );
    }
    assert!(mock.requests().is_empty());
}

#[test]
fn a_fleet_without_pacing_is_a_contradiction_in_the_arguments() {
    let mock = MockServer::start().unwrap();
    let args = [
        "api",
        "GET",
        "/me",
        "--no-pacing",
        "--fleet",
        "redis://localhost",
    ];
    let ran = run(against(&mock, &args));
    assert_eq!(ran.exit, 2, "{ran:?}");
    // The variable is meant for other programs too.
    let mut command = against(&mock, &["api", "GET", "/me", "--no-pacing"]);
    command.env("INTERCOM_FLEET_URL", "redis://localhost:1");
    let ran = run(command);
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""), "{ran:?}");
}
