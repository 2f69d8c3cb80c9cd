//! What each transport accepts before the body of a response: how many interim responses, header lines and bytes.

use std::time::Duration;

use intercom_async::http;
use intercom_async::protocol::{Outgoing, bytes::Bytes};
use intercom_wire::{Behaviour, WireServer};

use crate::transports::{AnyTransport, Outcome};

const REQUEST_ID: &str = "req-1";

/// How much a server can send after its client stopped reading: generous socket buffers.
const BUFFERED: u64 = 64 * 1024 * 1024;

fn get(url: &str) -> Outgoing {
    let request = http::Request::get(url).body(Bytes::new()).unwrap();
    Outgoing::new(request).with_timeout(Duration::from_secs(30))
}

fn interim(count: usize) -> Vec<u8> {
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n".repeat(count)
}

/// Makes a response with these header lines and two more, of which the request id is last.
fn response(lines: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n{lines}X-Request-Id: {REQUEST_ID}\r\n\r\n{{}}"
    )
    .into_bytes()
}

/// Makes a response with this many header lines.
fn lines(count: usize) -> Vec<u8> {
    let lines: String = (2..count).map(|line| format!("X-{line}: y\r\n")).collect();
    response(&lines)
}

/// Makes a response with a header value of this many bytes.
fn long(length: usize) -> Vec<u8> {
    response(&format!("X-Long: {}\r\n", "y".repeat(length)))
}

fn described(outcome: &Outcome) -> String {
    match outcome {
        Ok(response) => {
            assert_eq!(response.headers()["x-request-id"], REQUEST_ID);
            response.status().as_str().to_owned()
        }
        Err(fault) => format!("{} {}", fault.phase().as_str(), fault.kind().as_str()),
    }
}

#[test]
fn the_transports_have_the_same_limits_before_the_body() {
    const KIB: usize = 1024;
    const REFUSED: &str = "outcome_unknown protocol";
    let accepted = ["404"; 4];
    let refused = [REFUSED; 4];
    let table = [
        ("100 interim", [interim(100), lines(2)].concat(), accepted),
        // ureq limits their bytes instead, and reqwest does not let us see them.
        (
            "101 interim",
            [interim(101), lines(2)].concat(),
            ["404", REFUSED, "404", "404"],
        ),
        // reqwest 0.12 does not let us raise hyper's limit of 100 lines.
        ("100 lines", lines(100), accepted),
        ("128 lines", lines(128), ["404", "404", "404", REFUSED]),
        ("129 lines", lines(129), refused),
        ("1000 lines", lines(1000), refused),
        ("63 KiB", long(63 * KIB), accepted),
        // reqwest does not let us set hyper's limit of about 400 KiB.
        ("256 KiB", long(256 * KIB), [REFUSED, REFUSED, "404", "404"]),
        ("1 MiB", long(KIB * KIB), refused),
    ];
    let mut wrong = String::new();
    for (name, raw, expected) in table {
        let server = WireServer::start(Behaviour::Response(raw)).unwrap();
        for (transport, expected) in AnyTransport::all().iter().zip(expected) {
            let got = described(&transport.send(get(server.url())));
            if got != expected {
                wrong += &format!("{name}, {}: {got}, not {expected}\n", transport.name());
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn endless_interim_responses_are_a_protocol_fault() {
    let plain = WireServer::start(Behaviour::InterimFlood).unwrap();
    let encrypted = WireServer::start_tls(Behaviour::InterimFlood).unwrap();
    // The others read on until the time-out: reqwest always, ureq if TLS delivers less than 64 KiB at once.
    let [ureq, hyper, ..] = AnyTransport::all();
    let [_, encrypted_hyper, ..] = AnyTransport::trusting(encrypted.root_pem().unwrap());
    for (server, transport) in [
        (&plain, ureq),
        (&plain, hyper),
        (&encrypted, encrypted_hyper),
    ] {
        let before = (server.requests(), server.connections());
        for sent in 1..=2 {
            let outcome = transport.send(get(server.url()));
            assert_eq!(
                described(&outcome),
                "outcome_unknown protocol",
                "{}",
                transport.name()
            );
            // The rest of the flood never counts as a response to the next request.
            let after = (server.requests(), server.connections());
            assert_eq!(
                after,
                (before.0 + sent, before.1 + sent),
                "{}",
                transport.name()
            );
        }
        assert!(server.bytes_sent() < BUFFERED, "{}", server.bytes_sent());
    }
}
