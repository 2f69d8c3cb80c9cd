//! The probe: which request goes first when nothing is known, and when a window turns.

use intercom_errors::UnixTime;
use intercom_pace::{Admit, Answer, Pacer, PacerSettings};
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};

use super::model::{EPOCH, Model, Setting, any_setting, at, rate_limit};

/// Returns how many permits a pacer gives at one time.
fn permits(pacer: &mut Pacer, seconds: f64) -> usize {
    core::iter::from_fn(|| match pacer.admit(&at(seconds)) {
        Admit::Go(place) => Some(place),
        Admit::Wait(_) => None,
    })
    .count()
}

#[test]
fn before_the_first_response_one_request_goes_and_one_more_each_second() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let gone: Vec<_> = [0.0, 0.5, 1.0, 1.9, 2.0, 5.0, 60.0]
        .map(|seconds| permits(&mut pacer, seconds))
        .to_vec();
    assert_eq!(gone, [1, 0, 1, 0, 1, 3, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn before_a_windows_first_response_one_request_goes_and_one_more_each_half_second(
        setting in any_setting(),
    ) {
        let mut first: Option<(f64, UnixTime)> = None;
        for (time, _, gauge) in Model::alone(setting).gone {
            let (Some(window), false, Some(_)) = (gauge.window_end(), gauge.is_answered(), gauge.limit()) else {
                continue;
            };
            let since = match first {
                Some((since, same)) if same == window => since,
                _ => first.insert((time, window)).0,
            };
            let most = 1.0 + ((time - since) / 0.5).floor();
            prop_assert!(f64::from(gauge.given()) <= most, "{} at {time}, first at {since}", gauge.given());
        }
    }

    #[test]
    fn waits_end_by_the_turn_and_the_turn_comes_within_a_window(
        setting in any_setting(),
    ) {
        for (time, wait, gauge) in Model::alone(setting).waits {
            prop_assert!(wait > 0.0);
            let Some(turn) = gauge.turns_at() else { continue };
            let left = turn.since_origin().as_secs_f64() - time;
            prop_assert!(wait <= left + 2e-6, "waits {wait} s, {left} s before the turn");
            prop_assert!(left <= 10.0 + 0.25 + 1e-6, "{left} s to the turn, but no turn was wrong");
        }
    }

    /// If only the end of its wait wakes the head of the queue, every call is still done, without spinning.
    #[test]
    fn sleeping_for_each_wait_is_enough(setting in any_setting()) {
        let calls = setting.calls;
        let mut model = Model::new(setting).process(0.0);
        model.woken = false;
        model.run(f64::INFINITY);
        let log = &model.processes[0].log;
        prop_assert_eq!((log.done, log.refused_knowingly()), (calls, 0));
        let polls = model.time / 0.02 + 20.0 * calls as f64;
        prop_assert!((log.waits.len() as f64) < polls, "{} waits in {} s", log.waits.len(), model.time);
    }

    /// A late response from a closed window only ends its permit and narrows the clock's bounds.
    #[test]
    fn responses_from_an_old_window_change_no_count(remaining in 0_u32..=50, late in 10.4..19.0_f64, refused: bool) {
        let mut pacer = Pacer::new(PacerSettings::default());
        let ask = |pacer: &mut Pacer, seconds| match pacer.admit(&at(seconds)) {
            Admit::Go(place) => place,
            Admit::Wait(wait) => panic!("waits {wait:?} at {seconds}"),
        };
        let (reset, date) = (EPOCH as u64 + 10, EPOCH as u64);
        let probe = ask(&mut pacer, 0.5);
        pacer.observe(probe, &Answer::new(rate_limit(50, 50, reset, date), 200), &at(0.6));
        let slow = ask(&mut pacer, 0.7);
        // The clock's bounds are about a second apart: the next window is certainly open by 11.6 s.
        let next = ask(&mut pacer, 11.9);
        pacer.observe(next, &Answer::new(rate_limit(50, 50, reset + 10, date + 11), 200), &at(11.95));
        let before = pacer.gauge(&at(20.0));
        let status = if refused { 429 } else { 200 };
        pacer.observe(slow, &Answer::new(rate_limit(50, remaining, reset, date + 1), status), &at(11.95_f64.max(late)));
        let after = pacer.gauge(&at(20.0));
        prop_assert_eq!(after.in_flight(), before.in_flight() - 1);
        prop_assert_eq!(
            (after.accepted(), after.used(), after.given(), after.is_answered(), after.window_end()),
            (before.accepted(), before.used(), before.given(), before.is_answered(), before.window_end())
        );
        prop_assert!(matches!(pacer.admit(&at(19.0)), Admit::Go(_)));
    }

    #[test]
    fn no_roll_leads_to_a_refusal(seed in any::<u64>()) {
        let setting = Setting { seed, reset_offset: 2.0, ..Setting::default() };
        prop_assert_eq!(Model::alone(setting).refused, 0);
    }
}

/// Returns a pacer whose first response, at 3 s, came from a front end with a clock that is `fast` seconds ahead.
fn after_a_fast_front_end(fast: u64) -> Pacer {
    let mut pacer = Pacer::new(PacerSettings::default());
    let date = EPOCH as u64 + 3 + fast;
    let answer = Answer::new(rate_limit(50, 50, EPOCH as u64 + 10, date), 200);
    let Admit::Go(place) = pacer.admit(&at(3.0)) else {
        panic!("the first goes at once");
    };
    pacer.observe(place, &answer, &at(3.05));
    pacer
}

/// Returns the end of the pacer's current window.
fn end(pacer: &Pacer) -> f64 {
    pacer
        .gauge(&at(0.0))
        .window_end()
        .unwrap()
        .since_epoch()
        .as_secs_f64()
}

#[test]
fn probe_that_the_old_window_refuses_makes_later_turns_later() {
    let mut pacer = after_a_fast_front_end(1);
    let turn = pacer.gauge(&at(3.05)).turns_at().unwrap();
    let turn = at(turn.since_origin().as_secs_f64() + 1e-6);
    let Admit::Go(probe) = pacer.admit(&turn) else {
        panic!("the pacer treats the window as open");
    };
    assert_eq!(end(&pacer), EPOCH + 20.0);
    let refused = Answer::new(rate_limit(50, 0, EPOCH as u64 + 10, EPOCH as u64 + 10), 429);
    pacer.observe(probe, &refused, &at(9.6));
    assert_eq!(end(&pacer), EPOCH + 10.0);
    let turns_at = pacer.gauge(&at(9.6)).turns_at().unwrap();
    let later = turns_at.since(turn.tick()).as_secs_f64();
    assert!((later - 0.15).abs() < 1e-3, "later by {later} s");
}

/// Sends requests one after another within the first window, to a front end with a correct clock.
fn answered(pacer: &mut Pacer, requests: core::ops::RangeInclusive<u32>) {
    for nth in requests {
        let seconds = 3.0 + 0.1 * f64::from(nth);
        let Admit::Go(place) = pacer.admit(&at(seconds)) else {
            panic!("request {nth} waits");
        };
        let answer = rate_limit(50, 50 - nth, EPOCH as u64 + 10, EPOCH as u64 + 3);
        pacer.observe(place, &Answer::new(answer, 200), &at(seconds + 0.05));
    }
}

#[test]
fn counts_survive_a_corrected_clock_in_the_same_window() {
    let mut pacer = after_a_fast_front_end(2);
    answered(&mut pacer, 1..=4);
    let gauge = pacer.gauge(&at(3.5));
    let (_, high) = gauge.clock_offset().unwrap();
    assert!(high < EPOCH + 1.0, "the correct clock is believed");
    assert_eq!((gauge.accepted(), gauge.used()), (5, 5));
}

#[test]
fn response_that_corrects_the_clock_and_the_window_does_not_look_like_another_client() {
    let mut pacer = after_a_fast_front_end(2);
    answered(&mut pacer, 1..=2);
    let Admit::Go(probe) = pacer.admit(&at(8.5)) else {
        panic!("the pacer treats the window as open");
    };
    assert_eq!(end(&pacer), EPOCH + 20.0);
    let refused = Answer::new(rate_limit(50, 0, EPOCH as u64 + 10, EPOCH as u64 + 8), 429);
    pacer.observe(probe, &refused, &at(8.6));
    assert_eq!(end(&pacer), EPOCH + 10.0);
    pacer.advance(&at(12.0));
    assert_eq!(
        (end(&pacer), pacer.gauge(&at(12.0)).share()),
        (EPOCH + 20.0, 1.0)
    );
}
