//! What each answer to "may it be applied twice?" allows.

use intercom_errors::{Fault, FaultKind};
use intercom_retry::{Decision, Question, Replay, RetryPolicy, decide};

use crate::answers::{at, cut, rate_limited, server_error, unauthorized};

const ALL: [Replay; 4] = [
    Replay::Read,
    Replay::Idempotent,
    Replay::No,
    Replay::Allowed,
];

/// For each kind of request, whether it goes again after a failure.
fn goes_again(ask: impl Fn(Replay) -> Decision) -> [bool; 4] {
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
fn replay_matters_only_when_the_fate_is_unknown() {
    let policy = RetryPolicy::default();
    let answers = [
        (unauthorized(), [false, false, false, false]),
        (server_error(), [true, true, false, true]),
        (rate_limited(3), [true, true, true, true]),
    ];
    for (error, expected) in answers {
        let ask = |replay| decide(&Question::new(&policy, &error, replay, &at(0)));
        assert_eq!(goes_again(ask), expected, "{error}");
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
        assert_eq!(goes_again(ask), expected, "{fault}");
    }
}
