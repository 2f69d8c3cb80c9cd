//! Batches that are stopped, or that stop on their own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::json;

use super::{Folder, lead, read, until};
use crate::run::{Ran, Running, run};

pub(crate) fn spawn(mut command: Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

pub(crate) fn signal(child: &Child, name: &str) {
    let kill = format!("kill -{name} {}", child.id());
    assert!(
        Command::new("sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
}

#[test]
fn two_processes_cannot_work_on_one_batch() {
    let mock = MockServer::start().unwrap();
    mock.script_always(
        Method::GET,
        "/me",
        Scripted::normal().delay(Duration::from_secs(60)),
    );
    let folder = Folder::new("two", &[read("a")]);
    let first = Running(spawn(folder.command(&mock, &[])));
    until(|| mock.request_count() == 1);
    let ran = folder.run(&mock, &[]);
    assert!(
        ran.exit == 2 && ran.line().contains("another process is working"),
        "{ran:?}"
    );
    // Another name for the results has its own journal and locks.
    #[cfg(unix)]
    {
        std::fs::hard_link(folder.path("out"), folder.path("out2")).unwrap();
        let (file, alias) = (folder.path("in"), folder.path("out2"));
        let ran = super::run(super::against(&mock, &["batch", &file, "--out", &alias]));
        assert!(
            ran.exit == 2 && ran.line().contains("another process is working"),
            "{ran:?}"
        );
    }
    assert_eq!(mock.request_count(), 1);
    drop(first);
    mock.clear_scripts();
    assert_eq!(
        folder.run(&mock, &[]).exit,
        0,
        "the lock went with the process"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_finishes_only_requests_in_flight() {
    let mock = MockServer::start().unwrap();
    for method in [Method::GET, Method::POST] {
        mock.script(
            method,
            "*",
            std::iter::repeat_n(Scripted::normal().delay(Duration::from_millis(300)), 5),
        );
    }
    let names: Vec<String> = (0..40).map(|n| format!("lead-{n}")).collect();
    let folder = Folder::new(
        "ctrl-c",
        &names.iter().map(|name| lead(name)).collect::<Vec<_>>(),
    );
    for signalled in ["INT", "TERM"] {
        let before = mock.request_count();
        let child = spawn(folder.command(&mock, &["--concurrency", "4", "--no-pacing"]));
        until(|| mock.request_count() >= before + 4);
        signal(&child, signalled);
        let ran = Ran::of(&child.wait_with_output().unwrap());
        assert_eq!(
            (ran.exit, &ran.json()["interrupted"]),
            (1, &json!(true)),
            "{ran:?}"
        );
        let last = ran.err.lines().last().unwrap();
        assert!(
            last.starts_with("intercom: stopped: interrupted; ")
                && last.contains("run the same command again to continue"),
            "{ran:?}"
        );
        assert_eq!(
            folder.records().len(),
            mock.request_count(),
            "every request that was sent has a record"
        );
        mock.clear_scripts();
        mock.script(
            Method::POST,
            "*",
            std::iter::repeat_n(Scripted::normal().delay(Duration::from_millis(300)), 4),
        );
    }
    mock.clear_scripts();
    let ran = folder.run(&mock, &[]);
    assert_eq!((ran.exit, &ran.json()["total"]), (0, &json!(40)), "{ran:?}");
    assert_eq!(mock.request_count(), 40);
}

#[cfg(unix)]
#[test]
fn queued_requests_are_not_sent_after_ctrl_c() {
    let mock = MockServer::builder()
        .rate_limit(2, Duration::from_secs(60))
        .start()
        .unwrap();
    let folder = Folder::new(
        "turn",
        &(0..30).map(|n| lead(&n.to_string())).collect::<Vec<_>>(),
    );
    let child = spawn(folder.command(&mock, &[]));
    until(|| folder.records().len() == 2);
    signal(&child, "INT");
    let ran = Ran::of(&child.wait_with_output().unwrap());
    let summary = ran.json();
    assert_eq!(
        (
            ran.exit,
            &summary["ok"],
            &summary["unknown"],
            mock.request_count()
        ),
        (1, &json!(2), &json!(0), 2),
        "{ran:?}"
    );
    assert_eq!(
        folder.read("out.journal").lines().count(),
        3,
        "the other lines were not started"
    );
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_stops_at_once() {
    let mock = MockServer::start().unwrap();
    mock.script_always(
        Method::POST,
        "*",
        Scripted::normal().delay(Duration::from_secs(600)),
    );
    let folder = Folder::new("at-once", &[lead("a"), lead("b")]);
    let mut child = spawn(folder.command(&mock, &["--no-pacing"]));
    until(|| mock.request_count() == 2);
    until(|| {
        signal(&child, "INT");
        child.try_wait().unwrap().is_some()
    });
    let ran = Ran::of(&child.wait_with_output().unwrap());
    let shown: Vec<&str> = ran.err.lines().collect();
    assert!(
        ran.exit == 1 && shown.len() == 2 && shown[0].contains("finishing 2 requests in flight"),
        "reported once for all signals: {ran:?}"
    );
    assert!(
        shown[1].contains("stopped at once with 2 requests in flight"),
        "{ran:?}"
    );
    mock.clear_scripts();
    assert_eq!(folder.run(&mock, &[]).json()["unknown"], 2);
}

#[cfg(unix)]
#[test]
fn ctrl_c_reports_the_requests_in_flight_at_once() {
    let mock = MockServer::start().unwrap();
    let late = Scripted::normal().delay(Duration::from_secs(600));
    mock.script_always(Method::POST, "*", late);
    let folder = Folder::new("in-flight", &[lead("a"), lead("b")]);
    let mut child = Running(spawn(folder.command(&mock, &["--no-pacing"])));
    until(|| mock.request_count() == 2);
    signal(&child.0, "INT");
    let mut shown = String::new();
    let mut lines = BufReader::new(child.0.stderr.take().unwrap());
    lines.read_line(&mut shown).unwrap();
    assert!(shown.contains("finishing 2 requests in flight"), "{shown}");
    assert!(child.0.try_wait().unwrap().is_none(), "it still waits");
}

#[test]
fn a_refused_token_stops_the_run() {
    let mock = MockServer::start().unwrap();
    mock.set_token("another-token");
    let folder = Folder::new(
        "token",
        &(0..30).map(|n| lead(&n.to_string())).collect::<Vec<_>>(),
    );
    let mut asked = folder.command(&mock, &["--concurrency", "4"]);
    asked.env("INTERCOM_ACCESS_TOKEN", "an-old-token");
    let ran = crate::run::run(asked);
    assert_eq!(ran.exit, 1);
    assert!(
        ran.err
            .contains("the token was refused ten times in a row; ")
            && ran.err.contains(
                "continue with the rest; add --retry-failed to also retry the lines that failed\n"
            ),
        "{ran:?}"
    );
}

#[test]
fn the_deadline_leaves_the_rest_for_the_next_run() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("deadline", &[lead("a")]);
    let ran = folder.run(&mock, &["--deadline", "0.000001"]);
    let summary = ran.json();
    assert_eq!(
        (ran.exit, &summary["interrupted"], &summary["failed"]),
        (1, &json!(true), &json!(0)),
        "{ran:?}"
    );
    assert!(
        ran.line()
            .starts_with("stopped: not enough time left before the deadline; "),
        "{ran:?}"
    );
    let ran = folder.run(&mock, &[]);
    assert_eq!((ran.exit, &ran.json()["ok"]), (0, &json!(1)), "{ran:?}");
    assert_eq!(mock.request_count(), 1);
}

/// A limit on the size of files makes the journal fail before there is any response.
#[cfg(unix)]
#[test]
fn requests_in_flight_are_recorded_when_the_journal_cannot_be_written() {
    let mock = MockServer::start().unwrap();
    let lines: Vec<_> = (0..200).map(|n| lead(&n.to_string())).collect();
    let folder = Folder::new("full", &lines);
    let command = folder.command(&mock, &["--concurrency", "200", "--no-pacing"]);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", r#"trap '' XFSZ; ulimit -f 2; exec "$0" "$@""#])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let ran = run(limited);
    assert_eq!(ran.exit, 1, "{ran:?}");
    let line = ran.line();
    assert!(line.starts_with("the journal cannot be written"), "{line}");
    assert!(folder.read("out").contains("\"ok\":true"), "{ran:?}");
}
