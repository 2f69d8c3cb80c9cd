//! The same script and the same seed give the same trace, byte for byte: in two runs of a client, and in both clients.
//!
//! A trace has the time and the random number of each event. Each reading of the clock draws a random number, so a client that reads
//! the clock once more than the other has another trace.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use intercom_async::gate::{Admission, Ask, SharedQueue};
use intercom_async::protocol::{Error, Reply};
use intercom_async::transport::HyperTransport;
use intercom_async::{ApiRequest, PacerSettings};
use intercom_blocking::transport::Clock;
use intercom_debug::Recorder;
use intercom_mock::{MockServer, Scripted};
use tokio::runtime::Builder;

use super::clock::VirtualClock;
use super::scenario::{self, Scenario};
use super::trace::{Events, line, requests};
use super::{ON_HYPER, ON_UREQ, Settings, TOKEN, async_builder, blocking_builder, run, table};

/// How many random scripts are carried out. The number of a script is its seed.
const SCRIPTS: u64 = 250;

/// Requests that a client sends one after the other, and what the server responds to each of their attempts.
struct Script {
    seed: u64,
    /// Whether a pacer keeps the calls below the rate limit.
    is_paced: bool,
    calls: Vec<(ApiRequest, Vec<Scripted>)>,
}

impl Script {
    fn random(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let calls = 1..=rng.usize(1..=4);
        Self {
            seed,
            is_paced: rng.bool(),
            calls: calls.map(|number| call(&mut rng, number)).collect(),
        }
    }
}

/// A call with a path of its own. More attempts than there are responses would get a 404 of the mock.
fn call(rng: &mut Rng, number: usize) -> (ApiRequest, Vec<Scripted>) {
    let path = format!("/contacts/{number}");
    let request = match rng.u8(..4) {
        0 => ApiRequest::get(&path),
        1 => ApiRequest::post(&path).json_bytes("{}"),
        2 => ApiRequest::put(&path).json_bytes("{}"),
        _ => ApiRequest::delete(&path),
    };
    let request = match rng.u8(..4) {
        0 => request.policy(scenario::attempts(rng.u32(1..=5))),
        1 => request.deadline(Duration::from_secs(rng.u64(1..20))),
        _ => request,
    };
    let responses = (0..6).map(|attempt| response(rng, 10 * number as u32 + attempt));
    (request, responses.collect())
}

/// A response, this many seconds after the start by the clock of the server.
fn response(rng: &mut Rng, seconds: u32) -> Scripted {
    let scripted = match rng.u8(..12) {
        0..4 => scenario::ok(),
        4 => scenario::error(pick(rng, &[400, 401, 404, 409, 422]), "some_code"),
        5 => scenario::error(429, "rate_limit_exceeded"),
        6 => scenario::error(pick(rng, &[500, 502, 503, 504]), "server_error"),
        7 => scenario::html(pick(rng, &[403, 500, 502, 503, 504])),
        8 => scenario::broken_json(500),
        9 => return Scripted::close_before(),
        10 => scenario::ok().truncate_after(3),
        _ => scenario::error(503, "service_unavailable").truncate_after(3),
    };
    let scripted = match rng.u8(..4) {
        0 => scripted.header("retry-after", &rng.u8(..9).to_string()),
        1 => scripted.header("retry-after", &date(seconds + rng.u32(..9))),
        _ => scripted,
    };
    // The date of the server shows the real time unless it is set.
    let scripted = scripted.header("date", &date(seconds));
    if rng.bool() {
        return scripted;
    }
    let reset = 1_711_100_000 + u64::from(seconds) + rng.u64(1..=10);
    scripted
        .header("x-ratelimit-limit", "167")
        .header("x-ratelimit-remaining", &rng.u8(..=2).to_string())
        .header("x-ratelimit-reset", &reset.to_string())
}

fn pick(rng: &mut Rng, statuses: &[u16]) -> u16 {
    *rng.choice(statuses).unwrap()
}

/// The time this many seconds after a scenario begins.
fn date(seconds: u32) -> String {
    let (minutes, seconds) = (33 + (20 + seconds) / 60, (20 + seconds) % 60);
    format!("Fri, 22 Mar 2024 09:{minutes}:{seconds:02} GMT")
}

/// A paced gate for the blocking client on a virtual clock. The client's own gate waits in real time.
struct Paced(Arc<SharedQueue>, VirtualClock);

impl Paced {
    fn new(clock: &VirtualClock) -> Self {
        let own = clock.clone();
        let queue = SharedQueue::new(PacerSettings::default(), move || Clock::now(&own));
        Self(Arc::new(queue), clock.clone())
    }
}

impl intercom_blocking::gate::Gate for Paced {
    fn admit(&self, ask: Ask) -> Admission {
        let queued = self.0.enter(ask);
        loop {
            match queued.ask() {
                ControlFlow::Break(admission) => return admission,
                // The only call in the queue need not be woken.
                ControlFlow::Continue(wait) => Clock::sleep(&self.1, wait.unwrap()),
            }
        }
    }
}

