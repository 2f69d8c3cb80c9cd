//! The server itself: starting, stopping, recording and malformed requests.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Barrier;
use std::time::Duration;

use intercom_mock::{Method, MockServer};
use serde_json::json;

use crate::client::{Connection, get, post, request};

#[test]
fn dropping_the_server_frees_its_port() {
    let server = MockServer::start().unwrap();
    let address = server.address();
    let mut open = Connection::open(&server);
    assert_eq!(
        request(&server, "GET", "/me").send_on(&mut open).status,
        200
    );
    drop(server);
    assert!(TcpStream::connect(address).is_err());
    assert!(open.read().is_none(), "open connections are closed too");
    let again = MockServer::builder().port(address.port()).start().unwrap();
    assert_eq!(again.base_url(), format!("http://{address}"));
    assert_eq!(get(&again, "/me").status, 200);
}

#[test]
fn starting_on_a_port_in_use_fails() {
    let server = MockServer::start().unwrap();
    assert!(
        MockServer::builder()
            .port(server.address().port())
            .start()
            .is_err()
    );
}

#[test]
fn every_request_is_recorded_with_the_status_of_its_response() {
    let server = MockServer::start().unwrap();
    request(&server, "POST", "/contacts?a=1&b")
        .header("x-mine", "yes")
        .json(&json!({ "email": "a@b" }))
        .send();
    let refused = request(&server, "GET", "/me")
        .without("authorization")
        .send();
    let requests = server.requests();
    let first = &requests[0];
    assert_eq!(
        (first.method(), first.path(), first.query()),
        (&Method::POST, "/contacts", Some("a=1&b"))
    );
    assert_eq!(
        (first.header("x-mine"), first.status()),
        (Some("yes"), Some(200))
    );
    assert_eq!(
        (first.json(), first.body().len()),
        (Some(json!({ "email": "a@b" })), 15)
    );
    assert!(first.at() <= requests[1].at() && first.server_time() <= requests[1].server_time());
    assert_eq!(
        (requests[1].status(), Some(requests[1].request_id())),
        (Some(401), refused.header("x-request-id"))
    );
    assert_eq!(server.count(&Method::GET, "/me"), 1);
    server.clear_requests();
    assert_eq!(server.request_count(), 0);
}

#[test]
fn reused_connection_is_counted_once() {
    let server = MockServer::start().unwrap();
    let mut connection = Connection::open(&server);
    for _ in 0..20 {
        assert_eq!(
            request(&server, "GET", "/me")
                .send_on(&mut connection)
                .status,
            200
        );
    }
    assert_eq!((server.connections(), server.request_count()), (1, 20));
}

#[test]
fn concurrent_creates_of_one_user_succeed_only_once() {
    let server = MockServer::start().unwrap();
    let barrier = Barrier::new(64);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    post(&server, "/contacts", &json!({ "email": "a@b" })).status
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(statuses.iter().filter(|&&status| status == 200).count(), 1);
    assert_eq!(statuses.iter().filter(|&&status| status == 409).count(), 63);
    assert_eq!(server.contacts().len(), 1);
}

#[test]
fn body_over_the_limit_is_a_413_and_is_not_recorded() {
    let server = MockServer::builder().body_limit(1_000).start().unwrap();
    assert_eq!(
        request(&server, "POST", "/contacts")
            .body(vec![b' '; 1_001])
            .try_send()
            .unwrap()
            .status,
        413
    );
    assert!(server.requests()[0].body().is_empty());
    assert_eq!(
        request(&server, "POST", "/contacts")
            .body(vec![b' '; 1_000])
            .send()
            .status,
        400
    );
}

#[test]
fn server_survives_malformed_requests() {
    let server = MockServer::start().unwrap();
    let malformed: [&[u8]; 6] = [
        b"\0\0\0\0",
        b"GET\r\n\r\n",
        b"POST /contacts HTTP/1.1\r\nhost: x\r\ncontent-length: nine\r\n\r\n",
        b"POST /contacts HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{",
        b"GET /%ff%00?%=%&&=&a HTTP/1.1\r\nhost: x\r\nauthorization: \xff\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ];
    for bytes in malformed {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(bytes).unwrap();
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(
        request(&server, "POST", "/contacts")
            .body(deep)
            .send()
            .status,
        400
    );
    let nested = (0..60).fold(
        json!({ "field": "email", "operator": "=", "value": "x" }),
        |inner, _| json!({ "operator": "AND", "value": [inner] }),
    );
    assert_eq!(
        post(&server, "/contacts/search", &json!({ "query": nested })).status,
        400
    );
    assert_eq!(get(&server, "/me").status, 200);
}

#[test]
fn server_can_be_started_inside_an_async_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let server = MockServer::start().unwrap();
        drop(server);
    });
}

#[test]
fn extreme_clock_offsets_are_accepted() {
    let server = MockServer::start().unwrap();
    for offset in [i64::MIN, -1_000_000_000_000, 1_000_000_000_000, i64::MAX] {
        server.set_clock_offset(offset);
        assert_eq!(get(&server, "/me").status, 200);
    }
    server.advance_clock(Duration::MAX);
    assert_eq!(get(&server, "/me").status, 200);
}
