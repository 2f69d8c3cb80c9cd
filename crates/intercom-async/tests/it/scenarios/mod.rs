//! One table of scripted scenarios. Both clients must do the same in each, on every transport.
//!
//! The sockets and the server are real. The clocks are virtual, so a wait of an hour takes no time.

#![expect(clippy::too_many_lines, reason = "a table has many rows")]

mod bodies;
pub(crate) mod clock;
mod determinism;
mod ends;
mod refusals;
mod replays;
mod scenario;
mod trace;
mod unknown;
mod waits;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use http_body_util::Full;
use intercom_async::protocol::observe::Observer;
use intercom_async::protocol::{Config, Replay};
use intercom_async::tower::{CallOptions, Called};
use intercom_async::transport::{
    self, HyperTransport, Reqwest012Transport, ReqwestTransport, Transport,
};
use intercom_async::{ApiRequest, ClientBuilder};
use intercom_blocking::transport::{
    Transport as _, TransportSettings, UreqTransport, transport_fn,
};
use intercom_debug::Recorder;
use intercom_mock::MockServer;
use intercom_wire::{Behaviour, WireServer};
use tokio::runtime::Builder;
use tower::{Layer, ServiceExt};

use clock::VirtualClock;
use scenario::{Scenario, Server};
use trace::{Ended, Events, Trace};

use crate::tower::plain_client;
use crate::transports::{reqwest_0_12_builder, reqwest_builder};

const TOKEN: &str = "mock-token";

/// The settings of a client in one run of a scenario.
struct Settings<'s> {
    base_url: &'s str,
    attempt_timeout: Duration,
    body_limit: usize,
    events: Events,
    recorder: Recorder,
}

impl Settings<'_> {
    fn observer(&self) -> impl Observer + 'static {
        (self.events.clone(), self.recorder.clone())
    }
}

