//! Tests of a session: its counters, its history, and whether the request may have been applied.

use core::time::Duration;

use intercom_errors::{ApiError, Fault, FaultKind, Phase};
use intercom_retry::{
    Decision, Failure, Replay, RetryBudget, RetryPolicy, RetrySession, StopReason, Wait, WaitCause,
};

use crate::failures::{at, cut, failed_with, rate_limited, secs, server_error, unauthorized};

fn session(replay: Replay) -> RetrySession {
    RetrySession::new(RetryPolicy::default(), replay, &at(5))
}

/// Returns whether a write that is not replayable may have been applied after `failure`.
fn maybe_applied(failure: impl Into<Failure>) -> bool {
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
fn a_new_session_is_at_its_first_attempt_and_has_no_history() {
    let session = session(Replay::Idempotent);
    assert_eq!((session.attempt(), session.attempts().len()), (1, 0));
    assert_eq!((session.began(), session.deadline()), (at(5).tick(), None));
    assert_eq!(
        (session.replay(), session.maybe_applied()),
        (Replay::Idempotent, false)
    );
}

#[test]
fn only_a_refusal_rules_out_that_the_request_was_applied() {
    let maybe_applied = |status, code| maybe_applied(failed_with(status, code, &[]));
    for status in [101, 204, 302, 303, 304, 307, 408, 499, 500, 504, 600] {
        assert!(maybe_applied(status, "brand_new"), "{status}");
    }
    for status in [400, 401, 403, 404, 405, 409, 410, 413, 422, 429] {
        assert!(!maybe_applied(status, "brand_new"), "{status}");
    }
    assert!(maybe_applied(400, "server_error") && maybe_applied(404, "request_timeout"));
    assert!(!maybe_applied(400, "parameter_invalid") && !maybe_applied(503, "service_unavailable"));
}

#[test]
fn a_call_stops_after_the_maximum_of_attempts() {
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
fn the_back_off_grows_with_each_attempt_of_the_session() {
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
fn the_history_contains_the_outcome_of_each_attempt() {
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
fn the_last_attempt_has_no_wait() {
    let mut session = session(Replay::Read);
    let _ = session.failed(&unauthorized(), &at(6));
    assert_eq!(session.attempts()[0].wait(), None);
}

#[test]
fn an_attempt_that_was_not_sent_starts_when_it_fails() {
    let mut session = session(Replay::No);
    let _ = session.failed(&Fault::not_sent(FaultKind::Connect).into(), &at(9));
    assert_eq!(session.attempts()[0].started(), at(9).tick());
}

#[test]
fn the_deadline_expires_at_its_tick() {
    let session = session(Replay::Read).with_deadline(Some(at(60).tick()));
    assert_eq!(
        [at(59), at(60), at(61)].map(|now| session.expired(&now)),
        [false, true, true]
    );
    assert_eq!(session.deadline(), Some(at(60).tick()));
    assert!(!self::session(Replay::Read).expired(&at(u64::from(u32::MAX))));
}

#[test]
fn the_deadline_affects_the_decision() {
    let mut session = session(Replay::Read).with_deadline(Some(at(20).tick()));
    let decision = session.failed(&rate_limited(30), &at(10));
    let Decision::Stop(stop) = decision else {
        panic!("{decision:?}")
    };
    assert_eq!(stop.reason(), StopReason::DeadlineExceeded);
    assert_eq!(stop.retry_after(), Some(secs(20)));
}

#[test]
fn an_ambiguous_failure_may_have_been_applied() {
    assert!(maybe_applied(server_error()));
    assert!(maybe_applied(failed_with(408, "request_timeout", &[])));
    assert!(maybe_applied(Fault::outcome_unknown(FaultKind::Timeout)));
    assert!(maybe_applied(cut(FaultKind::Closed, server_error())));
    let created = || ApiError::from_parts(201, [], b"");
    assert!(maybe_applied(cut(FaultKind::Closed, created().into())));
    // A retry never helps here, but the request was applied.
    assert!(maybe_applied(cut(FaultKind::TooLarge, created().into())));
    let timed_out = failed_with(408, "request_timeout", &[]);
    assert!(maybe_applied(cut(FaultKind::TooLarge, timed_out)));
}

#[test]
fn a_partly_applied_conflict_may_have_been_applied() {
    let body = br#"{"type":"error.list","errors":[{"code":"conflict","message":"The members of this team kept being changed by other requests, so this one is partly applied. Read the team and try again."}]}"#;
    assert!(maybe_applied(ApiError::from_parts(409, [], body)));
    assert!(!maybe_applied(failed_with(409, "conflict", &[])));
}

#[test]
fn refusals_were_not_applied() {
    assert!(!maybe_applied(unauthorized()));
    assert!(!maybe_applied(rate_limited(20)));
    assert!(!maybe_applied(failed_with(503, "service_unavailable", &[])));
    assert!(!maybe_applied(Fault::not_sent(FaultKind::Dns)));
    assert!(!maybe_applied(Fault::not_sent(FaultKind::BadCertificate)));
    assert!(!maybe_applied(cut(FaultKind::Closed, rate_limited(20))));
    assert!(!maybe_applied(cut(FaultKind::TooLarge, unauthorized())));
}

#[test]
fn maybe_applied_is_kept_after_later_responses() {
    let mut session = session(Replay::Idempotent);
    let _ = session.failed(&Fault::outcome_unknown(FaultKind::Closed).into(), &at(6));
    let _ = session.failed(&failed_with(404, "not_found", &[]), &at(8));
    assert!(session.maybe_applied());
}

#[test]
fn an_attempt_in_flight_may_have_been_applied() {
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
fn reads_are_never_maybe_applied() {
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

#[test]
fn without_spread_a_rate_limit_waits_just_for_its_reset() {
    let now = at(5).with_roll(u64::MAX);
    let wait = |mut session: RetrySession| {
        session.sending(&at(5));
        match session.failed(&rate_limited(9), &now) {
            Decision::Retry(wait) => wait.duration(),
            Decision::Stop(stop) => panic!("{stop}"),
        }
    };
    assert_eq!(wait(session(Replay::Read)), secs(5));
    let mut alone = session(Replay::Read);
    alone.without_spread();
    assert_eq!(alone.policy().spread(), Duration::ZERO);
    assert_eq!(wait(alone), secs(4));
}

/// Creates a session of a read, with its first attempt in flight, that shares `budget`.
fn reading_with(budget: &RetryBudget) -> RetrySession {
    let mut session = session(Replay::Read).with_budget(Some(budget.clone()));
    session.sending(&at(5));
    session
}

#[test]
fn a_retry_that_is_never_sent_gives_its_cost_back() {
    let budget = RetryBudget::new(1);
    let mut granted = reading_with(&budget);
    assert_eq!(reason(granted.failed(&server_error(), &at(6))), None);
    assert_eq!(budget.retries_left(), 0);
    drop(granted);
    assert_eq!(budget.retries_left(), 1);
}

#[test]
fn a_sent_retry_is_spent_until_its_call_succeeds() {
    let budget = RetryBudget::new(1);
    let mut first = reading_with(&budget);
    let _ = first.failed(&server_error(), &at(6));
    first.sending(&at(7));
    let mut second = reading_with(&budget);
    let stopped = reason(second.failed(&server_error(), &at(7)));
    assert_eq!(stopped, Some(StopReason::BudgetExhausted));
    first.succeeded(200, None, &at(8));
    assert_eq!(budget.retries_left(), 1);
}

#[test]
fn an_attempt_that_progressed_counts_as_the_first_and_is_paid_for() {
    let budget = RetryBudget::new(8);
    let mut session = reading_with(&budget);
    for _ in 0..5 {
        session.sending(&at(6));
        session.progressed();
        assert_eq!(reason(session.failed(&server_error(), &at(6))), None);
    }
    // Three more attempts follow the last one that progressed.
    for _ in 0..2 {
        session.sending(&at(6));
        assert_eq!(reason(session.failed(&server_error(), &at(6))), None);
    }
    session.sending(&at(6));
    let stopped = reason(session.failed(&server_error(), &at(6)));
    assert_eq!(stopped, Some(StopReason::AttemptsExhausted));
    assert_eq!((session.attempts().len(), budget.retries_left()), (8, 1));
}

#[test]
fn a_call_can_be_stopped_for_a_reason_of_its_driver() {
    let mut session = session(Replay::Read);
    session.sending(&at(5));
    let stop = session.stopped(StopReason::NotResumable, &server_error(), &at(6));
    assert_eq!(
        (stop.reason(), stop.retry_after()),
        (StopReason::NotResumable, None)
    );
    let [attempt] = session.attempts() else {
        panic!("one attempt was made")
    };
    assert_eq!((attempt.status(), attempt.wait()), (Some(500), None));
}

#[test]
fn retries_after_rate_limits_are_free() {
    let budget = RetryBudget::new(0);
    let mut session = reading_with(&budget);
    assert_eq!(reason(session.failed(&rate_limited(3), &at(6))), None);
    session.sending(&at(9));
    let stopped = reason(session.failed(&server_error(), &at(10)));
    assert_eq!(stopped, Some(StopReason::BudgetExhausted));
}

#[test]
fn a_server_error_with_the_code_of_a_rate_limit_is_not_free() {
    let body = br#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded","message":""}]}"#;
    let error = ApiError::from_parts(502, [("Retry-After", &b"1"[..])], body);
    let stopped = reading_with(&RetryBudget::new(0)).failed(&error.into(), &at(6));
    assert_eq!(reason(stopped), Some(StopReason::BudgetExhausted));
}

#[test]
fn a_permanent_refusal_refills_the_budget_like_a_success() {
    let budget = RetryBudget::new(1);
    let mut session = reading_with(&budget);
    let _ = session.failed(&server_error(), &at(6));
    session.sending(&at(7));
    assert_eq!(budget.retries_left(), 0);
    let _ = session.failed(&unauthorized(), &at(8));
    assert_eq!(budget.retries_left(), 1);
}

/// None of these shows that the API works.
#[test]
fn a_redirect_a_proxy_and_half_a_refusal_do_not_refill_the_budget() {
    let response = |status| Failure::from(ApiError::from_parts(status, [], b""));
    for failure in [
        response(302),
        response(407),
        cut(FaultKind::Closed, response(404)),
    ] {
        let budget = RetryBudget::new(1);
        let mut session = reading_with(&budget);
        let _ = session.failed(&server_error(), &at(6));
        session.sending(&at(7));
        let _ = session.failed(&failure, &at(8));
        assert_eq!(budget.retries_left(), 0, "{failure:?}");
    }
}

#[test]
fn attempts_that_were_taken_out_still_count() {
    let mut session = RetrySession::new(RetryPolicy::default(), Replay::Read, &at(0));
    session.sending(&at(0));
    let _ = session.failed(&server_error(), &at(1));
    assert_eq!(session.take_attempts().len(), 1);
    assert_eq!((session.attempt(), session.attempts().len()), (2, 0));
}
