//! One run: the processes, Redis, the server, and what happens between them.

#![expect(
    clippy::indexing_slicing,
    reason = "numbers of processes are handed out by the vector itself, which does not change"
)]

use fastrand::Rng;
use intercom_errors::ApiError;
use intercom_pace::fleet::{LeaseReply, LeaseRequest, Next};
use intercom_pace::{Admit, Admitter as _, Answer, Seen as Settled};

use super::figures::Figures;
use super::process::Process;
use super::redis::{Redis, Seen};
use super::scenario::{Demand, Fault, Scenario};
use crate::chance::log_normal;
use crate::events::Events;
use crate::scenario::{BACK, FORWARD, WORK};
use crate::server::{Server, Verdict};

/// A process that cannot connect knows after this many seconds.
const REFUSED: f64 = 0.001;

#[derive(Debug)]
enum What {
    Begin(usize),
    /// A process with single calls makes one.
    Call(usize),
    /// Workers that come and go change over.
    Change(usize),
    /// The head of the queue asks again.
    Alarm(usize, u64),
    /// The driver looks again.
    Drive(usize, u64),
    Arrival(Attempt),
    Response(Attempt, Box<Verdict>, f64, f64),
    /// A message reaches Redis.
    Asked(usize, u32, Box<LeaseRequest>),
    /// A reply reaches a process; `None`: the connection was refused.
    Replied(usize, u32, Option<Box<LeaseReply>>),
    Fault(Fault),
    /// The time for a backup before a failover.
    BackUp,
    Restored,
    /// A process ends and a new one takes its place.
    Replace(usize, bool),
    Reachable(usize),
    NeighbourPlans(i64),
    NeighbourArrives,
}

/// A request on its way.
#[derive(Clone, Copy, Debug)]
struct Attempt {
    process: usize,
    life: u32,
    place: u64,
    /// When its call began.
    began: f64,
}

/// One run of one scenario.
pub(super) struct World<'a> {
    scenario: &'a Scenario,
    rng: Rng,
    time: f64,
    events: Events<What>,
    server: Server,
    redis: Redis<'a>,
    processes: Vec<Process>,
    figures: Figures,
}

