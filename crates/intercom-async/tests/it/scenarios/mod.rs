//! One table of scripted scenarios. Both clients must do the same in each.
//!
//! The sockets and the server are real. The clocks are virtual, so a wait of an hour takes no time.

#![expect(clippy::too_many_lines, reason = "a table has many rows")]

mod bodies;
pub(crate) mod clock;
mod ends;
mod refusals;
mod scenario;
mod trace;
mod unknown;
mod waits;

use std::collections::BTreeSet;
use std::time::Duration;

use intercom_async::Error;
use intercom_async::protocol::Reply;
use intercom_blocking::transport::{
    Transport as _, TransportSettings, UreqTransport, transport_fn,
};
use intercom_mock::MockServer;
use intercom_wire::{Behaviour, WireServer};
use tokio::runtime::Builder;

use clock::VirtualClock;
use scenario::{Scenario, Server};
use trace::{Events, Trace};

const TOKEN: &str = "mock-token";

/// The settings of a client in one run of a scenario.
struct Settings<'s> {
    base_url: &'s str,
    attempt_timeout: Duration,
    body_limit: usize,
    events: Events,
}

type Run = fn(&Scenario, &Settings<'_>, &VirtualClock) -> Result<Reply, Error>;

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
        .observer(settings.events.clone())
        .clock(clock.clone())
        .without_pacing()
}

fn blocking(
    scenario: &Scenario,
    settings: &Settings<'_>,
    clock: &VirtualClock,
) -> Result<Reply, Error> {
    blocking_builder(settings, clock)
        .build()?
        .execute(scenario.request.clone())
}

/// The blocking client on a closure.
fn on_closure(
    scenario: &Scenario,
    settings: &Settings<'_>,
    clock: &VirtualClock,
) -> Result<Reply, Error> {
    let ureq = UreqTransport::new(&TransportSettings::default())?;
    let transport = transport_fn(move |outgoing| ureq.send(outgoing));
    blocking_builder(settings, clock)
        .build_with(transport)?
        .execute(scenario.request.clone())
}

fn on_hyper(
    scenario: &Scenario,
    settings: &Settings<'_>,
    clock: &VirtualClock,
) -> Result<Reply, Error> {
    let client = intercom_async::Client::builder(TOKEN)
        .base_url(settings.base_url)
        .attempt_timeout(settings.attempt_timeout)
        .body_limit(settings.body_limit)
        .observer(settings.events.clone())
        .without_pacing()
        .build_with(
            intercom_async::transport::HyperTransport::new(),
            clock.clone(),
        )?;
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.execute(scenario.request.clone()))
}

/// Runs the scenario against its own server.
fn run(scenario: &Scenario, run: Run, attempt_timeout: Duration) -> Trace {
    let clock = VirtualClock::default();
    let events = Events::default();
    let settings = |base_url| Settings {
        base_url,
        attempt_timeout,
        body_limit: scenario.body_limit,
        events: events.clone(),
    };
    match &scenario.server {
        Server::Responses(responses) => {
            let mock = MockServer::start().unwrap();
            mock.script(
                scenario.method().clone(),
                scenario.request.path(),
                responses.iter().cloned(),
            );
            let result = run(scenario, &settings(mock.base_url()), &clock);
            assert_eq!(mock.scripted_left(), 0, "{}: responses left", scenario.name);
            Trace::new(&result, &clock, &mock.requests(), &events)
        }
        Server::Refusing => {
            let wire = WireServer::start(Behaviour::Refused).unwrap();
            let result = run(scenario, &settings(wire.url()), &clock);
            Trace::new(&result, &clock, &[], &events)
        }
    }
}

/// Runs the scenario with each time-out of an attempt in turn, until one gives the expected trace.
fn run_with_time_outs(scenario: &Scenario, client: Run) -> Trace {
    let mut traces = scenario
        .attempt_timeouts
        .iter()
        .map(|limit| run(scenario, client, *limit));
    let first = traces.next().unwrap();
    if first.line == scenario.expected {
        return first;
    }
    traces
        .find(|trace| trace.line == scenario.expected)
        .unwrap_or(first)
}

#[test]
fn both_clients_do_what_every_scenario_expects() {
    let mut wrong = Vec::new();
    for scenario in table() {
        let one = run_with_time_outs(&scenario, blocking);
        let other = run_with_time_outs(&scenario, on_hyper);
        if one.line != scenario.expected {
            wrong.push(format!(
                "{}\n  expected {}\n  but      {}",
                scenario.name, scenario.expected, one.line
            ));
        }
        if one != other {
            wrong.push(format!(
                "{}: the clients differ\n  {one:?}\n  {other:?}",
                scenario.name
            ));
        }
        let sent = one.line.split(" => ").next().unwrap_or_default();
        let responses = match scenario.server {
            Server::Responses(responses) => responses.len(),
            Server::Refusing => 0,
        };
        if one.requests.len() != responses {
            wrong.push(format!(
                "{}: {} requests for {sent:?}",
                scenario.name,
                one.requests.len()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_blocking_client_on_a_closure_does_the_same() {
    for scenario in table().into_iter().step_by(10) {
        let trace = run_with_time_outs(&scenario, on_closure);
        assert_eq!(trace.line, scenario.expected, "{}", scenario.name);
    }
}

#[test]
fn the_table_is_long_and_its_names_are_unique() {
    let table = table();
    let names: BTreeSet<&str> = table.iter().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), table.len());
    assert!(table.len() >= 60, "{}", table.len());
}
