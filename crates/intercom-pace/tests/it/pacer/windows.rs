//! Windows that are not ten seconds long.

use core::time::Duration;

use intercom_pace::{Admit, Answer, Gauge, Pacer, PacerSettings};

use super::model::{EPOCH, Model, Setting, at, dated, rate_limit, wait_for};

/// Sends one request at a time to a server with windows of `window` seconds. Returns the length that the pacer learnt,
/// and how many requests were refused and sent.
fn learnt(settings: PacerSettings, window: u64, seconds: f64) -> (Duration, usize, usize) {
    let mut pacer = Pacer::new(settings);
    let (mut now, mut used, mut current) = (0.0, 0_u32, 0);
    let (mut refused, mut sent) = (0, 0);
    loop {
        let place = wait_for(&mut pacer, &mut now);
        if now >= seconds {
            break;
        }
        let server = EPOCH as u64 + now as u64;
        if server / window != current {
            current = server / window;
            used = 0;
        }
        let full = used >= 40;
        let answer = rate_limit(40, 40 - used, (current + 1) * window, server);
        used += u32::from(!full);
        refused += usize::from(full);
        sent += 1;
        now += 0.05;
        pacer.observe(
            place,
            &Answer::new(answer, if full { 429 } else { 200 }),
            &at(now),
        );
    }
    (pacer.gauge(&at(now)).window_length(), refused, sent)
}

#[test]
fn minute_windows_are_learnt_from_resets_more_than_ten_seconds_ahead() {
    let (length, refused, sent) = learnt(PacerSettings::new(), 60, 300.0);
    assert_eq!((length, refused), (Duration::from_secs(60), 0));
    assert_eq!(sent, 40 * 5);
}

#[test]
fn short_windows_are_learnt_from_resets_closer_together() {
    let (length, refused, sent) = learnt(PacerSettings::new(), 2, 60.0);
    assert_eq!(length, Duration::from_secs(2));
    assert!(refused <= 1 && sent > 600, "{refused} of {sent}");
}

/// Returns the gauge after responses with these values of `Reset` and `Date`, each half a second old.
fn after_answers(answers: &[(u64, u64)]) -> Gauge {
    let mut pacer = Pacer::new(PacerSettings::new());
    let mut now = 0.0;
    for (reset, date) in answers {
        now = f64::max(now, *date as f64 + 0.5);
        let place = wait_for(&mut pacer, &mut now);
        let answer = rate_limit(40, 35, EPOCH as u64 + reset, EPOCH as u64 + date);
        pacer.observe(place, &Answer::new(answer, 200), &at(now));
    }
    pacer.gauge(&at(now))
}

#[test]
fn counts_restart_when_a_shorter_length_is_learnt() {
    let gauge = after_answers(&[(2, 0), (2, 1), (4, 2), (4, 3), (4, 3), (6, 4)]);
    assert_eq!(gauge.window_length(), Duration::from_secs(2));
    assert_eq!((gauge.accepted(), gauge.used()), (1, 6));
}

#[test]
fn windows_that_were_counted_as_one_do_not_look_like_another_client() {
    let short = [(2, 0), (2, 1), (4, 2), (4, 3), (4, 3), (6, 4)];
    let turned = [short.as_slice(), &[(8, 6)]].concat();
    assert_eq!(after_answers(&turned).share(), 1.0);
}

#[test]
fn front_ends_a_second_behind_do_not_make_windows_longer() {
    let gauge = after_answers(&[(10, 3), (20, 9), (20, 9), (20, 9), (20, 11)]);
    assert_eq!(gauge.window_length(), Duration::from_secs(10));
}

#[test]
fn correct_length_is_kept() {
    let settings = PacerSettings::new().with_window(Duration::from_secs(2));
    assert_eq!(learnt(settings, 2, 30.0).0, Duration::from_secs(2));
    assert_eq!(
        learnt(PacerSettings::new(), 10, 95.0).0,
        Duration::from_secs(10)
    );
}

