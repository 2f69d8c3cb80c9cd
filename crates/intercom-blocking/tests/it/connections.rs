//! How connections are made: through a proxy if asked, and no more of them than calls at once.

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

/// Something between client and server that hands on whatever comes, and counts connections.
struct Between {
    at: SocketAddr,
    connections: Arc<AtomicUsize>,
}

/// What a connection begins with.
#[derive(Clone, Copy)]
enum Opening {
    /// Nothing of its own.
    Plain,
    /// A `CONNECT`, and this answer.
    Proxy(&'static str),
}

impl Between {
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
                thread::spawn(move || hand_on(client.unwrap(), &target, opening));
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

fn hand_on(mut client: TcpStream, target: &str, opening: Opening) {
    if let Opening::Proxy(answer) = opening {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            client.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        assert!(head.starts_with(format!("CONNECT {target} ").as_bytes()));
        client.write_all(answer.as_bytes()).unwrap();
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
fn a_proxy_is_used_if_asked_for() {
    let mock = MockServer::start().unwrap();
    let proxy = Between::start(&mock, Opening::Proxy("HTTP/1.1 200 OK\r\n\r\n"));
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
fn a_write_that_a_proxy_turns_away_was_never_sent() {
    let mock = MockServer::start().unwrap();
    let refusal = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
    let proxy = Between::start(&mock, Opening::Proxy(refusal));
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
fn a_proxy_that_is_none_is_refused_and_its_password_never_shown() {
    let builder = || {
        Client::builder("t").transport(TransportSettings::default().proxy("ftp://ada:planted@x"))
    };
    let error = builder().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.errors()[0].field(), Some("proxy"));
    assert!(!format!("{error} {error:#?} {:#?}", builder()).contains("planted"));
}

#[test]
fn threads_that_share_a_client_make_at_most_a_connection_each_and_keep_it() {
    let mock = MockServer::start().unwrap();
    // All are on their way at once, so that each needs a connection of its own.
    let slow = Scripted::normal().delay(Duration::from_millis(20));
    mock.script(http::Method::GET, "/me", vec![slow; 12 * 8]);
    let between = Between::start(&mock, Opening::Plain);
    let client = Client::builder(mock.token())
        .base_url(between.url())
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
    assert!(between.connections() <= 12, "{}", between.connections());
}

#[test]
fn a_time_limit_without_end_is_none() {
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
