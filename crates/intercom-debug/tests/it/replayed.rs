//! What a replay finds, and what it cannot replay.

use std::time::Duration;

use intercom_debug::{Recorder, Recording, Replayed, replay, requests, script};
use intercom_mock::MockServer;
use intercom_protocol::{ApiRequest, Config, Fault, FaultKind, Replay, RetryBudget, Step};

use crate::client::{Gate, Script, TOKEN, memory, recording, refusal, response, run};

/// A read that failed.
const LINE: &str = r#"{"line":"exchange","run":"5f1a09c2","call":1,"method":"GET","route":"/me","n":1,"terms":{"replay":"read"},"began_ns":0,"sent_ns":0,"received_ns":80,"response":{"status":500,"body":{"kind":"empty","len":0}},"outcome":{"class":{"category":"server","resend":"if_replayable","action":"retry_and_check_status"},"then":"retry","wait_ns":500000000,"cause":"backoff"}}"#;

fn config() -> Config {
    Config::new(TOKEN).without_pacing()
}

fn recorded(config: Config, request: ApiRequest, script: Script) -> Recorder {
    let recorder = memory();
    let _ = run(config, &recorder, request, script);
    recorder
}

fn replayed(config: Config, request: ApiRequest, script: Script) -> Replayed {
    replay(&recording(&recorded(config, request, script)))
}

fn exchanges(exchanges: Vec<crate::client::Exchange>) -> Script {
    Script {
        exchanges,
        ..Script::default()
    }
}

#[test]
fn what_the_gate_said_is_replayed() {
    let wait = Duration::from_secs(7);
    let failing = || vec![refusal(500, "server_error", "")];
    for (gate, exchanges) in [
        (vec![Gate::Refuse(wait)], vec![]),
        (vec![Gate::TooLate(wait)], vec![]),
        (vec![Gate::TooLate(Duration::ZERO)], vec![]),
        (vec![Gate::Go, Gate::Refuse(wait)], failing()),
        (vec![Gate::Spread, Gate::TooLate(wait)], failing()),
    ] {
        let script = Script {
            gate,
            exchanges,
            ..Script::default()
        };
        let replayed = replayed(config(), ApiRequest::get("/me"), script);
        assert_eq!(replayed.differences(), 0, "{replayed}");
        assert!(replayed.calls().iter().all(|call| call.reason().is_none()));
    }
}

#[test]
fn a_gate_that_spreads_calls_takes_the_spread_away_from_its_attempt_on() {
    let limited = || {
        let headers = [("retry-after", "2")];
        let body = r#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded"}]}"#;
        response(429, &headers, body)
    };
    let script = Script {
        gate: vec![Gate::Go, Gate::Spread],
        exchanges: vec![limited(), limited(), response(200, &[], "{}")],
        ..Script::default()
    };
    let recorder = recorded(config(), ApiRequest::get("/me"), script);
    let waits: Vec<&str> = recorder
        .text()
        .leak()
        .lines()
        .filter_map(|line| line.split("wait_ns\":").nth(1))
        .collect();
    assert!(!waits[0].starts_with("2000000000,") && waits[1].starts_with("2000000000,"));
    let replayed = replay(&recording(&recorder));
    assert_eq!(replayed.differences(), 0, "{replayed}");
}

#[test]
fn an_exhausted_budget_and_a_deadline_are_replayed() {
    let failing = |count| {
        (0..count)
            .map(|_| refusal(500, "server_error", ""))
            .collect()
    };
    let deadline = ApiRequest::get("/me").deadline(Duration::from_millis(900));
    let budget = config().budget(RetryBudget::new(1));
    for (config, request, reason) in [
        (budget, ApiRequest::get("/me"), "budget_exhausted"),
        (config(), deadline, "deadline_exceeded"),
    ] {
        let replayed = replayed(config, request, exchanges(failing(2)));
        assert_eq!(replayed.differences(), 0, "{replayed}");
        let last = replayed.calls()[0].attempts().last().unwrap();
        assert!(last.decisions().0.contains(reason), "{last:?}");
    }
}

