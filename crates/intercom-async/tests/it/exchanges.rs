//! What each transport sends, and how it reads responses.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use intercom_async::protocol::{ApiError, Fault, FaultKind, Outgoing, Phase, bytes::Bytes, http};
use intercom_async::transport::{Reqwest012Transport, ReqwestTransport, Transport as _};
use intercom_wire::{Behaviour, WireServer};

use crate::transports::{AnyTransport, Outcome, reqwest_0_12_builder, reqwest_builder};

const MIB: usize = 1024 * 1024;

/// How much a server can send after its client stopped reading: generous socket buffers.
const BUFFERED: u64 = 64 * 1024 * 1024;

fn get(url: &str) -> Outgoing {
    Outgoing::new(http::Request::get(url).body(Bytes::new()).unwrap())
}

fn post(url: &str, body: impl Into<Bytes>) -> Outgoing {
    let request = http::Request::post(format!("{url}/contacts"))
        .header(http::header::AUTHORIZATION, "Bearer tok")
        .body(body.into())
        .unwrap();
    Outgoing::new(request)
}

fn raw(head: &str, body: &[u8]) -> Behaviour {
    let mut raw = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    raw.extend_from_slice(body);
    Behaviour::Response(raw)
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn an_encrypted_exchange_succeeds_with_a_custom_authority() {
    let server = WireServer::start_tls(Behaviour::response(r#"{"type":"admin"}"#)).unwrap();
    for (sent, transport) in AnyTransport::trusting(server.root_pem().unwrap())
        .iter()
        .enumerate()
    {
        let response = transport.send(post(server.url(), "{}")).unwrap();
        assert_eq!(
            response.body().as_ref(),
            br#"{"type":"admin"}"#,
            "{}",
            transport.name()
        );
        assert_eq!(server.requests(), sent + 1);
    }
}

#[test]
fn a_response_may_have_any_status() {
    for status in [
        "200 OK",
        "302 Found",
        "404 Not Found",
        "429 Too Many Requests",
        "500 Oops",
        "503 Busy",
    ] {
        let server =
            WireServer::start(raw(&format!("{status}\r\nX-Request-Id: req-1"), b"{}")).unwrap();
        for transport in AnyTransport::all() {
            let response = transport.send(get(server.url())).unwrap();
            assert!(
                status.starts_with(response.status().as_str()),
                "{}",
                transport.name()
            );
            assert_eq!(response.headers()["x-request-id"], "req-1");
            assert_eq!(response.body().as_ref(), b"{}");
        }
    }
}

#[test]
fn a_response_without_a_body_is_complete() {
    let server = WireServer::start(Behaviour::Response(
        b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
    ))
    .unwrap();
    for transport in AnyTransport::all() {
        let response = transport.send(post(server.url(), "{}")).unwrap();
        assert_eq!(
            (response.status().as_u16(), response.body().len()),
            (204, 0),
            "{}",
            transport.name()
        );
    }
}

#[test]
fn a_body_is_sent_with_its_length_and_the_library_adds_no_headers() {
    for transport in AnyTransport::all() {
        let server = WireServer::start(Behaviour::response("{}")).unwrap();
        transport
            .send(post(server.url(), r#"{"role":"user"}"#))
            .unwrap();
        transport.send(post(server.url(), "")).unwrap();
        transport.send(get(server.url())).unwrap();

        let [full, empty, get] = &server.transcript()[..] else {
            panic!("three requests were sent")
        };
        assert_eq!(full.body(), br#"{"role":"user"}"#);
        assert_eq!(full.header("content-length"), Some("15"));
        assert_eq!(full.header("authorization"), Some("Bearer tok"));
        assert_eq!(
            empty.header("content-length"),
            Some("0"),
            "{}",
            transport.name()
        );
        assert_eq!(get.header("content-length"), None);
        for request in [full, empty, get] {
            assert_eq!(
                request.connection(),
                1,
                "the connection is kept: {}",
                transport.name()
            );
            for unwanted in [
                "transfer-encoding",
                "user-agent",
                "cookie",
                "referer",
                "expect",
                "accept-encoding",
            ] {
                assert_eq!(request.header(unwanted), None, "{}", transport.name());
            }
        }
    }
}

#[test]
fn a_redirect_is_returned_and_not_followed() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let elsewhere = WireServer::start(Behaviour::response("{}")).unwrap();
        let head = format!("{status}\r\nLocation: {}/stolen", elsewhere.url());
        let server = WireServer::start(raw(&head, b"")).unwrap();
        for transport in AnyTransport::all() {
            for outgoing in [get(server.url()), post(server.url(), "{}")] {
                let response = transport.send(outgoing).unwrap();
                assert!(status.starts_with(response.status().as_str()));
                assert_eq!(
                    response.headers()["location"],
                    format!("{}/stolen", elsewhere.url())
                );
            }
        }
        assert_eq!(elsewhere.connections(), 0);
    }
}

#[test]
fn a_reqwest_client_that_follows_redirects_gets_a_fault() {
    let elsewhere = WireServer::start(Behaviour::response("{}")).unwrap();
    let head = format!("302 Found\r\nLocation: {}/", elsewhere.url());
    let server = WireServer::start(raw(&head, b"")).unwrap();
    let following = ReqwestTransport::new(reqwest_builder(None).build().unwrap());
    let older = Reqwest012Transport::new(reqwest_0_12_builder(None).build().unwrap());
    for transport in [
        AnyTransport::on_runtime("reqwest", Box::new(following)),
        AnyTransport::on_runtime("reqwest 0.12", Box::new(older)),
    ] {
        let fault = transport.send(get(server.url())).unwrap_err();
        assert_eq!(
            (fault.phase(), fault.kind()),
            (Phase::OutcomeUnknown, FaultKind::Other),
            "{}",
            transport.name()
        );
    }
}

#[test]
fn cookies_are_not_kept() {
    for transport in AnyTransport::all() {
        let server = WireServer::start(raw("200 OK\r\nSet-Cookie: a=b; Path=/", b"{}")).unwrap();
        transport.send(get(server.url())).unwrap();
        transport.send(get(server.url())).unwrap();
        assert!(
            server
                .transcript()
                .iter()
                .all(|request| request.header("cookie").is_none())
        );
    }
}

#[test]
fn the_environments_proxy_is_not_used() {
    const CHILD: &str = "INTERCOM_TEST_URL";
    if let Ok(url) = std::env::var(CHILD) {
        for transport in AnyTransport::all() {
            transport.send(get(&url)).unwrap();
        }
        return;
    }
    // A process cannot safely change its own environment, so the test runs itself again.
    let refusing = WireServer::start(Behaviour::Refused).unwrap();
    let server = WireServer::start(Behaviour::response("{}")).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "exchanges::the_environments_proxy_is_not_used"])
        .env(CHILD, server.url());
    for variable in [
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "ALL_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
    ] {
        child.env(variable, refusing.url());
    }
    let output = child
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert_eq!(server.requests(), AnyTransport::all().len());
}

#[test]
fn an_error_of_two_gigabytes_is_read_up_to_one_mebibyte() {
    for transport in AnyTransport::all() {
        let server = WireServer::start(Behaviour::Flood {
            status: 500,
            length: 2 << 30,
        })
        .unwrap();
        let response = transport.send(get(server.url())).unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.body().len(), MIB, "{}", transport.name());
        assert!(
            server.bytes_sent() < BUFFERED,
            "{}: {}",
            transport.name(),
            server.bytes_sent()
        );
    }
}

#[test]
fn a_success_of_two_gigabytes_is_too_large_and_not_read() {
    for transport in AnyTransport::all() {
        let server = WireServer::start(Behaviour::Flood {
            status: 200,
            length: 2 << 30,
        })
        .unwrap();
        let fault = transport.send(get(server.url())).unwrap_err();
        assert_too_large(
            &fault,
            64 * 1024,
            transport.name(),
            Some(Behaviour::REQUEST_ID),
        );
        assert!(
            server.bytes_sent() < BUFFERED,
            "{}: {}",
            transport.name(),
            server.bytes_sent()
        );
    }
}

#[test]
fn the_body_limit_is_inclusive() {
    let server = WireServer::start(Behaviour::response([b' '; 1000])).unwrap();
    for transport in AnyTransport::all() {
        let response = transport
            .send(get(server.url()).with_body_limit(1000))
            .unwrap();
        assert_eq!(response.body().len(), 1000);
        let fault = transport
            .send(get(server.url()).with_body_limit(999))
            .unwrap_err();
        assert_too_large(&fault, 999, transport.name(), Some(Behaviour::REQUEST_ID));
    }
}

#[test]
fn a_body_that_keeps_arriving_times_out() {
    for transport in AnyTransport::all() {
        let server = WireServer::start(Behaviour::Flood {
            status: 200,
            length: 1 << 40,
        })
        .unwrap();
        let outgoing = || {
            get(server.url())
                .with_timeout(Duration::from_millis(100))
                .with_body_limit(usize::MAX)
        };
        // A busy machine may time out before the head arrives; then the test tries again.
        let cut = (0..50).find_map(|_| {
            Some(transport.send(outgoing()).unwrap_err()).filter(|it| it.response().is_some())
        });
        let fault = cut.unwrap();
        assert_eq!(
            (fault.phase(), fault.kind()),
            (Phase::Cut, FaultKind::Timeout),
            "{}",
            transport.name()
        );
    }
}

fn assert_too_large(fault: &Fault, kept: usize, name: &str, request_id: Option<&str>) {
    assert_eq!(
        (fault.phase(), fault.kind()),
        (Phase::Cut, FaultKind::TooLarge),
        "{name}"
    );
    let response = fault.response().unwrap();
    assert_eq!(
        (response.status(), response.request_id()),
        (200, request_id)
    );
    assert_eq!(response.body().bytes().len(), kept, "{name}");
}

#[test]
fn gzip_is_decoded_and_the_limit_counts_decoded_bytes() {
    let gzipped = |head: &str, body: &[u8]| {
        let head = format!("{head}\r\nContent-Encoding: gzip");
        WireServer::start(raw(&head, &gzip(body))).unwrap()
    };
    let contact = gzipped("200 OK", br#"{"type":"contact"}"#);
    let bomb = gzipped("200 OK", &vec![b' '; 64 * MIB]);
    let conflict = gzipped("409 Conflict", &vec![b'x'; 3 * MIB]);
    let garbage = gzip(&[b'a'; 1000]);
    let broken = [&garbage[..garbage.len() / 2], b"\0\0\0\0\0\0\0\0"].concat();
    let broken = WireServer::start(raw("200 OK\r\nContent-Encoding: gzip", &broken)).unwrap();
    for transport in AnyTransport::all() {
        let name = transport.name();
        let response = transport.send(get(contact.url())).unwrap();
        assert_eq!(response.body().as_ref(), br#"{"type":"contact"}"#, "{name}");
        assert!(!response.headers().contains_key("content-encoding"));

        let fault = transport
            .send(get(bomb.url()).with_body_limit(MIB))
            .unwrap_err();
        assert_too_large(&fault, 64 * 1024, name, None);

        let response = transport.send(get(conflict.url())).unwrap();
        assert_eq!(
            (response.status().as_u16(), response.body().len()),
            (409, MIB)
        );

        let fault = transport.send(get(broken.url())).unwrap_err();
        assert_eq!(fault.phase(), Phase::Cut, "{name}");
        assert_eq!(fault.response().unwrap().status(), 200);
    }
}

#[test]
fn a_gzip_body_that_breaks_off_is_cut_and_keeps_the_part_that_arrived() {
    let whole = gzip(&incompressible());
    let head = "HTTP/1.1 500 Oops\r\nContent-Encoding: gzip\r\nX-Request-Id: req-1";
    let length = whole.len();
    let half = &whole[..length / 2];
    for head in [
        format!("{head}\r\nContent-Length: {length}\r\n\r\n"),
        // Without a length, the missing end of the compressed data shows the cut.
        format!("{head}\r\n\r\n"),
    ] {
        let raw = [head.as_bytes(), half].concat();
        let server = WireServer::start(Behaviour::ResponseThenClose(raw)).unwrap();
        for transport in AnyTransport::all() {
            let fault = transport.send(get(server.url())).unwrap_err();
            assert_eq!(
                (fault.phase(), fault.kind()),
                (Phase::Cut, FaultKind::Closed),
                "{}",
                transport.name()
            );
            let response = fault.response().unwrap();
            assert_eq!(
                (response.status(), response.request_id()),
                (500, Some("req-1"))
            );
            assert!(incompressible().starts_with(response.body().bytes()));
            assert!(response.body().len() > 1000, "{}", transport.name());
        }
    }
}

/// Bytes that compression hardly shortens.
pub(crate) fn incompressible() -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..8_000).map(|_| next()).collect()
}

#[test]
fn a_body_that_ends_with_a_broken_connection_is_cut() {
    let without_length = b"HTTP/1.1 200 OK\r\nX-Request-Id: req-1\r\n\r\n{\"a\":1}";
    let encrypted = |behaviour| WireServer::start_tls(behaviour).unwrap();
    let broken = Behaviour::ResponseThenReset(without_length.to_vec());
    let closed = Behaviour::ResponseThenClose(without_length.to_vec());

    let reset = WireServer::start(broken.clone()).unwrap();
    for transport in AnyTransport::all() {
        assert_cut(transport.send(get(reset.url())), transport.name());
    }
    // Anyone on the path can end a TCP stream; only the peer can send a `close_notify`.
    let truncated = encrypted(broken);
    for transport in AnyTransport::trusting(truncated.root_pem().unwrap()) {
        assert_cut(transport.send(get(truncated.url())), transport.name());
    }
    let ended = encrypted(closed);
    for transport in AnyTransport::trusting(ended.root_pem().unwrap()) {
        let response = transport.send(get(ended.url())).unwrap();
        assert_eq!(
            response.body().as_ref(),
            b"{\"a\":1}",
            "{}",
            transport.name()
        );
    }
}

fn assert_cut(outcome: Outcome, name: &str) {
    let fault = outcome.unwrap_err();
    let got = (fault.phase(), fault.kind());
    assert_eq!(got, (Phase::Cut, FaultKind::Closed), "{name}: {fault:?}");
    let response = fault.response().unwrap();
    assert_eq!(
        (response.status(), response.request_id()),
        (200, Some("req-1"))
    );
    assert_eq!(response.body().bytes(), b"{\"a\":1}", "{name}");
}

#[test]
fn a_response_to_head_has_a_length_and_no_body() {
    let raw = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n".to_vec();
    let server = WireServer::start(Behaviour::Response(raw)).unwrap();
    for transport in AnyTransport::all() {
        let request = http::Request::head(server.url())
            .body(Bytes::new())
            .unwrap();
        let response = transport.send(Outgoing::new(request)).unwrap();
        assert!(response.body().is_empty(), "{}", transport.name());
    }
}

#[test]
fn a_chunked_body_that_breaks_off_or_is_malformed_is_cut() {
    use FaultKind::{Closed, Protocol};

    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (body, kind) in [
        ("", Closed),
        ("4", Closed),
        ("4\r", Closed),
        ("4\r\n{\"a\"", Closed),
        ("4\r\n{\"a\"\r", Closed),
        ("4\r\n{\"a\"\r\n", Closed),
        ("4\r\n{\"a\"\r\n0", Closed),
        ("4\r\n{\"a\"\r\n0\r\n\r", Closed),
        ("40\r\n{\"a\"", Closed),
        ("x\r\n", Protocol),
        ("-4\r\n{\"a\"\r\n0\r\n\r\n", Protocol),
        ("4\r\n{\"a\"0\r\n\r\n", Protocol),
        ("4\r\n{\"a\"\r\n\r\n", Protocol),
    ] {
        let server =
            WireServer::start(Behaviour::ResponseThenClose([head, body].concat().into())).unwrap();
        for transport in AnyTransport::all() {
            let shown = format!("{body:?} {}", transport.name());
            let fault = transport.send(get(server.url())).unwrap_err();
            assert_eq!((fault.phase(), fault.kind()), (Phase::Cut, kind), "{shown}");
            // ureq returns nothing of a malformed chunk.
            if kind == Closed {
                let arrived = body.split("\r\n").nth(1).unwrap_or_default();
                let kept = fault.response().unwrap().body().bytes();
                assert_eq!(kept, arrived.trim_end().as_bytes(), "{shown}");
            }
        }
    }
}

#[test]
fn a_body_without_a_length_ends_with_the_connection() {
    let raw = b"HTTP/1.1 200 OK\r\n\r\n{}".to_vec();
    let server = WireServer::start(Behaviour::ResponseThenClose(raw)).unwrap();
    for transport in AnyTransport::all() {
        let response = transport.send(get(server.url())).unwrap();
        assert_eq!(response.body().as_ref(), b"{}", "{}", transport.name());
    }
}

#[test]
fn a_switch_of_protocols_is_a_response_without_a_body() {
    let raw =
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n".to_vec();
    let server = WireServer::start(Behaviour::ResponseThenClose(raw)).unwrap();
    for transport in AnyTransport::all() {
        let response = transport.send(get(server.url())).unwrap();
        assert_eq!(
            (response.status().as_u16(), response.body().len()),
            (101, 0),
            "{}",
            transport.name()
        );
    }
}

#[test]
fn a_request_without_a_host_is_not_sent() {
    for uri in ["/contacts", "contacts.example"] {
        for transport in AnyTransport::all() {
            let request = http::Request::post(uri)
                .body(Bytes::from_static(b"{}"))
                .unwrap();
            let fault = transport.send(Outgoing::new(request)).unwrap_err();
            assert_eq!(
                (fault.phase(), fault.kind()),
                (Phase::NotSent, FaultKind::BadUri),
                "{uri} {}: {fault:?}",
                transport.name()
            );
        }
    }
}

#[test]
fn no_library_sends_a_post_twice_however_its_connection_ends() {
    for behaviour in [
        Behaviour::ClosedWhenIdle,
        Behaviour::ClosedBeforeSecondRequest,
        Behaviour::ClosedAfterSecondRequest,
    ] {
        for transport in AnyTransport::all() {
            let server = WireServer::start(behaviour.clone()).unwrap();
            let outcomes: Vec<_> = (0..40)
                .map(|number: u32| {
                    transport
                        .send(post(server.url(), number.to_string()))
                        .map_err(|fault| fault.phase())
                })
                .collect();
            let read: Vec<_> = server
                .transcript()
                .iter()
                .map(|read| String::from_utf8_lossy(read.body()).into_owned())
                .collect();

            let once: BTreeSet<_> = read.iter().collect();
            assert_eq!(
                once.len(),
                read.len(),
                "sent twice: {behaviour:?} {} {read:?}",
                transport.name()
            );
            for (number, outcome) in outcomes.iter().enumerate() {
                let arrived = once.contains(&number.to_string());
                match outcome {
                    Ok(_) => assert!(
                        arrived,
                        "a response, although the request was not read: {number}"
                    ),
                    Err(Phase::NotSent) => {
                        assert!(!arrived, "{behaviour:?} {}: {number}", transport.name())
                    }
                    Err(_) => {}
                }
            }
        }
    }
}

#[tokio::test]
async fn concurrent_connections_have_separate_connect_limits() {
    let transport = intercom_async::transport::HyperTransport::new();
    let stalled = WireServer::start(Behaviour::TlsStalled).unwrap();
    let good = WireServer::start(Behaviour::response("{}")).unwrap();
    let limit = Duration::from_millis(50);
    let (first, second) = tokio::join!(
        transport.send(post(stalled.url(), "{}").with_connect_timeout(limit)),
        transport.send(post(good.url(), "{}")),
    );
    assert_eq!(first.unwrap_err().phase(), Phase::NotSent);
    assert_eq!(second.unwrap().status(), 200);
}

#[test]
fn an_unrequested_encoding_is_named_by_the_error() {
    let server =
        WireServer::start(raw("409 Conflict\r\nContent-Encoding: br", b"\x8b\x01")).unwrap();
    for transport in AnyTransport::all() {
        let response = transport.send(get(server.url())).unwrap();
        let error = ApiError::from_response(&response);
        assert_eq!(error.content_encoding(), Some("br"), "{}", transport.name());
        assert!(error.is_conflict());
    }
}
