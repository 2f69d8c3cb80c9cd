//! `export messages`, killed and continued.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use intercom_mock::{Method, MockBuilder, MockServer, Scripted};
use serde_json::json;

use crate::batch::{Folder, signal, spawn, until};
use crate::run::{Ran, against, run};

const HOUR: Duration = Duration::from_secs(3_600);
const MARCH: [&str; 4] = ["--since", "2026-03-01", "--until", "2026-03-31"];

fn builder() -> MockBuilder {
    MockServer::builder().exported_messages(5_000)
}

fn export(mock: &MockServer, folder: &Folder, args: &[&str]) -> Command {
    let out = folder.path("out");
    let args = [&["export", "messages", "--out", &out], args].concat();
    against(mock, &args)
}

#[track_caller]
fn assert_complete(folder: &Folder) {
    let table = folder.read("out");
    assert!(table.starts_with("message_id,") && table.ends_with("\"Hello, 4999\"\n"));
    assert!(!folder.exists("out.part"));
}

/// Runs the command up to this state, and kills it.
fn kill_when(mut command: Command, is_enough: impl Fn() -> bool) {
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until(|| is_enough() || child.try_wait().unwrap().is_some());
    child.kill().unwrap();
    let code = child.wait().unwrap().code();
    assert_eq!(code, None, "it ended before it was killed");
}

fn polls(mock: &MockServer) -> usize {
    mock.count(&Method::GET, "/export/content/data/orzzsbd7hk00001")
}

#[test]
fn table_of_a_period_is_written_once() {
    let mock = builder().start().unwrap();
    let folder = Folder::new("messages-whole", &[""]);
    let ran = run(export(&mock, &folder, &MARCH));
    assert_eq!(ran.exit, 0, "{ran:?}");
    let size = folder.read("out").len();
    assert!(
        ran.out
            .starts_with(&format!("{:.1} kB in ", size as f64 / 1e3)),
        "{ran:?}"
    );
    assert_complete(&folder);
    let body = mock.requests()[1].json().unwrap();
    let march = json!({ "created_at_after": 1_772_323_200, "created_at_before": 1_775_001_599 });
    assert_eq!(body, march);
    // A complete export requests nothing.
    mock.clear_requests();
    let report = run(export(&mock, &folder, &[&MARCH[..], &["--json"]].concat())).json();
    assert_eq!(
        (&report["phase"], &report["bytes"]),
        (&json!("complete"), &json!(size))
    );
    assert_eq!(
        (&report["complete"], mock.request_count()),
        (&json!(true), 0)
    );
    // Another period needs another file.
    let ran = run(export(
        &mock,
        &folder,
        &["--since", "2026-03-01", "--until", "2026-03-30"],
    ));
    assert_eq!(ran.exit, 2, "{ran:?}");
    assert!(ran.line().contains("belongs to another export"), "{ran:?}");
}

#[test]
fn export_killed_while_it_waits_and_while_it_downloads_goes_on_with_the_same_job() {
    let mock = builder().export_time(HOUR).start().unwrap();
    let folder = Folder::new("messages-killed", &[""]);
    let since = ["--since", "2026-03-01"];
    for kill in 1..4 {
        kill_when(export(&mock, &folder, &since), || polls(&mock) >= kill);
    }
    assert!(!folder.exists("out"));
    mock.advance_clock(2 * HOUR);
    let slow = Scripted::normal().body_delay(HOUR);
    mock.script(Method::GET, "/download/*", [slow.clone(), slow]);
    for _ in 0..2 {
        folder.write("out.part", b"");
        kill_when(export(&mock, &folder, &since), || {
            !folder.read("out.part").is_empty()
        });
        assert!(!folder.exists("out"));
    }
    let ran = run(export(&mock, &folder, &since));
    assert_eq!((ran.exit, mock.export_count()), (0, 1), "{ran:?}");
    assert_complete(&folder);
}

#[test]
fn interrupted_export_continues() {
    let mock = builder().export_time(HOUR).start().unwrap();
    let folder = Folder::new("messages-interrupted", &[""]);
    let child = spawn(export(&mock, &folder, &[&MARCH[..], &["--json"]].concat()));
    until(|| polls(&mock) > 0);
    signal(&child, "INT");
    let ran = Ran::of(&child.wait_with_output().unwrap());
    assert_eq!(ran.exit, 1, "{ran:?}");
    assert!(
        ran.line()
            .contains("interrupted; run the same command again to continue"),
        "{ran:?}"
    );
    let report = ran.json();
    assert_eq!(
        (&report["phase"], &report["complete"]),
        (&json!("running"), &json!(false))
    );
    mock.advance_clock(2 * HOUR);
    assert_eq!(run(export(&mock, &folder, &MARCH)).exit, 0);
    assert_complete(&folder);
}

