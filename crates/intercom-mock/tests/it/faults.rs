//! Scripted responses and their faults.

use std::io::Read;
use std::time::Duration;

use intercom_mock::{Method, MockServer, Scripted};
use serde_json::json;

use crate::client::{Connection, Response, get, post, request};

fn scripted(response: Scripted) -> Option<Response> {
    let server = MockServer::start().unwrap();
    server.script(Method::GET, "/me", [response]);
    request(&server, "GET", "/me").try_send()
}

#[test]
fn scripted_responses_are_sent_in_order_and_then_normal_ones() {
    let server = MockServer::start().unwrap();
    server.script(
        Method::GET,
        "/contacts/*",
        [
            Scripted::status(502),
            Scripted::normal(),
            Scripted::status(503),
        ],
    );
    let id = server.add_contact(json!({ "email": "a@b" }));
    let path = format!("/contacts/{id}");
    assert_eq!(get(&server, "/me").status, 200, "other paths are normal");
    assert_eq!(server.scripted_left(), 3);
    let statuses: Vec<u16> = (0..4).map(|_| get(&server, &path).status).collect();
    assert_eq!(statuses, [502, 200, 503, 200]);
    server.script_always(Method::GET, "*", Scripted::status(500));
    assert_eq!(
        (get(&server, "/me").status, get(&server, &path).status),
        (500, 500)
    );
    server.clear_scripts();
    assert_eq!(get(&server, "/me").status, 200);
}

#[test]
fn scripted_response_is_sent_byte_for_byte() {
    let written = Scripted::status(418)
        .header("x-one", "1")
        .header("x-one", "2")
        .body(vec![0xff, 0x00, b'<']);
    let response = scripted(written).unwrap();
    assert_eq!(
        (response.status, response.body.as_slice()),
        (418, &[0xff, 0x00, b'<'][..])
    );
    assert_eq!(
        response
            .headers
            .iter()
            .filter(|(name, _)| name == "x-one")
            .count(),
        2
    );
    assert!(response.header("date").is_some() && response.header("x-request-id").is_some());
    assert_eq!(response.header("content-type"), None);
}

#[test]
fn headers_can_be_replaced_and_left_out() {
    let written = Scripted::status(200)
        .header("date", "yesterday")
        .without_header("X-Request-Id")
        .header("bad name", "x");
    let response = scripted(written).unwrap();
    assert_eq!(
        (
            response.header("date"),
            response.header("x-request-id"),
            response.header("bad name")
        ),
        (Some("yesterday"), None, None)
    );
}

#[test]
fn error_list_has_the_request_id_of_the_header() {
    let response = scripted(Scripted::error(500, "server_error", "Server Error")).unwrap();
    assert_eq!(response.error(), "500 server_error Server Error");
    assert_eq!(
        response.json()["request_id"],
        json!(response.header("x-request-id"))
    );
}

#[test]
fn invalid_status_becomes_500() {
    for status in [0, 99, 100, 199, 1000] {
        assert_eq!(scripted(Scripted::status(status)).unwrap().status, 500);
    }
    assert_eq!(scripted(Scripted::status(999)).unwrap().status, 999);
}

#[test]
fn connection_can_close_before_or_after_processing() {
    let server = MockServer::start().unwrap();
    server.script(
        Method::POST,
        "/contacts",
        [Scripted::close_before(), Scripted::close_after_work()],
    );
    let create = || {
        request(&server, "POST", "/contacts")
            .json(&json!({ "email": "a@b" }))
            .try_send()
    };
    assert!(create().is_none());
    assert!(
        server.contacts().is_empty(),
        "close_before: the request is not processed"
    );
    assert!(create().is_none());
    assert_eq!(
        server.contacts().len(),
        1,
        "close_after_work: the request is processed"
    );
    assert_eq!(create().unwrap().status, 409);
    let statuses: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.status())
        .collect();
    assert_eq!(statuses, [None, None, Some(409)]);
}

#[test]
fn connection_can_close_in_the_middle_of_the_response() {
    let server = MockServer::start().unwrap();
    server.script(Method::POST, "/contacts", [Scripted::close_during()]);
    let cut = request(&server, "POST", "/contacts")
        .json(&json!({ "email": "a@b" }))
        .try_send()
        .unwrap();
    assert!(
        cut.status == 200 && !cut.complete && !cut.body.is_empty(),
        "{cut:?}"
    );
    assert_eq!(server.contacts().len(), 1);
}

