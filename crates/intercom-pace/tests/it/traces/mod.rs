//! What pacers and fleets do in virtual time. A change of the algorithm shows here first: the figures say what it changes,
//! and the digest, which covers every decision, that it changes anything.
//!
//! Each line is for ten seconds of a process: when they end, the number of the process, how many requests it sent, how many were
//! refused, how often it asked the ledger, and the digest since its start.

mod random;
mod world;

use std::time::Duration;

use insta::assert_snapshot;
use intercom_pace::{PacerSettings, Pacing};

use self::world::{Fault, Headers, PARTS, Plan, Work};

/// Traces, each below its name.
#[derive(Default)]
struct Page(String);

impl Page {
    fn add(&mut self, name: &str, plan: Plan) {
        self.0 += &format!("{}:\n{}\n", name.replace('_', " "), plan.trace());
    }
}

#[test]
fn one_process() {
    let mut page = Page::default();
    let base = || Plan::alone(|_| 40);
    page.add("alone", base());
    let mut many = Plan::alone(|_| 500);
    many.processes = vec![Work::with(|time| if time < 17.0 { 2 } else { 60 })];
    page.add("alone_large_limit", many);
    let mut slow = base();
    slow.latency = |_| (0.85, 0.85);
    slow.processes = vec![Work::with(|_| 30)];
    page.add("alone_slow_network", slow);
    let mut settings = base();
    (settings.window, settings.seconds) = (|_| 20.0, 100);
    let set = PacerSettings::new()
        .with_pacing(Pacing::Fast)
        .with_reserve(0.2);
    settings.processes = vec![Work::busy().set(set)];
    page.add("alone_settings_and_longer_windows", settings);
    let mut rare = base();
    rare.processes = vec![Work::with(|time| u64::from(time % 7.0 < 1.5))];
    rare.seconds = 120;
    page.add("alone_rare_calls", rare);
    assert_snapshot!(page.0);
}

#[test]
fn other_clients() {
    let mut page = Page::default();
    let mut others = Plan::alone(|_| 40);
    others.others = |_, phase| (3.0 * phase) as u32;
    others.seconds = 100;
    page.add("others_all_the_time", others);
    let mut left = Plan::alone(|_| 40);
    left.others = |time, phase| if time < 63.0 { (3.6 * phase) as u32 } else { 0 };
    left.seconds = 130;
    page.add("others_who_leave", left);
    let mut all = Plan::alone(|_| 40);
    all.others = |time, _| if time < 53.0 { 39 } else { 0 };
    all.seconds = 110;
    page.add("others_who_take_all_at_once", all);
    let mut burst = Plan::alone(|_| 40);
    burst.others = |_, phase| if phase > 6.0 { 25 } else { 0 };
    page.add("others_late_in_the_window", burst);
    let mut three = Plan::alone(|_| 60);
    three.processes = vec![
        Work::busy(),
        Work::busy().during(20..70),
        Work::with(|time| (time % 9.0) as u64),
    ];
    three.seconds = 120;
    page.add("three_pacers", three);
    assert_snapshot!(page.0);
}

type Limit = fn(f64) -> u32;
type Sent = fn(f64) -> Headers;
type Ahead = fn(f64) -> f64;
type Window = fn(f64) -> f64;

#[test]
fn servers_with_fewer_headers() {
    let mut page = Page::default();
    let servers: [(&str, Sent); 5] = [
        ("only_date", |_| Headers::OnlyDate),
        ("no_date", |_| Headers::NoDate),
        ("no_headers", |_| Headers::None),
        ("drops_its_headers", |time| {
            if time < 32.0 {
                Headers::All
            } else {
                Headers::None
            }
        }),
        ("drops_its_limit", |time| {
            if time < 44.0 {
                Headers::All
            } else {
                Headers::OnlyDate
            }
        }),
    ];
    for (name, headers) in servers {
        let mut plan = Plan::alone(|_| 25);
        (plan.headers, plan.seconds) = (headers, 150);
        page.add(&format!("server_{name}"), plan);
    }
    let mut slow = Plan::alone(|_| 25);
    (slow.headers, slow.seconds) = (|_| Headers::OnlyDate, 150);
    slow.latency = |time| (0.2 + time % 0.9, 0.4 + time % 1.1);
    page.add("server_only_date_on_a_slow_network", slow);
    let mut few = Plan::alone(|_| 25);
    few.headers = |_| Headers::OnlyDate;
    few.processes = vec![Work::with(|time| {
        if (33.0..140.0).contains(&time) { 1 } else { 8 }
    })];
    (few.latency, few.seconds) = (|_| (0.3, 0.3), 220);
    page.add("server_only_date_and_few_calls", few);
    assert_snapshot!(page.0);
}

