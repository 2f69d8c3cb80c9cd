//! Several processes that share a quota without coordination.

use intercom_pace::{Admit, Answer, Pacer, PacerSettings};

use super::model::{EPOCH, Model, Setting, at, rate_limit};

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

/// Runs until a time and returns how many calls each process finished.
fn shares(model: &mut Model, until: f64) -> Vec<usize> {
    let before: Vec<_> = model.processes.iter().map(|it| it.log.done).collect();
    model.run(until);
    let after = model.processes.iter().map(|it| it.log.done);
    after
        .zip(before)
        .map(|(after, before)| after - before)
        .collect()
}

/// The percentage of all requests that were refused.
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
        "the first process uses the quota alone"
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
fn ten_processes_see_less_than_two_percent_refused() {
    let mut model = (0..10).fold(Model::new(many(167)), |model, n| {
        model.process(0.9 * f64::from(n))
    });
    model.run(300.0);
    assert!(refused(&model) < 2.0, "{}", refused(&model));
    let done: usize = model.processes.iter().map(|it| it.log.done).sum();
    assert!(done > 167 * 27, "{done} in 30 windows");
}

#[test]
fn hundred_processes_see_less_than_five_percent_refused() {
    let mut model = (0..100).fold(Model::new(many(1667)), |model, n| {
        model.process(0.1 * f64::from(n))
    });
    model.run(200.0);
    assert!(refused(&model) < 5.0, "{}", refused(&model));
    let done: usize = model.processes.iter().map(|it| it.log.done).sum();
    assert!(done > 1667 * 18, "{done} in 20 windows");
}

/// Returns a pacer at the end of its first window. In it, all but 17 requests were used before we started.
/// We then sent up to `most` requests, and another client sent `others` for each of ours.
fn after_starting_late(limit: u32, others: u32, most: u32) -> Pacer {
    let mut pacer = Pacer::new(PacerSettings::default());
    let (mut now, mut used, mut own) = (2.0, limit - 17, 0);
    while now < 10.0 && own < most {
        own += 1;
        match pacer.admit(&at(now)) {
            Admit::Wait(wait) => {
                own -= 1;
                now += wait.as_secs_f64();
            }
            Admit::Go(place) => {
                let answer = rate_limit(
                    limit,
                    limit - used,
                    EPOCH as u64 + 10,
                    EPOCH as u64 + now as u64,
                );
                used = (used + 1 + others).min(limit);
                now += 0.05;
                pacer.observe(place, &Answer::new(answer, 200), &at(now));
            }
        }
    }
    pacer
}

/// Returns the share taken of the second window.
fn share_after_starting_late(others: u32, most: u32) -> f64 {
    let mut pacer = after_starting_late(167, others, most);
    pacer.advance(&at(12.0));
    pacer.gauge(&at(12.0)).share()
}

#[test]
fn a_sixteenth_of_the_quota_may_go_at_once_or_a_thirty_second_of_a_share() {
    let burst = |others| {
        let mut pacer = after_starting_late(1670, others, 100);
        pacer.advance(&at(12.0));
        let gauge = pacer.gauge(&at(12.0));
        (gauge.burst(), gauge.share())
    };
    assert_eq!(burst(0), (1670.0 / 16.0, 1.0));
    let (shared, share) = burst(1);
    assert!(
        shared > 1.0 && (shared - 1670.0 / 32.0 * share).abs() < 1e-9,
        "{shared} {share}"
    );
}

#[test]
fn window_that_is_shared_begins_with_a_random_part_of_a_token() {
    let tokens = |roll| {
        let mut pacer = after_starting_late(167, 1, 100);
        pacer.advance(&at(12.0).with_roll(roll));
        pacer.gauge(&at(12.0)).tokens()
    };
    assert_eq!([tokens(0), tokens(1 << 62)], [0.0, 0.25]);
    assert!((0.999..1.0).contains(&tokens(u64::MAX)));
}

#[test]
fn quota_used_before_the_start_proves_another_client_only_if_it_sends_more() {
    assert_eq!(share_after_starting_late(0, 100), 1.0);
    assert!(share_after_starting_late(1, 100) < 0.5);
}

#[test]
fn two_requests_are_too_few_to_see_whether_another_client_sends_more() {
    assert_eq!(share_after_starting_late(0, 3), 1.0);
    assert!(share_after_starting_late(0, 2) < 0.5);
}
