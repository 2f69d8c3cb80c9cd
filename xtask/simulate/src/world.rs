//! One run: the processes, the server, and what happens between them.

#![expect(
    clippy::indexing_slicing,
    reason = "numbers of clients and calls are handed out by the vectors themselves, which only grow"
)]

use fastrand::Rng;
use intercom_errors::{ApiError, Fault, FaultKind, RateLimit};
use intercom_pace::{Answer, Seen};
use intercom_retry::Decision;

use super::chance::log_normal;
use super::client::{Call, Client, Gate};
use super::events::Events;
use super::policy::{Failure, Policy};
use super::record::Record;
use super::scenario::{BACK, FORWARD, Scenario, WORK};
use super::server::{Server, Verdict};

/// A client gives up an attempt after this many seconds.
const TIMEOUT: f64 = 15.0;

/// A simulation that takes longer will not end.
const LONGEST: f64 = 40_000.0;

#[derive(Clone, Copy, Debug)]
enum What {
    /// A client's workers start.
    Begin { client: usize },
    /// The head of a client's queue asks again.
    Alarm { client: usize, alarm: u64 },
    /// A request reaches the server.
    Arrival { call: usize, lost: bool },
    /// A response reaches the client.
    Response {
        call: usize,
        verdict: Verdict,
        left: f64,
        skew: f64,
    },
    /// A client stops waiting for a response.
    Timeout { call: usize },
    /// A call asks its gate.
    Ask { call: usize },
    /// A call sends its request.
    Send { call: usize },
    /// The neighbour plans its requests of a window.
    NeighbourPlans { window: i64 },
    /// A request of the neighbour reaches the server.
    NeighbourArrives,
}

/// One run of one scenario under one policy.
#[derive(Debug)]
pub(super) struct World<'a> {
    scenario: &'a Scenario,
    policy: Policy,
    rng: Rng,
    time: f64,
    events: Events<What>,
    server: Server,
    clients: Vec<Client>,
    calls: Vec<Call>,
    unfinished: usize,
    record: Record,
}

impl<'a> World<'a> {
    /// Runs a scenario to the end of its job.
    pub(super) fn run(scenario: &'a Scenario, policy: Policy, seed: u64) -> Record {
        let mut rng = Rng::with_seed(seed);
        let server = Server::new(
            &scenario.server,
            &scenario.limits,
            Self::started(scenario, seed),
        );
        let share = scenario.calls / scenario.processes;
        let clients = (0..scenario.processes).map(|_| {
            let origin = 1000.0 * rng.f64();
            Client::new(
                policy,
                scenario.limit(0.0),
                scenario.server.window,
                share,
                origin,
            )
        });
        let clients: Vec<_> = clients.collect();
        let mut world = World {
            scenario,
            policy,
            rng,
            time: 0.0,
            events: Events::default(),
            server,
            unfinished: share * clients.len(),
            clients,
            calls: Vec::new(),
            record: Record::new(scenario),
        };
        world.begin();
        world.unroll();
        world.finish()
    }

    /// The time into a window at which a run starts.
    pub(super) fn started(scenario: &Scenario, seed: u64) -> f64 {
        Rng::with_seed(!seed).f64() * scenario.server.window
    }

    fn begin(&mut self) {
        if self.scenario.neighbour.is_some() {
            self.plan_neighbour(self.server.window_at(0.0));
        }
        for client in 0..self.clients.len() {
            let starts = self.scenario.starts_within * self.rng.f64();
            self.plan(starts, What::Begin { client });
        }
    }

    fn unroll(&mut self) {
        while self.unfinished > 0 && self.time < LONGEST {
            let Some((time, what)) = self.events.pop() else {
                return;
            };
            self.time = time;
            self.happen(what);
        }
    }

