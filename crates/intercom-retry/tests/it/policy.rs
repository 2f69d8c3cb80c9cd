//! Tests of the settings: defaults, limits and errors.

use core::time::Duration;

use insta::assert_snapshot;
use intercom_retry::{PolicyError, RetryPolicy, RetryPolicyBuilder};

fn build_error(builder: RetryPolicyBuilder) -> PolicyError {
    builder.build().unwrap_err()
}

#[test]
fn the_defaults_are_as_documented() {
    let policy = RetryPolicy::default();
    assert_eq!((policy.max_attempts(), policy.max_retries()), (4, 3));
    assert_eq!(
        (policy.base(), policy.cap()),
        (Duration::from_secs(1), Duration::from_secs(30))
    );
    assert_eq!((policy.multiplier(), policy.jitter()), (2.0, 0.5));
    assert_eq!(
        (policy.spread(), policy.rate_limit_floor()),
        (Duration::from_secs(1), Duration::from_secs(1))
    );
    assert_eq!(policy.max_wait(), Duration::from_secs(90));
    assert_eq!(RetryPolicy::builder().build().unwrap(), policy);
}

#[test]
fn retries_are_attempts_without_the_first() {
    let attempts = |retries| {
        RetryPolicy::builder()
            .max_retries(retries)
            .build()
            .unwrap()
            .max_attempts()
    };
    assert_eq!(
        [attempts(0), attempts(3), attempts(u32::MAX)],
        [1, 4, u32::MAX]
    );
    assert_eq!(RetryPolicy::none().max_retries(), 0);
}

#[test]
fn each_setter_changes_its_setting() {
    let policy = RetryPolicy::builder()
        .max_attempts(7)
        .base(Duration::from_millis(1))
        .cap(Duration::from_millis(2))
        .multiplier(3.0)
        .jitter(0.25)
        .spread(Duration::from_millis(3))
        .rate_limit_floor(Duration::from_millis(4))
        .max_wait(Duration::from_millis(5))
        .build()
        .unwrap();
    assert_eq!(policy.max_attempts(), 7);
    assert_eq!((policy.multiplier(), policy.jitter()), (3.0, 0.25));
    let durations = [
        policy.base(),
        policy.cap(),
        policy.spread(),
        policy.rate_limit_floor(),
        policy.max_wait(),
    ];
    assert_eq!(
        durations.map(|setting| setting.as_millis()),
        [1, 2, 3, 4, 5]
    );
}

#[test]
fn a_finished_policy_can_only_be_made_stricter() {
    let policy = RetryPolicy::builder().max_attempts(7).build().unwrap();
    let shorter = policy.clone().with_max_wait(Duration::from_secs(30));
    assert_eq!(shorter.max_wait(), Duration::from_secs(30));
    assert_eq!(shorter.max_attempts(), 7);
    let longer = policy.clone().with_max_wait(Duration::from_secs(900));
    assert_eq!(longer, policy);
}

#[test]
fn every_duration_is_accepted() {
    for duration in [Duration::ZERO, Duration::MAX] {
        let builder = RetryPolicy::builder()
            .base(duration)
            .cap(duration)
            .spread(duration);
        builder
            .rate_limit_floor(duration)
            .max_wait(duration)
            .build()
            .unwrap();
    }
}

#[test]
fn the_error_names_the_invalid_setting() {
    for multiplier in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -2.0, 0.0, 0.99] {
        assert_eq!(
            build_error(RetryPolicy::builder().multiplier(multiplier)).setting(),
            "multiplier"
        );
    }
    for jitter in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1, 1.000_001] {
        assert_eq!(
            build_error(RetryPolicy::builder().jitter(jitter)).setting(),
            "jitter"
        );
    }
    assert_eq!(
        build_error(RetryPolicy::builder().max_attempts(0)).setting(),
        "max_attempts"
    );
}

#[test]
fn the_limits_themselves_are_accepted() {
    for (multiplier, jitter) in [(1.0, 0.0), (f64::MAX, 1.0)] {
        RetryPolicy::builder()
            .multiplier(multiplier)
            .jitter(jitter)
            .build()
            .unwrap();
    }
}

#[test]
fn errors_say_how_to_fix_the_setting() {
    let errors = [
        build_error(RetryPolicy::builder().multiplier(f64::NAN)),
        build_error(RetryPolicy::builder().jitter(-1.0)),
        build_error(RetryPolicy::builder().max_attempts(0)),
    ];
    assert_snapshot!(errors.map(|error| error.to_string()).join("\n"), @r"
    multiplier is NaN; it must be finite and at least 1 (1 keeps all back-offs equal)
    jitter is -1; it must be between 0 (no jitter) and 1 (a wait can be as short as zero)
    max_attempts must be at least 1 (1 means no retries)
    ");
}
