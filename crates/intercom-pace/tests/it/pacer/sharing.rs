//! Several processes that know nothing of each other.

use intercom_pace::{Admit, Answer, Pacer, PacerSettings};

use super::model::{EPOCH, Model, Setting, at, told};

fn many(limit: u32) -> Setting {
    Setting {
        limit,
        started: 0.0,
        workers: 20,
        calls: 100_000,
        latencies: vec![
            (0.03, 0.09),
            (0.05, 0.04),
            (0.02, 0.06),
            (0.08, 0.1),
            (0.04, 0.05),
        ],
        ..Setting::default()
    }
}

/// What each process got done from now until a time.
fn shares(model: &mut Model, until: f64) -> Vec<usize> {
    let before: Vec<_> = model.processes.iter().map(|it| it.log.done).collect();
    model.run(until);
    let after = model.processes.iter().map(|it| it.log.done);
    after
        .zip(before)
        .map(|(after, before)| after - before)
        .collect()
}

/// Percent of all sends that were refused.
fn refused(model: &Model) -> f64 {
    let sum = |count: fn(&super::model::Process) -> usize| {
        model.processes.iter().map(count).sum::<usize>()
    };
    100.0 * sum(|it| it.log.refused) as f64 / sum(|it| it.log.gone.len()) as f64
}

#[test]
fn newcomer_gets_at_least_two_fifths_within_thirty_windows() {
    let mut model = Model::new(many(167)).process(0.0).process(57.0);
    assert!(
        shares(&mut model, 57.0)[0] > 167 * 5,
        "the first uses it alone"
    );
    model.run(57.0 + 300.0);
    let [first, second] = shares(&mut model, 57.0 + 400.0)[..] else {
        panic!("two processes");
    };
    let share = second as f64 / (first + second) as f64;
    assert!((0.4..=0.6).contains(&share), "{first} against {second}");
    assert!(refused(&model) < 2.0);
}

#[test]
fn ten_processes_are_refused_less_than_once_in_fifty() {
    let mut model = (0..10).fold(Model::new(many(167)), |model, n| {
        model.process(0.9 * f64::from(n))
    });
    model.run(300.0);
    assert!(refused(&model) < 2.0, "{}", refused(&model));
    let done: usize = model.processes.iter().map(|it| it.log.done).sum();
    assert!(done > 167 * 27, "{done} in 30 windows");
}

#[test]
fn hundred_processes_are_refused_less_than_once_in_twenty() {
    let mut model = (0..100).fold(Model::new(many(1667)), |model, n| {
        model.process(0.1 * f64::from(n))
    });
    model.run(200.0);
    assert!(refused(&model) < 5.0, "{}", refused(&model));
    let done: usize = model.processes.iter().map(|it| it.log.done).sum();
    assert!(done > 1667 * 18, "{done} in 20 windows");
}

/// The share taken of the second window, after a first one of which nine tenths were gone when we came and of which
/// somebody else took so many more for each of ours, at most so many.
fn share_after_coming_late(others: u32, most: u32) -> f64 {
    let mut pacer = Pacer::new(PacerSettings::default());
    let (mut now, mut used, mut own) = (2.0, 150, 0);
    while now < 10.0 && own < most {
        own += 1;
        match pacer.admit(&at(now)) {
            Admit::Wait(wait) => {
                own -= 1;
                now += wait.as_secs_f64();
            }
            Admit::Go(place) => {
                let answer = told(
                    167,
                    167 - used,
                    EPOCH as u64 + 10,
                    EPOCH as u64 + now as u64,
                );
                used = (used + 1 + others).min(167);
                now += 0.05;
                pacer.observe(place, &Answer::new(answer, 200), &at(now));
            }
        }
    }
    pacer.advance(&at(12.0));
    pacer.gauge(&at(12.0)).share()
}

#[test]
fn quota_that_was_gone_when_we_came_means_no_neighbour_unless_somebody_goes_on() {
    assert_eq!(share_after_coming_late(0, 100), 1.0);
    assert!(share_after_coming_late(1, 100) < 0.5);
}

#[test]
fn two_requests_are_too_few_to_see_whether_somebody_goes_on() {
    assert_eq!(share_after_coming_late(0, 3), 1.0);
    assert!(share_after_coming_late(0, 2) < 0.5);
}
