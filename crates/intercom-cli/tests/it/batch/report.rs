//! Input, output and exit statuses.

use std::io::Write as _;
use std::process::Stdio;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::{Value, json};

use super::{Folder, lead, read, text, until};
use crate::run::{SECRET, against, command, run, run_with};

#[test]
fn the_document_counts_the_lines_by_result() {
    let mock = MockServer::start().unwrap();
    let lines = [lead("a"), r#"{"method":"GET","path":"/none"}"#.to_owned()];
    let folder = Folder::new("counts", &[&lines[..], &["broken".to_owned()]].concat());
    let ran = folder.run(&mock, &["--concurrency", "3"]);
    assert_eq!(ran.exit, 1);
    let (counts, elapsed) = ran.out.split_once("\"elapsed_ms\":").unwrap();
    let (_, rest) = elapsed.split_once(',').unwrap();
    assert_eq!(
        format!("{counts}{rest}"),
        concat!(
            r#"{"total":3,"ok":1,"failed":2,"skipped":0,"skipped_failed":0,"invalid":1,"unknown":0,"attempts":2,"#,
            r#""rate_limited":0,"outcomes":[{"status":200,"code":null,"fault":null,"lines":1},"#,
            r#"{"status":404,"code":"not_found","fault":null,"lines":1}],"interrupted":false}"#,
            "\n"
        )
    );
    folder.write("in", text(&lines[..1]).as_bytes());
    folder.write("out", b"");
    folder.write("out.journal", b"");
    let ran = folder.run(&mock, &["--no-pacing"]);
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    assert_eq!(ran.json()["ok"], 1);
}

#[test]
fn the_text_counts_the_statuses_and_codes_if_a_line_failed() {
    let mock = MockServer::start().unwrap();
    let invalid = || Scripted::error(422, "parameter_invalid", "no");
    mock.script(Method::GET, "/bad", (0..12).map(|_| invalid()));
    mock.script(
        Method::GET,
        "/odd",
        [Scripted::error(418, "x\u{1b}[31m", "")],
    );
    mock.script(Method::POST, "/messages", [Scripted::close_before()]);
    let line = |path: &str| format!(r#"{{"method":"GET","path":"{path}"}}"#);
    let message = r#"{"method":"POST","path":"/messages","body":{}}"#.to_owned();
    let mut lines = vec![read("a"), read("b"), line("/odd"), message];
    lines.extend((0..12).map(|_| line("/bad")));
    let folder = Folder::new("outcomes", &lines);
    let args = ["batch", &folder.path("in"), "--out", &folder.path("out")];
    let ran = run(against(&mock, &args));
    let (_, table) = ran.out.split_once('\n').unwrap();
    insta::assert_snapshot!(table, @r"
      422 parameter_invalid      12
      200                         2
      the connection was closed   1
      418 x\u{1b}[31m             1
    ");

    let folder = Folder::new("all-ok", &[read("a")]);
    let args = ["batch", &folder.path("in"), "--out", &folder.path("out")];
    assert_eq!(run(against(&mock, &args)).out.lines().count(), 1);
}

#[test]
fn the_explanation_depends_on_the_request() {
    let mock = MockServer::start().unwrap();
    let missing = Scripted::error(404, "not_found", "User Not Found");
    mock.script(Method::POST, "/messages", [missing]);
    let folder = Folder::new(
        "request",
        &[
            r#"{"method":"POST","path":"/messages","body":{}}"#,
            r#"{"method":"GET","path":"/contacts/none?x=1"}"#,
            "broken",
        ],
    );
    let ran = folder.run(&mock, &[]);
    let shown = folder.by_line().into_iter().map(|record| {
        let words = ["resend", "action", "replay"];
        words.map(|word| record["error"][word].clone())
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            [json!("never"), json!("wait_for_index"), json!("no")],
            [json!("never"), json!("verify_id"), json!("read")],
            [json!("never"), json!("fix_input"), Value::Null],
        ]
    );
    assert!(
        ran.err
            .contains("1 failed and may succeed on a retry (--retry-failed): line 1"),
        "{ran:?}"
    );
}

#[test]
fn an_invalid_line_is_explained_without_a_code() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new(
        "own-words",
        &[
            r#"{"method":"GET","path":"me"}"#,
            r#"{"method":"GET","path":"/me","headers":{"Authorization":"Bearer x"}}"#,
            "broken",
        ],
    );
    assert_eq!(folder.run(&mock, &[]).json()["invalid"], 3);
    for (record, why) in folder.by_line().iter().zip([
        "the path must begin with a slash, like /contacts",
        "the client sets the header authorization itself; remove it from the request; the token comes from INTERCOM_ACCESS_TOKEN or --token-file",
        "not a JSON object",
    ]) {
        assert_eq!(record["invalid"], why);
        let error = &record["error"];
        assert_eq!(
            (&error["code"], &error["errors"], &error["message"]),
            (
                &Value::Null,
                &json!([]),
                &json!(format!("invalid line: {why}"))
            )
        );
    }
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn stdin_may_have_blank_lines_or_no_lines() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("stdin", &[""]);
    let out = folder.path("out");
    let args = ["batch", "-", "--out", &out, "--pacing", "fast"];
    let ran = run_with(against(&mock, &args), b"\n\n");
    assert!(
        ran.exit == 0 && ran.out.starts_with("0 lines: 0 ok, 0 failed;"),
        "{ran:?}"
    );
    let ran = run_with(
        against(&mock, &args),
        format!("\n\n{}", read("a")).as_bytes(),
    );
    assert!(
        ran.exit == 0 && ran.out.starts_with("1 line: 1 ok, 0 failed;"),
        "{ran:?}"
    );
    assert_eq!(
        (folder.records()[0]["line"].as_u64(), ran.err.as_str()),
        (Some(3), "")
    );
}

#[test]
fn the_results_do_not_contain_the_token() {
    let mock = MockServer::builder().token(SECRET).start().unwrap();
    let said = json!({ "you_sent": SECRET });
    mock.script(
        Method::GET,
        "/me",
        [Scripted::status(200).json(said.clone())],
    );
    mock.script(
        Method::GET,
        "/x",
        [Scripted::error(400, "parameter_invalid", SECRET)],
    );
    let folder = Folder::new(
        "secret",
        &[
            r#"{"method":"GET","path":"/me"}"#.to_owned(),
            r#"{"method":"GET","path":"/x"}"#.to_owned(),
            format!(r#"{{"method":"GET","path":"/me","id":"{SECRET}","{SECRET}":1}}"#),
        ],
    );
    let ran = folder.run(&mock, &[]);
    let written = [
        folder.read("out"),
        folder.read("out.journal"),
        ran.out,
        ran.err,
    ]
    .concat();
    assert!(!written.contains(SECRET), "{written}");
    assert_eq!(folder.records().len(), 3);
}

#[test]
fn files_that_are_not_results_are_not_changed() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("foreign", &[read("a")]);
    folder.write("out", b"a letter to my aunt\n");
    let ran = folder.run(&mock, &[]);
    assert_eq!(ran.exit, 2);
    assert!(ran.line().contains("there is no journal"), "{ran:?}");
    assert_eq!(folder.read("out"), "a letter to my aunt\n");
    assert!(!std::path::Path::new(&folder.path("out.journal")).exists());
    let (file, around) = (folder.path("in"), folder.path(".."));
    let name = std::path::Path::new(&file).parent().unwrap();
    let around = format!(
        "{around}/{}/in",
        name.file_name().unwrap().to_str().unwrap()
    );
    for out in [&file, &around] {
        let ran = run(against(&mock, &["batch", &file, "--out", out]));
        let shown = format!("the results {out} are the input file itself; choose another file");
        assert_eq!((ran.exit, ran.line()), (2, shown.as_str()));
        assert_eq!(folder.read("in"), format!("{}\n", read("a")));
    }
    for (args, word) in [
        (
            &["batch", "/nowhere", "--out", "/tmp/x"][..],
            "/nowhere cannot be read",
        ),
        (&["batch", "-"], "--out"),
        (
            &["batch", "-", "--out", "/dev/null"],
            "is not a regular file",
        ),
        (&["batch", "-", "--out", "/nowhere/x"], "cannot be opened"),
        (
            &["batch", "-", "--out", "x", "--concurrency", "0"],
            "concurrency",
        ),
        (
            &[
                "batch",
                "-",
                "--out",
                "x",
                "--no-pacing",
                "--pacing",
                "fast",
            ],
            "cannot be used with",
        ),
    ] {
        let ran = run(against(&mock, args));
        assert_eq!(ran.exit, 2, "{ran:?}");
        assert!(ran.err.contains(word), "{ran:?}");
    }
    let ran = run(command(&["batch", "-", "--out", "x"]));
    assert!(
        ran.exit == 2 && ran.line().contains("INTERCOM_ACCESS_TOKEN"),
        "{ran:?}"
    );
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn a_changed_input_is_rejected_with_the_option_that_helps() {
    let mock = MockServer::start().unwrap();
    mock.script(
        Method::POST,
        "/contacts",
        [Scripted::normal(), Scripted::close_after_work()],
    );
    let folder = Folder::new("options", &[lead("a"), lead("b")]);
    let one = ["--concurrency", "1"];
    assert_eq!(folder.run(&mock, &one).json()["unknown"], 1);
    let refused = |lines: &[String]| {
        folder.write("in", text(lines).as_bytes());
        let ran = folder.run(&mock, &["--retry-failed", "--retry-unknown"]);
        assert_eq!(ran.exit, 2, "{ran:?}");
        ran.line().replace(&folder.path("in"), "IN")
    };
    insta::assert_snapshot!(refused(&[lead("x"), lead("b")]), @"line 1 of IN has changed since an earlier run sent it, and the old request was applied; put the old line back, and add the new line at the end (with another --out, every line is sent again)");
    insta::assert_snapshot!(refused(&[lead("a"), lead("x")]), @"line 2 of IN has changed since an earlier run sent it, and the old request may have been applied; put the old line back, check whether it was applied, and add the new line at the end (with another --out, every line is sent again)");
    insta::assert_snapshot!(refused(&[String::new(), lead("b")]), @"line 1 of IN is blank, but an earlier run sent a request from it; put the old line back (with another --out, every line is sent again)");
    insta::assert_snapshot!(refused(&[lead("a")]), @"IN ends before line 2, which an earlier run sent; continue with the same input (with another --out, every line is sent again)");
    let journal = folder.read("out.journal");
    for (content, word) in [
        (
            "Dear diary".to_owned(),
            "is another journal; check which requests were applied, then use another --out",
        ),
        (
            journal.replace("\n1 ", "\nx "),
            "is damaged at its line 2; check which requests were applied, then use another --out",
        ),
    ] {
        folder.write("out.journal", content.as_bytes());
        let shown = refused(&[lead("a"), lead("b")]);
        assert!(shown.contains(word), "{shown}");
    }
    assert_eq!(mock.request_count(), 2);
}

#[test]
fn a_changed_line_in_a_pipe_is_rejected_with_the_lines_sent() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("piped", &[lead("a"), lead("b")]);
    let refused = Scripted::error(422, "parameter_invalid", "no");
    mock.script(Method::POST, "/contacts", [refused]);
    assert_eq!(folder.run(&mock, &["--concurrency", "1"]).exit, 1);
    let out = folder.path("out");
    let piped = || against(&mock, &["batch", "-", "--out", &out, "--no-pacing"]);
    // Requests that are not in flight yet are cancelled.
    let both = text(&[lead("x"), lead("y")]);
    let ran = run_with(piped(), both.as_bytes());
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
    until(|| mock.request_count() == 3);
    write(&lead("y"));
    let ran = crate::run::Ran::of(&child.wait_with_output().unwrap());
    assert_eq!((ran.exit, mock.request_count()), (2, 3), "{ran:?}");
    let shown = ran.line().starts_with("line 2 of -");
    assert!(
        shown && ran.line().ends_with("; this run sent line 1"),
        "{ran:?}"
    );
}

#[test]
fn failures_of_earlier_runs_are_reported_with_what_to_do() {
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
    insta::assert_snapshot!(shown(&folder, &mock, &[]), @"
    3 lines: 0 ok, 3 failed (1 invalid, 1 outcome unknown); 2 requests sent, 0 rate limited
    intercom: 3 lines failed; the last record of each in OUT says why
    intercom: 1 refused (correct the input, then run the same command): line 1
    intercom: 1 invalid (correct the input, then run the same command): line 3
    intercom: 1 may have been applied (check first; use --retry-unknown to send again): line 2
    ");
    insta::assert_snapshot!(shown(&folder, &mock, &[]), @"
    3 lines: 0 ok, 0 failed, 3 from earlier runs (3 failed); 0 requests sent, 0 rate limited
    intercom: 3 lines failed, 3 of them in earlier runs; the last record of each in OUT says why
    intercom: 1 refused (correct the input, then run the same command): line 1
    intercom: 1 invalid (correct the input, then run the same command): line 3
    intercom: 1 may have been applied (check first; use --retry-unknown to send again): line 2
    ");
    insta::assert_snapshot!(shown(&folder, &mock, &["--retry-failed"]), @"
    3 lines: 1 ok, 0 failed, 2 from earlier runs (2 failed); 1 request sent, 0 rate limited
    intercom: 2 lines failed, 2 of them in earlier runs; the last record of each in OUT says why
    intercom: 1 invalid (correct the input, then run the same command): line 3
    intercom: 1 may have been applied (check first; use --retry-unknown to send again): line 2
    ");
}

/// The counts without the elapsed time, and stderr.
fn shown(folder: &Folder, mock: &MockServer, more: &[&str]) -> String {
    let (file, out) = (folder.path("in"), folder.path("out"));
    let mut asked = against(mock, &["batch", &file, "--out", &out]);
    asked.args(["--concurrency", "1"]).args(more);
    let ran = run(asked);
    let (before, _) = ran.out.rsplit_once(", ").unwrap();
    format!(
        "{before}\n{}",
        ran.err.replace(&out, "OUT").replace(&file, "IN")
    )
}
