//! One call's counters, history and doubts.

use core::time::Duration;

use intercom_errors::{ApiError, Fault, FaultKind, Phase};
use intercom_retry::{
    Decision, Failure, Replay, RetryBudget, RetryPolicy, RetrySession, StopReason, Wait, WaitCause,
};

use crate::answers::{answer, at, cut, rate_limited, secs, server_error, unauthorized};

fn session(replay: Replay) -> RetrySession {
    RetrySession::new(RetryPolicy::default(), replay, &at(5))
}

/// Whether a write that is not replayable may have been applied after `failure`.
fn doubt(failure: impl Into<Failure>) -> bool {
    let mut session = session(Replay::No);
    session.sending(&at(5));
    let _ = session.failed(&failure.into(), &at(6));
    session.maybe_applied()
}

fn reason(decision: Decision) -> Option<StopReason> {
    match decision {
        Decision::Retry(_) => None,
        Decision::Stop(stop) => Some(stop.reason()),
    }
}

#[test]
fn new_session_is_at_its_first_attempt_and_has_no_history() {
    let session = session(Replay::Idempotent);
    assert_eq!((session.attempt(), session.attempts().len()), (1, 0));
    assert_eq!((session.began(), session.deadline()), (at(5).tick(), None));
    assert_eq!(
        (session.replay(), session.maybe_applied()),
        (Replay::Idempotent, false)
    );
}

#[test]
fn only_an_answer_that_refuses_leaves_no_doubt() {
    let doubt = |status, code| doubt(answer(status, code, &[]));
    for status in [101, 204, 302, 303, 304, 307, 408, 499, 500, 504, 600] {
        assert!(doubt(status, "brand_new"), "{status}");
    }
    for status in [400, 401, 403, 404, 405, 409, 410, 413, 422, 429] {
        assert!(!doubt(status, "brand_new"), "{status}");
    }
    assert!(doubt(400, "server_error") && doubt(404, "request_timeout"));
    assert!(!doubt(400, "parameter_invalid") && !doubt(503, "service_unavailable"));
}

#[test]
fn call_stops_after_as_many_attempts_as_the_policy_allows() {
    let mut session = session(Replay::Read);
    let reasons: Vec<_> = (1..=4)
        .map(|number| {
            assert_eq!(session.attempt(), number);
            session.sending(&at(5));
            reason(session.failed(&server_error(), &at(6)))
        })
        .collect();
    assert_eq!(
        reasons,
        [None, None, None, Some(StopReason::AttemptsExhausted)]
    );
    assert_eq!(session.attempts().len(), 4);
}

#[test]
fn back_off_grows_with_the_sessions_own_count() {
    let mut session = session(Replay::Read);
    for _ in 0..3 {
        let _ = session.failed(&server_error(), &at(6));
    }
    let waits: Vec<_> = session
        .attempts()
        .iter()
        .filter_map(|attempt| attempt.wait())
        .collect();
    let millis: Vec<_> = waits
        .iter()
        .map(|wait| wait.duration().as_millis())
        .collect();
    assert_eq!(millis, [500, 1_000, 2_000]);
}

#[test]
fn history_keeps_what_each_attempt_came_to() {
    let mut session = session(Replay::Read);
    session.sending(&at(5));
    let _ = session.failed(&rate_limited(20), &at(6));
    session.sending(&at(21));
    let _ = session.failed(&cut(FaultKind::Timeout, server_error()), &at(22));
    session.sending(&at(24));
    let _ = session.failed(&Fault::outcome_unknown(FaultKind::Closed).into(), &at(25));
    session.sending(&at(28));
    session.succeeded(200, Some("req_2"), &at(29));
    assert_eq!(session.attempt(), 5);

    let history = session.take_attempts();
    let [limited, cut, closed, done] = &*history else {
        panic!("{history:?}")
    };
    assert_eq!((limited.number(), limited.started()), (1, at(5).tick()));
    assert_eq!(
        [limited.took(), done.took()],
        [at(6).tick().since(at(5).tick()); 2]
    );
    assert_eq!(
        (limited.status(), limited.code()),
        (Some(429), Some("rate_limit_exceeded"))
    );
    assert_eq!(
        (limited.request_id(), limited.fault()),
        (Some("req_1"), None)
    );
    assert_eq!(
        limited.wait(),
        Some(Wait::new(secs(14), WaitCause::RateLimitReset))
    );

    assert_eq!(
        (cut.status(), cut.code()),
        (Some(500), Some("server_error"))
    );
    assert_eq!(cut.fault(), Some((Phase::Cut, FaultKind::Timeout)));

    assert_eq!(
        (closed.status(), closed.code(), closed.request_id()),
        (None, None, None)
    );
    assert_eq!(
        closed.fault(),
        Some((Phase::OutcomeUnknown, FaultKind::Closed))
    );

    assert_eq!((done.number(), done.started()), (4, at(28).tick()));
    assert_eq!((done.status(), done.code()), (Some(200), None));
    assert_eq!((done.request_id(), done.wait()), (Some("req_2"), None));
}