#[test]
fn windows_of_any_length_are_followed_if_the_length_is_set() {
    for window in [1.0, 1.5, 2.0, 2.5, 4.0, 60.0] {
        let setting = Setting {
            window,
            limit: 30,
            calls: 400,
            started: 0.3,
            latencies: vec![(0.004, 0.005), (0.003, 0.004)],
            ..Setting::default()
        };
        let log = Model::alone(setting);
        assert_eq!((log.refused, log.done), (0, 400), "windows of {window} s");
    }
}

#[test]
fn windows_too_short_for_headers_are_followed_by_the_clock() {
    let setting = Setting {
        window: 0.5,
        limit: 10,
        calls: 400,
        started: 0.3,
        latencies: vec![(0.004, 0.005), (0.003, 0.004)],
        ..Setting::default()
    };
    let mut model = Model::new(setting).process(0.0);
    model.run(f64::INFINITY);
    let log = &model.processes[0].log;
    assert_eq!(log.done, 400);
    assert!(
        log.refused <= 20 && model.time < 60.0,
        "{} refused, {} s",
        log.refused,
        model.time
    );
}

#[test]
fn phase_of_windows_is_learnt_from_the_first_refusals() {
    let setting = Setting {
        limit: 100,
        phase: 2.0,
        workers: 50,
        calls: 100 * 10,
        ..Setting::default()
    };
    let mut model = Model::new(setting).process(0.0);
    model.run(f64::INFINITY);
    let log = &model.processes[0].log;
    assert_eq!(log.done, 1000);
    assert!((1..=4).contains(&log.refused), "{} refused", log.refused);
    assert!(model.time < 104.0, "{} s", model.time);
}

#[test]
fn refusal_from_before_a_turn_that_is_dated_after_it_leaves_the_new_window_open() {
    let mut pacer = Pacer::new(PacerSettings::default());
    let (mut now, turned) = (0.5, EPOCH as u64 + 10);
    let mut ask = |pacer: &mut Pacer| wait_for(pacer, &mut now);
    let first = ask(&mut pacer);
    pacer.observe(first, &Answer::new(dated(EPOCH as u64), 200), &at(0.6));
    let (late, next) = (ask(&mut pacer), ask(&mut pacer));
    assert!(now < 10.0, "{now}");
    pacer.observe(next, &Answer::new(dated(turned), 200), &at(10.3));
    pacer.observe(late, &Answer::new(dated(turned), 429), &at(10.4));
    assert!(matches!(pacer.admit(&at(15.0)), Admit::Go(_)));
}

#[test]
fn refusal_of_the_request_that_turned_the_window_closes_it() {
    let mut pacer = Pacer::new(PacerSettings::default());
    // The second one goes when the next window is certainly open.
    for (mut sent, received, status) in [(0.5, 0.6, 200), (11.9, 12.0, 429)] {
        let permit = wait_for(&mut pacer, &mut sent);
        let date = (EPOCH + sent) as u64;
        pacer.observe(permit, &Answer::new(dated(date), status), &at(received));
    }
    assert!(matches!(pacer.admit(&at(15.0)), Admit::Wait(_)));
}

/// A refusal that is counted just before a turn and dated after it must not lead to a limit of one.
#[test]
fn quota_without_headers_is_found_at_any_start_time() {
    for tenth in 0..100 {
        let setting = Setting {
            limit: 50,
            started: f64::from(tenth) / 10.0,
            sends_quota: false,
            stamped: 1.0,
            workers: 50,
            calls: 50 * 20,
            ..Setting::default()
        };
        let mut model = Model::new(setting).process(0.0);
        model.run(f64::INFINITY);
        let log = &model.processes[0].log;
        assert_eq!(log.done, 1000);
        assert!(log.refused <= 40, "{} refused", log.refused);
        assert!(
            model.time < 260.0,
            "started at {}: {} s",
            f64::from(tenth) / 10.0,
            model.time
        );
    }
}
