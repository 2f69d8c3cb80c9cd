//! Tests of the decision table, row by row.

use core::time::Duration;

use intercom_errors::{Fault, FaultKind};
use intercom_retry::{
    Decision, Failure, Moment, Question, Replay, RetryPolicy, Stop, StopReason, Tick, Wait,
    WaitCause, decide,
};

use crate::failures::{
    MIDDLE, WALL, at, bare_rate_limit, cut, failed_with, overloaded, rate_limited, secs,
    server_error, unauthorized, wall,
};

/// Decides about the first failure of a call, at tick 0, with the default policy.
fn first(error: &Failure, replay: Replay) -> Decision {
    decide(&Question::new(
        &RetryPolicy::default(),
        error,
        replay,
        &at(0),
    ))
}

fn wait(decision: Decision) -> Wait {
    match decision {
        Decision::Retry(wait) => wait,
        Decision::Stop(stop) => panic!("stopped: {stop:?}"),
    }
}

fn stop(decision: Decision) -> Stop {
    match decision {
        Decision::Retry(wait) => panic!("retried: {wait:?}"),
        Decision::Stop(stop) => stop,
    }
}

/// Decides with no attempts left and the deadline passed, so that the later rows apply, too.
fn reason_if_all_apply(error: &Failure, replay: Replay) -> StopReason {
    let policy = RetryPolicy::none();
    let question = Question::new(&policy, error, replay, &at(100));
    stop(decide(
        &question
            .with_attempts(9)
            .with_deadline(Some(Tick::default())),
    ))
    .reason()
}

// Row 1.

#[test]
fn row_1_not_retryable_wins_over_all_other_reasons() {
    let error = failed_with(401, "unauthorized", &[("Retry-After", "999")]);
    for replay in [
        Replay::Read,
        Replay::Idempotent,
        Replay::No,
        Replay::Allowed,
    ] {
        assert_eq!(
            reason_if_all_apply(&error, replay),
            StopReason::NotRetryable
        );
    }
}

#[test]
fn row_1_says_when_to_come_back_only_if_the_server_does() {
    let refused = stop(first(&unauthorized(), Replay::Read));
    assert_eq!((refused.retry_after(), refused.retry_at()), (None, None));

    let too_large = cut(FaultKind::TooLarge, overloaded(7));
    let policy = RetryPolicy::default();
    let stop = stop(decide(&Question::new(
        &policy,
        &too_large,
        Replay::Read,
        &at(0),
    )));
    assert_eq!(stop.reason(), StopReason::NotRetryable);
    assert_eq!(
        (stop.retry_after(), stop.retry_at()),
        (Some(secs(7)), Some(wall(7)))
    );
}

// Row 2.

#[test]
fn row_2_an_ambiguous_failure_of_a_non_replayable_request_stops() {
    let error = failed_with(500, "server_error", &[("Retry-After", "999")]);
    assert_eq!(
        reason_if_all_apply(&error, Replay::No),
        StopReason::NotReplayable
    );
}

#[test]
fn row_2_never_says_when_to_come_back() {
    let stop = stop(first(&server_error(), Replay::No));
    assert_eq!((stop.retry_after(), stop.retry_at()), (None, None));
}

#[test]
fn row_2_does_not_stop_requests_that_were_refused_or_not_sent() {
    assert_eq!(
        wait(first(&rate_limited(5), Replay::No)).duration(),
        secs(5)
    );

    let (policy, fault) = (RetryPolicy::default(), Fault::not_sent(FaultKind::Connect));
    let decision = decide(&Question::new(&policy, &fault.into(), Replay::No, &at(0)));
    assert_eq!(wait(decision).cause(), WaitCause::Backoff);
}

// Row 3.

#[test]
fn row_3_the_last_attempt_ends_the_call() {
    assert_eq!(
        reason_if_all_apply(&overloaded(999), Replay::Read),
        StopReason::AttemptsExhausted
    );

    let (policy, error, now) = (RetryPolicy::default(), server_error(), at(0));
    let after = |attempts| {
        decide(&Question::new(&policy, &error, Replay::Read, &now).with_attempts(attempts))
    };
    assert_eq!(wait(after(3)).duration(), secs(2));
    let stop = stop(after(4));
    assert_eq!(stop.reason(), StopReason::AttemptsExhausted);
    assert_eq!(stop.retry_after(), Some(secs(4)));
}

