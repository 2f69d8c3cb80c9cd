//! What a call through the client costs, compared with hyper alone, against a mock on loopback.
//!
//! `cargo bench -p intercom-async` prints times and allocations. Those of the server are not counted, because it runs on its own
//! thread. `calls drive WHO COUNT BASE_URL TOKEN PATH` makes this many calls and does nothing else; `cargo xtask bench` runs it
//! under valgrind to count instructions.
//!
//! - `bare`: hyper-util's client as a careful program uses it, with the settings, headers and time-outs of our transport;
//! - `transport`: the same request through `HyperTransport`;
//! - `unpaced`: a whole call of a client without pacing;
//! - `client`: a whole call of a client with default settings;
//! - `bare-json`, `client-json`: the same, with the response read as a `serde_json::Value`.

#![expect(clippy::unwrap_used, reason = "a benchmark that fails may panic")]

use std::time::Duration;

use divan::{AllocProfiler, Bencher, black_box};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::{ConfigBuilderExt, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use intercom_async::protocol::{Outgoing, bytes::Bytes};
use intercom_async::transport::{HyperTransport, Transport};
use intercom_async::{Client, http};
use intercom_mock::MockServer;
use serde_json::Value;
use tokio::runtime::Runtime;

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

    /// Makes the request, as a program without our crates does.
    fn request<B>(&self, body: B) -> http::Request<B> {
        http::Request::get(format!("{}{}", self.base_url, self.path))
            .header("authorization", format!("Bearer {}", self.token))
            .header("user-agent", "bench/1.0")
            .header("accept", "application/json")
            .body(body)
            .unwrap()
    }
}

/// Makes a function that makes one call and returns the size of the response.
fn caller(who: &str, server: &Server) -> Box<dyn Fn() -> usize> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let builder = Client::builder(&server.token)
        .base_url(&server.base_url)
        .user_agent("bench/1.0");
    let client = {
        let _inside = runtime.enter();
        match who {
            "unpaced" => builder.without_pacing().build().unwrap(),
            _ => builder.build().unwrap(),
        }
    };
    let path = server.path.clone();
    match who {
        "bare" => {
            let call = bare(runtime, server);
            Box::new(move || call().len())
        }
        "bare-json" => {
            let call = bare(runtime, server);
            Box::new(move || members(&serde_json::from_slice(&call()).unwrap()))
        }
        "transport" => transport(runtime, server),
        "client-json" => Box::new(move || {
            let response = runtime.block_on(client.get(&path).send());
            members(&response.unwrap().json().unwrap())
        }),
        _ => Box::new(move || {
            let response = runtime.block_on(client.get(&path).send());
            response.unwrap().body().len()
        }),
    }
}

fn members(response: &Value) -> usize {
    response.as_object().unwrap().len()
}

fn bare(runtime: Runtime, server: &Server) -> impl Fn() -> Bytes + use<> {
    let provider = rustls::crypto::ring::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_webpki_roots()
        .with_no_client_auth();
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    let client = legacy::Client::builder(TokioExecutor::new())
        .pool_idle_timeout(Duration::from_secs(15))
        .pool_timer(TokioTimer::new())
        .build(connector);
    let server = Server::new(&server.base_url, &server.token, &server.path);
    move || {
        let exchange = async {
            let response = client.request(server.request(Empty::<Bytes>::new()));
            let response = response.await.unwrap();
            assert_eq!(response.status(), 200);
            let body = Limited::new(response.into_body(), BODY_LIMIT).collect();
            body.await.unwrap().to_bytes()
        };
        runtime
            .block_on(async { tokio::time::timeout(ATTEMPT, exchange).await })
            .unwrap()
    }
}

fn transport(runtime: Runtime, server: &Server) -> Box<dyn Fn() -> usize> {
    let transport = HyperTransport::new();
    let server = Server::new(&server.base_url, &server.token, &server.path);
    Box::new(move || {
        let outgoing = Outgoing::new(server.request(Bytes::new()))
            .with_timeout(ATTEMPT)
            .with_connect_timeout(CONNECT)
            .with_body_limit(BODY_LIMIT);
        let response = runtime.block_on(transport.send(outgoing)).unwrap();
        assert_eq!(response.status(), 200);
        response.body().len()
    })
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
    let call = caller(who, &Server::new(mock.base_url(), &mock.token(), "/me"));
    // The first call connects, and its response shows the pacer the window.
    call();
    bencher.bench_local(call);
}