#[test]
fn servers_with_other_clocks() {
    let mut page = Page::default();
    let dates: [(&str, Window, Ahead); 8] = [
        ("a_little_ahead", |_| 10.0, |_| 0.3),
        ("ahead", |_| 10.0, |_| 0.9),
        ("behind", |_| 10.0, |_| -0.7),
        (
            "of_two_machines",
            |_| 10.0,
            |time| {
                if (time * 10.0) as u64 % 3 == 0 {
                    1.2
                } else {
                    0.0
                }
            },
        ),
        ("ahead_in_short_windows", |_| 5.0, |_| 0.9),
        ("ahead_in_very_short_windows", |_| 2.0, |_| 1.1),
        ("ahead_in_long_windows", |_| 20.0, |_| 0.9),
        ("more_and_more_ahead", |_| 10.0, |time| time / 60.0),
    ];
    for (name, window, ahead) in dates {
        let mut plan = Plan::alone(|_| 40);
        (plan.window, plan.date_ahead, plan.seconds) = (window, ahead, 110);
        page.add(&format!("server_whose_date_is_{name}"), plan);
    }
    let mut ends = Plan::alone(|_| 40);
    ends.ahead = |time| {
        if (time * 10.0) as u64 % 2 == 0 {
            0.8
        } else {
            0.0
        }
    };
    page.add("server_of_two_front_ends", ends);
    let mut clock = Plan::alone(|_| 40);
    clock.ahead = |time| if time > 33.0 { -4.0 } else { time * 1e-4 };
    clock.seconds = 90;
    page.add("server_sets_its_clock_back", clock.clone());
    clock.ahead = |time| if time > 33.0 { 64.0 } else { 0.0 };
    page.add("server_sets_its_clock_ahead", clock);
    assert_snapshot!(page.0);
}

#[test]
fn servers_with_other_windows() {
    let mut page = Page::default();
    let mut phase = Plan::alone(|_| 40);
    (phase.phase, phase.seconds) = (3.6, 90);
    phase.latency = |time| (0.02 + (time * 0.37) % 0.6, 0.03 + (time * 0.73) % 0.9);
    page.add("server_with_another_phase", phase.clone());
    phase.headers = |_| Headers::NoDate;
    page.add("server_with_another_phase_and_no_date", phase);
    let mut longer = Plan::alone(|_| 40);
    (longer.window, longer.seconds) = (|time| if time < 37.0 { 20.0 } else { 60.0 }, 200);
    page.add("server_with_longer_windows", longer.clone());
    longer.window = |time| if time < 37.0 { 20.0 } else { 5.0 };
    page.add("server_with_shorter_windows", longer);
    let lengths: [(&str, u64, Window); 4] = [
        ("half_seconds", 500, |_| 0.5),
        ("two_and_a_half_seconds", 2500, |_| 2.5),
        ("seven_seconds_and_a_quarter", 7250, |_| 7.25),
        ("two_and_a_half_seconds_unexpectedly", 10_000, |_| 2.5),
    ];
    for (name, expected, window) in lengths {
        let mut plan = Plan::alone(|_| 20);
        (plan.window, plan.seconds) = (window, 70);
        let settings = PacerSettings::new().with_window(Duration::from_millis(expected));
        plan.processes = vec![Work::busy().set(settings)];
        page.add(&format!("server_with_windows_of_{name}"), plan);
    }
    assert_snapshot!(page.0);
}