#[test]
fn body_can_be_shorter_than_its_content_length() {
    for (sent, announced) in [(0, 10), (4, 10), (300_000, 400_000)] {
        let response = scripted(
            Scripted::status(200)
                .body(vec![b'x'; announced])
                .truncate_after(sent as u64),
        )
        .unwrap();
        assert_eq!(
            response.header("content-length"),
            Some(announced.to_string().as_str())
        );
        assert_eq!(
            (response.body.len(), response.complete),
            (sent, false),
            "exactly this many bytes arrive"
        );
    }
}

#[test]
fn chunked_body_can_be_truncated() {
    let whole = scripted(Scripted::status(200).body("{}").chunked()).unwrap();
    assert_eq!(
        (
            whole.header("transfer-encoding"),
            whole.body.as_slice(),
            whole.complete
        ),
        (Some("chunked"), &b"{}"[..], true)
    );
    let cut = scripted(
        Scripted::status(200)
            .body("0123456789")
            .chunked()
            .truncate_after(4),
    )
    .unwrap();
    assert_eq!((cut.body.as_slice(), cut.complete), (&b"0123"[..], false));
}

#[test]
fn gzip_body_decompresses_to_the_normal_body() {
    let response = scripted(Scripted::normal().gzip()).unwrap();
    assert_eq!(response.header("content-encoding"), Some("gzip"));
    let mut plain = String::new();
    flate2::read::GzDecoder::new(response.body.as_slice())
        .read_to_string(&mut plain)
        .unwrap();
    assert!(plain.contains("\"type\":\"admin\""));
}

#[test]
fn oversized_body_is_generated_while_it_is_sent() {
    let server = MockServer::start().unwrap();
    server.script(
        Method::GET,
        "/me",
        [
            Scripted::status(200)
                .json(json!({ "id": 1 }))
                .oversized(300_000),
            Scripted::status(200).oversized(2 << 30),
        ],
    );
    let padded = get(&server, "/me");
    assert_eq!(
        (padded.body.len(), &padded.json()),
        (300_000, &json!({ "id": 1 })),
        "spaces do not change the JSON"
    );

    let mut endless = std::net::TcpStream::connect(server.address()).unwrap();
    std::io::Write::write_all(&mut endless, b"GET /me HTTP/1.1\r\nhost: mock\r\n\r\n").unwrap();
    let mut start = vec![0; 8 << 20];
    endless.read_exact(&mut start).unwrap();
    assert!(String::from_utf8_lossy(&start[..512]).contains("content-length: 2147483648"));
    drop(endless);
    assert_eq!(
        get(&server, "/me").status,
        200,
        "a client that disconnects does no harm"
    );
}

#[test]
fn delays_apply_before_the_head_or_in_the_middle_of_the_body() {
    let server = MockServer::start().unwrap();
    let pause = Duration::from_millis(60);
    let quick = Scripted::status(200).body("0123456789");
    server.script(
        Method::GET,
        "/me",
        [quick.clone().delay(pause), quick.body_delay(pause)],
    );
    for _ in 0..2 {
        let before = server.server_time();
        let response = get(&server, "/me");
        assert!(server.server_time() - before >= pause && response.body == b"0123456789");
    }
}

#[test]
fn delayed_response_does_not_block_other_requests() {
    let server = MockServer::start().unwrap();
    server.script(
        Method::GET,
        "/me",
        [Scripted::normal().delay(Duration::from_secs(3_600))],
    );
    let mut waiting = Connection::open(&server);
    waiting.write(b"GET /me HTTP/1.1\r\nhost: mock\r\n\r\n");
    while server.request_count() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(get(&server, "/me").status, 200);
}

#[test]
fn processed_request_can_get_a_scripted_response() {
    let server = MockServer::start().unwrap();
    server.script(
        Method::POST,
        "/messages",
        [Scripted::error(504, "request_timeout", "Timed out").work()],
    );
    let message = json!({ "message_type": "email", "body": "hello" });
    assert_eq!(post(&server, "/messages", &message).status, 504);
    assert_eq!(post(&server, "/messages", &message).status, 200);
    assert_eq!(server.messages().len(), 2, "both messages are recorded");
}
