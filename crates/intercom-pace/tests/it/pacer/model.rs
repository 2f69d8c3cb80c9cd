//! A model of the server and its clients, in virtual time. Equal inputs give equal runs.

use core::time::Duration;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::time::UNIX_EPOCH;

use intercom_errors::RateLimit;
use intercom_pace::{Admit, Answer, Gauge, Pacer, PacerSettings};
use intercom_retry::{Moment, Tick};
use proptest::prelude::{Just, Strategy, any, prop_oneof};

/// The server's clock at the origin of ours. Windows of every length used here turn at this time.
pub(crate) const EPOCH: f64 = 1_711_100_040.0;

/// The time `seconds` after the origin.
pub(crate) fn at(seconds: f64) -> Moment {
    Moment::new(Tick::new(Duration::from_secs_f64(seconds)))
}

/// Waits until the pacer admits a request, and returns its permit.
pub(crate) fn wait_for(pacer: &mut Pacer, now: &mut f64) -> u64 {
    for _ in 0..MOST_WAITS {
        match pacer.admit(&at(*now)) {
            Admit::Go(place) => return place,
            Admit::Wait(wait) => *now += wait.as_secs_f64(),
        }
    }
    panic!("still waiting: {:?}", pacer.gauge(&at(*now)));
}

/// The most waits in a test: waits that end much too early are as bad as an endless one.
const MOST_WAITS: usize = 100_000;

/// The headers that a server sends.
pub(crate) fn rate_limit(limit: u32, remaining: u32, reset: u64, date: u64) -> RateLimit {
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(date));
    RateLimit::from_headers([
        ("X-RateLimit-Limit", limit.to_string().as_bytes()),
        ("X-RateLimit-Remaining", remaining.to_string().as_bytes()),
        ("X-RateLimit-Reset", reset.to_string().as_bytes()),
        ("Date", date.as_bytes()),
    ])
}

/// Headers that contain only the time.
pub(crate) fn dated(date: u64) -> RateLimit {
    let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(date));
    RateLimit::from_headers([("Date", date.as_bytes())])
}

/// How the server behaves, and the job to do.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) limit: u32,
    pub(crate) window: f64,
    /// How far into a window the job starts, in seconds.
    pub(crate) started: f64,
    pub(crate) reset_offset: f64,
    /// Where windows turn, modulo their length.
    pub(crate) phase: f64,
    /// Whether headers contain the quota, or only `Date`.
    pub(crate) sends_quota: bool,
    pub(crate) remaining_after: bool,
    pub(crate) refusals_count: bool,
    /// When `Date` is written: from 0, when the request is counted, to 1, when the response arrives.
    pub(crate) stamped: f64,
    /// How fast the server's clock gains time, in seconds per second.
    pub(crate) drift: f64,
    /// The seconds to the server and back, for one request after another, repeated.
    pub(crate) latencies: Vec<(f64, f64)>,
    pub(crate) workers: usize,
    pub(crate) calls: usize,
    pub(crate) seed: u64,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            limit: 20,
            window: 10.0,
            started: 3.0,
            reset_offset: 0.0,
            phase: 0.0,
            sends_quota: true,
            remaining_after: false,
            refusals_count: false,
            stamped: 0.5,
            drift: 0.0,
            latencies: vec![(0.05, 0.05), (0.03, 0.04), (0.09, 0.02)],
            workers: 10,
            calls: 100,
            seed: 1,
        }
    }
}

/// Any server that behaves as documented, and any network.
pub(crate) fn any_setting() -> impl Strategy<Value = Setting> {
    let usual = (0.001..0.2, 0.001..0.2);
    let slow = prop_oneof![4 => 0.2..2.0, 1 => 2.0..25.0];
    let latency =
        prop_oneof![12 => usual, 1 => (0.001..0.2, slow.clone()), 1 => (slow, 0.001..0.2)];
    let habits = (
        0.0..10.0_f64,
        0_u32..=9,
        any::<bool>(),
        any::<bool>(),
        0.0..=1.0_f64,
        -200e-6..200e-6_f64,
    );
    let limit = prop_oneof![Just(1_u32), 2..20_u32, 20..200_u32];
    let latencies = proptest::collection::vec(latency, 1..40);
    (limit, habits, latencies, 1..60_usize, any::<u64>()).prop_map(
        |(limit, habits, latencies, workers, seed)| Setting {
            limit,
            started: habits.0,
            reset_offset: f64::from(habits.1),
            remaining_after: habits.2,
            refusals_count: habits.3,
            stamped: habits.4,
            drift: habits.5,
            latencies,
            workers,
            calls: 6 * limit as usize + 5,
            seed,
            ..Setting::default()
        },
    )
}

