//! `--fleet`: the quota is shared through Redis, and calls go on without it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::json;

use crate::redis::{Redis, free_port};
use crate::run::{Ran, against, command, run};

/// The URL of a port where nothing listens.
fn nowhere() -> String {
    format!("redis://:pass-word@127.0.0.1:{}", free_port())
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

#[test]
fn a_fleet_is_shown_with_its_members() {
    let Some(redis) = Redis::start() else { return };
    let mock = MockServer::builder()
        .rate_limit(60, Duration::from_secs(10))
        .start()
        .unwrap();
    let url = redis.url();
    let fleet = |args: &[&str]| run(against(&mock, &[args, &["--fleet", &url]].concat()));
    let status = |args: &[&str]| fleet(&[&["fleet", "status"], args].concat());

    let ran = status(&[]);
    assert_eq!((ran.exit, ran.out.as_str()), (3, ""), "{ran:?}");
    assert!(ran.line().contains("knows no such fleet"), "{ran:?}");
    let ran = status(&["--json"]);
    assert_eq!(
        (ran.exit, &ran.json()["found"]),
        (3, &json!(false)),
        "{ran:?}"
    );

    // The second attempt of a call finds the window known, and joins.
    for client in ["blocking", "async"] {
        let busy = Scripted::error(503, "server_error", "Server Error");
        mock.script(Method::GET, "/me", [busy]);
        let ran = fleet(&["api", "GET", "/me", "--client", client]);
        assert_eq!(
            (ran.exit, ran.err.contains("cannot be used")),
            (0, false),
            "{ran:?}"
        );
    }
    let ran = status(&["--json"]);
    let document = ran.json();
    assert_eq!((ran.exit, &document["found"]), (0, &json!(true)), "{ran:?}");
    assert_eq!(
        (&document["limit"], &document["window_ms"]),
        (&json!(60), &json!(10_000)),
        "{ran:?}"
    );
    assert_eq!(
        (&document["held_next"], &document["quarantine"]),
        (&json!(0), &json!(false)),
        "{ran:?}"
    );
    let members = document["members"].as_array().unwrap();
    assert!(!members.is_empty(), "{ran:?}");
    for member in members {
        assert_eq!(member["left"], json!(true), "{ran:?}");
        assert_eq!(member["id"].as_str().unwrap().len(), 16, "{ran:?}");
    }
    let ran = status(&[]);
    assert!(
        ran.out.contains("  limit       60\n")
            && ran.out.contains(" by 0 members,")
            && ran.out.contains("has left"),
        "{ran:?}"
    );
    assert_eq!(ran.err, "");
}

#[test]
fn a_status_needs_a_redis_and_a_quota() {
    let mock = MockServer::start().unwrap();
    let ran = run(against(&mock, &["fleet", "status"]));
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(
        ran.line()
            .contains("set INTERCOM_FLEET_URL, or use --fleet"),
        "{ran:?}"
    );
    let url = nowhere();
    let ran = run(command(&["fleet", "status", "--fleet", &url]));
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(ran.line().contains("no access token"), "{ran:?}");
    let ran = run(command(&[
        "fleet",
        "status",
        "--fleet-name",
        "app",
        "--fleet",
        &url,
    ]));
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert!(ran.line().contains("was refused or lost"), "{ran:?}");
    assert!(!ran.err.contains("pass-word"), "{ran:?}");
}

#[test]
fn redis_is_reached_over_tls_if_its_certificate_is_trusted() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fleet-tls");
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let key = rcgen::KeyPair::generate().unwrap();
    let names = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = file("certificate.pem", &names.self_signed(&key).unwrap().pem());
    let key = file("key.pem", &key.serialize_pem());
    let port = free_port().to_string();
    let options = [
        &["--tls-port", &port, "--tls-auth-clients", "no"][..],
        &[
            "--tls-cert-file",
            &certificate,
            "--tls-key-file",
            &key,
            "--tls-ca-cert-file",
            &certificate,
        ],
    ];
    let Some(_redis) = Redis::start_with(&options.concat()) else {
        return;
    };

    let mock = MockServer::start().unwrap();
    let fleet = |host: &str, args: &[&str]| {
        let url = format!("rediss://{host}:{port}");
        let mut command = against(&mock, &[args, &["--fleet", &url]].concat());
        command.env("SSL_CERT_FILE", &certificate);
        command
    };
    for client in ["blocking", "async"] {
        // A second attempt, because the first may be over before the connection is open.
        let busy = Scripted::error(503, "server_error", "Server Error");
        mock.script(Method::GET, "/me", [busy]);
        let ran = run(fleet(
            "localhost",
            &["api", "GET", "/me", "--client", client],
        ));
        assert_eq!(
            (ran.exit, ran.err.contains("cannot be used")),
            (0, false),
            "{ran:?}"
        );
    }
    let ran = run(fleet("localhost", &["fleet", "status", "--json"]));
    assert_eq!(
        (ran.exit, &ran.json()["found"]),
        (0, &json!(true)),
        "{ran:?}"
    );

    let ran = run(fleet("127.0.0.1", &["fleet", "status"]));
    assert!(
        ran.line().contains("the TLS handshake with Redis failed"),
        "{ran:?}"
    );
    let mut untrusted = fleet("localhost", &["fleet", "status"]);
    untrusted.env("SSL_CERT_FILE", file("empty.pem", ""));
    let ran = run(untrusted);
    assert!(
        ran.line().contains("the TLS handshake with Redis failed"),
        "{ran:?}"
    );
}
