//! Circumstances chosen at random: combinations that no one thinks of.

use std::fmt::Write as _;
use std::ops::Range;
use std::time::Duration;

use fastrand::Rng;
use insta::assert_snapshot;
use intercom_pace::{PacerSettings, Pacing};

use super::world::{Fault, Headers, PARTS, Plan, Work, digest, ledger};
use crate::crowd::{Crowd, Event};

/// One line for each plan: its number, what its processes sent, how many were refused, how often they asked the ledger, and a
/// digest of its trace.
fn page(seeds: Range<u64>, fleet: bool) -> String {
    let mut lines = String::new();
    for seed in seeds {
        let trace = plan(&mut Rng::with_seed(seed), fleet).trace();
        let mut sums = [0; 3];
        for line in trace.lines() {
            let figures = line.split_whitespace().skip(2);
            for (sum, figure) in sums.iter_mut().zip(figures) {
                *sum += figure.parse::<u32>().unwrap();
            }
        }
        let [sent, refused, asks] = sums.map(|sum| format!("{sum:>5}"));
        let mut seen = 0;
        digest(&mut seen, &trace);
        let _ = writeln!(lines, "{seed:>3} {sent} {refused} {asks}  {seen:016x}");
    }
    lines
}

#[test]
fn pacers_at_random() {
    assert_snapshot!(page(0..60, false));
}

#[test]
fn fleets_at_random() {
    assert_snapshot!(page(100..160, true));
}

/// One line for each crowd: its number, how many of its requests got slots, and a digest of all replies and of the ledger.
#[test]
fn ledgers_at_random() {
    let mut lines = String::new();
    for seed in 0..60 {
        let mut crowd = Crowd::new(seed);
        let without = PARTS.get(seed as usize / 2).copied();
        let mut book = ledger(without.filter(|_| seed % 2 == 0));
        let (mut granted, mut seen) = (0, 0);
        for _ in 0..400 {
            let Event::Ask(request, now) = crowd.next() else {
                book = ledger(without);
                continue;
            };
            let reply = book.ask(&request, now);
            crowd.replied(&request, &reply);
            granted += u32::from(reply.hold > request.hold);
            let figures = [book.used(), book.holds(), book.shares(), book.ghost()];
            digest(
                &mut seen,
                &(reply, figures, book.quota(), book.quarantine()),
            );
        }
        let _ = writeln!(lines, "{seed:>3} {granted:>4}  {seen:016x}");
    }
    assert_snapshot!(lines);
}

/// A plan with at most three unusual circumstances.
fn plan(rng: &mut Rng, fleet: bool) -> Plan {
    let mut plan = Plan::alone(pick(rng, &LIMITS));
    let (length, window) = pick(rng, &WINDOWS);
    plan.window = window;
    plan.seconds = if length > 20.0 { 200 } else { 70 };
    plan.fleet = fleet;
    plan.phase = pick(rng, &[0.0, 0.0, 0.0, 0.5, 3.6]);
    let number = if fleet {
        rng.usize(1..6)
    } else {
        pick(rng, &[1, 1, 1, 2])
    };
    plan.processes = (0..number).map(|_| work(rng, length)).collect();
    for _ in 0..rng.usize(0..4) {
        spoil(rng, &mut plan);
    }
    plan
}

/// A process of a server with windows of this length. One in four expects another one.
fn work(rng: &mut Rng, length: f64) -> Work {
    let mut settings = PacerSettings::new();
    if rng.usize(0..4) > 0 {
        settings = settings.with_window(Duration::from_secs_f64(length));
    }
    if rng.usize(0..4) == 0 {
        settings = settings.with_reserve(pick(rng, &[0.1, 0.3, 0.5]));
    }
    if rng.usize(0..4) == 0 {
        settings = settings.with_pacing(Pacing::Fast);
    }
    let mut work = Work::with(pick(rng, &CALLS)).set(settings);
    if rng.usize(0..4) == 0 {
        let start = rng.u64(0..30);
        work = work.during(start..start + rng.u64(5..60));
    }
    if rng.usize(0..6) == 0 {
        let start = rng.f64() * 40.0;
        work = work.stopped(start..start + rng.f64() * 30.0);
    }
    work
}

