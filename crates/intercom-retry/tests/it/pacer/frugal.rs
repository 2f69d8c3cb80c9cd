//! What deciding costs, and that it depends on nothing but its inputs.

use intercom_retry::{Admit, Answer, Pacer, PacerSettings};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use super::model::{EPOCH, Model, any_setting, at, told};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn equal_inputs_give_equal_decisions(setting in any_setting()) {
        let (once, again) = (Model::alone(setting.clone()), Model::alone(setting));
        prop_assert_eq!(format!("{once:?}"), format!("{again:?}"));
    }
}

#[test]
fn asking_and_booking_allocate_nothing() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let answers: Vec<_> = (0..40_u64)
        .flat_map(|second| (0..10).map(move |nth| (second, nth)))
        .map(|(second, nth)| {
            let server = EPOCH as u64 + second;
            let reset = server / 10 * 10 + 10;
            let used = (second % 10 * 10 + nth) as u32;
            (
                second as f64 + nth as f64 / 10.0,
                Answer::new(told(167, 167 - used, reset, server), 200),
            )
        })
        .collect();
    let mut gone = 0;
    let counted = allocation_counter::measure(|| {
        for (seconds, answer) in &answers {
            if let Admit::Go(place) = pacer.admit(&at(*seconds)) {
                pacer.sent(place, &at(*seconds));
                pacer.observe(place, answer, &at(seconds + 0.05));
                gone += 1;
            }
        }
    });
    assert!(gone > 300, "{gone}");
    assert_eq!(counted.count_total, 0);
}
