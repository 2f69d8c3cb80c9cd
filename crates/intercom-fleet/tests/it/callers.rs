//! Clients of both kinds, so that each test runs with threads and with tasks.

use std::time::Duration;

use ::tokio::runtime::{Builder, Runtime};
use intercom_async::PacerSettings;
use intercom_fleet::{FleetSettings, blocking, tokio};
use intercom_mock::MockServer;

use crate::events::Events;

/// How many calls a test makes while it waits for something.
const MOST_CALLS: usize = 20_000;

const WINDOW: Duration = Duration::from_secs(2);

/// The API, with a small quota and short windows: a process soon has to ask for more.
pub(crate) fn api() -> MockServer {
    api_for("mock-token")
}

/// The same with this access token.
pub(crate) fn api_for(token: &str) -> MockServer {
    let api = MockServer::builder().token(token).rate_limit(40, WINDOW);
    api.start().unwrap()
}

/// A client whose gate shares its quota.
pub(crate) enum Caller {
    Threads(intercom_blocking::Client),
    Tasks(intercom_async::Client, tokio::FleetGate, Runtime),
}

impl Caller {
    pub(crate) fn of_threads(mock: &MockServer, url: &str, settings: FleetSettings) -> Self {
        let gate = blocking::FleetGate::connect(url, settings).unwrap();
        let builder = intercom_blocking::Client::builder(mock.token()).base_url(mock.base_url());
        Self::Threads(builder.gate(gate).build_without_tls().unwrap())
    }

    pub(crate) fn of_tasks(mock: &MockServer, url: &str, settings: FleetSettings) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let gate = tokio::FleetGate::connect(url, settings).unwrap();
        let builder = intercom_async::Client::builder(mock.token()).base_url(mock.base_url());
        Self::Tasks(builder.gate(gate.clone()).build().unwrap(), gate, runtime)
    }

    /// A client of each kind, with the events of its gate.
    pub(crate) fn both(mock: &MockServer, url: &str) -> [(Self, Events); 2] {
        [Self::of_threads, Self::of_tasks].map(|make| {
            let events = Events::default();
            let pacer = PacerSettings::new().with_window(WINDOW);
            let settings = events.settings().with_pacer(pacer);
            (make(mock, url, settings), events)
        })
    }

    /// Makes a call, which must succeed.
    pub(crate) fn call(&self) {
        let reply = match self {
            Self::Threads(client) => client.me(),
            Self::Tasks(client, _, runtime) => runtime.block_on(client.me()),
        };
        assert_eq!(reply.unwrap().status(), 200);
    }

    /// Makes calls until this is so.
    #[track_caller]
    pub(crate) fn call_until(&self, is_so: impl Fn() -> bool) {
        for _ in 0..MOST_CALLS {
            if is_so() {
                return;
            }
            self.call();
        }
        panic!("it is not so after {MOST_CALLS} calls");
    }

    /// Leaves the fleet.
    pub(crate) fn end(self) {
        match self {
            Self::Threads(client) => drop(client),
            Self::Tasks(_, gate, runtime) => runtime.block_on(gate.leave()),
        }
    }
}
