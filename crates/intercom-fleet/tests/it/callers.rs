//! Clients of both kinds, so that each test runs with threads and with tasks.

use std::time::Duration;

use ::tokio::runtime::{Builder, Runtime};
use intercom_fleet::{FleetSettings, blocking, tokio};
use intercom_mock::MockServer;

use crate::events::Events;

/// How many calls a test makes while it waits for something.
const MOST_CALLS: usize = 20_000;

/// The length of the API's windows.
pub(crate) const WINDOW: Duration = Duration::from_secs(2);

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
    pub(crate) fn threads(api: &MockServer, gate: blocking::FleetGate) -> Self {
        let builder = intercom_blocking::Client::builder(api.token()).base_url(api.base_url());
        Self::Threads(builder.gate(gate).build_without_tls().unwrap())
    }

    pub(crate) fn tasks(api: &MockServer, gate: tokio::FleetGate) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let builder = intercom_async::Client::builder(api.token()).base_url(api.base_url());
        Self::Tasks(builder.gate(gate.clone()).build().unwrap(), gate, runtime)
    }

    fn of_threads(api: &MockServer, url: &str, settings: FleetSettings) -> Self {
        Self::threads(api, blocking::FleetGate::connect(url, settings).unwrap())
    }

    fn of_tasks(api: &MockServer, url: &str, settings: FleetSettings) -> Self {
        Self::tasks(api, tokio::FleetGate::connect(url, settings).unwrap())
    }

    /// A client of each kind, with the events of its gate.
    pub(crate) fn both(mock: &MockServer, url: &str) -> [(Self, Events); 2] {
        [Self::of_threads, Self::of_tasks].map(|make| {
            let events = Events::default();
            (make(mock, url, events.settings()), events)
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
