//! Processes, a server and a ledger in virtual time, which passes in small steps. Equal plans give equal traces.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{Debug, Write as _};
use std::ops::Range;
use std::time::{Duration, UNIX_EPOCH};

use intercom_errors::RateLimit;
use intercom_pace::fleet::{LeaseReply, LeaseRequest, Ledger, Member, Next, Part};
use intercom_pace::{Admit, Admitter as _, Answer, Gauge, Pacer, PacerSettings, Seen};
use intercom_retry::Moment;

use crate::pacer::model::{EPOCH, at};

/// How many steps a second has.
const STEPS: u64 = 50;

/// All parts of the algorithm that can be taken away.
pub(super) const PARTS: [Part; 13] = [
    Part::Quarantine,
    Part::Grace,
    Part::Neighbours,
    Part::Returns,
    Part::LastReturn,
    Part::Reserve,
    Part::Guard,
    Part::StandingShares,
    Part::StaggeredRenewal,
    Part::Credit,
    Part::NewestLimit,
    Part::Sentinels,
    Part::WaitingForWord,
];

/// What happens in a trace. Functions take the time in seconds.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) seconds: u64,
    /// The length of a window at a time, and what is added to the server's clock before it is divided into windows.
    pub(super) window: fn(f64) -> f64,
    pub(super) phase: f64,
    /// Whether the processes are members of a fleet.
    pub(super) fleet: bool,
    pub(super) processes: Vec<Work>,
    /// The limit at a time.
    pub(super) limit: fn(f64) -> u32,
    /// What other clients have used of a window at a time, and so many seconds after its beginning.
    pub(super) others: fn(f64, f64) -> u32,
    /// The limit that the server really has, if it reports another.
    pub(super) real_limit: Option<u32>,
    /// The headers that the server sends at a time.
    pub(super) headers: fn(f64) -> Headers,
    /// Whether `Remaining` is without the request that it answers.
    pub(super) counts_first: bool,
    /// What happens to every so many-th request.
    pub(super) faults: Option<(u64, Fault)>,
    /// Seconds to the server and seconds back, of a request that is sent at a time.
    pub(super) latency: fn(f64) -> (f64, f64),
    /// How far the server's clock is ahead at a time, in seconds.
    pub(super) ahead: fn(f64) -> f64,
    /// How far the clock that writes `Date` is ahead of the one that ends windows, in seconds.
    pub(super) date_ahead: fn(f64) -> f64,
    /// When the ledger does not reply.
    pub(super) silent: fn(f64) -> bool,
    /// When the ledger loses its memory.
    pub(super) forgets: Option<u64>,
    /// A part of the algorithm that is taken away.
    pub(super) without: Option<Part>,
}

/// What a process does.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) settings: PacerSettings,
    /// How many calls it makes at a time: so many wait or are sent.
    pub(super) calls: fn(f64) -> u64,
    /// When it runs.
    pub(super) runs: Range<u64>,
    /// When it is suspended: it does nothing but take in a reply that was on its way.
    pub(super) stopped: Range<f64>,
}

#[derive(Clone, Copy)]
pub(super) enum Headers {
    All,
    OnlyDate,
    NoDate,
    None,
}

#[derive(Clone, Copy)]
pub(super) enum Fault {
    Unavailable,
    Lost,
    NotSent,
    Throttled,
    Unauthorized,
}

enum Gate {
    Pacer(Box<Pacer>),
    Member(Box<Member>),
}

struct Process {
    gate: Gate,
    work: Work,
    /// When the head of the queue asks again.
    asks_at: f64,
    /// When the driver looks again.
    wake: f64,
    flying: VecDeque<Flight>,
    sent: u32,
    refused: u32,
    asks: u32,
    /// Identifies everything that was seen since the start.
    digest: u64,
}

/// A request on its way.
struct Flight {
    place: u64,
    arrives: f64,
    ends: f64,
    fault: Option<Fault>,
    seen: End,
}

/// What became of a request.
enum End {
    Open,
    Answered(Answer),
    Lost,
}

struct World {
    plan: Plan,
    time: f64,
    ledger: Ledger,
    /// Replies on their way: when they arrive, and at which process.
    replies: VecDeque<(f64, usize, LeaseReply)>,
    processes: BTreeMap<usize, Process>,
    window: u64,
    used: u32,
    sent: u64,
    rolls: u64,
    lines: String,
}

