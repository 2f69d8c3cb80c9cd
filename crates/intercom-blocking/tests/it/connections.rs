//! How connections are made: through a proxy if one is set, and no more of them than concurrent calls.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use intercom_blocking::protocol::FaultKind;
use intercom_blocking::protocol::Phase;
use intercom_blocking::transport::TransportSettings;
use intercom_blocking::{Client, ErrorKind, RetryPolicy, http};
use intercom_mock::{MockServer, Scripted};

/// A relay between client and server, which forwards all bytes and counts connections.
struct Relay {
    at: SocketAddr,
    connections: Arc<AtomicUsize>,
}

/// How a connection begins.
#[derive(Clone, Copy)]
enum Opening {
    /// With the client's request.
    Plain,
    /// With a `CONNECT`, and this response.
    Proxy(&'static str),
}

impl Relay {
    fn start(server: &MockServer, opening: Opening) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let target = server.base_url().replace("http://", "");
        let counted = Arc::clone(&connections);
        thread::spawn(move || {
            for client in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                let target = target.clone();
                thread::spawn(move || forward(client.unwrap(), &target, opening));
            }
        });
        Self { at, connections }
    }

    fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn forward(mut client: TcpStream, target: &str, opening: Opening) {
    if let Opening::Proxy(response) = opening {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            client.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        assert!(head.starts_with(format!("CONNECT {target} ").as_bytes()));
        client.write_all(response.as_bytes()).unwrap();
    }
    let server = TcpStream::connect(target).unwrap();
    let copy = |mut from: TcpStream, mut to: TcpStream| {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    };
    let (back, forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || copy(back, forth));
    copy(client, server);
}

#[test]
fn a_proxy_is_used_if_one_is_set() {
    let mock = MockServer::start().unwrap();
    let proxy = Relay::start(&mock, Opening::Proxy("HTTP/1.1 200 OK\r\n\r\n"));
    let client = Client::builder(mock.token())
        .base_url(mock.base_url())
        .transport(TransportSettings::default().proxy(proxy.url()))
        .build()
        .unwrap();
    client.me().unwrap();
    client.me().unwrap();
    assert_eq!((proxy.connections(), mock.requests().len()), (1, 2));
}

#[test]
fn a_write_that_the_proxy_refuses_was_not_sent() {
    let mock = MockServer::start().unwrap();
    let refusal = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
    let proxy = Relay::start(&mock, Opening::Proxy(refusal));
    let client = Client::builder(mock.token())
        .base_url(mock.base_url())
        .transport(TransportSettings::default().proxy(proxy.url()))
        .policy(RetryPolicy::none())
        .build()
        .unwrap();
    for error in [
        client.post("/messages").send().unwrap_err(),
        client.get("/me").send().unwrap_err(),
    ] {
        let fault = error.fault().unwrap();
        assert_eq!(
            (fault.phase(), fault.kind()),
            (Phase::NotSent, FaultKind::Connect)
        );
        assert!(!error.may_have_been_applied());
    }
}

#[test]
fn an_invalid_proxy_url_is_refused_without_showing_its_password() {
    let builder = || {
        Client::builder("t").transport(TransportSettings::default().proxy("ftp://ada:planted@x"))
    };
    let error = builder().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.errors()[0].field(), Some("proxy"));
    assert!(!format!("{error} {error:#?} {:#?}", builder()).contains("planted"));
}

#[test]
fn threads_that_share_a_client_open_at_most_one_connection_each() {
    let mock = MockServer::start().unwrap();
    // All requests are in flight at once, so each needs its own connection.
    let slow = Scripted::normal().delay(Duration::from_millis(20));
    mock.script(http::Method::GET, "/me", vec![slow; 12 * 8]);
    let relay = Relay::start(&mock, Opening::Plain);
    let client = Client::builder(mock.token())
        .base_url(relay.url())
        .without_pacing()
        .build()
        .unwrap();
    thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                for _ in 0..8 {
                    client.me().unwrap();
                }
            });
        }
    });
    assert_eq!(mock.requests().len(), 12 * 8);
    assert!(relay.connections() <= 12, "{}", relay.connections());
}

#[test]
fn an_endless_time_limit_counts_as_none() {
    let mock = MockServer::start().unwrap();
    let client = Client::builder(mock.token())
        .base_url(mock.base_url())
        .attempt_timeout(Duration::MAX)
        .connect_timeout(Duration::MAX)
        .total_timeout(Duration::MAX)
        .build()
        .unwrap();
    client.me().unwrap();
    client.get("/me").deadline(Duration::MAX).send().unwrap();
}
