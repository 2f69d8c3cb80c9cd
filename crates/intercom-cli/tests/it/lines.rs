//! `explain --lines`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::run::{Ran, Running, command, explained_from, run, run_with};

#[track_caller]
fn explained(input: &[u8]) -> (Ran, Vec<Value>) {
    let ran = run_with(command(&["explain", "--json", "--lines", "-"]), input);
    let explanations = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let explanations = explanations.collect();
    (ran, explanations)
}

#[test]
fn invalid_lines_are_reported_and_the_others_explained() {
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
    let (ran, explanations) = explained(&input.join(b"\n".as_slice()));
    assert_eq!(ran.exit, 1);
    assert_eq!(explanations.len(), input.len());
    for (number, explanation) in (1..).zip(&explanations) {
        assert_eq!(explanation["line"], number, "{explanation}");
    }
    assert_eq!(
        explanations[6]["invalid"],
        "\"status\" is missing, but required"
    );
    assert_eq!(
        (&explanations[0]["code"], &explanations[0]["message"]),
        (&json!("not_found"), &json!("m"))
    );
    for explanation in explanations.iter().skip(1).take(12) {
        assert!(
            explanation["invalid"]
                .as_str()
                .is_some_and(|why| !why.is_empty()),
            "{explanation}"
        );
        assert_eq!(explanation.as_object().unwrap().len(), 2);
    }
    assert_eq!(
        (&explanations[13]["body"], &explanations[13]["request_id"]),
        (&json!("raw"), &json!("r1"))
    );
    assert_eq!(
        (
            &explanations[14]["wait_ms"],
            &explanations[14]["rate_limit"]["remaining"]
        ),
        (&json!(9500), &json!(0))
    );
    let shown: Vec<&str> = ran.err.lines().collect();
    let (last, each) = shown.split_last().unwrap();
    assert_eq!(*last, "intercom: 12 of 15 lines could not be explained");
    for (line, explanation) in each.iter().zip(&explanations[1..]) {
        let why = explanation["invalid"].as_str().unwrap();
        assert_eq!(
            *line,
            format!("intercom: line {}: {why}", explanation["line"])
        );
    }
    assert_eq!(each.len(), 12);
}

#[test]
fn null_is_a_body_unless_there_is_a_raw_body() {
    let input = [
        r#"{"status":404,"body":null}"#,
        r#"{"status":404,"body": null ,"raw":"<html>"}"#,
        r#"{"status":404,"body":null,"raw":null}"#,
        r#"{"status":404,"raw":null}"#,
    ];
    let (ran, explanations) = explained(input.join("\n").as_bytes());
    let kinds: Vec<&Value> = explanations
        .iter()
        .map(|explanation| &explanation["body"])
        .collect();
    assert_eq!(kinds, ["json", "raw", "json", "empty"]);
    assert_eq!(ran.exit, 0);
    assert_eq!(explained_from("null", &["--status", "404"])["body"], "json");
}

#[test]
fn an_explanation_is_one_line_even_if_the_body_has_line_breaks() {
    let body = "{\"type\":\"error.list\",\"errors\":[{\"code\":\"x\",\"data\":{\n \"a\": 1.50 }}]}";
    let (_, explanations) = explained(json!({ "status": 422, "raw": body }).to_string().as_bytes());
    assert_eq!(explanations.len(), 1);
    assert_eq!(explanations[0]["errors"][0]["data"], json!({ "a": 1.5 }));
}

#[test]
fn a_line_of_20_megabytes_is_explained() {
    let filler = "x".repeat(20 << 20);
    let line =
        json!({ "status": 404, "body": { "errors": [{ "code": "not_found" }], "filler": filler } });
    let (ran, explanations) = explained(format!("{line}\n{{\"status\":401}}").as_bytes());
    assert_eq!((ran.exit, explanations.len()), (0, 2));
    assert_eq!(explanations[0]["code"], "not_found");
}

#[test]
fn each_line_is_explained_before_the_next_one_is_read() {
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
        let explanation: Value = serde_json::from_str(&output.next().unwrap().unwrap()).unwrap();
        assert_eq!(explanation["status"], status);
    }
}

#[test]
fn without_json_the_errors_are_counted() {
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
    insta::assert_snapshot!(ran.out, @"
    count  category        code          resend  action
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
fn codes_and_messages_of_the_published_examples_are_kept() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/corpus/openapi_errors.jsonl"
    );
    if !Path::new(file).exists() {
        eprintln!("skipped: the examples are not available");
        return;
    }
    let ran = run(command(&["explain", "--json", "--lines", file]));
    assert_eq!((ran.exit, ran.err.as_str()), (0, ""));
    let text = std::fs::read_to_string(file).unwrap();
    let (rows, explanations): (Vec<&str>, Vec<&str>) =
        (text.lines().collect(), ran.out.lines().collect());
    assert_eq!(rows.len(), explanations.len());
    for (row, explanation) in rows.iter().zip(explanations) {
        let row: Value = serde_json::from_str(row).unwrap();
        let explanation: Value = serde_json::from_str(explanation).unwrap();
        let (body, first) = (&row["body"], &row["body"]["errors"][0]);
        assert_eq!(explanation["status"], row["status"]);
        assert_eq!(explanation["request_id"], body["request_id"], "{row}");
        if first["code"].is_string() {
            assert_eq!(explanation["code"], first["code"], "{row}");
            assert_eq!(explanation["message"], first["message"], "{row}");
            let known = run_known(first["code"].as_str().unwrap());
            assert!(!known || explanation["category"] != "unknown", "{row}");
        }
    }
}

fn run_known(code: &str) -> bool {
    intercom_errors::Entry::of(&code.into()).is_some()
}
