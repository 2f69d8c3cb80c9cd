//! The gate of threads: calls never wait for its thread, and the thread ends with the gate.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use intercom_blocking::gate::{Admission, Ask, Gate};
use intercom_blocking::protocol::{Config, Moment, Tick};
use intercom_blocking::{Client, ClientBuilder};
use intercom_fleet::blocking::{FleetGate, Script};
use intercom_fleet::{FleetEvent, FleetSettings, Trouble};
use intercom_mock::MockServer;

use crate::events::Events;
use crate::wire::BYE;

/// Passes each use to a function, and reports its own end.
struct Fake<F> {
    run: F,
    _alive: Sender<()>,
}

impl<F: FnMut(&[Vec<u8>]) -> Result<Vec<i64>, Trouble> + Send> Script for Fake<F> {
    fn run(&mut self, _key: &str, arguments: &[Vec<u8>]) -> Result<Vec<i64>, Trouble> {
        (self.run)(arguments)
    }
}

/// A script that does this, and a receiver that disconnects when the script is dropped.
fn fake(
    run: impl FnMut(&[Vec<u8>]) -> Result<Vec<i64>, Trouble> + Send + 'static,
) -> (impl Script + 'static, Receiver<()>) {
    let (alive, ended) = channel();
    (Fake { run, _alive: alive }, ended)
}

/// A script that returns only when the sender is dropped.
fn stuck() -> (impl Script + 'static, Sender<()>) {
    let (release, released) = channel::<()>();
    let (script, _) = fake(move |_| {
        let _ = released.recv();
        Err(Trouble::Unreachable)
    });
    (script, release)
}

fn has_ended(ended: &Receiver<()>) -> bool {
    ended.recv_timeout(Duration::from_secs(30))
        == Err(std::sync::mpsc::RecvTimeoutError::Disconnected)
}

fn client(mock: &MockServer, gate: &FleetGate) -> ClientBuilder {
    let builder = Client::builder(mock.token()).base_url(mock.base_url());
    builder.gate(gate.clone())
}

/// Makes some calls, which must all succeed.
fn call(mock: &MockServer, gate: &FleetGate) {
    let client = client(mock, gate).build_without_tls().unwrap();
    for _ in 0..3 {
        assert_eq!(client.me().unwrap().status(), 200);
    }
}

fn ask() -> Ask {
    let now = Moment::new(Tick::default());
    Ask::new(now, now.tick(), 1)
}

#[test]
fn calls_go_on_while_the_script_never_returns() {
    let mock = MockServer::start().unwrap();
    let (script, release) = stuck();
    let gate = FleetGate::with_script(script, FleetSettings::new()).unwrap();
    call(&mock, &gate);
    // The thread is still stuck: dropping the gate does not wait for it.
    drop(gate);
    drop(release);
}

#[test]
fn a_call_ends_at_its_deadline_while_the_script_never_returns() {
    let (script, _release) = stuck();
    let gate = FleetGate::with_script(script, FleetSettings::new().with_name("app")).unwrap();
    // The first call waits for the ledger. It gives up before the ledger counts as unreachable.
    let hurried = ask().with_give_up_at(Tick::new(Duration::from_millis(100)));
    assert!(matches!(gate.admit(hurried), Admission::TooLate(_)));
    assert!(matches!(gate.admit(ask()), Admission::Go(_)));
}

#[test]
fn all_io_is_on_one_thread_of_the_gate() {
    let mock = MockServer::start().unwrap();
    let names = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&names);
    let (script, ended) = fake(move |_| {
        let thread = thread::current();
        sink.lock()
            .unwrap()
            .push((thread.id(), thread.name().map(str::to_owned)));
        Err(Trouble::TimedOut)
    });
    let gate = FleetGate::with_script(script, FleetSettings::new()).unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| call(&mock, &gate));
        }
    });
    drop(gate);
    assert!(has_ended(&ended));
    let names = names.lock().unwrap();
    assert!(names.iter().all(|name| *name == names[0]), "{names:?}");
    assert_eq!(names[0].1.as_deref(), Some("intercom-fleet"));
}

#[test]
fn the_thread_starts_with_the_first_call_and_ends_with_the_last_clone() {
    let mock = MockServer::start().unwrap();
    let (runs, used) = channel();
    let (script, ended) = fake(move |_| {
        runs.send(()).unwrap();
        Err(Trouble::Unreachable)
    });
    let gate = FleetGate::with_script(script, FleetSettings::new()).unwrap();
    let client = client(&mock, &gate).build_without_tls().unwrap();
    assert!(
        used.try_recv().is_err(),
        "a gate without a call does no I/O"
    );
    client.me().unwrap();
    used.recv().unwrap();
    drop(gate);
    client.me().unwrap();
    assert!(
        ended
            .try_recv()
            .is_err_and(|error| error == std::sync::mpsc::TryRecvError::Empty)
    );
    drop(client);
    assert!(has_ended(&ended));
}

#[test]
fn a_gate_that_was_never_used_leaves_nothing_behind() {
    let (script, ended) = fake(|_| unreachable!());
    drop(FleetGate::with_script(script, FleetSettings::new()).unwrap());
    assert!(has_ended(&ended));
}

#[test]
fn after_a_panic_of_the_script_the_calls_go_on() {
    let mock = MockServer::start().unwrap();
    let (script, ended) = fake(|_| panic!("expected by the test"));
    let events = Events::default();
    let gate = FleetGate::with_script(script, events.settings()).unwrap();
    call(&mock, &gate);
    assert!(has_ended(&ended));
    call(&mock, &gate);
    drop(gate);
    assert_eq!(events.troubles(), [Trouble::Driver]);
}