#[test]
fn last_attempt_has_no_wait() {
    let mut session = session(Replay::Read);
    let _ = session.failed(&unauthorized(), &at(6));
    assert_eq!(session.attempts()[0].wait(), None);
}

#[test]
fn attempt_that_failed_before_the_wire_started_when_it_failed() {
    let mut session = session(Replay::No);
    let _ = session.failed(&Fault::not_sent(FaultKind::Connect).into(), &at(9));
    assert_eq!(session.attempts()[0].started(), at(9).tick());
}

#[test]
fn deadline_expires_at_its_own_tick() {
    let session = session(Replay::Read).with_deadline(Some(at(60).tick()));
    assert_eq!(
        [at(59), at(60), at(61)].map(|now| session.expired(&now)),
        [false, true, true]
    );
    assert!(!self::session(Replay::Read).expired(&at(u64::from(u32::MAX))));
}

#[test]
fn deadline_is_part_of_the_decision() {
    let mut session = session(Replay::Read).with_deadline(Some(at(20).tick()));
    let decision = session.failed(&rate_limited(30), &at(10));
    let Decision::Stop(stop) = decision else {
        panic!("{decision:?}")
    };
    assert_eq!(stop.reason(), StopReason::DeadlineExceeded);
    assert_eq!(stop.retry_after(), Some(secs(20)));
}

#[test]
fn doubt_remains_after_an_unknown_fate() {
    assert!(doubt(server_error()));
    assert!(doubt(answer(408, "request_timeout", &[])));
    assert!(doubt(Fault::outcome_unknown(FaultKind::Timeout)));
    assert!(doubt(cut(FaultKind::Closed, server_error())));
    let created = || ApiError::from_parts(201, [], b"");
    assert!(doubt(cut(FaultKind::Closed, created().into())));
    // Never worth a repeat, and done all the same.
    assert!(doubt(cut(FaultKind::TooLarge, created().into())));
    let timed_out = answer(408, "request_timeout", &[]);
    assert!(doubt(cut(FaultKind::TooLarge, timed_out)));
}

#[test]
fn doubt_remains_after_an_answer_that_says_it_was_applied_in_part() {
    let body = br#"{"type":"error.list","errors":[{"code":"conflict","message":"The members of this team kept being changed by other requests, so this one is partly applied. Read the team and try again."}]}"#;
    assert!(doubt(ApiError::from_parts(409, [], body)));
    assert!(!doubt(answer(409, "conflict", &[])));
}

#[test]
fn refusals_leave_no_doubt() {
    assert!(!doubt(unauthorized()));
    assert!(!doubt(rate_limited(20)));
    assert!(!doubt(answer(503, "service_unavailable", &[])));
    assert!(!doubt(Fault::not_sent(FaultKind::Dns)));
    assert!(!doubt(Fault::not_sent(FaultKind::BadCertificate)));
    assert!(!doubt(cut(FaultKind::Closed, rate_limited(20))));
    assert!(!doubt(cut(FaultKind::TooLarge, unauthorized())));
}

