//! What a call through the client costs, compared with ureq alone, against a mock on loopback.
//!
//! `cargo bench -p intercom-blocking` prints times and allocations. Those of the server are not counted, because it runs on its
//! own thread. `calls drive WHO COUNT BASE_URL TOKEN PATH` makes this many calls and does nothing else; `cargo xtask bench`
//! runs it under valgrind to count instructions.
//!
//! - `bare`: ureq as a careful program uses it, with the settings, headers and time-outs of our client;
//! - `transport`: the same request through `UreqTransport`;
//! - `unpaced`: a whole call of a client without pacing;
//! - `client`: a whole call of a client with default settings;
//! - `bare-json`, `client-json`: the same, with the response read as a `serde_json::Value`.
//!
//! `step` measures each step of a call, in order.

#![expect(clippy::unwrap_used, reason = "a benchmark that fails may panic")]

use std::time::Duration;

use divan::{AllocProfiler, Bencher, black_box};
use intercom_blocking::gate::{Gate, PacedGate};
use intercom_blocking::protocol::gate::Ask;
use intercom_blocking::protocol::{
    Call, Config, Connection, Moment, Outgoing, PacerSettings, Reply, Step, Tick, UnixTime,
    bytes::Bytes,
};
use intercom_blocking::transport::{Transport as _, TransportSettings, UreqTransport};
use intercom_blocking::{ApiRequest, Client, http};
use intercom_mock::MockServer;
use serde_json::Value;
use ureq::Agent;
use ureq::config::AutoHeaderValue;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const ATTEMPT: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(10);
const BODY_LIMIT: usize = 16 * 1024 * 1024;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        &["drive", who, count, base_url, token, path] => {
            let call = caller(who, &Server::new(base_url, token, path));
            for _ in 0..count.parse().unwrap() {
                black_box(call());
            }
        }
        _ => divan::main(),
    }
}

/// Where calls go.
struct Server {
    base_url: String,
    token: String,
    path: String,
}

impl Server {
    fn new(base_url: &str, token: &str, path: &str) -> Self {
        Self {
            base_url: base_url.to_owned(),
            token: token.to_owned(),
            path: path.to_owned(),
        }
    }

    fn of(mock: &MockServer) -> Self {
        Self::new(mock.base_url(), &mock.token(), "/me")
    }