type Run = fn(&Scenario, &Settings<'_>, &VirtualClock) -> Ended;

fn table() -> Vec<Scenario> {
    [
        refusals::table(),
        waits::table(),
        unknown::table(),
        ends::table(),
        bodies::table(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn blocking_builder(
    settings: &Settings<'_>,
    clock: &VirtualClock,
) -> intercom_blocking::ClientBuilder {
    intercom_blocking::Client::builder(TOKEN)
        .base_url(settings.base_url)
        .attempt_timeout(settings.attempt_timeout)
        .body_limit(settings.body_limit)
        .observer(settings.observer())
        .clock(clock.clone())
        .without_pacing()
}

fn async_builder(settings: &Settings<'_>) -> ClientBuilder {
    intercom_async::Client::builder(TOKEN)
        .base_url(settings.base_url)
        .attempt_timeout(settings.attempt_timeout)
        .body_limit(settings.body_limit)
        .observer(settings.observer())
        .without_pacing()
}

/// The async client on this transport.
fn asynchronous(
    transport: impl Transport + 'static,
    scenario: &Scenario,
    settings: &Settings<'_>,
    clock: &VirtualClock,
) -> Ended {
    let client = async_builder(settings).build_with(transport, clock.clone());
    let client = client.unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    Ended::Call(Box::new(
        runtime.block_on(client.execute(scenario.request.clone())),
    ))
}

const ON_UREQ: Run = |scenario, settings, clock| {
    let client = blocking_builder(settings, clock).build().unwrap();
    Ended::Call(Box::new(client.execute(scenario.request.clone())))
};

const ON_CLOSURE: Run = |scenario, settings, clock| {
    let ureq = UreqTransport::new(&TransportSettings::default()).unwrap();
    let transport = transport_fn(move |outgoing| ureq.send(outgoing));
    let client = blocking_builder(settings, clock).build_with(transport);
    Ended::Call(Box::new(client.unwrap().execute(scenario.request.clone())))
};

const ON_HYPER: Run =
    |scenario, settings, clock| asynchronous(HyperTransport::new(), scenario, settings, clock);

const ON_REQWEST: Run = |scenario, settings, clock| {
    let transport = ReqwestTransport::build(reqwest_builder(None)).unwrap();
    asynchronous(transport, scenario, settings, clock)
};

const ON_REQWEST_0_12: Run = |scenario, settings, clock| {
    let transport = Reqwest012Transport::build(reqwest_0_12_builder(None)).unwrap();
    asynchronous(transport, scenario, settings, clock)
};

const ON_ASYNC_CLOSURE: Run = |scenario, settings, clock| {
    let hyper = Arc::new(HyperTransport::new());
    let transport = transport::transport_fn(move |outgoing| {
        let hyper = Arc::clone(&hyper);
        async move { hyper.send(outgoing).await }
    });
    asynchronous(transport, scenario, settings, clock)
};

const ON_TOWER: Run = |scenario, settings, clock| {
    let request = &scenario.request;
    let layer = ClientBuilder::from(Config::anonymous())
        .attempt_timeout(settings.attempt_timeout)
        .body_limit(settings.body_limit)
        .observer(settings.observer())
        .without_pacing()
        .build_layer(clock.clone())
        .unwrap();
    let own = Config::new(TOKEN).base_url(settings.base_url).build();
    let complete = match own.unwrap().http_request(request) {
        Ok(complete) => complete.map(Full::new),
        // No complete request can be made of an invalid one.
        Err(_) => return ON_HYPER(scenario, settings, clock),
    };
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let service = layer.layer(plain_client());
    let mut complete = complete;
    complete.extensions_mut().insert(options(request));
    match runtime.block_on(service.oneshot(complete)) {
        Ok(response) => Ended::Response(response.extensions().get::<Called>().unwrap().clone()),
        Err(error) => Ended::Call(Box::new(Err(*error.downcast().unwrap()))),
    }
};

/// The settings that a request of a scenario has of its own.
fn options(request: &ApiRequest) -> CallOptions {
    let mut options = CallOptions::default();
    match request.replay() {
        Replay::Allowed => options = options.replayable(true),
        Replay::No => options = options.replayable(false),
        _ => {}
    }
    if let Some(policy) = request.own_policy() {
        options = options.policy(policy.clone());
    }
    if let Some(limit) = request.time_limit() {
        options = options.deadline(limit);
    }
    options
}

/// The clients, which must all do the same as the first.
const CLIENTS: [(&str, Run); 7] = [
    ("ureq", ON_UREQ),
    ("a closure", ON_CLOSURE),
    ("hyper", ON_HYPER),
    ("reqwest", ON_REQWEST),
    ("reqwest 0.12", ON_REQWEST_0_12),
    ("an async closure", ON_ASYNC_CLOSURE),
    ("tower over hyper", ON_TOWER),
];

/// Runs the scenario against its own server.
fn run(scenario: &Scenario, run: Run, attempt_timeout: Duration, clock: &VirtualClock) -> Trace {
    let events = Events::default();
    let recorder = Recorder::builder().hide(TOKEN).in_memory(100);
    let settings = |base_url| Settings {
        base_url,
        attempt_timeout,
        body_limit: scenario.body_limit,
        events: events.clone(),
        recorder: recorder.clone(),
    };
    match &scenario.server {
        Server::Responses(responses) => {
            let mock = MockServer::start().unwrap();
            mock.script(
                scenario.method().clone(),
                scenario.request.path(),
                responses.iter().cloned(),
            );
            let result = run(scenario, &settings(mock.base_url()), clock);
            assert_eq!(mock.scripted_left(), 0, "{}: responses left", scenario.name);
            Trace::new(&result, clock, &mock.requests(), &events).with_recording(recorder.text())
        }
        Server::Refusing => {
            let wire = WireServer::start(Behaviour::Refused).unwrap();
            let result = run(scenario, &settings(wire.url()), clock);
            Trace::new(&result, clock, &[], &events).with_recording(recorder.text())
        }
    }
}

/// Runs the scenario with each time-out of an attempt in turn, until one gives the expected trace.
fn run_with_time_outs(scenario: &Scenario, client: Run) -> Trace {
    let mut traces = scenario
        .attempt_timeouts
        .iter()
        .map(|limit| run(scenario, client, *limit, &VirtualClock::default()));
    let first = traces.next().unwrap();
    if first.line == scenario.expected {
        return first;
    }
    traces
        .find(|trace| trace.line == scenario.expected)
        .unwrap_or(first)
}

/// Returns what is wrong with the trace.
fn complaints(scenario: &Scenario, trace: &Trace, on_ureq: &Trace) -> Vec<String> {
    let mut wrong = Vec::new();
    if trace.line != scenario.expected {
        wrong.push(format!(
            "expected {}\n  but      {}",
            scenario.expected, trace.line
        ));
    }
    if trace != on_ureq {
        wrong.push(format!("the clients differ\n  {on_ureq:?}\n  {trace:?}"));
    }
    let responses = match &scenario.server {
        Server::Responses(responses) => responses.len(),
        Server::Refusing => 0,
    };
    if trace.requests.len() != responses {
        let requests = trace.requests.len();
        wrong.push(format!("{requests} requests for {responses} responses"));
    }
    wrong
}

#[test]
fn every_client_does_what_the_scenarios_expect() {
    let table = table();
    let on_thread = |client| table.iter().map(move |row| run_with_time_outs(row, client));
    let traces: Vec<Vec<Trace>> = thread::scope(|scope| {
        let threads =
            CLIENTS.map(|(_, client)| scope.spawn(move || on_thread(client).collect::<Vec<_>>()));
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let mut wrong = Vec::new();
    for ((name, _), client) in CLIENTS.iter().zip(&traces) {
        for ((scenario, trace), on_ureq) in table.iter().zip(client).zip(&traces[0]) {
            let mut complaints = complaints(scenario, trace, on_ureq);
            complaints.extend(replays::complaints(trace));
            wrong.extend(
                complaints
                    .iter()
                    .map(|complaint| format!("{}, on {name}: {complaint}", scenario.name)),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_is_long_and_its_names_are_unique() {
    let table = table();
    let names: BTreeSet<&str> = table.iter().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), table.len());
    assert!(table.len() >= 60, "{}", table.len());
}