impl Plan {
    /// One process that always has calls.
    pub(super) fn alone(limit: fn(f64) -> u32) -> Self {
        Self {
            seconds: 60,
            window: |_| 10.0,
            phase: 0.0,
            fleet: false,
            processes: vec![Work::busy()],
            limit,
            others: |_, _| 0,
            real_limit: None,
            headers: |_| Headers::All,
            counts_first: false,
            faults: None,
            latency: |_| (0.05, 0.05),
            ahead: |_| 0.0,
            date_ahead: |_| 0.0,
            silent: |_| false,
            forgets: None,
            without: None,
        }
    }

    /// A fleet with so many processes of this kind.
    pub(super) fn fleet(limit: fn(f64) -> u32, processes: Vec<Work>) -> Self {
        Self {
            fleet: true,
            processes,
            ..Self::alone(limit)
        }
    }

    pub(super) fn trace(self) -> String {
        let mut world = World::new(self);
        for step in 0..world.plan.seconds * STEPS {
            world.time = step as f64 / STEPS as f64;
            world.step(step);
        }
        world.lines
    }
}

impl Work {
    pub(super) fn busy() -> Self {
        Self::with(|_| 8)
    }

    pub(super) fn with(calls: fn(f64) -> u64) -> Self {
        Self {
            settings: PacerSettings::default(),
            calls,
            runs: 0..u64::MAX,
            stopped: 0.0..0.0,
        }
    }

    pub(super) fn during(mut self, runs: Range<u64>) -> Self {
        self.runs = runs;
        self
    }

    pub(super) fn stopped(mut self, stopped: Range<f64>) -> Self {
        self.stopped = stopped;
        self
    }

    pub(super) fn set(mut self, settings: PacerSettings) -> Self {
        self.settings = settings;
        self
    }
}

impl World {
    fn new(plan: Plan) -> Self {
        Self {
            time: 0.0,
            ledger: ledger(plan.without),
            replies: VecDeque::new(),
            processes: BTreeMap::new(),
            window: 0,
            used: 0,
            sent: 0,
            rolls: 7,
            lines: String::new(),
            plan,
        }
    }

    fn step(&mut self, step: u64) {
        if step % STEPS == 0 {
            self.second(step / STEPS);
        }
        self.turn();
        while let Some(&(time, to, _)) = self.replies.front() {
            if time > self.time {
                break;
            }
            let reply = self.replies.pop_front().map(|(_, _, reply)| reply);
            if let (Some(reply), Some(mut process)) = (reply, self.processes.remove(&to)) {
                process.note(&reply);
                let now = self.now();
                if let Gate::Member(member) = &mut process.gate {
                    member.replied(&reply, &now);
                    (process.asks_at, process.wake) = (0.0, 0.0);
                }
                self.processes.insert(to, process);
            }
        }
        let numbers: Vec<usize> = self.processes.keys().copied().collect();
        for number in numbers {
            if let Some(mut process) = self.processes.remove(&number) {
                if !process.work.stopped.contains(&self.time) {
                    self.drive(number, &mut process);
                    self.land(&mut process);
                    self.call(&mut process);
                    self.drive(number, &mut process);
                }
                self.processes.insert(number, process);
            }
        }
    }

    /// Starts and ends processes, and writes a line for each after every ten seconds.
    fn second(&mut self, second: u64) {
        if second % 10 == 0 && second > 0 {
            for (number, process) in &mut self.processes {
                let figures = [process.sent, process.refused, process.asks];
                let [sent, refused, asks] = figures.map(|figure| format!("{figure:>4}"));
                let _ = writeln!(
                    self.lines,
                    "{second:>4} {number:>3} {sent} {refused} {asks}  {:016x}",
                    process.digest
                );
                (process.sent, process.refused, process.asks) = (0, 0, 0);
            }
        }
        if self.plan.forgets == Some(second) {
            self.ledger = ledger(self.plan.without);
        }
        for (number, work) in self.plan.processes.clone().into_iter().enumerate() {
            if work.runs.start == second {
                self.processes.insert(
                    number,
                    Process::new(work.clone(), number as u64, &self.plan),
                );
            }
            if work.runs.end == second {
                let now = self.now();
                if let Some(Gate::Member(mut member)) =
                    self.processes.remove(&number).map(|process| process.gate)
                {
                    let request = member.bye(&now);
                    self.reply(&request);
                }
            }
        }
    }