/// Makes one circumstance unusual.
fn spoil(rng: &mut Rng, plan: &mut Plan) {
    match rng.usize(0..11) {
        0 => plan.others = pick(rng, &OTHERS),
        1 => plan.real_limit = Some(pick(rng, &[1, 3, 8, 22])),
        2 => plan.headers = pick(rng, &HEADERS),
        3 => plan.counts_first = true,
        4 => plan.faults = Some((rng.u64(1..9), pick(rng, &FAULTS))),
        5 | 6 => plan.latency = pick(rng, &LATENCIES),
        7 => plan.ahead = pick(rng, &AHEAD),
        8 => plan.date_ahead = pick(rng, &DATE_AHEAD),
        9 => plan.silent = pick(rng, &SILENT),
        _ if rng.bool() => plan.forgets = Some(rng.u64(2..60)),
        _ => plan.without = Some(pick(rng, &PARTS)),
    }
}

type At<T> = fn(f64) -> T;

const LIMITS: [At<u32>; 9] = [
    |_| 40,
    |_| 40,
    |_| 1,
    |_| 2,
    |_| 5,
    |_| 13,
    |time| if time < 31.0 { 9 } else { 6 },
    |time| 10 + (time / 8.0) as u32 % 3,
    |time| if tenth(time) % 7 == 0 { 30 } else { 25 },
];

/// The lengths of windows.
const WINDOWS: [(f64, At<f64>); 8] = [
    (10.0, |_| 10.0),
    (10.0, |_| 10.0),
    (10.0, |_| 10.0),
    (5.0, |_| 5.0),
    (1.0, |_| 1.0),
    (2.5, |_| 2.5),
    (20.0, |_| 20.0),
    (60.0, |_| 60.0),
];

const CALLS: [At<u64>; 8] = [
    |_| 8,
    |_| 1,
    |_| 30,
    |time| u64::from(time % 3.0 < 0.3),
    |time| if time % 20.0 < 8.0 { 12 } else { 0 },
    |time| u64::from(time % 13.0 < 0.4),
    |time| (time % 9.0) as u64,
    |time| if time < 25.0 { 1 } else { 6 },
];

const OTHERS: [fn(f64, f64) -> u32; 4] = [
    |_, phase| phase as u32,
    |time, _| if time < 33.0 { 12 } else { 0 },
    |_, phase| if phase > 0.7 { 4 } else { 0 },
    |time, phase| if time < 41.0 { (1.3 * phase) as u32 } else { 3 },
];

const HEADERS: [At<Headers>; 6] = [
    |_| Headers::OnlyDate,
    |_| Headers::NoDate,
    |_| Headers::None,
    |time| {
        if time < 22.0 {
            Headers::OnlyDate
        } else {
            Headers::All
        }
    },
    |time| {
        if tenth(time) % 3 == 0 {
            Headers::None
        } else {
            Headers::All
        }
    },
    |time| {
        if time % 20.0 < 11.0 {
            Headers::NoDate
        } else {
            Headers::OnlyDate
        }
    },
];

const FAULTS: [Fault; 5] = [
    Fault::Unavailable,
    Fault::Lost,
    Fault::NotSent,
    Fault::Throttled,
    Fault::Unauthorized,
];

const LATENCIES: [At<(f64, f64)>; 6] = [
    |_| (0.0, 0.02),
    |_| (0.5, 0.5),
    |_| (1.15, 1.15),
    |_| (2.5, 1.5),
    |time| (0.02 + (time * 0.37) % 0.6, 0.03 + (time * 0.73) % 0.9),
    |time| {
        if time % 17.0 < 9.0 {
            (0.1, 0.1)
        } else {
            (0.1, 6.0)
        }
    },
];

const AHEAD: [At<f64>; 5] = [
    |time| if time > 33.0 { -4.0 } else { 0.0 },
    |time| if time > 33.0 { 7.0 } else { 0.0 },
    |time| if time > 21.0 { 64.0 } else { 0.0 },
    |time| if tenth(time) % 2 == 0 { 0.8 } else { 0.0 },
    |time| time / 50.0,
];

const DATE_AHEAD: [At<f64>; 6] = [
    |_| 0.3,
    |_| 0.9,
    |_| -0.7,
    |_| 1.7,
    |_| -3.0,
    |time| if tenth(time) % 3 == 0 { 1.2 } else { 0.0 },
];

const SILENT: [At<bool>; 4] = [
    |time| (24.3..58.0).contains(&time),
    |time| time % 3.1 < 0.8,
    |time| time % 20.0 > 9.0,
    |time| time < 12.0,
];

/// The number of the tenth of a second.
fn tenth(time: f64) -> u64 {
    (10.0 * time) as u64
}

fn pick<T: Copy>(rng: &mut Rng, values: &[T]) -> T {
    values[rng.usize(0..values.len())]
}
