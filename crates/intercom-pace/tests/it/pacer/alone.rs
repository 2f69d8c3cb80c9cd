//! One process against a server that behaves as documented.

use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

use super::model::{Model, Setting, any_setting};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn limit_is_never_exceeded_and_every_call_is_done(setting in any_setting()) {
        let log = Model::alone(setting.clone());
        prop_assert_eq!(log.refused_knowingly(), 0);
        prop_assert_eq!(log.done, setting.calls);
    }

    #[test]
    fn accepted_and_in_flight_requests_never_exceed_the_allowed_number(setting in any_setting()) {
        for (time, _, gauge) in Model::alone(setting).gone {
            let Some(allowed) = gauge.allowed() else { continue };
            let taken = gauge.accepted() + gauge.in_flight();
            prop_assert!(f64::from(taken) <= allowed, "{taken} of {allowed} at {time}");
        }
    }

    #[test]
    fn tokens_stay_within_the_burst(setting in any_setting()) {
        for (_, _, gauge) in Model::alone(setting).gone {
            prop_assert!((-1.0..=gauge.burst() + 1e-9).contains(&gauge.tokens()), "{gauge:?}");
        }
    }

    #[test]
    fn each_tenth_of_a_second_admits_at_most_a_burst_and_the_fastest_rate(setting in any_setting()) {
        let limit = f64::from(setting.limit);
        let most = (limit / 16.0).max(8.0) + 8.0 * limit / setting.window * 0.1 + 1.0;
        let gone = Model::alone(setting).gone;
        for (first, (time, ..)) in gone.iter().enumerate() {
            let together = gone[first..].iter().take_while(|(later, ..)| later - time <= 0.1).count();
            prop_assert!(together as f64 <= most, "{together} from {time}, at most {most}");
        }
    }

    #[test]
    fn calls_go_in_order_of_arrival(setting in any_setting()) {
        let log = Model::alone(setting);
        let mut calls: Vec<_> = log.gone.iter().map(|(_, call, _)| *call).collect();
        if log.refused == 0 {
            prop_assert!(calls.is_sorted(), "{calls:?}");
        }
        calls.sort_unstable();
        calls.dedup();
        prop_assert_eq!(calls.len() + log.refused, log.gone.len());
    }

    #[test]
    fn each_call_waits_at_most_one_window_more_than_the_calls_before_it_need(
        limit in 1_u32..60,
        windows in 1_usize..6,
        started in 0.0..10.0_f64,
    ) {
        let calls = limit as usize * windows;
        let setting = Setting { limit, started, calls, workers: calls, ..Setting::default() };
        for (time, call, _) in Model::alone(setting).gone {
            let windows = (call + 1).div_ceil(limit as usize) as f64 + 1.0;
            prop_assert!(time <= windows * 10.0, "call {call} went after {time} s");
        }
    }
}

#[test]
fn every_window_is_used_up() {
    let setting = Setting {
        limit: 167,
        calls: 167 * 20,
        workers: 100,
        ..Setting::default()
    };
    let log = Model::alone(setting);
    let last = log.answered.last().map_or(0.0, |(time, _)| *time);
    // The job needs 20 windows and starts 3 s into one: ideally it ends as soon as the 20th window opens.
    assert!(last < 187.0 + 4.0, "{last}");
}
