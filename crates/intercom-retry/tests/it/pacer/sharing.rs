//! Several processes that know nothing of each other.

use super::model::{Model, Setting};

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