#[test]
fn servers_with_other_quotas() {
    let mut page = Page::default();
    let mut first = Plan::alone(|_| 40);
    first.counts_first = true;
    page.add("server_counts_before_it_answers", first.clone());
    first.processes = vec![Work::with(|time| if time < 95.0 { 1 } else { 20 })];
    (first.latency, first.seconds) = (|_| (0.25, 0.25), 150);
    page.add("server_counts_before_it_answers_few", first.clone());
    (first.counts_first, first.others) = (false, |_, _| 1);
    page.add("other_client_that_looks_like_it", first);
    let mut hidden = Plan::alone(|_| 40);
    (hidden.real_limit, hidden.seconds) = (Some(22), 90);
    page.add("server_hidden_limit", hidden);
    let mut hidden = Plan::alone(|_| 300);
    (hidden.real_limit, hidden.seconds) = (Some(180), 90);
    hidden.processes = vec![Work::with(|_| 40)];
    page.add("server_large_hidden_limit", hidden);
    let changes = Plan::alone(|time| if (25.0..47.0).contains(&time) { 12 } else { 40 });
    page.add("server_changes_the_limit", changes);
    assert_snapshot!(page.0);
}

#[test]
fn faults() {
    let mut page = Page::default();
    for (name, fault) in [
        ("unavailable", Fault::Unavailable),
        ("lost", Fault::Lost),
        ("not_sent", Fault::NotSent),
        ("throttled", Fault::Throttled),
        ("unauthorized", Fault::Unauthorized),
    ] {
        let mut plan = Plan::alone(|_| 40);
        plan.faults = Some((9, fault));
        page.add(&format!("fault_{name}"), plan);
    }
    assert_snapshot!(page.0);
}

fn fleet() -> Plan {
    Plan::fleet(|_| 60, vec![Work::busy(); 4])
}

#[test]
fn fleets() {
    let mut page = Page::default();
    page.add("fleet", fleet());
    let mut changing = fleet();
    changing.processes = vec![
        Work::busy(),
        Work::with(|time| if time % 20.0 < 8.0 { 12 } else { 0 }),
        Work::with(|time| u64::from(time % 5.0 < 0.3)),
        Work::busy().during(23..64),
        Work::with(|time| if time % 10.0 < 3.0 { 20 } else { 0 }).during(31..90),
    ];
    changing.seconds = 110;
    page.add("fleet_changing", changing);
    let crowd = Plan::fleet(|_| 7, vec![Work::with(|_| 2); 11]);
    page.add("fleet_with_more_members_than_slots", crowd);
    let idle = || Work::with(|time| u64::from(time % 13.0 < 0.5));
    let rare = Plan::fleet(
        |_| 30,
        vec![
            idle(),
            idle(),
            idle(),
            idle().during(5..40),
            idle().during(11..200),
        ],
    );
    page.add("fleet_of_rare_callers", rare);
    let mut long = fleet();
    (long.window, long.seconds) = (|_| 60.0, 300);
    let minute = PacerSettings::new().with_window(Duration::from_secs(60));
    long.processes = vec![
        Work::busy().set(minute.clone()),
        Work::with(|time| (time % 40.0) as u64 / 9).set(minute),
    ];
    page.add("fleet_with_long_windows", long);
    let mut reserve = fleet();
    let modest = PacerSettings::new().with_reserve(0.3);
    reserve.processes = vec![
        Work::busy().set(modest.clone()),
        Work::busy().set(modest),
        Work::with(|time| (time / 5.0) as u64 % 4),
    ];
    page.add("fleet_with_a_reserve", reserve);
    assert_snapshot!(page.0);
}

#[test]
fn fleets_without_a_part() {
    let mut page = Page::default();
    for part in PARTS {
        let mut plan = fleet();
        plan.limit = |time| if time < 83.0 { 50 } else { 34 };
        plan.processes = vec![
            Work::busy(),
            Work::busy(),
            Work::with(|time| if time % 20.0 < 8.0 { 12 } else { 0 }),
            Work::with(|time| u64::from(time % 13.0 < 0.4)).during(7..500),
        ];
        plan.silent = |time| (44.0..64.0).contains(&time);
        (plan.forgets, plan.without) = (Some(23), Some(part));
        plan.seconds = 110;
        page.add(&format!("fleet_without_{part:?}"), plan);
    }
    assert_snapshot!(page.0);
}