type Client = fn(&Script, &Settings<'_>, &VirtualClock) -> Vec<Result<Reply, Error>>;

const BLOCKING: Client = |script, settings, clock| {
    let mut builder = blocking_builder(settings, clock);
    if script.is_paced {
        builder = builder.gate(Paced::new(clock));
    }
    let client = builder.build().unwrap();
    let requests = script.calls.iter().map(|(request, _)| request.clone());
    requests.map(|request| client.execute(request)).collect()
};

const ASYNC: Client = |script, settings, clock| {
    let mut builder = async_builder(settings);
    if script.is_paced {
        builder = builder.gate(intercom_async::gate::PacedGate::new(
            PacerSettings::default(),
            clock.clone(),
        ));
    }
    let client = builder.build_with(HyperTransport::new(), clock.clone());
    let client = client.unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let requests = script.calls.iter().map(|(request, _)| request.clone());
    requests
        .map(|request| runtime.block_on(client.execute(request)))
        .collect()
};

/// Carries out a script with a server of its own.
fn carry_out(script: &Script, client: Client) -> String {
    let mock = MockServer::start().unwrap();
    for (request, responses) in &script.calls {
        let method = request.method().clone();
        mock.script(method, request.path(), responses.clone());
    }
    let events = Events::default();
    let settings = Settings {
        base_url: mock.base_url(),
        attempt_timeout: Duration::from_secs(60),
        body_limit: 1 << 20,
        events: events.clone(),
        recorder: Recorder::builder().hide(TOKEN).in_memory(0),
    };
    let results = client(script, &settings, &VirtualClock::seeded(script.seed));
    let results = results.iter().map(|result| line(result.as_ref()));
    let parts = [
        results.collect(),
        events.lines(),
        requests(&mock.requests()),
    ];
    parts.concat().join("\n")
}

/// The traces of a client, of its second run, of the other client, and of that one's second run.
type Four = [String; 4];

fn four<C>([blocking, asynchronous]: [C; 2], run: impl Fn(&C) -> String) -> Four {
    [&blocking, &blocking, &asynchronous, &asynchronous].map(run)
}

fn are_equal(traces: &Four) -> bool {
    traces.iter().all(|trace| *trace == traces[0])
}

/// Returns what differs from the first trace.
fn differences(name: &str, traces: &Four) -> Vec<String> {
    let others = ["blocking again", "async", "async again"];
    let others = others.into_iter().zip(&traces[1..]);
    others
        .filter(|(_, trace)| **trace != traces[0])
        .map(|(client, trace)| format!("{name}, {client}:\n{trace}\nbut blocking:\n{}", traces[0]))
        .collect()
}

/// Shows the first of them, because each has two whole traces.
fn assert_none(wrong: &[String]) {
    let first = wrong.first().map_or("", String::as_str);
    assert!(wrong.is_empty(), "{} differences; {first}", wrong.len());
}

/// Does the work on two threads.
fn on_threads<W: Sync>(work: &[W], run: impl Fn(&W) -> Four + Sync) -> Vec<Four> {
    let half = work.len().div_ceil(2);
    let run = &run;
    thread::scope(|scope| {
        let threads: Vec<_> = work
            .chunks(half)
            .map(|part| scope.spawn(move || part.iter().map(run).collect::<Vec<_>>()))
            .collect();
        let done = threads.into_iter().map(|thread| thread.join().unwrap());
        done.flatten().collect()
    })
}

/// Runs a row of the table with each time-out of an attempt in turn, until all traces are equal.
fn traces_of_row(row: &Scenario) -> Four {
    let mut traces = row.attempt_timeouts.iter().map(|limit| {
        four([ON_UREQ, ON_HYPER], |client| {
            run(row, *client, *limit, &VirtualClock::seeded(7)).text()
        })
    });
    let first = traces.next().unwrap();
    if are_equal(&first) {
        return first;
    }
    traces.find(are_equal).unwrap_or(first)
}

#[test]
fn every_row_of_the_table_has_one_trace() {
    let table = table();
    let traces = on_threads(&table, traces_of_row);
    let wrong = table.iter().zip(&traces);
    let wrong: Vec<_> = wrong
        .flat_map(|(row, traces)| differences(row.name, traces))
        .collect();
    assert_none(&wrong);
}

#[test]
fn every_random_script_has_one_trace() {
    let scripts: Vec<_> = (1..=SCRIPTS).map(Script::random).collect();
    let traces = on_threads(&scripts, |script| {
        four([BLOCKING, ASYNC], |client| carry_out(script, *client))
    });
    let wrong = scripts.iter().zip(&traces);
    let wrong: Vec<_> = wrong
        .flat_map(|(script, traces)| differences(&format!("script {}", script.seed), traces))
        .collect();
    assert_none(&wrong);
    for event in [
        ": waits ",
        " queued for ",
        " broke off: ",
        "maybe applied",
        ": stopped: ",
    ] {
        let with = traces.iter().filter(|[trace, ..]| trace.contains(event));
        let with = with.count();
        assert!(with >= 20, "only {with} scripts have {event:?}");
    }
}
