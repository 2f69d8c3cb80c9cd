//! What goes in and what comes out.

use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::{Value, json};

use super::{Folder, lead, read};
use crate::run::{SECRET, against, command, run, run_with};

#[test]
fn each_line_has_a_record_in_the_order_of_completion() {
    let mock = MockServer::start().unwrap();
    mock.script(
        Method::GET,
        "/slow",
        [Scripted::status(200)
            .json(json!({ "n": 1.5 }))
            .delay(Duration::from_millis(700))],
    );
    mock.script(
        Method::GET,
        "/bad",
        [Scripted::error(422, "parameter_invalid", "no")],
    );
    let folder = Folder::new(
        "order",
        &[
            r#"{"method":"get","path":"/me"}"#,
            r#"{"method":"GET","path":"/slow","id":{"of":"mine"}}"#,
            r#"{"method":"GET","path":"/bad?a=1","query":{"b":[2,"x y"]},"id":7}"#,
        ],
    );
    let ran = folder.run(&mock, &["--concurrency", "3"]);
    let mut summary = ran.json();
    summary["elapsed_ms"] = json!("[elapsed]");
    assert_eq!(
        (ran.exit, summary),
        (
            1,
            json!({
                "total": 3, "ok": 2, "failed": 1, "skipped": 0, "skipped_failed": 0, "invalid": 0, "unknown": 0,
                "attempts": 3, "rate_limited": 0, "elapsed_ms": "[elapsed]", "interrupted": false,
            })
        )
    );
    let records = folder.records();
    let lines: Vec<&Value> = records.iter().map(|record| &record["line"]).collect();
    assert_eq!(lines, [1, 3, 2]);
    assert_eq!(
        records[2],
        json!({
            "line": 2, "id": { "of": "mine" }, "ok": true, "unknown": false, "invalid": null, "status": 200,
            "body": { "n": 1.5 }, "error": null, "attempts": 1, "resent": false, "stop": null, "retry_at": null,
        })
    );
    assert_eq!(
        (&records[1]["id"], &records[1]["ok"]),
        (&json!(7), &json!(false))
    );
    assert_eq!(records[1]["error"]["action"], "fix_input");
    assert_eq!(records[0].get("id"), Some(&Value::Null));
    assert!(
        mock.requests()
            .iter()
            .any(|request| request.query() == Some("a=1&b=2&b=x%20y"))
    );
}

#[test]
fn an_error_is_explained_for_its_request() {
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
    let told = folder.by_line().into_iter().map(|record| {
        let words = ["resend", "action", "replay"];
        words.map(|word| record["error"][word].clone())
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            [json!("never"), json!("wait_for_index"), json!("no")],
            [json!("never"), json!("verify_id"), json!("read")],
            [json!("never"), json!("fix_input"), Value::Null],
        ]
    );
    assert!(
        ran.err
            .contains("1 failed, and may succeed unchanged (--retry-failed): line 1"),
        "{ran:?}"
    );
}

#[test]
fn a_broken_line_is_reported_and_the_rest_goes_on() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("broken", &[""]);
    let mut input = Vec::new();
    for line in [
        b"\xef\xbb\xbf{\"method\":\"GET\",\"path\":\"/me\"}\r".as_slice(),
        b"",
        b"{\"id\":\"cut\",\"method\":",
        b"\xff\xfe",
        b"{\"id\":\"typo\",\"method\":\"POST\",\"path\":\"/contacts\",\"payload\":{}}",
        b"{\"id\":\"path\",\"method\":\"GET\",\"path\":\"me\"}",
        &vec![b' '; (16 << 20) + 1],
        b"{\"method\":\"GET\",\"path\":\"/me\",\"body\":null}",
    ] {
        input.extend_from_slice(line);
        input.push(b'\n');
    }
    input.pop();
    folder.write("in", &input);
    let ran = folder.run(&mock, &[]);
    let summary = ran.json();
    assert_eq!(
        (
            ran.exit,
            &summary["ok"],
            &summary["failed"],
            &summary["invalid"]
        ),
        (1, &json!(2), &json!(5), &json!(5))
    );
    let told: Vec<String> = folder
        .by_line()
        .iter()
        .map(|record| {
            let why = record["invalid"].as_str().unwrap_or("-");
            format!("{} {} {why}", record["line"], record["id"])
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    1 null -
    3 null EOF while parsing a value at column 21
    4 null not UTF-8
    5 "typo" unknown field `payload`, expected one of `id`, `method`, `path`, `query`, `headers`, `body`, `replayable`, `any` at column 57
    6 "path" "me" does not begin with a slash; a path looks like /contacts
    7 null the line is longer than 16 MiB
    8 null -
    "#);
    assert_eq!(mock.request_count(), 2);
    let errors = folder.by_line();
    for error in errors[1..6].iter().map(|record| &record["error"]) {
        assert_eq!(
            (&error["code"], &error["errors"]),
            (&Value::Null, &json!([]))
        );
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("invalid line: "), "{error}");
    }
}

#[test]
fn faults_are_waited_out_and_counted() {
    let mock = MockServer::start().unwrap();
    let limited = Scripted::error(429, "rate_limit_exceeded", "slow down");
    mock.script(Method::POST, "/contacts", [limited]);
    mock.script(
        Method::GET,
        "/me",
        [Scripted::status(503), Scripted::normal()],
    );
    let folder = Folder::new("faults", &[lead("a"), read("b")]);
    let ran = folder.run(&mock, &["--no-pacing"]);
    let summary = ran.json();
    assert_eq!(
        (
            ran.exit,
            &summary["ok"],
            &summary["attempts"],
            &summary["rate_limited"]
        ),
        (0, &json!(2), &json!(4), &json!(1))
    );
    assert_eq!(folder.by_line()[0]["attempts"], 2);
}

#[test]
fn stdin_is_read_as_it_comes_and_nothing_is_done_without_lines() {
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
fn the_token_is_in_no_result() {
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
fn what_cannot_be_a_result_is_left_alone() {
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
        let told = format!("--out {out} is the input file itself; choose another");
        assert_eq!((ran.exit, ran.line()), (2, told.as_str()));
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
