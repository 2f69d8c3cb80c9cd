//! Tests of which requests are sent again after which failures.

use intercom_errors::{Fault, FaultKind};
use intercom_retry::{Decision, Question, Replay, RetryPolicy, decide};

use crate::failures::{at, cut, rate_limited, server_error, unauthorized};

const ALL: [Replay; 4] = [
    Replay::Read,
    Replay::Idempotent,
    Replay::No,
    Replay::Allowed,
];

/// Returns for each kind of request whether it is sent again.
fn is_retried(ask: impl Fn(Replay) -> Decision) -> [bool; 4] {
    ALL.map(|replay| matches!(ask(replay), Decision::Retry(_)))
}

#[test]
fn names_are_snake_case() {
    assert_eq!(
        ALL.map(Replay::as_str),
        ["read", "idempotent", "no", "allowed"]
    );
    assert_eq!(Replay::Idempotent.to_string(), "idempotent");
}

#[test]
fn all_but_no_are_replayable() {
    assert_eq!(ALL.map(Replay::is_replayable), [true, true, false, true]);
}

#[test]
fn replay_only_matters_after_an_ambiguous_failure() {
    let policy = RetryPolicy::default();
    let responses = [
        (unauthorized(), [false, false, false, false]),
        (server_error(), [true, true, false, true]),
        (rate_limited(3), [true, true, true, true]),
    ];
    for (error, expected) in responses {
        let ask = |replay| decide(&Question::new(&policy, &error, replay, &at(0)));
        assert_eq!(is_retried(ask), expected, "{error}");
    }
    let faults = [
        (
            Fault::not_sent(FaultKind::BadCertificate).into(),
            [false, false, false, false],
        ),
        (
            Fault::not_sent(FaultKind::Connect).into(),
            [true, true, true, true],
        ),
        (
            Fault::outcome_unknown(FaultKind::Timeout).into(),
            [true, true, false, true],
        ),
        (
            cut(FaultKind::Closed, server_error()),
            [true, true, false, true],
        ),
        (
            cut(FaultKind::Closed, rate_limited(3)),
            [true, true, true, true],
        ),
    ];
    for (fault, expected) in faults {
        let ask = |replay| decide(&Question::new(&policy, &fault, replay, &at(0)));
        assert_eq!(is_retried(ask), expected, "{fault}");
    }
}
