//! Lines and their records.

use std::time::Duration;

use intercom_batch::{Batch, Config, Ending, Event, Failure, Invalid, Stopped, Wording};
use intercom_mock::{Method, MockServer, Scripted};
use serde_json::{Value, json};

use crate::folder::{Folder, batch, lead, next, read};
use crate::world::{JumpingClock, responses};

#[test]
fn each_line_has_a_record_in_order_of_completion() {
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
    let ran = folder.run(batch(&mock).concurrency(3)).unwrap();
    assert_eq!(
        (serde_json::to_value(&ran.tally).unwrap(), ran.stopped),
        (
            json!({
                "total": 3, "ok": 2, "failed": 1, "skipped": 0, "skipped_failed": 0, "invalid": 0, "unknown": 0,
                "attempts": 3, "rate_limited": 0,
                "outcomes": [
                    { "status": 200, "code": null, "fault": null, "lines": 2 },
                    { "status": 422, "code": "parameter_invalid", "fault": null, "lines": 1 },
                ],
            }),
            None
        )
    );
    let records = folder.records();
    let lines: Vec<&Value> = records.iter().map(|record| &record["line"]).collect();
    assert_eq!(lines, [1, 3, 2]);
    assert_eq!(
        folder.read("out").lines().last().unwrap(),
        r#"{"line":2,"id":{"of":"mine"},"ok":true,"unknown":false,"invalid":null,"status":200,"body":{"n":1.5},"error":null,"attempts":1,"resent":false,"stop":null,"retry_at":null}"#
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
fn each_record_is_an_event_and_updates_the_position() {
    let mock = MockServer::builder()
        .rate_limit(100, Duration::from_secs(10))
        .start()
        .unwrap();
    let folder = Folder::new("events", &[read("a"), "broken".to_owned(), read("c")]);
    let mut run = folder.start(batch(&mock).concurrency(1)).unwrap();
    let mut events = Vec::new();
    while let Some(event) = next(&mut run).unwrap() {
        let Event::Recorded {
            line,
            ending,
            rate_limit,
            ..
        } = event
        else {
            unreachable!("nothing stops the run: {event:?}");
        };
        assert_eq!(run.position().line, line);
        events.push((line, ending, rate_limit.limit()));
    }
    assert_eq!(
        events,
        [
            (1, Ending::Ok, Some(100)),
            (2, Ending::Invalid, None),
            (3, Ending::Ok, Some(100))
        ]
    );
    let length = folder.read("in").len() as u64;
    let position = run.position();
    assert_eq!((position.byte, position.length), (length, Some(length)));
    assert_eq!((run.under_way(), run.on_their_way()), (0, 0));
}

#[test]
fn error_depends_on_its_request() {
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
    let ran = folder.run(batch(&mock)).unwrap();
    let errors = folder.by_line().into_iter().map(|record| {
        let members = ["resend", "action", "replay"];
        members.map(|member| record["error"][member].clone())
    });
    assert_eq!(
        errors.collect::<Vec<_>>(),
        [
            [json!("never"), json!("wait_for_index"), json!("no")],
            [json!("never"), json!("verify_id"), json!("read")],
            [json!("never"), json!("fix_input"), Value::Null],
        ]
    );
    let numbers = |ending| ran.tally.lines(ending).first().collect::<Vec<_>>();
    assert_eq!(
        [Ending::Failed, Ending::Refused, Ending::Invalid].map(numbers),
        [[1], [2], [3]]
    );
}

#[test]
fn broken_lines_are_recorded_and_the_others_are_sent() {
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
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!((tally.ok, tally.failed, tally.invalid), (2, 5, 5));
    let reasons: Vec<String> = folder
        .by_line()
        .iter()
        .map(|record| {
            let why = record["invalid"].as_str().unwrap_or("-");
            format!("{} {} {why}", record["line"], record["id"])
        })
        .collect();
    insta::assert_snapshot!(reasons.join("\n"), @r#"
    1 null -
    3 null EOF while parsing a value at column 21
    4 null not UTF-8
    5 "typo" unknown field `payload`, expected one of `id`, `method`, `path`, `query`, `headers`, `body`, `replayable`, `any` at column 57
    6 "path" GET /me: invalid request: the path must begin with a slash, like /contacts
    7 null the line is longer than 16 MiB
    8 null -
    "#);
    assert_eq!(mock.request_count(), 2);
    let errors = folder.by_line();
    for error in errors[1..6].iter().map(|record| &record["error"]) {
        assert_eq!(error["code"], Value::Null);
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("invalid line: "), "{error}");
    }
}

#[tokio::test]
async fn failed_attempts_are_retried_and_counted() {
    let clock = JumpingClock::default();
    let transport = responses(&[(429, "{}"), (200, "{}"), (503, "{}"), (200, "{}")]);
    let config = Config::new("dG9rOjEyMw==").without_pacing();
    let batch = Batch::with(config, transport, clock.clone(), None).unwrap();
    let folder = Folder::new("faults", &[lead("a"), read("b")]);
    let run = folder.start(batch.concurrency(1)).unwrap();
    let tally = run.finish().await.unwrap();
    assert_eq!((tally.ok, tally.attempts, tally.rate_limited), (2, 4, 1));
    assert_eq!(folder.by_line()[0]["attempts"], 2);
    assert!(clock.slept() >= Duration::from_secs(1), "{clock:?}");
}

/// Words errors differently, and redacts 404.
struct Own;

impl Wording for Own {
    fn invalid(&self, why: &Invalid) -> String {
        format!("not a request ({why})")
    }

    fn error(&self, failure: &Failure<'_>) -> String {
        match failure {
            Failure::Call { error, request } => {
                format!(
                    r#"{{"status": {:?}, "of": "{}"}}"#,
                    error.status().unwrap(),
                    request.unwrap().path()
                )
            }
            Failure::Invalid(why) => json!({ "why": why }).to_string(),
            Failure::Unknown { why, .. } => json!({ "why": why }).to_string(),
        }
    }

    fn redact(&self, json: String) -> String {
        json.replace("404", "0")
    }
}

#[test]
fn wording_changes_and_redacts_records() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new(
        "wording",
        &[r#"{"method":"GET","path":"/contacts/none"}"#, "broken"],
    );
    folder.run(batch(&mock).wording(Own)).unwrap();
    let [refused, invalid] = [0, 1].map(|line| folder.by_line()[line].clone());
    assert_eq!(
        (&refused["error"], &refused["status"]),
        (&json!({ "status": 0, "of": "/contacts/none" }), &json!(0))
    );
    assert_eq!(invalid["invalid"], "not a request (not a JSON object)");
    assert_eq!(invalid["error"]["why"], "not a request (not a JSON object)");
}

/// A wording that makes every record invalid.
struct Breaking;

impl Wording for Breaking {
    fn redact(&self, json: String) -> String {
        json.replace("false", "")
    }
}

#[test]
fn record_that_a_later_run_cannot_read_is_not_written() {
    let mock = MockServer::start().unwrap();
    let folder = Folder::new("unreadable", &[read("a"), read("b")]);
    let mut run = folder
        .start(batch(&mock).concurrency(1).wording(Breaking))
        .unwrap();
    let stopped = next(&mut run).unwrap();
    assert!(matches!(stopped, Some(Event::Stopped(Stopped::Failed))));
    let error = next(&mut run).unwrap_err();
    assert_eq!(error.kind(), intercom_batch::ErrorKind::Io);
    assert!(next(&mut run).unwrap().is_none(), "an error ends the run");
    drop(run);
    assert_eq!((folder.read("out").as_str(), mock.request_count()), ("", 1));
    let tally = folder.run(batch(&mock)).unwrap().tally;
    assert_eq!((tally.ok, tally.total), (2, 2));
}
