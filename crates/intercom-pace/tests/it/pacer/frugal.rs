//! Decisions allocate no memory and depend only on their inputs.

use intercom_pace::{Admit, Answer, Pacer, PacerSettings};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

use super::model::{EPOCH, Model, Setting, any_setting, at, rate_limit};

/// Returns the logs of three processes that share a quota, as text.
fn together(setting: &Setting) -> String {
    let start = |model: Model, starts: f64| model.process(starts);
    let mut model = [0.0, 1.7, 4.1]
        .into_iter()
        .fold(Model::new(setting.clone()), start);
    model.run(120.0);
    let logs: Vec<_> = model.processes.iter().map(|process| &process.log).collect();
    format!("{logs:?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn equal_inputs_give_equal_decisions(setting in any_setting()) {
        prop_assert_eq!(together(&setting), together(&setting));
    }
}

#[test]
fn deciding_and_observing_allocate_nothing() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let answers: Vec<_> = (0..40_u64)
        .flat_map(|second| (0..10).map(move |nth| (second, nth)))
        .map(|(second, nth)| {
            let server = EPOCH as u64 + second;
            let reset = server / 10 * 10 + 10;
            let used = (second % 10 * 10 + nth) as u32;
            (
                second as f64 + nth as f64 / 10.0,
                Answer::new(rate_limit(167, 167 - used, reset, server), 200),
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
