//! Going on where an earlier run was stopped.

use std::io::Write as _;
use std::process::Stdio;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::{Value, json};

use super::{Folder, lead, read};

/// Takes the end off a file, as if the process had been killed in the middle of a write.
fn cut(folder: &Folder, name: &str, bytes: usize) {
    let mut text = folder.read(name);
    text.truncate(text.len() - bytes);
    folder.write(name, text.as_bytes());
}

#[test]
fn after_a_clean_end_nothing_is_left_to_do() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("clean", &[lead("a"), read("b"), "broken".to_owned()]);
    assert_eq!(folder.run(&mock, &[]).exit, 1);
    let (out, sent) = (folder.read("out"), mock.request_count());
    let ran = folder.run(&mock, &[]);
    let summary = ran.json();
    assert_eq!(
        (
            ran.exit,
            &summary["total"],
            &summary["skipped"],
            &summary["skipped_failed"]
        ),
        (1, &json!(3), &json!(3), &json!(1))
    );
    assert_eq!((folder.read("out"), mock.request_count()), (out, sent));
}

#[test]
fn records_that_leave_out_what_is_absent_count_as_well() {
    let mock = MockServer::start().unwrap();
    mock.script(Method::POST, "/contacts", [Scripted::close_after_work()]);
    let folder = Folder::new("older", &[lead("a"), read("b"), "broken".to_owned()]);
    assert_eq!(folder.run(&mock, &["--concurrency", "1"]).exit, 1);
    let records = folder.records().into_iter().map(|mut record| {
        let members = record.as_object_mut().unwrap();
        members.retain(|_, value| !value.is_null() && *value != false);
        members.entry("ok").or_insert(json!(false));
        record.to_string()
    });
    let records: Vec<String> = records.collect();
    assert!(!super::text(&records).contains("resent"), "{records:?}");
    folder.write("out", super::text(&records).as_bytes());
    let (told, sent) = (folder.run(&mock, &[]), mock.request_count());
    assert_eq!(
        (
            told.exit,
            &told.json()["skipped"],
            &told.json()["skipped_failed"]
        ),
        (1, &json!(3), &json!(2)),
        "{told:?}"
    );
    assert!(told.err.contains("1 perhaps carried out"), "{told:?}");
    assert!(told.err.contains("1 invalid"), "{told:?}");
    assert_eq!((folder.records().len(), sent), (3, 2));
}

#[test]
fn lines_may_be_added_and_none_may_change_or_go() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("added", &[lead("a"), lead("b")]);
    assert_eq!(folder.run(&mock, &[]).exit, 0);
    folder.write(
        "in",
        format!("{}\n{}\n{}", lead("a"), lead("b"), lead("c")).as_bytes(),
    );
    let summary = folder.run(&mock, &[]).json();
    assert_eq!(
        (&summary["ok"], &summary["skipped"]),
        (&json!(1), &json!(2))
    );
    let (out, sent) = (folder.read("out"), mock.request_count());
    for (input, word) in [
        (
            format!("{}\n{}\n{}", lead("a"), lead("x"), lead("c")),
            "line 2 of",
        ),
        (format!("{}\n\n{}", lead("a"), lead("c")), "line 2 of"),
        (lead("a"), "ends before line 3"),
        (String::new(), "ends before line 3"),
    ] {
        folder.write("in", input.as_bytes());
        let ran = folder.run(&mock, &[]);
        assert_eq!(ran.exit, 2, "{ran:?}");
        assert!(ran.line().contains(word), "{ran:?}");
    }
    assert_eq!((folder.read("out"), mock.request_count()), (out, sent));
}

#[test]
fn nothing_is_sent_again_before_another_input_is_refused() {
    let mock = MockServer::start().unwrap();
    let names = ["a", "b", "c"];
    let folder = Folder::new("reordered", &names.map(lead));
    let refused = Scripted::error(422, "parameter_invalid", "no");
    mock.script(Method::POST, "/contacts", [refused]);
    let one = ["--concurrency", "1"];
    assert_eq!(folder.run(&mock, &one).json()["ok"], 2);
    // The first line was not carried out, and its place can be taken by what was.
    for input in [["b", "a", "c"], ["c", "b", "a"], ["b", "c", "a"]] {
        folder.write("in", super::text(&input.map(lead)).as_bytes());
        for more in [&one[..], &["--no-pacing"], &["--retry-failed"]] {
            let ran = folder.run(&mock, more);
            let told = ran.exit == 2 && ran.line().contains("is not the one that an earlier");
            assert!(told, "{ran:?}");
        }
    }
    folder.write("in", super::text(&[lead("b"), lead("b")]).as_bytes());
    assert!(
        folder
            .run(&mock, &one)
            .line()
            .contains("ends before line 3")
    );
    assert_eq!((mock.request_count(), folder.records().len()), (3, 3));
    folder.write("in", super::text(&names.map(lead)).as_bytes());
    assert_eq!(folder.run(&mock, &["--retry-failed"]).json()["ok"], 1);
}