#[test]
fn fleets_that_lose_their_ledger() {
    let mut page = Page::default();
    let mut stopped = fleet();
    stopped.processes = vec![
        Work::busy(),
        Work::busy().stopped(24.0..31.0),
        Work::busy().stopped(34.0..62.0),
        Work::with(|time| if time < 75.0 { 3 } else { 30 }),
    ];
    stopped.seconds = 110;
    page.add("fleet_with_suspended_processes", stopped.clone());
    stopped.silent = |time| (23.0..90.0).contains(&time);
    page.add("fleet_with_suspended_processes_and_no_ledger", stopped);
    let limits: [(&str, Limit); 3] = [("four", |_| 4), ("eight", |_| 8), ("thirteen", |_| 13)];
    for (name, limit) in limits {
        let mut few = Plan::fleet(limit, vec![Work::with(|_| 4); 4]);
        few.processes.push(Work::with(|_| 2).during(23..200));
        few.silent = |time| (31.0..90.0).contains(&time);
        few.seconds = 120;
        page.add(&format!("fleet_of_{name}_slots"), few);
    }
    let mut short = fleet();
    short.window = |_| 5.0;
    short.latency = |time| (0.05 + time % 0.4, 0.1);
    short.silent = |time| (52.0..77.0).contains(&time);
    short.seconds = 100;
    let five = PacerSettings::new().with_window(Duration::from_secs(5));
    short.processes = vec![
        Work::with(|_| 20).set(five.clone()),
        Work::with(|_| 20).set(five.clone()),
        Work::with(|_| 2).set(five),
    ];
    page.add("fleet_with_short_windows", short);
    assert_snapshot!(page.0);
}

#[test]
fn fleets_in_trouble() {
    let mut page = Page::default();
    let mut away = fleet();
    away.silent = |time| (24.3..58.0).contains(&time);
    away.seconds = 100;
    page.add("fleet_without_its_ledger", away);
    let mut noisy = fleet();
    noisy.silent = |time| time % 3.1 < 0.8;
    page.add("fleet_with_a_deaf_ledger", noisy);
    let mut forgetful = fleet();
    (forgetful.forgets, forgetful.seconds) = (Some(27), 80);
    page.add("fleet_whose_ledger_forgets", forgetful);
    let mut gone = fleet();
    gone.processes = vec![
        Work::busy(),
        Work::busy(),
        Work::busy().during(0..26),
        Work::with(|_| 3).during(34..500),
    ];
    gone.silent = |time| (25.0..26.5).contains(&time);
    gone.seconds = 100;
    page.add("fleet_of_which_one_leaves", gone);
    let mut others = fleet();
    others.others = |_, phase| (2.5 * phase) as u32;
    others.seconds = 100;
    page.add("fleet_beside_another_client", others);
    let mut hidden = fleet();
    (hidden.real_limit, hidden.seconds) = (Some(33), 100);
    page.add("fleet_with_a_hidden_limit", hidden);
    let mut changes = fleet();
    changes.limit = |time| if (22.0..51.0).contains(&time) { 24 } else { 60 };
    changes.seconds = 80;
    page.add("fleet_whose_limit_changes", changes);
    let mut slow = fleet();
    slow.latency = |_| (1.15, 1.15);
    slow.processes = vec![Work::with(|_| 40); 3];
    page.add("fleet_on_a_slow_network", slow);
    let mut clock = fleet();
    clock.ahead = |time| if time > 33.0 { 7.0 } else { 0.0 };
    clock.seconds = 80;
    page.add("fleet_whose_server_sets_its_clock", clock);
    let dates: [(&str, Ahead); 2] = [("a_little", |_| 0.6), ("much", |_| 1.7)];
    for (name, ahead) in dates {
        let mut plan = fleet();
        plan.date_ahead = ahead;
        plan.seconds = 90;
        page.add(&format!("fleet_whose_server_dates_{name}_ahead"), plan);
    }
    let mut first = fleet();
    first.counts_first = true;
    page.add("fleet_whose_server_counts_before_it_answers", first);
    let mut ends = fleet();
    ends.ahead = |time| {
        if (time * 10.0) as u64 % 2 == 0 {
            0.8
        } else {
            0.0
        }
    };
    ends.seconds = 90;
    page.add("fleet_before_two_front_ends", ends);
    let mut blind = fleet();
    blind.headers = |_| Headers::OnlyDate;
    page.add("fleet_without_a_reported_limit", blind);
    for (name, fault) in [
        ("unavailable", Fault::Unavailable),
        ("lost", Fault::Lost),
        ("not_sent", Fault::NotSent),
    ] {
        let mut plan = fleet();
        plan.faults = Some((11, fault));
        page.add(&format!("fleet_fault_{name}"), plan);
    }
    assert_snapshot!(page.0);
}