/// What one process did.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// When each permit was given, to which call, and what the pacer showed right after.
    pub(crate) gone: Vec<(f64, usize, Gauge)>,
    /// When each response arrived, and what the pacer showed right after.
    pub(crate) answered: Vec<(f64, Gauge)>,
    /// When the head of the queue had to wait, for how long, and what the pacer showed.
    pub(crate) waits: Vec<(f64, f64, Gauge)>,
    pub(crate) refused: usize,
    /// When each refused request was sent.
    pub(crate) refused_gone: Vec<f64>,
    pub(crate) done: usize,
}

impl Log {
    /// Counts the requests that were refused although the quota was known when they were sent.
    ///
    /// Before the first response ever, one more request goes each second, and a quota of one refuses it.
    pub(crate) fn refused_knowingly(&self) -> usize {
        let first = self
            .answered
            .first()
            .map_or(f64::INFINITY, |(time, _)| *time);
        self.refused_gone
            .iter()
            .filter(|gone| **gone > first)
            .count()
    }
}

/// The server and several processes, which start one after another.
#[derive(Debug)]
pub(crate) struct Model {
    setting: Setting,
    /// Whether responses wake the head of a queue. Otherwise it only polls.
    pub(crate) woken: bool,
    window: i64,
    used: u32,
    pub(crate) processes: Vec<Process>,
    events: BinaryHeap<Reverse<(Duration, u64, What)>>,
    planned: u64,
    sent: usize,
    random: u64,
    pub(crate) time: f64,
}