#[test]
fn row_3_failures_of_the_server_can_have_fewer_attempts() {
    let policy = RetryPolicy::default().with_max_server_attempts(2);
    let stopped = Fault::outcome_unknown(FaultKind::Timeout);
    let after = |error: &Failure, attempts| {
        decide(&Question::new(&policy, error, Replay::Read, &at(0)).with_attempts(attempts))
    };
    for error in [server_error(), stopped.into()] {
        wait(after(&error, 1));
        assert_eq!(
            stop(after(&error, 2)).reason(),
            StopReason::AttemptsExhausted
        );
    }
    wait(after(&rate_limited(5), 3));
    let more = RetryPolicy::none().with_max_server_attempts(9);
    let question = Question::new(&more, &server_error(), Replay::Read, &at(0));
    assert_eq!(
        stop(decide(&question)).reason(),
        StopReason::AttemptsExhausted
    );
}

// Row 4, and which waits count as asked for.

#[test]
fn row_4_a_longer_wait_than_allowed_stops_instead_of_being_shortened() {
    let stop = stop(first(&overloaded(91), Replay::Read));
    assert_eq!(stop.reason(), StopReason::WaitTooLong);
    assert_eq!(
        (stop.retry_after(), stop.retry_at()),
        (Some(secs(91)), Some(wall(91)))
    );
}

#[test]
fn row_4_a_wait_that_ends_after_the_year_9999_has_no_retry_at() {
    let endless = "9".repeat(30);
    let error = failed_with(503, "service_unavailable", &[("Retry-After", &endless)]);
    let stop = stop(first(&error, Replay::Read));
    assert_eq!(stop.reason(), StopReason::WaitTooLong);
    assert_eq!(
        (stop.retry_after(), stop.retry_at()),
        (Some(secs(u64::MAX)), None)
    );
}

#[test]
fn row_4_compares_before_the_spread_is_added() {
    let (policy, now) = (RetryPolicy::default(), at(0).with_roll(u64::MAX));
    let decision = decide(&Question::new(&policy, &overloaded(90), Replay::Read, &now));
    assert_eq!(wait(decision).duration(), secs(91));
}

#[test]
fn row_4_does_not_limit_the_back_off() {
    let policy = RetryPolicy::builder()
        .max_wait(Duration::ZERO)
        .build()
        .unwrap();
    let ask = |error: &Failure| decide(&Question::new(&policy, error, Replay::Read, &at(0)));
    assert_eq!(wait(ask(&server_error())).cause(), WaitCause::Backoff);
    assert_eq!(wait(ask(&bare_rate_limit())).duration(), secs(1));
    assert_eq!(stop(ask(&overloaded(1))).reason(), StopReason::WaitTooLong);
}

#[test]
fn row_4_wins_over_the_deadline() {
    let policy = RetryPolicy::default();
    let question = Question::new(&policy, &overloaded(91), Replay::Read, &at(0));
    let decision = decide(&question.with_deadline(Some(at(10).tick())));
    assert_eq!(stop(decision).reason(), StopReason::WaitTooLong);
}

// Row 5.

#[test]
fn row_5_a_wait_that_ends_at_the_deadline_stops() {
    let (policy, now) = (RetryPolicy::default(), at(100));
    let until = |deadline: Tick| {
        decide(
            &Question::new(&policy, &server_error(), Replay::Read, &now)
                .with_deadline(Some(deadline)),
        )
    };
    let back = now.tick().after(Duration::from_millis(500));
    let stop = stop(until(back));
    assert_eq!(stop.reason(), StopReason::DeadlineExceeded);
    assert_eq!(stop.retry_after(), Some(Duration::from_millis(500)));
    assert_eq!(
        wait(until(back.after(Duration::from_nanos(1)))).duration(),
        Duration::from_millis(500)
    );
}

