//! The parts of a call's history are stored as JSON and read again.

use core::time::Duration;

use insta::assert_snapshot;
use intercom_errors::{ApiError, Fault, FaultKind, UnixTime};
use intercom_retry::{
    Attempt, Decision, Failure, History, Moment, Replay, RetryPolicy, RetrySession, Stop,
    StopReason, Tick,
};
use serde_json::Value;

/// Makes a call of three attempts, and returns its history and the reason why it ended.
fn call() -> (History, Stop) {
    let wall = UnixTime::from_secs(1_711_100_000).unwrap();
    let at = |seconds| Moment::new(Tick::new(Duration::from_secs(seconds))).with_wall(wall);
    let policy = RetryPolicy::builder().max_attempts(3).build().unwrap();
    let mut call = RetrySession::new(policy, Replay::Read, &at(0));
    let body =
        br#"{"type":"error.list","request_id":"req_1","errors":[{"code":"rate_limit_exceeded"}]}"#;
    let failures = [
        ApiError::from_parts(429, [("Retry-After", &b"7"[..])], body).into(),
        Fault::not_sent(FaultKind::Dns).into(),
        Fault::outcome_unknown(FaultKind::Timeout).into(),
    ];
    let decisions = failures.map(|failure| {
        call.sending(&at(1));
        call.failed(&failure, &at(3))
    });
    let Decision::Stop(stop) = decisions[2] else {
        panic!("{decisions:?}");
    };
    (call.take_attempts(), stop)
}

#[test]
fn a_history_has_the_documented_form_and_is_read_as_it_was_stored() {
    let (history, _) = call();
    let json = serde_json::to_string_pretty(&history).unwrap();
    assert_snapshot!(json, @r#"
    {
      "v": 1,
      "attempts": [
        {
          "number": 1,
          "started": {
            "secs": 1,
            "nanos": 0
          },
          "took": {
            "secs": 2,
            "nanos": 0
          },
          "status": 429,
          "code": "rate_limit_exceeded",
          "request_id": "req_1",
          "wait": {
            "duration": {
              "secs": 7,
              "nanos": 0
            },
            "cause": "retry_after"
          }
        },
        {
          "number": 2,
          "started": {
            "secs": 1,
            "nanos": 0
          },
          "took": {
            "secs": 2,
            "nanos": 0
          },
          "fault": {
            "phase": "not_sent",
            "kind": "dns"
          },
          "wait": {
            "duration": {
              "secs": 1,
              "nanos": 0
            },
            "cause": "backoff"
          }
        },
        {
          "number": 3,
          "started": {
            "secs": 1,
            "nanos": 0
          },
          "took": {
            "secs": 2,
            "nanos": 0
          },
          "fault": {
            "phase": "outcome_unknown",
            "kind": "timeout"
          }
        }
      ]
    }
    "#);
    let read: History = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string_pretty(&read).unwrap(), json);
    let facts = |attempt: &Attempt| {
        let sent = (attempt.number(), attempt.started(), attempt.took());
        let response = (
            attempt.status(),
            attempt.code().map(str::to_owned),
            attempt.request_id().map(str::to_owned),
        );
        (sent, response, attempt.fault(), attempt.wait())
    };
    assert!(read.iter().map(facts).eq(history.iter().map(facts)));
}

#[test]
fn a_history_of_another_version_is_refused_and_unknown_members_are_ignored() {
    let read = |json| serde_json::from_str::<History>(json);
    let error = read(r#"{"v":2,"attempts":[]}"#).unwrap_err().to_string();
    assert!(error.starts_with("the record has version 2; "), "{error}");
    assert!(
        read(r#"{"v":1,"attempts":[],"brand_new":1}"#)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_stop_is_read_as_it_was_stored() {
    let (_, stop) = call();
    let json = serde_json::to_string(&stop).unwrap();
    assert_snapshot!(json, @r#"{"reason":"attempts_exhausted","retry_after":{"secs":2,"nanos":0},"retry_at":"2024-03-22T09:33:22Z"}"#);
    assert_eq!(serde_json::from_str::<Stop>(&json).unwrap(), stop);
    let without_time = Stop::new(StopReason::NotRetryable);
    let json = serde_json::to_string(&without_time).unwrap();
    assert_eq!(json, r#"{"reason":"not_retryable"}"#);
    assert_eq!(serde_json::from_str::<Stop>(&json).unwrap(), without_time);
}

#[test]
fn a_failure_says_whether_there_was_a_response() {
    for (failure, member) in [
        (Failure::from(ApiError::from_parts(404, [], b"")), "api"),
        (Fault::not_sent(FaultKind::Dns).into(), "fault"),
    ] {
        let json = serde_json::to_value(&failure).unwrap();
        assert_eq!(json[member]["v"], Value::from(1));
        let read: Failure = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), json);
        assert_eq!(
            (read.class(), read.to_string()),
            (failure.class(), failure.to_string())
        );
    }
}
