//! Snapshots of text for people.

use std::time::Duration;

use intercom_mock::MockServer;

use crate::run::{against, command, run, run_with};

#[track_caller]
fn text_of(args: &[&str], input: &str) -> String {
    let ran = run_with(command(args), input.as_bytes());
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(!ran.out.contains('\u{1b}'), "{ran:?}");
    ran.out
}

/// The commands, each as its arguments.
const COMMANDS: &[&[&str]] = &[
    &[],
    &["demo"],
    &["explain"],
    &["doctor"],
    &["bundle"],
    &["api"],
    &["batch"],
    &["contact"],
    &["contact", "find"],
    &["contact", "find-or-create"],
    &["export", "contacts"],
    &["export", "messages"],
    &["fleet"],
    &["fleet", "status"],
    &["mock"],
    &["completions"],
];

#[test]
fn explanations_match_their_snapshots() {
    let limited = "HTTP/1.1 429 Too Many Requests\r\nDate: Fri, 22 Mar 2024 09:34:13 GMT\r\nX-RateLimit-Limit: 10000\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1711100060\r\n\r\n{\"type\":\"error.list\",\"request_id\":\"req_abc123\",\"errors\":[{\"code\":\"rate_limit_exceeded\",\"message\":\"Rate limit exceeded\"}]}";
    let conflict = r#"{"type":"error.list","errors":[{"code":"conflict","message":"An archived contact matching those details already exists with id=5f1a2b"}]}"#;
    let invalid = r#"{"type":"error.list","errors":[{"code":"parameter_invalid","field":"email","message":"is not valid \u001b[31m"},{"code":"parameter_not_found","message":"role is missing"}]}"#;
    for (name, args, input) in [
        ("explain_unauthorized", &["explain", "unauthorized"][..], ""),
        (
            "explain_rate_limit",
            &["explain", "-", "--method", "POST", "--path", "/messages"],
            limited,
        ),
        ("explain_conflict", &["explain"], conflict),
        (
            "explain_several_items",
            &["explain", "-", "--status", "422"],
            invalid,
        ),
        (
            "explain_html",
            &[
                "explain",
                "-",
                "--status",
                "502",
                "--method",
                "POST",
                "--path",
                "/messages",
            ],
            "<html>",
        ),
        (
            "explain_unavailable",
            &[
                "explain",
                "503",
                "--header",
                "Retry-After: 5",
                "--method",
                "GET",
                "--path",
                "/me",
            ],
            "",
        ),
        ("explain_success", &["explain", "200"], ""),
    ] {
        insta::assert_snapshot!(name, text_of(args, input));
    }
}

#[test]
fn doctor_prints_a_list_of_checks() {
    let mock = MockServer::builder()
        .rate_limit(167, Duration::from_secs(10))
        .start()
        .unwrap();
    let well = run(against(&mock, &["doctor"])).out;
    let well = well.replace(mock.base_url(), "[url]");
    insta::assert_snapshot!("doctor_well", without(&well, "which ends in ", " s"));
    mock.set_token("another-token");
    mock.set_status_page_down(true);
    mock.set_clock_offset(3_600);
    let mut asked = against(&mock, &["doctor"]);
    asked.env("INTERCOM_ACCESS_TOKEN", "an-old-token");
    let ran = run(asked);
    let id = mock.requests()[mock.request_count() - 2]
        .request_id()
        .to_owned();
    let shown = ran
        .out
        .replace(&id, "[id]")
        .replace(mock.status_url(), "[url]")
        .replace(mock.base_url(), "[url]");
    let ill = without(&shown, "clock       ", " s behind");
    let ill = without(&ill, "This machine's clock is ", " s behind");
    insta::assert_snapshot!("doctor_ill", ill);
}

