//! Custom gates: what they are asked, and how their permits are settled.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use intercom_blocking::gate::Gate;
use intercom_blocking::http::Method;
use intercom_blocking::observe::{Event, EventKind, Observer};
use intercom_blocking::protocol::gate::{Admission, Ask, Permit, Refusal, Seen, Settle};
use intercom_blocking::protocol::{Connection, Moment, Tick};
use intercom_blocking::transport::Clock;
use intercom_blocking::{Client, ErrorKind, Priority, Region, StopReason};
use intercom_mock::{MockServer, Scripted};

const FIVE: Duration = Duration::from_secs(5);

/// Records everything that happens at a gate.
#[derive(Debug, Default)]
struct Diary(Mutex<Vec<String>>);

impl Diary {
    fn note(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Settle for Diary {
    fn settle(&self, place: u64, seen: Seen<'_>, _: Option<Moment>) {
        self.note(format!("{place} {}", seen.as_str()));
    }
}

/// Blocks for five seconds before each attempt.
struct Slow {
    diary: Arc<Diary>,
    clock: VirtualClock,
}

impl Gate for Slow {
    fn admit(&self, ask: Ask) -> Admission {
        let attempt = ask.attempt();
        self.diary.note(format!("attempt {attempt} waits"));
        ask.waiting(FIVE);
        self.clock.sleep(FIVE);
        self.diary.note(format!("attempt {attempt} goes"));
        Admission::Go(Permit::new(self.diary.clone(), attempt.into()))
    }
}

/// Records the events about waits at the gate.
#[derive(Clone, Default)]
struct Queued(Arc<Mutex<Vec<String>>>);

impl Observer for Queued {
    fn event(&self, event: &Event<'_>) {
        if matches!(event.kind(), EventKind::Queued(_)) {
            self.0.lock().unwrap().push(event.to_string());
        }
    }
}

struct Closed;

impl Gate for Closed {
    fn admit(&self, _: Ask) -> Admission {
        Admission::Refused(Refusal::new().with_retry_after(Duration::from_secs(9)))
    }
}

/// A clock that moves only when a thread sleeps.
#[derive(Clone, Default)]
struct VirtualClock(Arc<Mutex<Duration>>);

impl Clock for VirtualClock {
    fn now(&self) -> Moment {
        Moment::new(Tick::new(*self.0.lock().unwrap()))
    }

    fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

#[test]
fn every_attempt_asks_the_gate_and_settles_its_permit() {
    let mock = MockServer::start().unwrap();
    mock.script(Method::GET, "/me", [Scripted::status(502)]);
    let diary = Arc::new(Diary::default());
    let clock = VirtualClock::default();
    let queued = Queued::default();
    let client = Client::builder(mock.token())
        .base_url(mock.base_url())
        .gate(Slow {
            diary: diary.clone(),
            clock: clock.clone(),
        })
        .observer(queued.clone())
        .clock(clock.clone())
        .build()
        .unwrap();
    let reply = client.me().unwrap();
    assert_eq!(
        diary.lines(),
        [
            "attempt 1 waits",
            "attempt 1 goes",
            "1 responded",
            "attempt 2 waits",
            "attempt 2 goes",
            "2 responded",
        ]
    );
    // Five seconds before each attempt, and the shortest back-off in between.
    let passed = Duration::from_millis(10_500);
    assert_eq!(*clock.0.lock().unwrap(), passed);
    assert_eq!(reply.elapsed(), passed);
    let queued: Vec<_> = queued.0.lock().unwrap().clone();
    assert_eq!(
        queued,
        [
            "#1 GET /me: attempt 1 queued for 5s",
            "#1 GET /me: attempt 2 queued for 5s"
        ]
    );
}

#[test]
fn a_call_that_the_gate_refuses_is_not_sent() {
    let mock = MockServer::start().unwrap();
    let client = Client::builder(mock.token())
        .base_url(mock.base_url())
        .gate(Closed)
        .build()
        .unwrap();
    let error = client.me().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotStarted);
    assert_eq!(
        error.stop().unwrap().retry_after(),
        Some(Duration::from_secs(9))
    );
    assert_eq!(mock.request_count(), 0);
}

/// Blocks until the deadline, and then says that it is too late.
struct TooSlow(VirtualClock);

impl Gate for TooSlow {
    fn admit(&self, ask: Ask) -> Admission {
        self.0.sleep(ask.time_left().unwrap());
        Admission::TooLate(Duration::ZERO)
    }
}

#[test]
fn a_call_whose_gate_blocks_until_the_deadline_reports_the_deadline() {
    let mock = MockServer::start().unwrap();
    let clock = VirtualClock::default();
    let client = Client::builder(mock.token())
        .base_url(mock.base_url())
        .gate(TooSlow(clock.clone()))
        .clock(clock)
        .total_timeout(Duration::from_secs(7))
        .build()
        .unwrap();
    let error = client.me().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotStarted);
    assert_eq!(error.stop().unwrap().reason(), StopReason::DeadlineExceeded);
    assert_eq!(error.elapsed(), Duration::from_secs(7));
    assert_eq!(mock.request_count(), 0);
}

#[test]
fn the_status_page_is_read_without_asking_the_gate() {
    let mock = MockServer::start().unwrap();
    let client = Client::builder(mock.token())
        .base_url(mock.base_url())
        .status_url(mock.status_url())
        .gate(Closed)
        .build()
        .unwrap();
    let diagnosis = client.diagnose();
    assert!(!diagnosis.auth().is_ok());
    assert!(diagnosis.service().status().is_some());
}

/// Records the connections that it receives.
#[derive(Default)]
struct Attached(Mutex<Vec<String>>);

impl Gate for Attached {
    fn admit(&self, ask: Ask) -> Admission {
        ask.free()
    }

    fn attach(&self, connection: &Connection) {
        let url = connection.base_url().to_owned();
        self.0.lock().unwrap().push(url);
    }
}

#[test]
fn a_gate_receives_the_connection_of_each_client_built_with_it() {
    let gate = Arc::new(Attached::default());
    let boxed: Box<dyn Gate> = Box::new(gate.clone());
    let eu = Client::builder("token").region(Region::Eu).gate(boxed);
    assert!(gate.0.lock().unwrap().is_empty(), "nothing is built yet");
    eu.build().unwrap();
    let us = Client::builder("token").gate(gate.clone());
    us.build().unwrap();
    let unbuildable = Client::builder("").gate(gate.clone());
    assert!(unbuildable.build().is_err());
    assert_eq!(
        *gate.0.lock().unwrap(),
        ["https://api.eu.intercom.io", "https://api.intercom.io"]
    );
}

/// Records what each call asks.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Gate for Asked {
    fn admit(&self, ask: Ask) -> Admission {
        let line = format!("{} {} {}", ask.method(), ask.route(), ask.priority());
        self.0.lock().unwrap().push(line);
        ask.free()
    }
}

#[test]
fn a_gate_learns_the_method_route_and_priority_of_a_call() {
    let mock = MockServer::start().unwrap();
    let gate = Asked::default();
    let client = Client::builder(mock.token())
        .base_url(mock.base_url())
        .gate(gate.clone())
        .build()
        .unwrap();
    client.me().unwrap();
    let contact = client.get("/contacts").segment("ada@example.org");
    contact.priority(Priority::High).send().unwrap_err();
    assert_eq!(
        *gate.0.lock().unwrap(),
        ["GET /me normal", "GET /contacts/{id} high"]
    );
}
