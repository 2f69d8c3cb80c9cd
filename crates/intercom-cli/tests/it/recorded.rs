//! `--record`, `replay` and `trace`.

use std::fs;
use std::path::PathBuf;

use intercom_mock::{Method, MockServer, Scripted};

use crate::run::{Ran, against, command, run};

/// A folder of a test, which is deleted at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("intercom-cli-recorded-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn offline(args: &[&str]) -> Ran {
    run(command(args))
}

/// Records a read that is retried, and a contact that is created.
fn record(mock: &MockServer, file: &str) {
    let failing = Scripted::error(503, "service_unavailable", "Sorry Zoltan");
    mock.script(Method::GET, "/me", [failing]);
    for client in ["blocking", "async"] {
        let args = ["api", "GET", "/me", "--client", client, "--record", file];
        assert_eq!(run(against(mock, &args)).exit, 0);
    }
    let args = [
        "contact",
        "find-or-create",
        "--email",
        "zoltan@example.org",
        "--record",
        file,
    ];
    assert_eq!(run(against(mock, &args)).exit, 0);
    let args = ["doctor", "--record", file];
    assert_eq!(run(against(mock, &args)).exit, 0);
}

#[test]
fn every_command_that_makes_calls_records_them_without_personal_data() {
    let (mock, folder) = (MockServer::start().unwrap(), Folder::new("every"));
    let file = folder.file("r.ndjson");
    record(&mock, &file);
    let text = fs::read_to_string(&file).unwrap();
    for secret in ["zoltan", "example.org", &mock.token()] {
        assert!(!text.to_lowercase().contains(secret), "{secret}: {text}");
    }
    let trace = offline(&["trace", &file, "--json"]).json();
    // One of the calls was sent twice. Each command is a run.
    let sums = &trace["summary"];
    assert_eq!(
        sums["attempts"].as_u64(),
        sums["calls"].as_u64().map(|calls| calls + 1)
    );
    let calls = trace["calls"].as_array().unwrap();
    let mut runs: Vec<&str> = calls
        .iter()
        .filter_map(|call| call["run"].as_str())
        .collect();
    runs.dedup();
    assert_eq!(runs.len(), 4);

    let id = calls[0]["attempts"][0]["request_id"].as_str().unwrap();
    let found = offline(&["trace", &file, "--request-id", id]);
    assert!(found.exit == 0 && found.out.contains(id), "{found:?}");
    let missing = offline(&["trace", &file, "--request-id", "none"]);
    assert_eq!(
        (missing.exit, missing.line()),
        (1, "the recording has no such call")
    );
}

#[test]
fn a_recording_replays_to_the_same_decisions_and_a_changed_one_does_not() {
    let (mock, folder) = (MockServer::start().unwrap(), Folder::new("replay"));
    let file = folder.file("r.ndjson");
    record(&mock, &file);
    let same = offline(&["replay", &file]);
    assert!(
        same.exit == 0 && same.out.contains("No decision differs"),
        "{same:?}"
    );
    assert_eq!(
        offline(&["replay", &file, "--json"]).json()["differences"],
        0
    );

    let changed = folder.file("changed.ndjson");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&changed, text.replace("\"wait_ns\":", "\"wait_ns\":1")).unwrap();
    let ran = offline(&["replay", &changed]);
    assert!(
        ran.exit == 1 && ran.out.contains("1 decision differs"),
        "{ran:?}"
    );
    let wide = ran.out.lines().find(|line| line.chars().count() > 80);
    assert_eq!(wide, None);
}

#[test]
fn recorded_reads_are_sent_again_and_writes_only_to_loopback() {
    let (mock, folder) = (MockServer::start().unwrap(), Folder::new("against"));
    let file = folder.file("r.ndjson");
    record(&mock, &file);
    let url = mock.base_url().to_owned();
    let ran = run(against(
        &mock,
        &["replay", &file, "--against", &url, "--json"],
    ));
    let report = ran.json();
    assert_eq!(report["sent"][0]["route"], "/me");
    let writes = |report: &serde_json::Value| {
        let sent = report["sent"].as_array().unwrap().clone();
        sent.iter().filter(|sent| sent["method"] == "POST").count()
    };
    assert_eq!(writes(&report), 0);
    let ran = run(against(
        &mock,
        &["replay", &file, "--against", &url, "--json", "--writes"],
    ));
    assert_eq!(writes(&ran.json()), 2);
    let args = [
        "replay",
        &file,
        "--against",
        "https://api.intercom.io",
        "--writes",
    ];
    let ran = run(against(&mock, &args));
    assert_eq!(ran.exit, 2);
    assert!(
        ran.line()
            .starts_with("--writes only works with a server on loopback")
    );
}