    fn finish(mut self) -> Record {
        self.record.finish(self.time, &self.server);
        self.record
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Alarm { client, alarm } => {
                if self.clients[client].alarm == alarm {
                    self.pump(client);
                }
            }
            What::Begin { client } => {
                for _ in 0..self.scenario.workers {
                    self.next_call(client);
                }
            }
            What::Ask { call } => self.ask(call),
            What::Send { call } => self.send(call),
            What::Arrival { call, lost } => self.arrive(call, lost),
            What::Response {
                call,
                verdict,
                left,
                skew,
            } => self.respond(call, verdict, left, skew),
            What::Timeout { call } => self.time_out(call),
            What::NeighbourPlans { window } => self.plan_neighbour(window),
            What::NeighbourArrives => {
                let verdict = self.server.arrive(self.time, false);
                self.record.neighbour(verdict.status == 429);
            }
        }
    }

    fn plan(&mut self, time: f64, what: What) {
        self.events.plan(time, what);
    }

    // The clients.

    fn next_call(&mut self, client: usize) {
        let Some(left) = self.clients[client].unstarted.checked_sub(1) else {
            return;
        };
        self.clients[client].unstarted = left;
        let now = self.clients[client].moment(self.time, 0);
        self.calls
            .push(Call::new(client, self.policy, self.time, &now));
        self.plan(
            self.time,
            What::Ask {
                call: self.calls.len() - 1,
            },
        );
    }

    fn ask(&mut self, call: usize) {
        let client = self.calls[call].client;
        if let Some(time) = self.clients[client].gate.reserve(self.time) {
            return self.plan(time, What::Send { call });
        }
        if let Gate::Paced { queue, .. } = &mut self.clients[client].gate {
            queue.insert(call);
            if queue.first() == Some(&call) {
                self.pump(client);
            }
        }
    }

    /// Admits calls from the head of a client's queue until one has to wait.
    fn pump(&mut self, client: usize) {
        loop {
            let roll = self.rng.u64(..);
            let now = self.clients[client].moment(self.time, roll);
            match self.clients[client].gate.ask(&now) {
                None => return,
                Some(Ok((call, place))) => {
                    self.calls[call].place = place;
                    if let Some(session) = &mut self.calls[call].session {
                        session.sending(&now);
                    }
                    self.send(call);
                }
                Some(Err(wait)) => {
                    self.clients[client].alarm += 1;
                    let alarm = self.clients[client].alarm;
                    return self.plan(self.time + wait, What::Alarm { client, alarm });
                }
            }
        }
    }

    fn send(&mut self, call: usize) {
        self.calls[call].attempt += 1;
        let lost = self.rng.f64() < self.scenario.network.lost;
        let mut arrival = self.time + self.latency(FORWARD);
        arrival = self.after_stalls(arrival);
        self.plan(arrival, What::Arrival { call, lost });
        if lost {
            self.plan(self.time + TIMEOUT, What::Timeout { call });
        }
    }

    /// The time at which a request that would arrive at `arrival` gets through.
    fn after_stalls(&self, arrival: f64) -> f64 {
        let network = &self.scenario.network;
        let in_stall = |(from, length): &&(f64, f64)| *from <= arrival && arrival < from + length;
        if let Some((from, length)) = network.stalls.iter().find(in_stall) {
            return from + length;
        }
        let around = network.stall_at_turns;
        let window = self.server.window_at(arrival + around);
        let turn = self.server.opens(window);
        if around > 0.0 && (turn - around..turn + around).contains(&arrival) {
            return turn + around;
        }
        arrival
    }

    fn respond(&mut self, call: usize, verdict: Verdict, left: f64, skew: f64) {
        let headers = self.server.headers(&verdict, left, skew);
        if verdict.status == 200 {
            let rate_limit = if self.policy.is_ours() {
                headers.rate_limit()
            } else {
                RateLimit::default()
            };
            self.settle(call, Seen::Responded(&Answer::new(rate_limit, 200)));
            return self.end(call, true);
        }
        if self.policy.is_ours() {
            let code = if verdict.status == 429 {
                "rate_limit_exceeded"
            } else {
                "server_error"
            };
            let body = format!(r#"{{"type":"error.list","errors":[{{"code":"{code}"}}]}}"#);
            let error = ApiError::from_parts(verdict.status, headers.iter(), body.as_bytes());
            self.settle(call, Seen::Responded(&Answer::from(&error)));
            return self.decide(call, |session, now| session.failed(&error.into(), now));
        }
        let rate_limit = headers.rate_limit();
        self.try_again(call, Some(verdict.status), rate_limit);
    }

    fn time_out(&mut self, call: usize) {
        if self.policy.is_ours() {
            self.settle(call, Seen::Unknown);
            let fault = Fault::outcome_unknown(FaultKind::Timeout);
            return self.decide(call, |session, now| session.failed(&fault.into(), now));
        }
        self.try_again(call, None, RateLimit::default());
    }

    /// Reports an outcome to the pacer, and lets the head of the queue ask again.
    fn settle(&mut self, call: usize, seen: Seen<'_>) {
        let client = self.calls[call].client;
        let roll = self.rng.u64(..);
        let now = self.clients[client].moment(self.time, roll);
        if let Gate::Paced { pacer, .. } = &mut self.clients[client].gate {
            pacer.settle(self.calls[call].place, seen, &now);
            self.pump(client);
        }
    }

    /// Decides by our own retry policy.
    fn decide(
        &mut self,
        call: usize,
        ask: impl FnOnce(&mut intercom_retry::RetrySession, &intercom_retry::Moment) -> Decision,
    ) {
        let roll = self.rng.u64(..);
        let now = self.clients[self.calls[call].client].moment(self.time, roll);
        let decision = self.calls[call]
            .session
            .as_mut()
            .map(|session| ask(session, &now));
        match decision {
            Some(Decision::Retry(wait)) => {
                self.plan(
                    self.time + wait.duration().as_secs_f64(),
                    What::Ask { call },
                );
            }
            Some(Decision::Stop(_)) | None => self.end(call, false),
        }
    }

    /// Decides by the rule of another loop.
    fn try_again(&mut self, call: usize, status: Option<u16>, rate_limit: RateLimit) {
        let failure = Failure {
            status,
            rate_limit,
            attempt: self.calls[call].attempt,
            wall: self.server.clock(self.time) + self.scenario.wall_skew,
        };
        match self.policy.wait(&failure, &mut self.rng) {
            Some(wait) => self.plan(self.time + wait, What::Ask { call }),
            None => self.end(call, false),
        }
    }

    fn end(&mut self, call: usize, done: bool) {
        let Call { client, began, .. } = self.calls[call];
        self.calls[call].session = None;
        self.unfinished -= 1;
        let process = &mut self.clients[client];
        process.unfinished -= 1;
        process.done += usize::from(done);
        let first_to_finish = process.unfinished == 0;
        self.record
            .ended(client, self.time, self.time - began, done);
        if first_to_finish {
            self.record.process_finished(self.time);
        }
        self.next_call(client);
    }

    // The server.

    fn arrive(&mut self, call: usize, lost: bool) {
        let fails = self.rng.f64() < self.scenario.server.server_errors;
        let verdict = self.server.arrive(self.time, fails);
        self.record
            .arrived(self.time, verdict.status == 429, verdict.window);
        if lost {
            return;
        }
        let left = self.time + self.latency(WORK);
        let skew = self.scenario.server.front_ends.skew(&mut self.rng);
        let back = left + self.latency(BACK);
        self.plan(
            back,
            What::Response {
                call,
                verdict,
                left,
                skew,
            },
        );
    }

    fn plan_neighbour(&mut self, window: i64) {
        let Some(neighbour) = self.scenario.neighbour else {
            return;
        };
        let (opens, closes) = (self.server.opens(window), self.server.opens(window + 1));
        let limit = self.server.limit(opens.max(0.0));
        let times = neighbour.requests((opens, closes), limit, &mut self.rng);
        self.record.neighbour_wants(window, times.len());
        for time in times {
            // Requests from before the start are counted first.
            self.plan(time.max(self.time), What::NeighbourArrives);
        }
        self.plan(closes, What::NeighbourPlans { window: window + 1 });
    }

    fn latency(&mut self, habits: (f64, f64)) -> f64 {
        self.scenario.network.slowness * log_normal(&mut self.rng, habits)
    }
}