#[test]
fn a_pipe_that_brings_another_line_is_told_what_was_sent() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("piped", &[lead("a"), lead("b")]);
    let refused = Scripted::error(422, "parameter_invalid", "no");
    mock.script(Method::POST, "/contacts", [refused]);
    assert_eq!(folder.run(&mock, &["--concurrency", "1"]).exit, 1);
    let out = folder.path("out");
    let piped = || crate::run::against(&mock, &["batch", "-", "--out", &out, "--no-pacing"]);
    // What is not on its way yet is called back.
    let both = super::text(&[lead("x"), lead("y")]);
    let ran = crate::run::run_with(piped(), both.as_bytes());
    assert_eq!((ran.exit, mock.request_count()), (2, 2), "{ran:?}");
    assert!(ran.line().ends_with("; this run sent nothing"), "{ran:?}");
    let mut child = piped()
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut write = |line: &str| writeln!(stdin, "{line}").unwrap();
    write(&lead("x"));
    super::until(|| mock.request_count() == 3);
    write(&lead("y"));
    let ran = crate::run::Ran::of(&child.wait_with_output().unwrap());
    assert_eq!((ran.exit, mock.request_count()), (2, 3), "{ran:?}");
    let told = ran.line().starts_with("line 2 of -");
    assert!(
        told && ran.line().ends_with("; this run sent line 1"),
        "{ran:?}"
    );
}

#[test]
fn an_invalid_line_may_be_mended_or_removed() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("mended", &[lead("a"), "{broken".to_owned(), lead("c")]);
    assert_eq!(folder.run(&mock, &[]).json()["invalid"], 1);
    let mended = [
        lead("a"),
        r#"{"method":"GET","path":"me"}"#.to_owned(),
        lead("c"),
    ];
    folder.write("in", super::text(&mended).as_bytes());
    let summary = folder.run(&mock, &[]).json();
    assert_eq!(
        (&summary["invalid"], &summary["skipped"]),
        (&json!(1), &json!(2))
    );
    let mended = [lead("a"), lead("b"), lead("c"), "{broken".to_owned()];
    folder.write("in", super::text(&mended).as_bytes());
    assert_eq!(folder.run(&mock, &[]).json()["ok"], 1);
    folder.write("in", super::text(&mended[..3]).as_bytes());
    let ran = folder.run(&mock, &[]);
    assert_eq!(
        (ran.exit, &ran.json()["skipped"]),
        (0, &json!(3)),
        "{ran:?}"
    );
    assert_eq!(mock.request_count(), 3);
    folder.write(
        "in",
        super::text(&[lead("a"), lead("x"), lead("c")]).as_bytes(),
    );
    let ran = folder.run(&mock, &[]);
    assert!(ran.exit == 2 && ran.line().contains("line 2 of"), "{ran:?}");
}

#[test]
fn a_write_without_its_record_is_reported_and_not_repeated() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("torn", &[lead("a")]);
    assert_eq!(folder.run(&mock, &[]).exit, 0);
    cut(&folder, "out", 10);
    let ran = folder.run(&mock, &[]);
    let record = &folder.records()[0];
    assert_eq!((ran.exit, &ran.json()["unknown"]), (1, &json!(1)));
    assert_eq!(
        (
            &record["line"],
            &record["id"],
            &record["ok"],
            &record["unknown"]
        ),
        (&json!(1), &json!("a"), &json!(false), &json!(true))
    );
    assert_eq!(
        (&record["error"]["action"], &record["error"]["replay"]),
        (&json!("retry_and_check_status"), &json!("no"))
    );
    assert_eq!(
        (
            folder.run(&mock, &[]).json()["skipped"].as_u64(),
            mock.request_count()
        ),
        (Some(1), 1)
    );
    let ran = folder.run(&mock, &["--retry-unknown"]);
    assert_eq!(
        (ran.exit, mock.request_count(), folder.records().len()),
        (0, 2, 2)
    );
    assert_eq!(folder.records()[1]["resent"], true);
}