    fn url(&self) -> String {
        format!("{}{}", self.base_url, self.path)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

/// Makes a function that makes one call and returns the size of the response.
fn caller(who: &str, server: &Server) -> Box<dyn Fn() -> usize> {
    let builder = Client::builder(&server.token)
        .base_url(&server.base_url)
        .user_agent("bench/1.0");
    match who {
        "bare" => {
            let call = bare(server);
            Box::new(move || call().len())
        }
        "bare-json" => {
            let call = bare(server);
            Box::new(move || members(&serde_json::from_slice(&call()).unwrap()))
        }
        "transport" => transport(server),
        "unpaced" => whole(builder.without_pacing().build().unwrap(), server),
        "client-json" => {
            let (client, path) = (builder.build().unwrap(), server.path.clone());
            Box::new(move || members(&client.get(&path).send().unwrap().json().unwrap()))
        }
        _ => whole(builder.build().unwrap(), server),
    }
}

fn members(response: &Value) -> usize {
    response.as_object().unwrap().len()
}

fn bare(server: &Server) -> impl Fn() -> Vec<u8> + use<> {
    let agent = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(AutoHeaderValue::None)
        .max_idle_age(Duration::from_secs(15))
        .timeout_global(Some(ATTEMPT))
        .timeout_connect(Some(CONNECT))
        .build()
        .new_agent();
    let (url, bearer) = (server.url(), server.bearer());
    move || {
        let request = agent
            .get(&url)
            .header("authorization", &bearer)
            .header("user-agent", "bench/1.0")
            .header("accept", "application/json");
        let mut response = request.call().unwrap();
        assert_eq!(response.status(), 200);
        let body = response.body_mut().with_config().limit(BODY_LIMIT as u64);
        body.read_to_vec().unwrap()
    }
}

fn transport(server: &Server) -> Box<dyn Fn() -> usize> {
    let transport = UreqTransport::new(&TransportSettings::default()).unwrap();
    let (url, bearer) = (server.url(), server.bearer());
    Box::new(move || {
        let response = transport.send(outgoing(&url, &bearer)).unwrap();
        assert_eq!(response.status(), 200);
        response.body().len()
    })
}

fn outgoing(url: &str, bearer: &str) -> Outgoing {
    let request = http::Request::get(url)
        .header("authorization", bearer)
        .header("user-agent", "bench/1.0")
        .header("accept", "application/json")
        .body(Bytes::new())
        .unwrap();
    Outgoing::new(request)
        .with_timeout(ATTEMPT)
        .with_connect_timeout(CONNECT)
        .with_body_limit(BODY_LIMIT)
}

fn whole(client: Client, server: &Server) -> Box<dyn Fn() -> usize> {
    let path = server.path.clone();
    Box::new(move || client.get(&path).send().unwrap().body().len())
}

const WHO: [&str; 6] = [
    "bare",
    "transport",
    "unpaced",
    "client",
    "bare-json",
    "client-json",
];

#[divan::bench(args = WHO, sample_count = 1000)]
fn call(bencher: Bencher<'_, '_>, who: &str) {
    let mock = MockServer::start().unwrap();
    let call = caller(who, &Server::of(&mock));
    // The first call connects, and its response shows the pacer the window.
    call();
    bencher.bench_local(call);
}

/// The steps of a call, in order.
const STEPS: [&str; 8] = [
    "1 request",
    "2 begin",
    "3 ask",
    "4 gate",
    "5 send",
    "6 exchange",
    "7 response",
    "8 end",
];

#[divan::bench(args = STEPS, sample_count = 500, sample_size = 1)]
fn step(bencher: Bencher<'_, '_>, step: &str) {
    let mock = MockServer::start().unwrap();
    let driver = Driver::new(&Server::of(&mock));
    bencher
        .with_inputs(|| driver.before(step))
        .bench_local_values(|stage| driver.step(stage));
}

/// A call between two steps, with what the next one needs.
enum Stage {
    New,
    Requested(ApiRequest),
    Begun(Call),
    Asking(Call, Ask),
    Admitted(Call),
    Sending(Call, Outgoing),
    Responded(Call, http::Response<Bytes>),
    Judged(Call),
    Ended(Reply),
}

/// The parts that drive a call.
struct Driver {
    connection: Connection,
    gate: PacedGate,
    transport: UreqTransport,
}

impl Driver {
    fn new(server: &Server) -> Self {
        let config = Config::new(&server.token)
            .base_url(&server.base_url)
            .user_agent("bench/1.0");
        let driver = Self {
            connection: config.build().unwrap(),
            gate: PacedGate::new(PacerSettings::default()),
            transport: UreqTransport::new(&TransportSettings::default()).unwrap(),
        };
        // The first call connects, and its response shows the pacer the window.
        driver.before("8 end");
        driver
    }

    /// Makes a call whose next step is this one.
    fn before(&self, step: &str) -> Stage {
        let earlier = STEPS.iter().take_while(|earlier| **earlier != step);
        earlier.fold(Stage::New, |stage, _| self.step(stage))
    }

    fn step(&self, stage: Stage) -> Stage {
        match stage {
            Stage::New => Stage::Requested(ApiRequest::get("/me")),
            Stage::Requested(request) => {
                let call = Call::new(&self.connection, request, now());
                Stage::Begun(call)
            }
            Stage::Asking(mut call, ask) => {
                call.admitted(self.gate.admit(ask), now());
                Stage::Admitted(call)
            }
            Stage::Sending(call, outgoing) => {
                Stage::Responded(call, self.transport.send(outgoing).unwrap())
            }
            Stage::Responded(mut call, response) => {
                call.received(Ok(response), now());
                Stage::Judged(call)
            }
            Stage::Begun(mut call) | Stage::Admitted(mut call) | Stage::Judged(mut call) => {
                match call.next(now()) {
                    Step::Authorize(_) => unreachable!("the token is never replaced"),
                    Step::Admit(ask) => Stage::Asking(call, ask),
                    Step::Send(outgoing) => Stage::Sending(call, outgoing),
                    Step::Sleep(_) => Stage::Begun(call),
                    Step::Done(reply) => Stage::Ended(reply.unwrap()),
                }
            }
            Stage::Ended(reply) => Stage::Ended(reply),
        }
    }
}

/// Returns the same time for every step, so that reading clocks is not measured.
fn now() -> Moment {
    Moment::new(Tick::default()).with_wall(UnixTime::from_secs(1_711_100_000).unwrap())
}