#[test]
fn a_renewed_token_is_replayed_and_so_is_a_missing_one() {
    let refused = || refusal(401, "unauthorized", "Access Token Invalid");
    for (tokens, responses) in [
        (vec!["other"], vec![refused(), response(200, &[], "{}")]),
        (vec!["other"], vec![refused(), refused()]),
        (vec![], vec![refused()]),
    ] {
        let script = Script {
            tokens,
            exchanges: responses,
            ..Script::default()
        };
        let replayed = replayed(config().renewable_token(), ApiRequest::get("/me"), script);
        assert_eq!(replayed.differences(), 0, "{replayed}");
    }
    let anonymous = Config::anonymous().without_pacing().renewable_token();
    let replayed = replayed(anonymous, ApiRequest::get("/me"), Script::default());
    assert_eq!(replayed.differences(), 0, "{replayed}");
}

#[test]
fn calls_without_a_decision_are_named_with_the_reason() {
    let recorder = memory();
    let invalid = ApiRequest::get("/me").header("Authorization", "Bearer other");
    let _ = run(config(), &recorder, invalid, Script::default());
    let connection = config().observer(recorder.clone()).build().unwrap();
    let now = intercom_protocol::Moment::new(intercom_protocol::Tick::default());
    let mut dropped = intercom_protocol::Call::new(&connection, ApiRequest::get("/me"), now);
    assert!(matches!(dropped.next(now), Step::Admit(_)));
    drop(dropped);
    let replayed = replay(&recording(&recorder));
    assert_eq!(replayed.differences(), 0);
    insta::assert_snapshot!(anonymous(&replayed.to_string()), @r"
    call N  GET /me
      not replayed: the request was invalid, so no decision was made

    call N  GET /me
      not replayed: it was dropped before its first response

    No decision differs in 0 replayed calls; 2 calls not replayed.
    ");
}

/// Replaces the numbers of calls and runs, which differ from run to run.
fn anonymous(text: &str) -> String {
    let lines = text.lines().map(|line| match line.strip_prefix("call ") {
        Some(rest) => {
            let (_, rest) = rest.split_once(' ').unwrap();
            format!("call N {}", rest.split("  (run").next().unwrap())
        }
        None => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A call with a wait of each kind.
fn busy() -> Recorder {
    let request = ApiRequest::post("/contacts/search").json(&serde_json::json!({}));
    let limited = [
        ("date", "Fri, 22 Mar 2024 09:33:20 GMT"),
        ("x-ratelimit-reset", "1711100004"),
        ("x-request-id", "004qkagkoq5kktea5hdg"),
    ];
    let body = r#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded"}]}"#;
    let script = exchanges(vec![
        response(429, &limited, body),
        Err(Fault::outcome_unknown(FaultKind::Timeout)),
        response(
            502,
            &[("content-type", "text/html")],
            "<html>Ada Lovelace</html>",
        ),
        response(200, &[], r#"{"type":"list","data":[]}"#),
    ]);
    recorded(config(), request, script)
}

#[test]
fn a_changed_wait_policy_class_or_reason_is_a_difference() {
    let text = busy().text();
    let differences = |text: &str| {
        let recording = Recording::read(text.as_bytes()).unwrap();
        replay(&recording).differences()
    };
    assert_eq!(differences(&text), 0);
    for (was, is, expected) in [
        ("\"wait_ns\":4", "\"wait_ns\":5", 1),
        ("\"cause\":\"backoff\"", "\"cause\":\"retry_after\"", 2),
        ("\"resend\":\"if_replayable\"", "\"resend\":\"safe\"", 2),
        // The call now ends at its second attempt, so that the others have no decision.
        ("\"replay\":\"read\"", "\"replay\":\"no\"", 3),
        ("\"terms\":{", "\"terms\":{\"policy\":{\"base_ns\":7},", 2),
        (
            "\"then\":\"done\"",
            "\"then\":\"stop\",\"reason\":\"not_retryable\"",
            1,
        ),
    ] {
        let changed = text.replace(was, is);
        assert_ne!(changed, text, "{was}");
        assert_eq!(differences(&changed), expected, "{was}");
    }
}

#[test]
fn a_difference_is_shown_attempt_by_attempt() {
    let text = busy().text().replace("\"wait_ns\":4", "\"wait_ns\":9");
    let recording = Recording::read(text.as_bytes()).unwrap();
    let shown = replay(&recording).to_string();
    assert!(
        shown.lines().all(|line| line.chars().count() <= 80),
        "{shown}"
    );
    insta::assert_snapshot!(anonymous(&shown), @r"
    call N  POST /contacts/search
        # response                     decision then                         now
        1 429 rate_limit_exceeded      wait 9.86s: rate_limit_reset          differs
                                       wait 4.86s: rate_limit_reset          now
        2 outcome_unknown timeout      wait 1.44s: backoff                   same
        3 502                          wait 2.79s: backoff                   same
        4 200                          done                                  same

    1 decision differs in 1 replayed call.
    ");
}

#[test]
fn a_call_whose_first_lines_are_lost_is_not_replayed() {
    let text = busy().text();
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("\"n\":1,"))
        .collect();
    let recording = Recording::read(kept.join("\n").as_bytes()).unwrap();
    let replayed = replay(&recording);
    let [call] = replayed.calls() else {
        panic!("one call")
    };
    assert_eq!(call.reason(), Some("attempt 1 is not in the recording"));
}

#[test]
fn the_script_of_a_recording_leads_a_client_to_the_same_statuses() {
    let (lines, missing) = script(&recording(&busy()));
    assert_eq!(missing, 0);
    let mock = MockServer::start().unwrap();
    mock.script_lines(&lines.join("\n")).unwrap();
    let request = ApiRequest::post("/contacts/search").json(&serde_json::json!({}));
    let client = intercom_blocking::Client::builder(mock.token())
        .base_url(mock.base_url())
        .attempt_timeout(Duration::from_millis(500))
        .clock(QuickClock::default())
        .without_pacing();
    let reply = client.build().unwrap().execute(request).unwrap();
    let statuses: Vec<_> = reply
        .attempts()
        .iter()
        .map(|attempt| attempt.status())
        .collect();
    assert_eq!(statuses, [Some(429), None, Some(502), Some(200)]);
}

/// A clock that passes waits at once.
#[derive(Default)]
struct QuickClock(std::sync::Mutex<Duration>);

impl intercom_blocking::transport::Clock for QuickClock {
    fn now(&self) -> intercom_protocol::Moment {
        intercom_protocol::Moment::new(intercom_protocol::Tick::new(*self.0.lock().unwrap()))
    }

    fn sleep(&self, wait: Duration) {
        *self.0.lock().unwrap() += wait;
    }
}

#[test]
fn only_reads_without_ids_and_values_are_sent_again() {
    let recorder = memory();
    let ok = || exchanges(vec![response(200, &[], "{}")]);
    for request in [
        ApiRequest::get("/me"),
        ApiRequest::get("/me"),
        ApiRequest::get("/contacts/1"),
        ApiRequest::get("/contacts").query("per_page", 5),
        ApiRequest::post("/contacts/search").json(&serde_json::json!({})),
        ApiRequest::post("/messages").json(&serde_json::json!({})),
    ] {
        run(config(), &recorder, request, ok()).unwrap();
    }
    let recording = recording(&recorder);
    let (sent, skipped) = requests(&recording, false);
    let [me] = sent.as_slice() else {
        panic!("one request: {sent:?}")
    };
    assert_eq!(
        (me.request().path(), me.calls(), me.status()),
        ("/me", 2, Some(200))
    );
    let skipped: Vec<String> = skipped.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(skipped.join("\n"), @r"
    GET /contacts/{id}: the id in its path was not recorded
    GET /contacts: the values of its query were not recorded
    POST /contacts/search: it is not a GET; --writes sends it to a mock
    POST /messages: it is not a GET; --writes sends it to a mock
    ");
    let (sent, _) = requests(&recording, true);
    assert_eq!(sent.len(), 3, "{sent:?}");
    assert_eq!(sent[2].request().replay(), Replay::No);
}

#[test]
fn only_get_and_head_are_reads_whatever_the_file_says() {
    for (method, count) in [
        ("GET", 1),
        ("HEAD", 1),
        ("DELETE", 0),
        ("PATCH", 0),
        ("POST", 0),
        ("PUT", 0),
        ("OPTIONS", 0),
        ("get", 0),
        ("LINK", 0),
    ] {
        for terms in ["read", "no", "idempotent"] {
            let line = LINE
                .replace("GET", method)
                .replace("\"read\"", &format!("\"{terms}\""));
            let Ok(recording) = Recording::read(line.as_bytes()) else {
                continue;
            };
            let (sent, _) = requests(&recording, false);
            assert_eq!(sent.len(), count, "{method} {terms}");
        }
    }
}

/// Returns lines of a call: exchanges with these numbers, and an end after so many attempts.
fn lines(numbers: &[u32], attempts: u32) -> String {
    let exchange = |n: &u32| LINE.replace("\"n\":1", &format!("\"n\":{n}"));
    let mut lines: Vec<String> = numbers.iter().map(exchange).collect();
    lines.push(format!(
        r#"{{"line":"end","run":"5f1a09c2","call":1,"method":"GET","route":"/me","attempts":{attempts},"why":"refused","by_gate":true,"terms":{{"replay":"read"}},"began_ns":0,"ended_ns":90}}"#
    ));
    lines.join("\n")
}

#[test]
fn a_call_with_more_or_fewer_attempts_than_lines_is_not_replayed() {
    for (numbers, attempts, is_replayed) in [
        (&[][..], 0, true),
        (&[1][..], 1, true),
        (&[][..], 1, false),
        (&[1][..], 2, false),
        (&[1][..], 7, false),
        (&[1, 2][..], 1, false),
        (&[1][..], 0, false),
        (&[1][..], u32::MAX, false),
    ] {
        let recording = Recording::read(lines(numbers, attempts).as_bytes()).unwrap();
        let replayed = replay(&recording);
        let reason = replayed.calls()[0].reason();
        assert_eq!(
            reason.is_none(),
            is_replayed,
            "{numbers:?} {attempts}: {reason:?}"
        );
        assert_eq!(replayed.replayed(), usize::from(is_replayed));
        if let Some(reason) = reason {
            assert!(
                reason.ends_with("attempts are in the recording"),
                "{reason}"
            );
        }
    }
}

#[test]
fn lines_that_were_not_read_are_counted_in_a_replay() {
    let text = format!("{LINE}\n{{torn\nother\n");
    let replayed = replay(&Recording::read(text.as_bytes()).unwrap());
    assert_eq!((replayed.replayed(), replayed.unreadable_lines()), (1, 2));
    let last = replayed.to_string();
    assert!(
        last.ends_with("in 1 replayed call; 2 lines not read.\n"),
        "{last}"
    );
    let json = serde_json::to_value(&replayed).unwrap();
    assert_eq!(json["unreadable_lines"], 2);
}

#[test]
fn a_request_is_sent_once_whatever_its_statuses_were() {
    let mut text = String::new();
    for number in 0..20_000_u32 {
        let status = 200 + number % 399;
        let call = LINE.replace("\"call\":1", &format!("\"call\":{number}"));
        text += &call.replace("\"status\":500", &format!("\"status\":{status}"));
        text.push('\n');
    }
    let (sent, skipped) = requests(&Recording::read(text.as_bytes()).unwrap(), false);
    let [one] = sent.as_slice() else {
        panic!("{} requests", sent.len())
    };
    let last = u16::try_from(200 + 19_999 % 399).unwrap();
    assert_eq!((one.calls(), one.status()), (20_000, Some(last)));
    assert!(skipped.is_empty());
}