impl<'a> World<'a> {
    /// Runs a scenario. `witness` sees what happens to the ledger.
    pub(super) fn run(
        scenario: &'a Scenario,
        seed: u64,
        witness: &'a mut dyn FnMut(Seen<'_>),
    ) -> Figures {
        let mut rng = Rng::with_seed(seed);
        let mut started = rng.f64() * scenario.server.window;
        if let Some(before) = scenario.starts_before {
            started = scenario.server.window - before;
        }
        let server = Server::new(&scenario.server, &scenario.limits, started);
        let processes = scenario.groups.iter().flat_map(|(count, demand)| {
            let seeds: Vec<_> = (0..*count)
                .map(|_| (rng.u64(..), 1000.0 * rng.f64()))
                .collect();
            seeds
                .into_iter()
                .map(|(id, origin)| Process::new(*demand, scenario.without, id, origin))
        });
        let processes: Vec<_> = processes.collect();
        let mut world = Self {
            redis: Redis::new(scenario, witness),
            figures: Figures::new(scenario),
            scenario,
            time: 0.0,
            events: Events::default(),
            server,
            processes,
            rng,
        };
        world.begin();
        while let Some((time, what)) = world.events.pop() {
            if time > scenario.lasts {
                break;
            }
            world.time = time;
            world.happen(what);
        }
        let done: Vec<_> = world.processes.iter().map(|process| process.done).collect();
        world.figures.finish(&world.server, &done);
        world.figures
    }

    fn begin(&mut self) {
        for process in 0..self.processes.len() {
            let starts = self.scenario.starts_within * self.rng.f64();
            self.events.plan(starts, What::Begin(process));
        }
        for (time, fault) in &self.scenario.faults {
            if matches!(fault, Fault::FailedOver(_)) {
                self.events.plan(time - 1.0, What::BackUp);
            }
            self.events.plan(*time, What::Fault(*fault));
        }
        if self.scenario.neighbour.is_some() {
            self.plan_neighbour(self.server.window_at(0.0));
        }
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Begin(process) => self.start(process),
            What::Call(process) => self.single_call(process),
            What::Change(process) => self.change(process),
            What::Alarm(process, alarm) => {
                if self.processes[process].alarm == alarm {
                    self.pump(process);
                }
            }
            What::Drive(process, drive) => {
                if self.processes[process].drive == drive {
                    self.drive(process);
                }
            }
            What::Arrival(attempt) => self.arrive(attempt),
            What::Response(attempt, verdict, left, skew) => {
                self.respond(attempt, &verdict, left, skew);
            }
            What::Asked(process, life, request) => self.reach_redis(process, life, &request),
            What::Replied(process, life, reply) => self.reply(process, life, reply.as_deref()),
            What::Fault(fault) => self.fail(fault),
            What::BackUp => self.redis.back_up(self.time),
            What::Restored => self.redis.is_down = false,
            What::Replace(process, bye) => self.replace(process, bye),
            What::Reachable(process) => self.processes[process].is_cut_off = false,
            What::NeighbourPlans(window) => self.plan_neighbour(window),
            What::NeighbourArrives => {
                let verdict = self.server.arrive(self.time, false);
                self.figures.neighbour(verdict.status == 429);
            }
        }
    }

    // The calls.

    fn start(&mut self, process: usize) {
        let one = &mut self.processes[process];
        one.is_alive = true;
        one.queue.extend(vec![self.time; one.workers()]);
        match one.demand {
            Demand::Rare(every) => {
                let first = self.time + every * -(1.0 - self.rng.f64()).ln();
                self.events.plan(first, What::Call(process));
            }
            Demand::ComesAndGoes(_, lasts) => {
                let first = self.time + lasts * self.rng.f64();
                self.events.plan(first, What::Change(process));
            }
            Demand::Burst(_, time) => self.events.plan(time, What::Call(process)),
            Demand::Busy(_) | Demand::Outside(_) => {}
        }
        self.pump(process);
    }

    fn single_call(&mut self, process: usize) {
        let one = &mut self.processes[process];
        match one.demand {
            Demand::Rare(every) => {
                let next = self.time + every * -(1.0 - self.rng.f64()).ln();
                self.events.plan(next, What::Call(process));
                one.queue.push_back(self.time);
            }
            Demand::Burst(calls, _) => one.queue.extend(vec![self.time; calls]),
            _ => {}
        }
        self.pump(process);
    }

    fn change(&mut self, process: usize) {
        let one = &mut self.processes[process];
        let Demand::ComesAndGoes(workers, lasts) = one.demand else {
            return;
        };
        one.rests = !one.rests;
        if one.rests {
            one.queue.clear();
        } else {
            one.queue.extend(vec![self.time; workers]);
        }
        self.events.plan(self.time + lasts, What::Change(process));
        self.pump(process);
    }

    /// Admits calls from the head of a process's queue until one has to wait, and lets the driver look.
    fn pump(&mut self, process: usize) {
        if !self.processes[process].is_alive {
            return;
        }
        while let Some(began) = self.processes[process].queue.front().copied() {
            let now = self.moment(process);
            match self.processes[process].member.admit(&now) {
                Admit::Go(place) => {
                    self.processes[process].queue.pop_front();
                    self.send(process, place, began);
                }
                Admit::Wait(wait) => {
                    let one = &mut self.processes[process];
                    one.alarm += 1;
                    let alarm = one.alarm;
                    let time = self.time + wait.as_secs_f64();
                    self.events.plan(time, What::Alarm(process, alarm));
                    break;
                }
            }
        }
        self.look(process);
    }

    fn send(&mut self, process: usize, place: u64, began: f64) {
        let latency = self.scenario.slowness * log_normal(&mut self.rng, FORWARD);
        let attempt = Attempt {
            process,
            life: self.processes[process].life,
            place,
            began,
        };
        let asked = self.time;
        self.figures
            .admitted(self.processes[process].demand, asked, asked - began);
        self.events
            .plan(self.time + latency, What::Arrival(attempt));
    }

    fn arrive(&mut self, attempt: Attempt) {
        let fails = self.rng.f64() < self.scenario.server.server_errors;
        let verdict = self.server.arrive(self.time, fails);
        let outside = self.processes[attempt.process].is_outside();
        self.figures
            .arrived(self.time, verdict.status == 429, verdict.window, outside);
        let left = self.time + self.scenario.slowness * log_normal(&mut self.rng, WORK);
        let back = left + self.scenario.slowness * log_normal(&mut self.rng, BACK);
        let skew = self.scenario.server.front_ends.skew(&mut self.rng);
        let response = What::Response(attempt, Box::new(verdict), left, skew);
        self.events.plan(back, response);
    }

    fn respond(&mut self, attempt: Attempt, verdict: &Verdict, left: f64, skew: f64) {
        let Attempt { process, life, .. } = attempt;
        if self.processes[process].life != life || !self.processes[process].is_alive {
            return;
        }
        let now = self.moment(process);
        let headers = self.server.headers(verdict, left, skew);
        let answer = if verdict.status == 429 {
            let body = br#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded"}]}"#;
            Answer::from(&ApiError::from_parts(429, headers.iter(), body))
        } else {
            Answer::new(headers.rate_limit(), verdict.status)
        };
        let one = &mut self.processes[process];
        one.member
            .settle(attempt.place, Settled::Responded(&answer), &now);
        if verdict.status == 429 {
            one.queue.push_front(attempt.began);
        } else {
            one.done += usize::from(self.time >= self.scenario.from);
            self.figures
                .ended(self.time, self.time - attempt.began, one.is_outside());
            if one.workers() > 0 && !one.rests {
                one.queue.push_back(self.time);
            }
        }
        self.pump(process);
    }

    fn moment(&mut self, process: usize) -> intercom_retry::Moment {
        let roll = self.rng.u64(..);
        self.processes[process].moment(self.time, roll)
    }

    // The driver of a member, and Redis.

    /// Lets the driver look if the member wants it.
    fn look(&mut self, process: usize) {
        let now = self.moment(process);
        let one = &mut self.processes[process];
        if one.member.wants_attention(one.queue.len(), &now) {
            self.drive(process);
        }
    }

    fn drive(&mut self, process: usize) {
        let now = self.moment(process);
        let one = &mut self.processes[process];
        if !one.is_alive {
            return;
        }
        one.drive += 1;
        let before = one.member.lease();
        match one.member.next(one.queue.len(), &now) {
            Next::Ask(request) => {
                self.say(process, request);
                // The time-out, if no reply comes.
                let time = self.time + intercom_pace::fleet::Member::TIMEOUT.as_secs_f64() + 1e-5;
                let drive = self.processes[process].drive;
                self.events.plan(time, What::Drive(process, drive));
            }
            Next::Rest(Some(wait)) => {
                let drive = one.drive;
                let time = self.time + wait.as_secs_f64();
                self.events.plan(time, What::Drive(process, drive));
            }
            Next::Rest(None) => {}
        }
        // A time-out or a turn may have changed what the head may do.
        if self.processes[process].member.lease() != before {
            self.wake(process);
        }
    }

    /// Lets the head of the queue ask again.
    fn wake(&mut self, process: usize) {
        let one = &mut self.processes[process];
        one.alarm += 1;
        let alarm = one.alarm;
        self.events.plan(self.time, What::Alarm(process, alarm));
    }

    fn say(&mut self, process: usize, request: LeaseRequest) {
        let one = &self.processes[process];
        let life = one.life;
        if one.is_outside() || self.redis.is_down {
            let time = self.time + REFUSED;
            return self.events.plan(time, What::Replied(process, life, None));
        }
        self.figures.tripped(self.time);
        if one.is_cut_off {
            return;
        }
        let arrival = self.time + self.redis_latency();
        let handled = self.redis.handles_at(arrival);
        self.events
            .plan(handled, What::Asked(process, life, Box::new(request)));
    }

    fn redis_latency(&mut self) -> f64 {
        let habits = self.scenario.redis;
        let spike = if self.rng.f64() < habits.spiky {
            habits.spike
        } else {
            0.0
        };
        spike + log_normal(&mut self.rng, habits.latency)
    }

    fn reach_redis(&mut self, process: usize, life: u32, request: &LeaseRequest) {
        if self.redis.is_down {
            return;
        }
        let handled = self.redis.handles_at(self.time);
        if handled > self.time {
            let asked = What::Asked(process, life, Box::new(request.clone()));
            return self.events.plan(handled, asked);
        }
        let reply = self.redis.ask(request, self.time);
        let back = self.time + self.redis_latency();
        self.events
            .plan(back, What::Replied(process, life, Some(Box::new(reply))));
    }

    fn reply(&mut self, process: usize, life: u32, reply: Option<&LeaseReply>) {
        let now = self.moment(process);
        let one = &mut self.processes[process];
        if one.life != life || !one.is_alive {
            return;
        }
        match reply {
            Some(reply) => one.member.replied(reply, &now),
            None => one.member.failed(&now),
        }
        self.pump(process);
        self.drive(process);
    }

    // What goes wrong.

    fn fail(&mut self, fault: Fault) {
        match fault {
            Fault::Down { lasts, forgets } => {
                self.redis.is_down = true;
                if forgets {
                    self.redis.forget();
                }
                self.events.plan(self.time + lasts, What::Restored);
            }
            Fault::Stopped(lasts) => self.redis.stopped_until = self.time + lasts,
            Fault::Flushed => self.redis.forget(),
            Fault::FailedOver(clock) => self.redis.fail_over(self.time, clock),
            Fault::Killed(percent) => {
                for process in self.some(percent) {
                    let id = self.rng.u64(..);
                    self.processes[process].restart(id);
                    self.processes[process].is_alive = false;
                }
            }
            Fault::Replaced { within, bye } => {
                for process in 0..self.processes.len() {
                    let time = self.time + within * self.rng.f64();
                    self.events.plan(time, What::Replace(process, bye));
                }
            }
            Fault::CutOff(percent, lasts) => {
                for process in self.some(percent) {
                    self.processes[process].is_cut_off = true;
                    self.events
                        .plan(self.time + lasts, What::Reachable(process));
                }
            }
        }
    }

    /// The first processes: this many of a hundred, at least one.
    fn some(&self, percent: usize) -> std::ops::Range<usize> {
        0..(self.processes.len() * percent / 100).max(1)
    }

    fn replace(&mut self, process: usize, bye: bool) {
        let now = self.moment(process);
        if bye {
            let request = self.processes[process].member.bye(&now);
            self.say(process, request);
        }
        let id = self.rng.u64(..);
        self.processes[process].restart(id);
        self.start(process);
    }

    fn plan_neighbour(&mut self, window: i64) {
        let Some(neighbour) = self.scenario.neighbour else {
            return;
        };
        let (opens, closes) = (self.server.opens(window), self.server.opens(window + 1));
        let limit = self.server.limit(opens.max(0.0));
        let times = neighbour.requests((opens, closes), limit, &mut self.rng);
        self.figures.neighbour_wants(window, times.len());
        for time in times {
            self.events
                .plan(time.max(self.time), What::NeighbourArrives);
        }
        self.events.plan(closes, What::NeighbourPlans(window + 1));
    }
}
