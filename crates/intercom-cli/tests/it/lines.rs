//! `explain --lines`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::run::{Ran, Running, command, explained_from, run, run_with};

#[track_caller]
fn explained(input: &[u8]) -> (Ran, Vec<Value>) {
    let ran = run_with(command(&["explain", "--json", "--lines", "-"]), input);
    let answers = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let answers = answers.collect();
    (ran, answers)
}

#[test]
fn bad_lines_are_named_and_the_rest_goes_on() {
    let input: &[&[u8]] = &[
        b"\xef\xbb\xbf{\"status\":404,\"body\":{\"type\":\"error.list\",\"errors\":[{\"code\":\"not_found\",\"message\":\"m\"}]},\"versions\":[1]}\r",
        b"",
        b"nonsense",
        b"[429,null,null,null,null,null,null]",
        b"{\"status\":\"429\"}",
        b"{\"status\":42}",
        b"{\"body\":{}}",
        b"{\"status\":500,\"raw\":\"\xff\"}",
        b"{\"status\":500,\"raw\":\"x\",\"body\":{}}",
        b"{\"status\":500,\"headers\":{\"a\":{}}}",
        b"{\"status\":500,\"method\":\"G T\"}",
        b"{\"status\":500,\"now\":-1}",
        b"{\"status\":500}}",
        b"{\"status\":502,\"raw\":\"<html>\\n\",\"headers\":{\"X-Request-Id\":\"r1\"},\"method\":\"get\",\"path\":\"/me\"}",
        b"{\"status\":429,\"headers\":{\"x-ratelimit-reset\":1711100060,\"x-ratelimit-remaining\":[\"0\"],\"age\":null},\"now\":1711100050.5,\"body\":null}",
    ];
    let (ran, answers) = explained(&input.join(b"\n".as_slice()));
    assert_eq!(ran.exit, 1);
    assert_eq!(answers.len(), input.len());
    for (number, answer) in (1..).zip(&answers) {
        assert_eq!(answer["line"], number, "{answer}");
    }
    assert_eq!(
        answers[6]["invalid"],
        "\"status\" is missing; it is the one member that is required"
    );
    assert_eq!(
        (&answers[0]["code"], &answers[0]["message"]),
        (&json!("not_found"), &json!("m"))
    );
    for answer in answers.iter().skip(1).take(12) {
        assert!(
            answer["invalid"]
                .as_str()
                .is_some_and(|why| !why.is_empty()),
            "{answer}"
        );
        assert_eq!(answer.as_object().unwrap().len(), 2);
    }
    assert_eq!(
        (&answers[13]["body"], &answers[13]["request_id"]),
        (&json!("raw"), &json!("r1"))
    );
    assert_eq!(
        (
            &answers[14]["wait_ms"],
            &answers[14]["rate_limit"]["remaining"]
        ),
        (&json!(9500), &json!(0))
    );
    let told: Vec<&str> = ran.err.lines().collect();
    let (last, each) = told.split_last().unwrap();
    assert_eq!(*last, "intercom: 12 of 15 lines could not be explained");
    for (line, answer) in each.iter().zip(&answers[1..]) {
        let why = answer["invalid"].as_str().unwrap();
        assert_eq!(*line, format!("intercom: line {}: {why}", answer["line"]));
    }
    assert_eq!(each.len(), 12);
}

#[test]
fn null_is_a_body_unless_there_is_another_one() {
    let input = [
        r#"{"status":404,"body":null}"#,
        r#"{"status":404,"body": null ,"raw":"<html>"}"#,
        r#"{"status":404,"body":null,"raw":null}"#,
        r#"{"status":404,"raw":null}"#,
    ];
    let (ran, answers) = explained(input.join("\n").as_bytes());
    let kinds: Vec<&Value> = answers.iter().map(|answer| &answer["body"]).collect();
    assert_eq!(kinds, ["json", "raw", "json", "empty"]);
    assert_eq!(ran.exit, 0);
    assert_eq!(explained_from("null", &["--status", "404"])["body"], "json");
}

#[test]
fn an_answer_stays_on_one_line_whatever_the_body_holds() {
    let body = "{\"type\":\"error.list\",\"errors\":[{\"code\":\"x\",\"data\":{\n \"a\": 1.50 }}]}";
    let (_, answers) = explained(json!({ "status": 422, "raw": body }).to_string().as_bytes());
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0]["errors"][0]["data"], json!({ "a": 1.5 }));
}

#[test]
fn a_line_of_many_megabytes_is_a_line() {
    let filler = "x".repeat(20 << 20);
    let line =
        json!({ "status": 404, "body": { "errors": [{ "code": "not_found" }], "filler": filler } });
    let (ran, answers) = explained(format!("{line}\n{{\"status\":401}}").as_bytes());
    assert_eq!((ran.exit, answers.len()), (0, 2));
    assert_eq!(answers[0]["code"], "not_found");
}

#[test]
fn each_line_is_answered_before_the_next_one_is_written() {
    let mut child = command(&["explain", "--json", "--lines", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let _running = Running(child);
    for status in [401, 404] {
        writeln!(input, "{{\"status\":{status}}}").unwrap();
        let answer: Value = serde_json::from_str(&output.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer["status"], status);
    }
}

#[test]
fn without_json_the_answers_are_counted() {
    let line = |status: u16, code: &str| {
        json!({ "status": status, "body": { "errors": [{ "code": code }] } }).to_string()
    };
    let input = [
        line(404, "not_found"),
        line(401, "unauthorized"),
        line(404, "not_found"),
        "{".to_owned(),
    ]
    .join("\n");
    let ran = run_with(command(&["explain", "--lines", "-"]), input.as_bytes());
    insta::assert_snapshot!(ran.out, @r"
    answers  category        code          resend  action
          2  not_found       not_found     never   verify_id
          1  authentication  unauthorized  never   regenerate_token
    ");
    assert_eq!(ran.exit, 1);
    insta::assert_snapshot!(ran.err, @r"
    intercom: line 4: EOF while parsing an object at column 1
    intercom: 1 of 4 lines could not be explained
    ");
}

#[test]
fn the_published_examples_lose_nothing() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus/openapi_errors.jsonl"
    );
    if !Path::new(file).exists() {
        eprintln!("the examples are not there: nothing was compared");
        return;
    }
    let ran = run(command(&["explain", "--json", "--lines", file]));
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    let text = std::fs::read_to_string(file).unwrap();
    let (rows, answers): (Vec<&str>, Vec<&str>) =
        (text.lines().collect(), ran.out.lines().collect());
    assert_eq!(rows.len(), answers.len());
    for (row, answer) in rows.iter().zip(answers) {
        let row: Value = serde_json::from_str(row).unwrap();
        let answer: Value = serde_json::from_str(answer).unwrap();
        let (body, first) = (&row["body"], &row["body"]["errors"][0]);
        assert_eq!(answer["status"], row["status"]);
        assert_eq!(answer["request_id"], body["request_id"], "{row}");
        if first["code"].is_string() {
            assert_eq!(answer["code"], first["code"], "{row}");
            assert_eq!(answer["message"], first["message"], "{row}");
            let known = run_known(first["code"].as_str().unwrap());
            assert!(!known || answer["category"] != "unknown", "{row}");
        }
    }
}

fn run_known(code: &str) -> bool {
    intercom_errors::Entry::of(&code.into()).is_some()
}