#[test]
fn row_5_counts_the_hint_and_the_spread() {
    let policy = RetryPolicy::default();
    let ask = |roll| {
        let now = at(0).with_roll(roll);
        let question = Question::new(&policy, &rate_limited(20), Replay::No, &now);
        decide(&question.with_deadline(Some(Tick::new(Duration::from_millis(20_500)))))
    };
    assert_eq!(wait(ask(0)).duration(), secs(20));
    assert_eq!(stop(ask(u64::MAX)).reason(), StopReason::DeadlineExceeded);
    assert_eq!(stop(ask(u64::MAX)).retry_after(), Some(secs(21)));
}

// Row 6: the waits.

#[test]
fn row_6_the_back_off_never_exceeds_its_cap() {
    let policy = RetryPolicy::builder()
        .max_attempts(u32::MAX)
        .build()
        .unwrap();
    let now = at(0).with_roll(u64::MAX);
    let question = Question::new(&policy, &server_error(), Replay::Read, &now).with_attempts(1_000);
    assert_eq!(
        wait(decide(&question)),
        Wait::new(secs(30), WaitCause::Backoff)
    );
}

#[test]
fn row_6_waits_for_the_hint_or_the_back_off_whichever_is_longer() {
    let policy = RetryPolicy::default();
    let third = |seconds| {
        let now = at(0).with_roll(MIDDLE);
        let question = Question::new(&policy, &overloaded(seconds), Replay::No, &now);
        wait(decide(&question.with_attempts(3)))
    };
    let (longer, shorter) = (third(7), third(1));
    assert_eq!(
        (longer.duration().as_millis(), longer.cause()),
        (7_500, WaitCause::RetryAfter)
    );
    assert_eq!(
        (shorter.duration().as_millis(), shorter.cause()),
        (3_500, WaitCause::Backoff)
    );
}

#[test]
fn row_6_the_reset_is_measured_on_the_servers_own_clock() {
    let headers = [
        ("Date", "Fri, 22 Mar 2024 09:33:20 GMT"),
        ("X-RateLimit-Reset", "1711100020"),
    ];
    let error = failed_with(429, "rate_limit_exceeded", &headers);
    let an_hour_ahead = Moment::new(Tick::default()).with_wall(wall(3_600));
    let policy = RetryPolicy::default();
    for now in [Moment::new(Tick::default()), an_hour_ahead] {
        let wait = wait(decide(&Question::new(&policy, &error, Replay::No, &now)));
        assert_eq!(wait, Wait::new(secs(20), WaitCause::RateLimitReset));
    }
}

#[test]
fn row_6_a_rate_limit_waits_at_least_a_second() {
    assert_eq!(
        wait(first(&rate_limited(0), Replay::No)).duration(),
        secs(1)
    );
    assert_eq!(
        wait(first(&bare_rate_limit(), Replay::No)),
        Wait::new(secs(1), WaitCause::Backoff)
    );
}

#[test]
fn row_6_the_reset_of_a_server_error_is_ignored() {
    let reset = (WALL + 60).to_string();
    let error = failed_with(500, "server_error", &[("X-RateLimit-Reset", &reset)]);
    let wait = wait(first(&error, Replay::Read));
    assert_eq!(
        wait,
        Wait::new(Duration::from_millis(500), WaitCause::Backoff)
    );
}

#[test]
fn row_6_an_open_scroll_waits_for_a_minute() {
    let wait = wait(first(&failed_with(400, "scroll_exists", &[]), Replay::Read));
    assert_eq!(wait, Wait::new(secs(60), WaitCause::ScrollIdle));
}

#[test]
fn row_6_a_challenge_waits_for_half_a_minute() {
    let challenge = failed_with(202, "", &[("x-amzn-waf-action", "challenge")]);
    let wait = wait(first(&challenge, Replay::Read));
    assert_eq!(wait, Wait::new(secs(30), WaitCause::Firewall));
}

#[test]
fn row_6_a_rate_limit_with_a_cut_body_still_waits_for_its_reset() {
    let fault = cut(FaultKind::Closed, rate_limited(12));
    let policy = RetryPolicy::default();
    let wait = wait(decide(&Question::new(&policy, &fault, Replay::No, &at(0))));
    assert_eq!(wait, Wait::new(secs(12), WaitCause::RateLimitReset));
}