#[test]
fn later_answer_does_not_take_the_doubt_back() {
    let mut session = session(Replay::Idempotent);
    let _ = session.failed(&Fault::outcome_unknown(FaultKind::Closed).into(), &at(6));
    let _ = session.failed(&answer(404, "not_found", &[]), &at(8));
    assert!(session.maybe_applied());
}

#[test]
fn attempt_on_the_wire_is_in_doubt_until_it_ends() {
    let mut session = session(Replay::No);
    session.sending(&at(5));
    assert!(session.maybe_applied());
    let _ = session.failed(&rate_limited(20), &at(6));
    assert!(!session.maybe_applied());
    session.sending(&at(21));
    session.succeeded(201, None, &at(22));
    assert!(!session.maybe_applied());
}

#[test]
fn reads_are_never_in_doubt() {
    let mut session = session(Replay::Read);
    session.sending(&at(5));
    assert!(!session.maybe_applied());
    let _ = session.failed(&server_error(), &at(6));
    assert!(!session.maybe_applied());
}

#[test]
fn waits_do_not_depend_on_how_long_an_attempt_took() {
    let mut session = session(Replay::Read);
    session.sending(&at(5));
    let Decision::Retry(wait) = session.failed(&server_error(), &at(1_000)) else {
        panic!()
    };
    assert_eq!(wait.duration(), Duration::from_millis(500));
}

/// A session of a read, on its first attempt, that shares `budget`.
fn spending(budget: &RetryBudget) -> RetrySession {
    let mut session = session(Replay::Read).with_budget(Some(budget.clone()));
    session.sending(&at(5));
    session
}

#[test]
fn granted_retry_is_paid_for_and_given_back_if_it_is_never_sent() {
    let budget = RetryBudget::new(1);
    let mut granted = spending(&budget);
    assert_eq!(reason(granted.failed(&server_error(), &at(6))), None);
    assert_eq!(budget.retries_left(), 0);
    drop(granted);
    assert_eq!(budget.retries_left(), 1);
}

#[test]
fn retry_that_was_sent_is_spent_until_its_call_succeeds() {
    let budget = RetryBudget::new(1);
    let mut first = spending(&budget);
    let _ = first.failed(&server_error(), &at(6));
    first.sending(&at(7));
    let mut second = spending(&budget);
    let stopped = reason(second.failed(&server_error(), &at(7)));
    assert_eq!(stopped, Some(StopReason::BudgetExhausted));
    first.succeeded(200, None, &at(8));
    assert_eq!(budget.retries_left(), 1);
}

#[test]
fn rate_limits_cost_nothing_of_the_budget() {
    let budget = RetryBudget::new(0);
    let mut session = spending(&budget);
    assert_eq!(reason(session.failed(&rate_limited(3), &at(6))), None);
    session.sending(&at(9));
    let stopped = reason(session.failed(&server_error(), &at(10)));
    assert_eq!(stopped, Some(StopReason::BudgetExhausted));
}

#[test]
fn a_server_error_that_calls_itself_a_rate_limit_costs_like_any_other() {
    let body = br#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded","message":""}]}"#;
    let error = ApiError::from_parts(502, [("Retry-After", &b"1"[..])], body);
    let stopped = spending(&RetryBudget::new(0)).failed(&error.into(), &at(6));
    assert_eq!(reason(stopped), Some(StopReason::BudgetExhausted));
}

#[test]
fn answer_that_refuses_for_good_fills_the_budget_like_a_success() {
    let budget = RetryBudget::new(1);
    let mut session = spending(&budget);
    let _ = session.failed(&server_error(), &at(6));
    session.sending(&at(7));
    assert_eq!(budget.retries_left(), 0);
    let _ = session.failed(&unauthorized(), &at(8));
    assert_eq!(budget.retries_left(), 1);
}

#[test]
fn attempts_that_were_taken_out_still_count() {
    let mut session = RetrySession::new(RetryPolicy::default(), Replay::Read, &at(0));
    session.sending(&at(0));
    let _ = session.failed(&server_error(), &at(1));
    assert_eq!(session.take_attempts().len(), 1);
    assert_eq!((session.attempt(), session.attempts().len()), (2, 0));
}