#[test]
fn reads_and_writes_that_converge_are_sent_again() {
    let mock = MockServer::start().unwrap();
    let [ada, bob] = ["ada", "bob"].map(|name| mock.add_contact(json!({ "name": name })));
    let folder = Folder::new(
        "converge",
        &[
            read("a"),
            format!(r#"{{"method":"PUT","path":"/contacts/{ada}","body":{{"name":"x"}}}}"#),
            format!(r#"{{"method":"DELETE","path":"/contacts/{bob}"}}"#),
            lead("mine").replace("}}", r#"},"replayable":true}"#),
        ],
    );
    assert_eq!(folder.run(&mock, &[]).exit, 0);
    folder.write("out", b"");
    let ran = folder.run(&mock, &[]);
    assert_eq!((ran.exit, mock.request_count()), (0, 8), "{ran:?}");
    let records = folder.by_line();
    assert!(
        records
            .iter()
            .all(|record| record["resent"] == true && record["ok"] == true)
    );
    // The first DELETE did it.
    assert_eq!(records[2]["status"], 404);
}

#[test]
fn a_repeated_deletion_is_done_only_if_the_api_says_that_it_is_gone() {
    let mock = MockServer::start().unwrap();
    let delete = |id: &str| format!(r#"{{"method":"DELETE","path":"/tags/{id}"}}"#);
    let folder = Folder::new("gone", &[delete("1"), delete("2"), delete("3")]);
    let answer = |path: &str, answer: Scripted| mock.script(Method::DELETE, path, [answer]);
    for path in ["/tags/1", "/tags/2", "/tags/3"] {
        answer(path, Scripted::status(200).json(json!({})));
    }
    assert_eq!(folder.run(&mock, &[]).exit, 0);
    folder.write("out", b"");
    answer("/tags/1", Scripted::status(404).body("<html>"));
    answer("/tags/2", Scripted::error(404, "admin_not_found", "no"));
    answer("/tags/3", Scripted::error(404, "tag_not_found", "no"));
    let ran = folder.run(&mock, &[]);
    assert_eq!((ran.exit, &ran.json()["unknown"]), (1, &json!(2)));
    let told = folder.by_line();
    let told = told.iter().map(|record| (&record["ok"], &record["status"]));
    let (ok, status): (Vec<&Value>, Vec<&Value>) = told.unzip();
    assert_eq!(ok, [false, false, true]);
    assert_eq!(status, [404, 404, 404]);
}

#[test]
fn what_was_only_half_written_down_was_not_sent() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("half", &[lead("a"), lead("b")]);
    assert_eq!(folder.run(&mock, &["--concurrency", "1"]).exit, 0);
    // As if killed while noting that line 2 is about to be sent.
    let first = folder.read("out").lines().next().unwrap().to_owned();
    folder.write("out", format!("{first}\n").as_bytes());
    cut(&folder, "out.journal", 3);
    let ran = folder.run(&mock, &[]);
    assert_eq!(
        (ran.exit, &ran.json()["skipped"]),
        (0, &json!(1)),
        "{ran:?}"
    );
    assert_eq!(folder.read("out.journal").lines().count(), 3);
    // As if killed at the very beginning.
    folder.write("out", b"");
    folder.write("out.journal", b"intercom-ba");
    assert_eq!(folder.run(&mock, &[]).json()["ok"], 2);
}

#[test]
fn failures_are_sent_again_when_asked_for() {
    let mock = MockServer::start().unwrap();
    mock.script(
        Method::POST,
        "/contacts",
        [Scripted::error(422, "parameter_invalid", "no")],
    );
    mock.script(Method::POST, "/messages", [Scripted::close_after_work()]);
    let message =
        r#"{"method":"POST","path":"/messages","body":{"message_type":"email","body":"x"}}"#;
    let folder = Folder::new(
        "again",
        &[lead("a"), message.to_owned(), "broken".to_owned()],
    );
    let summary = folder.run(&mock, &[]).json();
    assert_eq!(
        (&summary["failed"], &summary["unknown"], &summary["invalid"]),
        (&json!(3), &json!(1), &json!(1))
    );
    let summary = folder.run(&mock, &["--retry-failed"]).json();
    assert_eq!(
        (&summary["ok"], &summary["skipped"]),
        (&json!(1), &json!(2))
    );
    let summary = folder
        .run(&mock, &["--retry-failed", "--retry-unknown"])
        .json();
    assert_eq!(
        (&summary["ok"], &summary["skipped"]),
        (&json!(1), &json!(2))
    );
    let ok: Vec<Value> = folder
        .by_line()
        .iter()
        .map(|record| record["ok"].clone())
        .collect();
    assert_eq!(ok, [true, true, false]);
}

#[cfg(unix)]
#[test]
fn new_files_are_their_owners_alone_and_old_ones_stay_as_they_are() {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    let mock = MockServer::start().unwrap();
    let folder = Folder::new("mode", &[lead("a")]);
    for mode in [0o600, 0o640] {
        assert_eq!(folder.run(&mock, &[]).exit, 0);
        for path in ["out", "out.journal"].map(|name| folder.path(name)) {
            let found = metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{path}");
            set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        }
    }
}

#[test]
fn damaged_files_are_refused_and_left_alone() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("damaged", &[lead("a")]);
    assert_eq!(folder.run(&mock, &[]).exit, 0);
    let (out, journal) = (folder.read("out"), folder.read("out.journal"));
    for (name, content, word) in [
        ("out", "{\"line\":1}\n", "line 1 of --out"),
        ("out", &out.replace(":1,", ":2,"), "line 1 of --out"),
        (
            "out.journal",
            "Dear diary",
            "is not the journal of a batch; use another --out",
        ),
        (
            "out.journal",
            &journal.replace("\n1 ", "\nx "),
            "is damaged at its line 2; use another --out, after finding out which requests were carried out",
        ),
        (
            "out.journal",
            &format!("{journal}999999999999 0123456789abcdef\n"),
            "is damaged at its line 3",
        ),
    ] {
        folder.write("out", out.as_bytes());
        folder.write("out.journal", journal.as_bytes());
        folder.write(name, content.as_bytes());
        let ran = folder.run(&mock, &[]);
        assert_eq!(ran.exit, 2, "{ran:?}");
        assert!(ran.line().contains(word), "{ran:?}");
        assert_eq!(folder.read(name), content);
    }
    folder.write("out.journal", journal.as_bytes());
    std::fs::remove_file(folder.path("out")).unwrap();
    assert!(folder.run(&mock, &[]).line().contains("are gone"));
    assert_eq!(mock.request_count(), 1);
}

#[test]
fn old_failures_are_told_with_what_to_do_about_them() {
    let mock = MockServer::start().unwrap();
    mock.script(
        Method::POST,
        "/contacts",
        [
            Scripted::error(422, "parameter_invalid", "no"),
            Scripted::close_after_work(),
        ],
    );
    let folder = Folder::new("old", &[lead("a"), lead("b"), "broken".to_owned()]);
    insta::assert_snapshot!(told(&folder, &mock, &[]), @r"
    3 lines: 0 ok, 3 failed (1 invalid, 1 perhaps carried out); 2 requests sent, 0 rate limited
    intercom: 3 lines not ok; the last record of each in OUT says why
    intercom: 1 refused for good (mend in the input, then run the same command): line 1
    intercom: 1 invalid (mend in the input, then run the same command): line 3
    intercom: 1 perhaps carried out (check first; --retry-unknown sends again): line 2
    ");
    insta::assert_snapshot!(told(&folder, &mock, &[]), @r"
    3 lines: 0 ok, 0 failed, 3 from earlier runs (3 failed); 0 requests sent, 0 rate limited
    intercom: 3 lines not ok, 3 of them from earlier runs; the last record of each in OUT says why
    intercom: 1 refused for good (mend in the input, then run the same command): line 1
    intercom: 1 invalid (mend in the input, then run the same command): line 3
    intercom: 1 perhaps carried out (check first; --retry-unknown sends again): line 2
    ");
    insta::assert_snapshot!(told(&folder, &mock, &["--retry-failed"]), @r"
    3 lines: 1 ok, 0 failed, 2 from earlier runs (2 failed); 1 request sent, 0 rate limited
    intercom: 2 lines not ok, 2 of them from earlier runs; the last record of each in OUT says why
    intercom: 1 invalid (mend in the input, then run the same command): line 3
    intercom: 1 perhaps carried out (check first; --retry-unknown sends again): line 2
    ");
}

/// The counts without the time it took, and what is said on stderr.
fn told(folder: &Folder, mock: &MockServer, more: &[&str]) -> String {
    let (file, out) = (folder.path("in"), folder.path("out"));
    let mut asked = crate::run::against(mock, &["batch", &file, "--out", &out]);
    asked.args(["--concurrency", "1"]).args(more);
    let ran = crate::run::run(asked);
    let (before, _) = ran.out.rsplit_once(", ").unwrap();
    format!(
        "{before}\n{}",
        ran.err.replace(&out, "OUT").replace(&file, "IN")
    )
}

#[test]
fn a_line_that_was_refused_may_be_mended_and_is_sent() {
    let mock = MockServer::start().unwrap();
    let gone = r#"{"method":"GET","path":"/contacts/none"}"#.to_owned();
    let down = r#"{"method":"GET","path":"/me"}"#.to_owned();
    mock.script(Method::GET, "/me", vec![Scripted::status(503); 4]);
    let folder = Folder::new("refused", &[lead("a"), gone, down, lead("d")]);
    insta::assert_snapshot!(told(&folder, &mock, &[]), @r"
    4 lines: 2 ok, 2 failed; 7 requests sent, 0 rate limited
    intercom: 2 lines not ok; the last record of each in OUT says why
    intercom: 1 failed, and may succeed unchanged (--retry-failed): line 3
    intercom: 1 refused for good (mend in the input, then run the same command): line 2
    ");
    folder.write(
        "in",
        super::text(&[lead("a"), lead("b"), lead("c"), lead("d")]).as_bytes(),
    );
    let ran = folder.run(&mock, &[]);
    assert_eq!(
        (ran.exit, &ran.json()["ok"], &ran.json()["skipped"]),
        (0, &json!(2), &json!(2)),
        "{ran:?}"
    );
    assert_eq!(folder.by_line()[1]["body"]["name"], "b");
    // Now it was done, and stands as it is.
    folder.write(
        "in",
        super::text(&[lead("a"), lead("x"), lead("c"), lead("d")]).as_bytes(),
    );
    insta::assert_snapshot!(folder.run(&mock, &["--retry-failed"]).line().replace(&folder.path("in"), "IN"), @"line 2 of IN is not the one that an earlier run sent, and that one was carried out; put the old line back, and add the new one at the end (another --out sends every line again)");
}

#[test]
fn a_line_of_unknown_fate_stays_as_it_is() {
    let mock = MockServer::start().unwrap();
    mock.script(Method::POST, "/contacts", [Scripted::close_after_work()]);
    let folder = Folder::new("fate", &[lead("a")]);
    assert_eq!(folder.run(&mock, &[]).json()["unknown"], 1);
    let refused = |folder: &Folder| {
        folder.write("in", super::text(&[lead("x")]).as_bytes());
        let ran = folder.run(&mock, &["--retry-failed", "--retry-unknown"]);
        assert_eq!(ran.exit, 2, "{ran:?}");
        ran.line().replace(&folder.path("in"), "IN")
    };
    insta::assert_snapshot!(refused(&folder), @"line 1 of IN is not the one that an earlier run sent, and that one may have been carried out; put the old line back, check what became of it, and add the new one at the end (another --out sends every line again)");
    // As if killed before the record was written.
    folder.write("out", b"");
    assert!(refused(&folder).contains("may have been carried out"));
    assert_eq!(mock.request_count(), 1);
}

#[test]
fn what_refuses_a_repeat_says_nothing_of_what_an_earlier_run_sent() {
    let mock = MockServer::start().unwrap();
    let put = |name: &str| {
        format!(r#"{{"method":"PUT","path":"/contacts/1","body":{{"name":"{name}"}}}}"#)
    };
    let folder = Folder::new("repeat", &[put("a"), read("b")]);
    assert_eq!(folder.run(&mock, &[]).exit, 1);
    folder.write("out", b"");
    mock.script(
        Method::GET,
        "/me",
        [Scripted::error(404, "not_found", "no")],
    );
    assert_eq!(folder.run(&mock, &[]).json()["unknown"], 1);
    let [wrote, read] = [0, 1].map(|line| folder.by_line()[line].clone());
    assert_eq!(
        (&wrote["status"], &wrote["unknown"]),
        (&json!(404), &json!(true))
    );
    assert_eq!(
        (&read["status"], &read["unknown"]),
        (&json!(404), &json!(false))
    );
    folder.write("in", super::text(&[put("c"), super::read("c")]).as_bytes());
    assert!(folder.run(&mock, &[]).line().contains("line 1 of"));
}