#[test]
fn other_export_and_the_deadline_are_explained() {
    let mock = builder().export_time(HOUR).start().unwrap();
    let (first, second) = (
        Folder::new("messages-first", &[""]),
        Folder::new("messages-second", &[""]),
    );
    // The first wait takes a second, so the command does not begin it.
    let limited = [&MARCH[..], &["--deadline", "1"]].concat();
    let ran = run(export(&mock, &first, &limited));
    assert_eq!(ran.exit, 1, "{ran:?}");
    insta::assert_snapshot!(ran.line(), @"Intercom was still making the table at the deadline; run the same command again to continue");
    let ran = run(export(&mock, &second, &limited));
    assert_eq!(ran.exit, 1, "{ran:?}");
    let line = ran.line();
    let (what, end) = line.split_once(" (request ").unwrap();
    insta::assert_snapshot!(what, @r#"429 rate_limit_exceeded "Exceeded rate limit of 1 pending message data export jobs": wait until the running job, upload or scroll ends"#);
    assert!(
        end.ends_with("; run the same command again to continue"),
        "{line}"
    );
    let mut waiting = export(&mock, &second, &MARCH);
    let mut waiting = waiting.stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut stderr = BufReader::new(waiting.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    waiting.kill().unwrap();
    waiting.wait().unwrap();
    assert_eq!(
        line,
        "intercom: waiting for another export of the workspace\n"
    );
    mock.advance_clock(2 * HOUR);
    mock.set_export_time(Duration::ZERO);
    for folder in [first, second] {
        assert_eq!(run(export(&mock, &folder, &MARCH)).exit, 0);
        assert_complete(&folder);
    }
    assert_eq!(mock.export_count(), 2);
}

#[test]
fn failed_export_empty_period_and_damaged_data_are_explained() {
    let mock = builder().start().unwrap();
    let folder = Folder::new("messages-failed", &[""]);
    mock.set_export_ending("failed");
    let ran = run(export(&mock, &folder, &MARCH));
    assert_eq!((ran.exit, folder.exists("out")), (1, false), "{ran:?}");
    insta::assert_snapshot!(ran.line(), @"Intercom ended the export with the status failed; run the same command again to try once more");
    mock.set_export_ending("completed");
    let page = Scripted::status(200).body("<html>Sign in</html>");
    mock.script(Method::GET, "/download/*", [page]);
    let ran = run(export(&mock, &folder, &MARCH));
    assert_eq!((ran.exit, folder.exists("out")), (1, false), "{ran:?}");
    insta::assert_snapshot!(ran.line(), @"the downloaded data is not a whole table (it begins like HTML or JSON); run the same command again to continue");
    assert_eq!(run(export(&mock, &folder, &MARCH)).exit, 0);
    assert_complete(&folder);

    mock.set_export_ending("no_data");
    let empty = Folder::new("messages-empty", &[""]);
    let ran = run(export(&mock, &empty, &MARCH));
    assert!(
        ran.out.starts_with("no messages in this period; "),
        "{ran:?}"
    );
    assert!(empty.exists("out") && empty.read("out").is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_is_explained() {
    let mock = builder().start().unwrap();
    let folder = Folder::new("messages-full", &[""]);
    std::os::unix::fs::symlink("/dev/full", folder.path("out.part")).unwrap();
    let ran = run(export(&mock, &folder, &MARCH));
    assert_eq!((ran.exit, folder.exists("out")), (1, false), "{ran:?}");
    assert!(
        ran.line()
            .contains("out.part cannot be written: No space left"),
        "{ran:?}"
    );
}

#[test]
fn period_must_be_one() {
    let mock = builder().start().unwrap();
    let folder = Folder::new("messages-misuse", &[""]);
    for (args, why) in [
        (&[][..], "--since <YYYY-MM-DD>"),
        (
            &["--since", "2026-03-02", "--until", "2026-03-01"],
            "--until is before --since",
        ),
        (&["--since", "march"], "use a day like 2026-03-29"),
    ] {
        let ran = run(export(&mock, &folder, args));
        assert!(ran.exit == 2 && ran.err.contains(why), "{ran:?}");
    }
    assert!(!folder.exists("out.journal"));
}