#[test]
fn the_script_of_a_recording_is_one_for_the_mock() {
    let (mock, folder) = (MockServer::start().unwrap(), Folder::new("script"));
    let file = folder.file("r.ndjson");
    record(&mock, &file);
    let script = offline(&["replay", &file, "--as-script"]);
    let other = MockServer::start().unwrap();
    other.script_lines(&script.out).unwrap();
    let ran = run(against(&other, &["api", "GET", "/me", "--json"]));
    assert_eq!(ran.json()["attempts"][0]["code"], "service_unavailable");
}

#[test]
fn files_that_cannot_be_used_have_one_clear_line() {
    let folder = Folder::new("files");
    let [empty, binary] = [folder.file("empty"), folder.file("binary")];
    fs::write(&empty, "").unwrap();
    fs::write(&binary, b"\xff\xfe\x00\x01").unwrap();
    let missing = folder.file("missing");
    for command in ["replay", "trace"] {
        for (file, expected) in [
            (&empty, "is empty; nothing was recorded"),
            (&binary, "is not a recording; write one with --record FILE"),
            (
                &missing,
                "cannot be read: No such file or directory (os error 2)",
            ),
        ] {
            let ran = offline(&[command, file]);
            assert_eq!((ran.exit, ran.line()), (2, &*format!("{file} {expected}")));
        }
    }
    let mock = MockServer::start().unwrap();
    let nowhere = folder.file("no/such/folder");
    let ran = run(against(&mock, &["api", "GET", "/me", "--record", &nowhere]));
    assert_eq!(ran.exit, 2);
    assert!(ran.line().ends_with("choose another --record"), "{ran:?}");
    assert!(mock.requests().is_empty());
    let ran = run(against(&mock, &["api", "GET", "/me", "--record-bodies"]));
    assert_eq!(ran.line(), "--record-bodies needs --record FILE");
}

#[test]
fn a_replay_of_nothing_is_not_a_success() {
    let (mock, folder) = (MockServer::start().unwrap(), Folder::new("nothing"));
    let (file, url) = (folder.file("r.ndjson"), mock.base_url().to_owned());
    let head = r#"{"line":"head","v":1,"tool":"intercom 0.2.0","recorder":"0.2.0","bodies":false}"#;
    let dropped = r#"{"line":"end","run":"5f1a09c2","call":1,"method":"DELETE","route":"/contacts/{id}","attempts":0,"why":"dropped","terms":{"replay":"read"},"began_ns":0,"ended_ns":9}"#;
    for lines in [
        vec![head],
        vec![head, dropped],
        vec![head, dropped, "{torn"],
    ] {
        fs::write(&file, lines.join("\n")).unwrap();
        let unreadable = lines.len().saturating_sub(2);
        for (args, note) in [
            (vec!["replay", &file], "nothing was compared"),
            (vec!["replay", &file, "--as-script"], "the script is empty"),
            (vec!["replay", &file, "--against", &url], "nothing was sent"),
        ] {
            let ran = run(against(&mock, &args));
            assert!(ran.exit == 1 && ran.err.contains(note), "{args:?}: {ran:?}");
            let is_counted = ran.out.contains("1 line not read");
            let is_script = args.contains(&"--as-script");
            assert_eq!(is_counted, unreadable == 1 && !is_script, "{ran:?}");
            if !is_script {
                let json = run(against(&mock, &[args.as_slice(), &["--json"]].concat()));
                assert_eq!(json.exit, 1);
                assert_eq!(json.json()["unreadable_lines"], unreadable);
            }
        }
    }
    assert!(mock.requests().is_empty());
}

#[test]
fn a_url_with_a_password_is_not_shown() {
    let folder = Folder::new("password");
    let file = folder.file("r.ndjson");
    fs::write(&file, "").unwrap();
    for url in [
        "https://ada:pa55@api.example",
        "https://ada:p/pa55@api.example",
        "ada:pa55@api.example",
        "http://pa55@localhost.example:1",
    ] {
        for extra in [&["--writes"][..], &[]] {
            let args = [&["replay", &file, "--against", url], extra].concat();
            let ran = run(crate::run::command(&args));
            assert!(ran.exit == 2 && !ran.err.contains("pa55"), "{ran:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn devices_are_neither_recorded_to_nor_read() {
    let mock = MockServer::start().unwrap();
    for device in ["/dev/null", "/dev/zero", "/dev/full"] {
        let ran = run(against(&mock, &["api", "GET", "/me", "--record", device]));
        assert_eq!(ran.exit, 2);
        assert!(
            ran.line()
                .ends_with("it is not a regular file; choose another --record"),
            "{ran:?}"
        );
        for command in ["replay", "trace"] {
            let ran = offline(&[command, device]);
            assert!(
                ran.exit == 2 && ran.line().contains("not a regular file"),
                "{ran:?}"
            );
        }
    }
    assert!(mock.requests().is_empty());
}
