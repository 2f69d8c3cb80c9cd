//! What the pacer learns about the server's clock from responses.

use proptest::prelude::{ProptestConfig, prop_assert, proptest};

use super::model::{EPOCH, Model, any_setting};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn true_offset_lies_within_the_bounds(setting in any_setting()) {
        let (started, drift) = (setting.started, setting.drift);
        for (time, gauge) in Model::alone(setting).answered {
            let offset = EPOCH + started + time * drift;
            let (low, high) = gauge.clock_offset().unwrap();
            // The clock is Unix time as a float, with a resolution of a quarter of a microsecond.
            prop_assert!(low <= offset + 1e-6 && offset <= high + 1e-6, "{low} <= {offset} <= {high}");
        }
    }

    #[test]
    fn lower_bound_falls_only_by_drift(setting in any_setting()) {
        let answered = Model::alone(setting).answered;
        for pair in answered.windows(2) {
            let (before, after) = (pair[0].1.clock_offset().unwrap().0, pair[1].1.clock_offset().unwrap().0);
            let drift = 200e-6 * (pair[1].0 - pair[0].0);
            prop_assert!(after >= before - drift - 1e-6, "{before} fell to {after}");
        }
    }

    #[test]
    fn no_request_goes_before_its_window_opens(setting in any_setting()) {
        let server = Model::new(setting.clone());
        for (time, _, gauge) in Model::alone(setting).gone {
            let Some(end) = gauge.window_end() else { continue };
            let opens = end.since_epoch().as_secs_f64() - 10.0;
            prop_assert!(server.server_clock(time) >= opens - 1e-6, "went {} s early", opens - server.server_clock(time));
        }
    }
}