#[test]
fn doctor_without_a_token_prints_where_a_token_comes_from() {
    let mock = MockServer::start().unwrap();
    let mut asked = against(&mock, &["doctor"]);
    asked.env_remove("INTERCOM_ACCESS_TOKEN");
    let ran = run(asked);
    assert_eq!((ran.exit, ran.err.as_str()), (1, ""));
    insta::assert_snapshot!(ran.out.replace(mock.base_url(), "https://api.intercom.io"), @r"
    ✓ network     https://api.intercom.io responds
    ✗ token       no access token
    ? quota       unknown
    ✓ Intercom    All Systems Operational (no incident)
    ✓ clock       within about a second of Intercom's

    What to do
      - app.intercom.com > Settings > Developer Hub > your app > Authentication:
        copy the access token. Then set INTERCOM_ACCESS_TOKEN, or use --token-file
        with a file that contains it.
    ");
}

#[test]
fn doctor_distinguishes_an_unreachable_host_from_a_bad_token() {
    let mock = MockServer::start().unwrap();
    let here = "http://127.0.0.1:9";
    let mut asked = against(&mock, &["doctor", "--base-url", here]);
    asked.env("INTERCOM_BASE_URL", "");
    let ran = run(asked);
    assert_eq!((ran.exit, ran.err.as_str()), (1, ""));
    assert!(
        ran.out.contains("✗ network     http://127.0.0.1:9: "),
        "{ran:?}"
    );
    assert!(ran.out.contains("? token       not checked\n"), "{ran:?}");
    assert!(
        ran.out.contains("Try curl -sI http://127.0.0.1:9 from"),
        "{ran:?}"
    );
    let down = MockServer::builder().api_down(true).start().unwrap();
    let ran = run(against(&down, &["doctor"]));
    assert!(ran.out.contains("✗ API  ") && ran.err.is_empty(), "{ran:?}");
}

/// The text without a number that changes from run to run.
fn without(text: &str, before: &str, after: &str) -> String {
    let (head, tail) = text.split_once(before).unwrap();
    let (_, tail) = tail.split_once(after).unwrap();
    format!("{head}{before}[n]{after}{tail}")
}

#[test]
fn help_texts_match_their_snapshots() {
    for (name, args) in [
        ("help", &["--help"][..]),
        ("help_short", &["-h"]),
        ("help_demo", &["demo", "--help"]),
        ("help_api_short", &["api", "-h"]),
        ("help_explain", &["explain", "--help"]),
        ("help_api", &["api", "--help"]),
        ("help_doctor", &["doctor", "--help"]),
        ("help_bundle", &["bundle", "--help"]),
        ("help_batch", &["batch", "--help"]),
        (
            "help_find_or_create",
            &["contact", "find-or-create", "--help"],
        ),
        ("help_mock", &["mock", "--help"]),
        ("help_completions", &["completions", "--help"]),
    ] {
        insta::assert_snapshot!(name, text_of(args, ""));
    }
}

#[test]
fn help_fits_into_80_columns() {
    for &command in COMMANDS {
        for help in ["-h", "--help"] {
            let text = text_of(&[command, &[help]].concat(), "");
            let longest = text.lines().map(|line| line.chars().count()).max();
            assert!(longest <= Some(80), "{command:?} {help}: {text}");
        }
    }
}

#[test]
fn the_help_of_every_command_ends_with_its_exit_statuses() {
    for &command in COMMANDS {
        let help = text_of(&[command, &["--help"]].concat(), "");
        let (_, exits) = help.rsplit_once("\nExit status: ").unwrap();
        assert!(exits.contains(", 2 ") || exits.contains("; 2 "), "{help}");
        assert!(!exits.contains("\n\n"), "{help}");
    }
}

#[test]
fn colours_are_only_used_on_request() {
    let coloured = |args: &[&str], no_color: bool| {
        let mut asked = command(args);
        if no_color {
            asked.env("NO_COLOR", "1");
        }
        run(asked).out.contains('\u{1b}')
    };
    assert!(!coloured(&["explain", "404"], false));
    assert!(coloured(&["explain", "404", "--color", "always"], false));
    assert!(!coloured(&["explain", "404", "--color", "never"], false));
    assert!(!coloured(&["explain", "404"], true));
    assert!(!coloured(
        &["explain", "404", "--color", "always", "--json"],
        false
    ));
}