    /// Enters the next window.
    fn turn(&mut self) {
        let window = ((self.server_time() + self.plan.phase) / self.length()) as u64;
        if window > self.window || window + 2 < self.window {
            (self.window, self.used) = (window, 0);
        }
    }

    fn length(&self) -> f64 {
        (self.plan.window)(self.time)
    }

    fn server_time(&self) -> f64 {
        EPOCH + 3.0 + self.time + (self.plan.ahead)(self.time)
    }

    /// The time, with another random number each time.
    fn now(&mut self) -> Moment {
        self.rolls = self
            .rolls
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        at(self.time).with_roll(self.rolls)
    }

    /// The ledger's reply, on a clock of its own.
    fn reply(&mut self, request: &LeaseRequest) -> LeaseReply {
        self.ledger
            .ask(request, (self.time * 1e6) as i64 + 1_000_000)
    }

    /// Lets the driver do what is due.
    fn drive(&mut self, number: usize, process: &mut Process) {
        let now = self.now();
        let waiting = (process.work.calls)(self.time).saturating_sub(process.flying.len() as u64);
        let Gate::Member(member) = &mut process.gate else {
            return;
        };
        while member.wants_attention(waiting as usize, &now) || process.wake <= self.time {
            match member.next(waiting as usize, &now) {
                Next::Ask(request) => {
                    process.wake = self.time + Member::TIMEOUT.as_secs_f64();
                    process.asks += 1;
                    digest(&mut process.digest, &request);
                    if !(self.plan.silent)(self.time) {
                        let reply = self.reply(&request);
                        self.replies.push_back((self.time + 0.02, number, reply));
                    }
                }
                Next::Rest(wait) => {
                    process.wake =
                        wait.map_or(f64::INFINITY, |wait| self.time + wait.as_secs_f64());
                    digest(&mut process.digest, &wait);
                }
            }
        }
        while let Some(change) = member.take_change() {
            digest(&mut process.digest, &change);
        }
        let lease = member.lease();
        process.note(&lease);
    }

    /// Lets requests arrive at the server, and responses at their process.
    fn land(&mut self, process: &mut Process) {
        for flight in 0..process.flying.len() {
            let Flight { arrives, seen, .. } = &process.flying[flight];
            if *arrives <= self.time && matches!(seen, End::Open) {
                process.flying[flight].seen = End::Answered(self.answer(process));
            }
        }
        let time = self.time;
        let is_over = |flight: &Flight| flight.ends <= time;
        while process.flying.front().is_some_and(is_over) {
            let Some(Flight {
                place, fault, seen, ..
            }) = process.flying.pop_front()
            else {
                return;
            };
            let now = self.now();
            let End::Answered(answer) = seen else {
                process.settle(place, Seen::NeverSent, &now);
                continue;
            };
            let slow = Answer::new(answer.rate_limit(), 503).with_slow_down(true);
            let busy = Answer::new(answer.rate_limit(), 429).with_window_refusal(false);
            let unauthorized = Answer::new(RateLimit::default(), 401);
            let seen = match fault {
                Some(Fault::Unavailable) => Seen::Responded(&slow),
                Some(Fault::Throttled) => Seen::Responded(&busy),
                Some(Fault::Unauthorized) => Seen::Responded(&unauthorized),
                Some(Fault::Lost) => Seen::Unknown,
                Some(Fault::NotSent) | None => Seen::Responded(&answer),
            };
            process.settle(place, seen, &now);
            process.asks_at = 0.0;
        }
    }