#[test]
fn a_lease_that_cannot_be_returned_adds_no_event() {
    let mock = MockServer::start().unwrap();
    let (script, ended) = fake(|arguments| match &arguments[BYE][..] {
        b"1" => Err(Trouble::TimedOut),
        _ => Err(Trouble::Unreachable),
    });
    let events = Events::default();
    let gate = FleetGate::with_script(script, events.settings()).unwrap();
    call(&mock, &gate);
    drop(gate);
    assert!(has_ended(&ended));
    assert_eq!(events.troubles(), [Trouble::Unreachable]);
}

#[test]
fn the_observer_may_drop_the_last_gate() {
    let mock = MockServer::start().unwrap();
    let kept: Arc<Mutex<Option<FleetGate>>> = Arc::default();
    let taken = Arc::clone(&kept);
    let settings = FleetSettings::new().with_observer(move |event| {
        if matches!(event, FleetEvent::Trouble(_)) {
            drop(taken.lock().unwrap().take());
        }
    });
    let (script, ended) = fake(|_| Err(Trouble::Unreachable));
    let gate = FleetGate::with_script(script, settings).unwrap();
    let client = client(&mock, &gate).build_without_tls().unwrap();
    *kept.lock().unwrap() = Some(gate);
    thread::spawn(move || client.me().unwrap());
    assert!(has_ended(&ended));
}

#[test]
fn the_same_trouble_is_one_event() {
    let mock = MockServer::start().unwrap();
    let (runs, used) = channel();
    let (script, _) = fake(move |_| {
        runs.send(()).unwrap();
        Err(Trouble::TimedOut)
    });
    let events = Events::default();
    let gate = FleetGate::with_script(script, events.settings()).unwrap();
    let client = client(&mock, &gate).build_without_tls().unwrap();
    for _ in 0..3 {
        client.me().unwrap();
        used.recv().unwrap();
    }
    assert_eq!(events.troubles(), [Trouble::TimedOut]);
}

#[test]
fn a_fleet_with_other_windows_is_a_conflict() {
    const CONFLICT: i64 = 4;
    let mock = MockServer::start().unwrap();
    let (runs, used) = channel();
    let (script, _) = fake(move |arguments| {
        runs.send(()).unwrap();
        let number = String::from_utf8(arguments[1].clone()).unwrap();
        let mut reply = vec![number.parse().unwrap(), CONFLICT];
        reply.resize(17, 0);
        Ok(reply)
    });
    let events = Events::default();
    let gate = FleetGate::with_script(script, events.settings()).unwrap();
    let client = client(&mock, &gate).build_without_tls().unwrap();
    client.me().unwrap();
    used.recv().unwrap();
    while events.troubles().is_empty() {
        client.me().unwrap();
    }
    for _ in 0..3 {
        client.me().unwrap();
    }
    assert_eq!(events.troubles(), [Trouble::Conflict]);
}

#[test]
fn without_a_fixed_token_or_a_name_the_gate_paces_alone_and_says_so_once() {
    let mock = MockServer::start().unwrap();
    let (script, _) = fake(|_| unreachable!());
    let events = Events::default();
    let gate = FleetGate::with_script(script, events.settings()).unwrap();
    let token = mock.token().to_owned();
    let client = ClientBuilder::from(Config::anonymous())
        .base_url(mock.base_url())
        .token_provider(move || Ok::<_, std::io::Error>(token.clone()))
        .gate(gate)
        .build_without_tls()
        .unwrap();
    for _ in 0..3 {
        client.me().unwrap();
    }
    assert_eq!(events.troubles(), [Trouble::Unnamed]);
}

#[test]
fn a_client_of_another_app_is_paced_alone_and_the_first_is_not_disturbed() {
    let (mock, other) = (MockServer::start().unwrap(), MockServer::start().unwrap());
    let (runs, used) = channel();
    let (script, _) = fake(move |_| {
        runs.send(()).unwrap();
        Err(Trouble::Unreachable)
    });
    let events = Events::default();
    let gate = FleetGate::with_script(script, events.settings()).unwrap();
    let first = client(&mock, &gate).build_without_tls().unwrap();
    let second = client(&other, &gate).build_without_tls().unwrap();
    assert_eq!(events.troubles(), [Trouble::OtherQuota]);
    second.me().unwrap();
    assert!(
        used.try_recv().is_err(),
        "the second client does not use the fleet"
    );
    first.me().unwrap();
    used.recv().unwrap();
}

#[test]
fn a_gate_that_clients_share_without_a_clone_stays_in_the_fleet() {
    let (runs, used) = channel();
    let (script, _) = fake(move |_| {
        runs.send(()).unwrap();
        Err(Trouble::Unreachable)
    });
    let events = Events::default();
    let gate = Arc::new(FleetGate::with_script(script, events.settings()).unwrap());
    for token in ["a", "b"] {
        gate.attach(&Config::new(token).build().unwrap());
    }
    assert_eq!(events.troubles(), [Trouble::OtherQuota]);
    assert!(matches!(gate.admit(ask()), Admission::Go(_)));
    used.recv_timeout(Duration::from_secs(30)).unwrap();
}

#[test]
fn making_a_gate_does_no_io_and_shows_no_secret() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("redis://user:secret@{}", listener.local_addr().unwrap());
    let settings = FleetSettings::new().with_name("hidden");
    let shown = format!("{settings:?}");
    let gate = FleetGate::connect(&url, settings).unwrap();
    assert!(listener.accept().is_err());
    for shown in [shown, format!("{gate:?}")] {
        assert!(
            !shown.contains("secret") && !shown.contains("hidden") && !shown.contains("127.0.0.1"),
            "{shown}"
        );
    }
}
