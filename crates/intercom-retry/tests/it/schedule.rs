//! Snapshots of the waits of whole calls: with the lowest, the middle and the highest random number.

use core::fmt::Write;

use insta::assert_snapshot;
use intercom_retry::{Decision, Failure, Question, Replay, RetryPolicy, decide};

use crate::failures::{MIDDLE, at, bare_rate_limit, overloaded, rate_limited, secs, server_error};

/// Lists the decision after each attempt, one per line, if every attempt fails with `error`.
fn schedule(policy: &RetryPolicy, error: &Failure) -> String {
    let mut lines = String::from("attempt: lowest, middle, highest roll\n");
    for attempt in 1..=policy.max_attempts() {
        let after = |roll| {
            let now = at(0).with_roll(roll);
            match decide(&Question::new(policy, error, Replay::Read, &now).with_attempts(attempt)) {
                Decision::Retry(wait) => {
                    format!("{} ms ({})", wait.duration().as_millis(), wait.cause())
                }
                Decision::Stop(stop) => format!("{}", stop.reason()),
            }
        };
        let [lowest, middle, highest] = [0, MIDDLE, u64::MAX].map(after);
        writeln!(lines, "{attempt}: {lowest}, {middle}, {highest}").unwrap();
    }
    lines
}

#[test]
fn server_errors_wait_for_the_back_off() {
    assert_snapshot!(schedule(&RetryPolicy::default(), &server_error()), @r"
    attempt: lowest, middle, highest roll
    1: 500 ms (backoff), 750 ms (backoff), 1000 ms (backoff)
    2: 1000 ms (backoff), 1500 ms (backoff), 2000 ms (backoff)
    3: 2000 ms (backoff), 3000 ms (backoff), 4000 ms (backoff)
    4: attempts_exhausted, attempts_exhausted, attempts_exhausted
    ");
}

#[test]
fn rate_limits_wait_for_the_reset_and_up_to_a_second_more() {
    assert_snapshot!(schedule(&RetryPolicy::default(), &rate_limited(23)), @r"
    attempt: lowest, middle, highest roll
    1: 23000 ms (rate_limit_reset), 23500 ms (rate_limit_reset), 24000 ms (rate_limit_reset)
    2: 23000 ms (rate_limit_reset), 23500 ms (rate_limit_reset), 24000 ms (rate_limit_reset)
    3: 23000 ms (rate_limit_reset), 23500 ms (rate_limit_reset), 24000 ms (rate_limit_reset)
    4: attempts_exhausted, attempts_exhausted, attempts_exhausted
    ");
}

#[test]
fn rate_limits_without_a_reset_wait_at_least_a_second() {
    assert_snapshot!(schedule(&RetryPolicy::default(), &bare_rate_limit()), @r"
    attempt: lowest, middle, highest roll
    1: 1000 ms (backoff), 1500 ms (backoff), 2000 ms (backoff)
    2: 1000 ms (backoff), 2000 ms (backoff), 3000 ms (backoff)
    3: 2000 ms (backoff), 3500 ms (backoff), 5000 ms (backoff)
    4: attempts_exhausted, attempts_exhausted, attempts_exhausted
    ");
}

#[test]
fn overloads_wait_as_asked_until_the_back_off_is_longer() {
    assert_snapshot!(schedule(&RetryPolicy::default(), &overloaded(3)), @r"
    attempt: lowest, middle, highest roll
    1: 3000 ms (retry_after), 3500 ms (retry_after), 4000 ms (retry_after)
    2: 3000 ms (retry_after), 3500 ms (retry_after), 4000 ms (retry_after)
    3: 3000 ms (retry_after), 3500 ms (retry_after), 5000 ms (backoff)
    4: attempts_exhausted, attempts_exhausted, attempts_exhausted
    ");
}

#[test]
fn longer_back_offs_stop_growing_at_the_cap() {
    let policy = RetryPolicy::builder()
        .max_retries(7)
        .cap(secs(10))
        .jitter(1.0)
        .build()
        .unwrap();
    assert_snapshot!(schedule(&policy, &server_error()), @r"
    attempt: lowest, middle, highest roll
    1: 0 ms (backoff), 500 ms (backoff), 1000 ms (backoff)
    2: 0 ms (backoff), 1000 ms (backoff), 2000 ms (backoff)
    3: 0 ms (backoff), 2000 ms (backoff), 4000 ms (backoff)
    4: 0 ms (backoff), 4000 ms (backoff), 8000 ms (backoff)
    5: 0 ms (backoff), 5000 ms (backoff), 10000 ms (backoff)
    6: 0 ms (backoff), 5000 ms (backoff), 10000 ms (backoff)
    7: 0 ms (backoff), 5000 ms (backoff), 10000 ms (backoff)
    8: attempts_exhausted, attempts_exhausted, attempts_exhausted
    ");
}