    /// What the server answers to a request that arrives now.
    fn answer(&mut self, process: &mut Process) -> Answer {
        let server = self.server_time();
        let window = self.length();
        let phase = (server + self.plan.phase) % window;
        let limit = (self.plan.limit)(self.time);
        let real = self.plan.real_limit.unwrap_or(limit);
        let taken = self.used + (self.plan.others)(self.time, phase);
        let refused = taken >= real;
        self.used += u32::from(!refused);
        process.refused += u32::from(refused);
        let end = server - phase + window;
        let own = u32::from(self.plan.counts_first);
        let remaining = limit.saturating_sub(taken).saturating_sub(own);
        let date = server + (self.plan.date_ahead)(self.time);
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(date as u64));
        let [limit, remaining, reset] = [limit.into(), remaining.into(), end.round() as u64]
            .map(|number: u64| number.to_string());
        let headers = [
            ("Date", date.as_bytes()),
            ("X-RateLimit-Limit", limit.as_bytes()),
            ("X-RateLimit-Remaining", remaining.as_bytes()),
            ("X-RateLimit-Reset", reset.as_bytes()),
        ];
        let sent = match (self.plan.headers)(self.time) {
            Headers::All => &headers[..],
            Headers::OnlyDate => &headers[..1],
            Headers::NoDate => &headers[1..],
            Headers::None => &[],
        };
        let status = if refused { 429 } else { 200 };
        Answer::new(RateLimit::from_headers(sent.iter().copied()), status)
    }

    /// Lets the calls at the head of the queue ask.
    fn call(&mut self, process: &mut Process) {
        while process.asks_at <= self.time
            && (process.work.calls)(self.time) > process.flying.len() as u64
        {
            let now = self.now();
            match process.admit(&now) {
                Admit::Go(place) => {
                    process.sent += 1;
                    self.sent += 1;
                    let fault = self.plan.faults.filter(|(every, _)| self.sent % every == 0);
                    let fault = fault.map(|(_, fault)| fault);
                    let (there, back) = (self.plan.latency)(self.time);
                    process.flying.push_back(Flight {
                        place,
                        arrives: self.time + there,
                        ends: self.time + there + back,
                        fault,
                        seen: match fault {
                            Some(Fault::NotSent) => End::Lost,
                            _ => End::Open,
                        },
                    });
                }
                Admit::Wait(wait) => process.asks_at = self.time + wait.as_secs_f64(),
            }
        }
    }
}

impl Process {
    fn new(work: Work, number: u64, plan: &Plan) -> Self {
        let settings = work.settings.clone();
        let id = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(number + 1);
        Self {
            gate: match (plan.fleet, plan.without) {
                (false, _) => Gate::Pacer(Box::new(Pacer::new(settings))),
                (true, None) => Gate::Member(Box::new(Member::new(settings, id))),
                (true, Some(part)) => {
                    Gate::Member(Box::new(Member::new(settings, id).without(part)))
                }
            },
            work,
            asks_at: 0.0,
            wake: 0.0,
            flying: VecDeque::new(),
            sent: 0,
            refused: 0,
            asks: 0,
            digest: 0,
        }
    }

    fn admit(&mut self, now: &Moment) -> Admit {
        let admit = match &mut self.gate {
            Gate::Pacer(pacer) => pacer.admit(now),
            Gate::Member(member) => member.admit(now),
        };
        if let (Gate::Pacer(pacer), Admit::Go(place)) = (&mut self.gate, admit) {
            pacer.sent(place, now);
        }
        let gauge = self.gauge(now);
        self.note(&(admit, gauge));
        admit
    }

    fn settle(&mut self, place: u64, seen: Seen<'_>, now: &Moment) {
        match &mut self.gate {
            Gate::Pacer(pacer) => pacer.settle(place, seen, now),
            Gate::Member(member) => member.settle(place, seen, now),
        }
        let gauge = self.gauge(now);
        self.note(&gauge);
    }

    fn gauge(&self, now: &Moment) -> Gauge {
        match &self.gate {
            Gate::Pacer(pacer) => pacer.gauge(now),
            Gate::Member(member) => member.gauge(now),
        }
    }

    fn note(&mut self, seen: &dyn Debug) {
        digest(&mut self.digest, seen);
    }
}

pub(super) fn ledger(without: Option<Part>) -> Ledger {
    let ledger = Ledger::new();
    match without {
        Some(part) => ledger.without(part),
        None => ledger,
    }
}

/// Adds what was seen: FNV-1a of its `Debug` form.
pub(super) fn digest(digest: &mut u64, seen: &dyn Debug) {
    struct Hasher<'d>(&'d mut u64);
    impl std::fmt::Write for Hasher<'_> {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            for byte in text.bytes() {
                *self.0 = (*self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            Ok(())
        }
    }
    let _ = write!(Hasher(digest), "{seen:?};");
}