#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) pacer: Pacer,
    queue: BTreeSet<usize>,
    unstarted: usize,
    next: usize,
    alarm: u64,
    pub(crate) log: Log,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Start(usize),
    Alarm(usize, u64),
    Arrival(Flight),
    Answer(Flight, Reply),
    Ask(usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Flight {
    process: usize,
    call: usize,
    place: u64,
    gone: Duration,
    back: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reply {
    refused: bool,
    remaining: u32,
    reset: u64,
    date: u64,
}

impl Model {
    pub(crate) fn new(setting: Setting) -> Self {
        let mut model = Self {
            woken: true,
            window: 0,
            used: 0,
            processes: Vec::new(),
            events: BinaryHeap::new(),
            planned: 0,
            sent: 0,
            random: setting.seed,
            time: 0.0,
            setting,
        };
        model.window = model.window_at(0.0);
        model
    }

    /// Adds a process that starts at a time.
    pub(crate) fn process(mut self, starts: f64) -> Self {
        self.processes.push(Process {
            pacer: Pacer::new(
                PacerSettings::new().with_window(Duration::from_secs_f64(self.setting.window)),
            ),
            queue: BTreeSet::new(),
            unstarted: self.setting.calls,
            next: 0,
            alarm: 0,
            log: Log::default(),
        });
        let process = self.processes.len() - 1;
        self.plan(starts, What::Start(process));
        self
    }

    /// Runs one process from the start to the end of its job.
    pub(crate) fn alone(setting: Setting) -> Log {
        let mut model = Self::new(setting).process(0.0);
        model.run(f64::INFINITY);
        core::mem::take(&mut model.processes[0].log)
    }

    /// Runs until a time, or until nothing is left to happen.
    pub(crate) fn run(&mut self, until: f64) {
        while let Some(Reverse((time, number, what))) = self.events.pop() {
            if time.as_secs_f64() > until {
                self.events.push(Reverse((time, number, what)));
                return;
            }
            self.time = time.as_secs_f64();
            assert!(self.time < 100_000.0, "the job does not end");
            match what {
                What::Start(process) => {
                    for _ in 0..self.setting.workers {
                        self.next_call(process);
                    }
                }
                What::Alarm(process, alarm) if self.processes[process].alarm == alarm => {
                    self.pump(process);
                }
                What::Alarm(..) => {}
                What::Arrival(flight) => self.arrive(flight),
                What::Answer(flight, reply) => self.answer(flight, reply),
                What::Ask(process, call) => self.enqueue(process, call),
            }
        }
    }

    /// Returns the time on the server's clock.
    pub(crate) fn server_clock(&self, time: f64) -> f64 {
        EPOCH + self.setting.started + time * (1.0 + self.setting.drift)
    }

    fn window_at(&self, time: f64) -> i64 {
        ((self.server_clock(time) - EPOCH - self.setting.phase) / self.setting.window).floor()
            as i64
    }

    fn plan(&mut self, time: f64, what: What) {
        self.planned += 1;
        let time = Duration::from_secs_f64(time);
        self.events.push(Reverse((time, self.planned, what)));
    }

    fn next_call(&mut self, process: usize) {
        let it = &mut self.processes[process];
        if it.unstarted > 0 {
            it.unstarted -= 1;
            it.next += 1;
            let call = it.next - 1;
            self.enqueue(process, call);
        }
    }

    fn enqueue(&mut self, process: usize, call: usize) {
        let queue = &mut self.processes[process].queue;
        queue.insert(call);
        if queue.first() == Some(&call) {
            self.pump(process);
        }
    }

    /// The head of the queue asks until it has to wait.
    fn pump(&mut self, process: usize) {
        while let Some(call) = self.processes[process].queue.first().copied() {
            let now = at(self.time).with_roll(self.roll());
            let it = &mut self.processes[process];
            let admit = it.pacer.admit(&now);
            let gauge = it.pacer.gauge(&now);
            match admit {
                Admit::Go(place) => {
                    it.pacer.sent(place, &now);
                    it.queue.pop_first();
                    it.log.gone.push((self.time, call, gauge));
                    let latencies = &self.setting.latencies;
                    let (there, back) = latencies[self.sent % latencies.len()];
                    self.sent += 1;
                    let back = Duration::from_secs_f64(back);
                    let gone = Duration::from_secs_f64(self.time);
                    let flight = Flight {
                        process,
                        call,
                        place,
                        gone,
                        back,
                    };
                    self.plan(self.time + there, What::Arrival(flight));
                }
                Admit::Wait(wait) => {
                    let wait = wait.as_secs_f64();
                    it.log.waits.push((self.time, wait, gauge));
                    assert!(it.log.waits.len() < MOST_WAITS, "the job does not end");
                    it.alarm += 1;
                    let alarm = it.alarm;
                    return self.plan(self.time + wait, What::Alarm(process, alarm));
                }
            }
        }
    }

    fn arrive(&mut self, flight: Flight) {
        let window = self.window_at(self.time);
        if window != self.window {
            self.window = window;
            self.used = 0;
        }
        let limit = self.setting.limit;
        let before = limit.saturating_sub(self.used);
        let refused = before == 0;
        if !refused || self.setting.refusals_count {
            self.used += 1;
        }
        let after = limit.saturating_sub(self.used);
        let end = EPOCH + self.setting.phase + (window + 1) as f64 * self.setting.window;
        let stamped = self.time + self.setting.stamped * flight.back.as_secs_f64();
        let reply = Reply {
            refused,
            remaining: if self.setting.remaining_after {
                after
            } else {
                before
            },
            reset: (end + self.setting.reset_offset).ceil() as u64,
            date: self.server_clock(stamped) as u64,
        };
        self.plan(
            self.time + flight.back.as_secs_f64(),
            What::Answer(flight, reply),
        );
    }

    fn answer(&mut self, flight: Flight, reply: Reply) {
        let now = at(self.time).with_roll(self.roll());
        let limit = if self.setting.sends_quota {
            rate_limit(self.setting.limit, reply.remaining, reply.reset, reply.date)
        } else {
            dated(reply.date)
        };
        let it = &mut self.processes[flight.process];
        let status = if reply.refused { 429 } else { 200 };
        it.pacer
            .observe(flight.place, &Answer::new(limit, status), &now);
        it.log.answered.push((self.time, it.pacer.gauge(&now)));
        if reply.refused {
            it.log.refused += 1;
            it.log.refused_gone.push(flight.gone.as_secs_f64());
            self.plan(self.time + 1.0, What::Ask(flight.process, flight.call));
        } else {
            it.log.done += 1;
            self.next_call(flight.process);
        }
        if self.woken {
            self.pump(flight.process);
        }
    }

    /// A splitmix64 generator.
    fn roll(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
