//! Clients that live as long as the run: both are paced, have a budget, and keep their connections.

use std::thread;
use std::time::Duration;

use intercom_mock::{MockServer, Scripted};
use intercom_protocol::http::Method;
use intercom_protocol::{ApiRequest, Config, RetryBudget};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::cell::{TOKEN, policy};
use crate::transports::Failed;

/// How many calls each client makes in a round, at the same time.
const CALLS: usize = 12;

/// The deadline of a call. A pacer that waits for the next window exceeds it.
const DEADLINE: Duration = Duration::from_secs(1);

/// When some of the async calls are dropped, if they have not ended.
const DROPPED: Duration = Duration::from_millis(5);

/// A blocking and an async client, each with a server of its own, which enforces a rate limit.
pub(crate) struct Clients {
    blocking: (MockServer, intercom_blocking::Client),
    asynchronous: (MockServer, intercom_async::Client),
    runtime: Runtime,
}

impl Clients {
    pub(crate) fn new() -> Result<Self, Failed> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let (one, other) = (server()?, server()?);
        let blocking = intercom_blocking::ClientBuilder::from(config(&one)?).build()?;
        let asynchronous = intercom_async::ClientBuilder::from(config(&other)?).build()?;
        Ok(Self {
            blocking: (one, blocking),
            asynchronous: (other, asynchronous),
            runtime,
        })
    }

    /// Makes calls with both clients, and returns how many, once all have ended. What they return is checked elsewhere.
    pub(crate) fn round(&self) -> usize {
        self.make_blocking_calls();
        self.make_async_calls();
        2 * CALLS
    }

    /// Returns how many tasks of the runtime have not ended.
    pub(crate) fn tasks(&self) -> usize {
        self.runtime.metrics().num_alive_tasks()
    }

    fn make_blocking_calls(&self) {
        let (server, client) = &self.blocking;
        script(server);
        thread::scope(|scope| {
            for number in 0..CALLS {
                scope.spawn(move || client.execute(request(number)));
            }
        });
    }

    fn make_async_calls(&self) {
        let (server, client) = &self.asynchronous;
        script(server);
        let calls = (0..CALLS).map(|number| {
            let client = client.clone();
            let patience = if number % 4 == 0 {
                DROPPED
            } else {
                2 * DEADLINE
            };
            let call = async move { client.execute(request(number)).await };
            self.runtime.spawn(drop_after(patience, call))
        });
        let calls: Vec<_> = calls.collect();
        self.runtime.block_on(async {
            for call in calls {
                let _ = call.await;
            }
        });
    }
}

/// Drops a future that has not ended after this time, and its output.
async fn drop_after(patience: Duration, future: impl Future) {
    let _ = timeout(patience, future).await;
}

fn server() -> Result<MockServer, Failed> {
    // The rounds use less than this, except for some of the windows.
    let limit = MockServer::builder().rate_limit(120, Duration::from_secs(10));
    Ok(limit.token(TOKEN).keep_requests(false).start()?)
}

fn config(server: &MockServer) -> Result<Config, Failed> {
    let config = Config::new(TOKEN).base_url(server.base_url());
    Ok(config.policy(policy(3)?).budget(RetryBudget::new(50)))
}

/// Some of the responses of a round are faults; the server processes the other requests.
fn script(server: &MockServer) {
    server.clear_scripts();
    let faults =
        || {
            [
                Scripted::normal(),
                Scripted::error(500, "server_error", "a message"),
                Scripted::close_before(),
                Scripted::status(503).header("retry-after", "0"),
                Scripted::close_during(),
                Scripted::normal().truncate_after(3),
                Scripted::error(429, "rate_limit_exceeded", "Exceeded rate limit")
                    .rate_limit_headers(120, 0, Duration::from_secs(1)),
            ]
        };
    server.script(Method::GET, "/me", faults());
    // Nothing is stored.
    server.script(
        Method::PUT,
        "/contacts/1",
        faults().map(|fault| fault.body("{}")),
    );
    server.script_always(Method::PUT, "/contacts/1", Scripted::status(200).body("{}"));
}

fn request(number: usize) -> ApiRequest {
    let request = match number % 3 {
        0 => ApiRequest::put("/contacts/1").json_bytes("{}"),
        _ => ApiRequest::get("/me"),
    };
    request.deadline(DEADLINE)
}
