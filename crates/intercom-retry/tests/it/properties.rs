//! Properties that hold for every policy, failure and moment.

use core::time::Duration;

use intercom_errors::{ApiError, Category, Fault, FaultKind, UnixTime};
use intercom_retry::{
    Decision, Failure, Moment, Question, Replay, RetryPolicy, RetrySession, StopReason, Tick,
    WaitCause, decide,
};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::{collection, option};

use crate::failures::{WALL, api, wall};

fn any_replay() -> impl Strategy<Value = Replay> {
    prop_oneof![
        Just(Replay::Read),
        Just(Replay::Idempotent),
        Just(Replay::No),
        Just(Replay::Allowed)
    ]
}

/// Generates short durations, which are typical of calls, and all others.
fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..120_000_u64).prop_map(Duration::from_millis),
        any::<Duration>(),
        Just(Duration::MAX)
    ]
}

fn any_policy() -> impl Strategy<Value = RetryPolicy> {
    let counts = prop_oneof![1..8_u32, any::<u32>().prop_map(|n| n.max(1))];
    let factors = (prop_oneof![1.0..4.0_f64, Just(f64::MAX)], 0.0..=1.0_f64);
    let durations = collection::vec(any_duration(), 5);
    (counts, factors, durations).prop_map(|(attempts, (multiplier, jitter), durations)| {
        RetryPolicy::builder()
            .max_attempts(attempts)
            .multiplier(multiplier)
            .jitter(jitter)
            .base(durations[0])
            .cap(durations[1])
            .spread(durations[2])
            .rate_limit_floor(durations[3])
            .max_wait(durations[4])
            .build()
            .unwrap()
    })
}

fn any_moment() -> impl Strategy<Value = Moment> {
    let any_wall = (0..=253_402_300_799_u64).prop_map(|secs| UnixTime::from_secs(secs).unwrap());
    let wall = option::of(prop_oneof![Just(wall(0)), any_wall]);
    (any_duration(), wall, any::<u64>()).prop_map(|(tick, wall, roll)| {
        let now = Moment::new(Tick::new(tick)).with_roll(roll);
        wall.map_or(now, |wall| now.with_wall(wall))
    })
}

fn any_response() -> impl Strategy<Value = ApiError> {
    let kinds = prop_oneof![
        Just((401, "unauthorized")),
        Just((400, "scroll_exists")),
        Just((429, "rate_limit_exceeded")),
        Just((429, "rate_limit_exceeded")),
        Just((500, "server_error")),
        Just((503, "service_unavailable")),
    ];
    let seconds = || option::of(prop_oneof![0..120_u64, any::<u64>()]);
    (kinds, seconds(), seconds()).prop_map(|((status, code), after, reset)| {
        let after = after.map(|seconds| ("Retry-After", seconds.to_string()));
        let reset = reset.map(|seconds| {
            (
                "X-RateLimit-Reset",
                WALL.saturating_add(seconds).to_string(),
            )
        });
        let headers: Vec<_> = after
            .iter()
            .chain(&reset)
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        api(status, code, &headers)
    })
}

fn any_failure() -> impl Strategy<Value = Failure> {
    let kind = prop_oneof![
        Just(FaultKind::Timeout),
        Just(FaultKind::Closed),
        Just(FaultKind::TooLarge)
    ];
    let cut = (kind.clone(), any_response())
        .prop_map(|(kind, response)| Failure::Fault(Fault::cut(kind, response)));
    prop_oneof![
        4 => any_response().prop_map(Failure::Api),
        1 => kind.clone().prop_map(|kind| Failure::Fault(Fault::not_sent(kind))),
        1 => kind.prop_map(|kind| Failure::Fault(Fault::outcome_unknown(kind))),
        1 => cut,
    ]
}

