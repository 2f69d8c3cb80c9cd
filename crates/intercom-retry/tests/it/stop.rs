//! Tests of stops, and of the texts of stops and waits.

use core::time::Duration;

use insta::assert_snapshot;
use intercom_retry::{Moment, Stop, StopReason, Tick, WaitCause};

use crate::failures::{WALL, secs, wall};

const REASONS: [StopReason; 9] = [
    StopReason::NotRetryable,
    StopReason::NotReplayable,
    StopReason::NotResumable,
    StopReason::AttemptsExhausted,
    StopReason::DeadlineExceeded,
    StopReason::WaitTooLong,
    StopReason::BudgetExhausted,
    StopReason::Refused,
    StopReason::NoToken,
];

#[test]
fn reasons_have_names_and_meanings() {
    let lines = REASONS.map(|reason| format!("{reason}: {}", reason.meaning()));
    assert_snapshot!(lines.join("\n"), @"
    not_retryable: the same request can only fail again
    not_replayable: the request may have been applied and must not be applied twice
    not_resumable: a part of the response was already written, and the rest cannot be requested
    attempts_exhausted: the last allowed attempt failed
    deadline_exceeded: the deadline leaves no time for another attempt
    wait_too_long: the server asked for a longer wait than allowed
    budget_exhausted: the retry budget is used up
    refused: the gate refused the request
    no_token: there is no other access token
    ");
}

#[test]
fn causes_have_names() {
    let causes = [
        WaitCause::Backoff,
        WaitCause::Firewall,
        WaitCause::RateLimitReset,
        WaitCause::RetryAfter,
        WaitCause::ScrollIdle,
    ];
    let names = causes.map(WaitCause::as_str);
    assert_eq!(
        names,
        [
            "backoff",
            "firewall",
            "rate_limit_reset",
            "retry_after",
            "scroll_idle"
        ]
    );
}

#[test]
fn display_rounds_the_wait_up() {
    let now = Moment::new(Tick::default());
    let stop = Stop::new(StopReason::WaitTooLong);
    assert_snapshot!(stop, @"the server asked for a longer wait than allowed");
    assert_snapshot!(stop.with_retry_after(secs(90), &now), @"the server asked for a longer wait than allowed; worth trying again in 90 s");
    assert_snapshot!(stop.with_retry_after(Duration::from_millis(90_001), &now), @"the server asked for a longer wait than allowed; worth trying again in 91 s");
    assert_snapshot!(stop.with_retry_after(Duration::MAX, &now), @"the server asked for a longer wait than allowed; worth trying again in 18446744073709551615 s");
}

#[test]
fn retry_at_needs_the_wall_clock_and_ends_with_the_year_9999() {
    let now = Moment::new(Tick::default());
    let stop = Stop::new(StopReason::Refused);
    assert_eq!(stop.with_retry_after(Duration::ZERO, &now).retry_at(), None);
    let walled = now.with_wall(wall(0));
    let at = |wait| stop.with_retry_after(wait, &walled).retry_at();
    assert_eq!(at(secs(7)), Some(wall(7)));
    assert_eq!(
        at(secs(253_402_300_799 - WALL)).unwrap().to_string(),
        "9999-12-31T23:59:59Z"
    );
    assert_eq!(at(secs(253_402_300_800 - WALL)), None);
    assert_eq!(at(Duration::MAX), None);
}

#[test]
fn ticks_saturate() {
    let (first, last) = (Tick::default(), Tick::new(Duration::MAX));
    assert_eq!(last.after(Duration::from_nanos(1)), last);
    assert_eq!(
        (first.since(last), last.since(first)),
        (Duration::ZERO, Duration::MAX)
    );
}