proptest! {
    #[test]
    fn the_wait_respects_the_hint_and_the_policy(
        policy in any_policy(),
        failed in any_failure(),
        replay in any_replay(),
        now in any_moment(),
        attempts: u32,
    ) {
        let question = Question::new(&policy, &failed, replay, &now).with_attempts(attempts);
        if let Decision::Retry(wait) = decide(&question) {
            let asked = failed.hint(now.wall()).map(|hint| hint.wait());
            let limited = failed.class().category() == Category::RateLimit;
            let floor = if limited { policy.rate_limit_floor() } else { Duration::ZERO };
            let least = asked.unwrap_or(Duration::ZERO).max(floor);
            prop_assert!(wait.duration() >= least);
            if asked.is_none() && !limited {
                prop_assert_eq!(wait.cause(), WaitCause::Backoff);
                prop_assert!(wait.duration() <= policy.cap());
            } else {
                prop_assert!(wait.duration() <= least.max(policy.cap()).saturating_add(policy.spread()));
            }
            prop_assert!(asked.is_none_or(|asked| asked <= policy.max_wait()));
        }
    }

    #[test]
    fn the_wait_ends_before_the_deadline(
        policy in any_policy(),
        failed in any_failure(),
        now in any_moment(),
        deadline in any_duration(),
    ) {
        let deadline = Tick::new(deadline);
        let question = Question::new(&policy, &failed, Replay::Allowed, &now).with_deadline(Some(deadline));
        if let Decision::Retry(wait) = decide(&question) {
            prop_assert!(now.tick().after(wait.duration()) < deadline);
        }
    }

    #[test]
    fn a_stop_never_says_to_come_back_before_the_hint(
        policy in any_policy(),
        failed in any_failure(),
        replay in any_replay(),
        now in any_moment(),
        attempts: u32,
    ) {
        let question = Question::new(&policy, &failed, replay, &now).with_attempts(attempts);
        if let Decision::Stop(stop) = decide(&question) {
            let asked = failed.hint(now.wall()).map(|hint| hint.wait());
            let may_return = stop.reason() != StopReason::NotReplayable;
            prop_assert!(stop.retry_after() >= asked || !may_return);
            prop_assert!(stop.retry_after().is_some() || !may_return || stop.reason() == StopReason::NotRetryable);
            prop_assert!(stop.retry_after().is_none() || may_return);
            let at = now.wall().zip(stop.retry_after()).and_then(|(wall, wait)| wall.checked_add(wait));
            prop_assert_eq!(stop.retry_at(), at);
        }
    }

    #[test]
    fn a_call_respects_its_maximum_of_attempts_and_its_deadline(
        policy in any_policy(),
        script in collection::vec((any_failure(), any::<u64>()), 1..12),
        replay in any_replay(),
        time_limit in option::of(any_duration()),
    ) {
        let mut tick = Tick::default();
        let deadline = time_limit.map(|limit| tick.after(limit));
        let allowed = policy.max_attempts();
        let mut session = RetrySession::new(policy, replay, &Moment::new(tick)).with_deadline(deadline);
        for (failed, roll) in &script {
            let now = Moment::new(tick).with_wall(wall(0)).with_roll(*roll);
            session.sending(&now);
            let Decision::Retry(wait) = session.failed(failed, &now) else { break };
            tick = tick.after(wait.duration());
            prop_assert!(!session.expired(&Moment::new(tick)));
            prop_assert!(session.attempt() <= allowed);
        }
        prop_assert!(session.attempts().len() <= allowed as usize);
        prop_assert!(session.attempts().iter().rev().skip(1).all(|attempt| attempt.wait().is_some()));
    }

    #[test]
    fn every_setting_gives_a_policy_or_an_error_that_names_it(
        attempts: u32,
        multiplier in any::<f64>(),
        jitter in any::<f64>(),
        nan: bool,
    ) {
        let jitter = if nan { f64::NAN } else { jitter };
        let built = RetryPolicy::builder().max_attempts(attempts).multiplier(multiplier).jitter(jitter).build();
        match built {
            Ok(policy) => prop_assert!(policy.backoff(u32::MAX, &Moment::new(Tick::default())) <= policy.cap()),
            Err(error) => prop_assert!(error.to_string().starts_with(error.setting())),
        }
    }
}
