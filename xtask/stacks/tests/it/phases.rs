//! The blocking transports report what was sent, over connections that break at a chosen point.

use std::time::Duration;

use intercom_blocking::bytes::Bytes;
use intercom_blocking::http::Request;
use intercom_blocking::transport::{Outgoing, Transport};
use intercom_wire::{Behaviour, WireServer};

pub(crate) use on_attohttpc::AttohttpcTransport;
pub(crate) use on_curl::CurlTransport;

#[expect(dead_code, reason = "the tests do not run the program")]
#[path = "../../examples/attohttpc_transport.rs"]
mod on_attohttpc;
#[expect(dead_code, reason = "the tests do not run the program")]
#[path = "../../examples/curl_transport.rs"]
mod on_curl;

const TRANSPORTS: [(&str, &dyn Transport); 2] =
    [("attohttpc", &AttohttpcTransport), ("curl", &CurlTransport)];

/// Limits for exchanges that time out at a certain stage, tried one after the other. A busy machine may spend a short one before.
const SHORT: &[Duration] = &[
    Duration::from_millis(150),
    Duration::from_secs(1),
    Duration::from_secs(6),
];
const LONG: &[Duration] = &[Duration::from_secs(30)];

fn report(transport: &dyn Transport, request: Request<Bytes>, limit: Duration) -> String {
    match transport.send(Outgoing::new(request).with_timeout(limit)) {
        Ok(response) => format!("response {}", response.status().as_u16()),
        Err(fault) => {
            let (phase, kind) = (fault.phase().as_str(), fault.kind().as_str());
            let status = fault.response().map(|response| response.status());
            status.map_or_else(
                || format!("{phase} {kind}"),
                |status| format!("{phase} {kind} {status}"),
            )
        }
    }
}

/// Checks what the transports report for a POST with a body, and how many requests the server read.
fn assert_reported(behaviour: &Behaviour, limits: &[Duration], expected: [&str; 2], read: usize) {
    for ((name, transport), expected) in TRANSPORTS.iter().zip(expected) {
        let mut seen = Vec::new();
        for limit in limits {
            let server = WireServer::start(behaviour.clone()).unwrap();
            let request = Request::post(format!("{}/contacts", server.url()));
            let request = request.body(Bytes::from_static(b"{}")).unwrap();
            let report = report(*transport, request, *limit);
            seen.push((report.clone(), server.requests()));
            if report == expected {
                break;
            }
        }
        let last = seen.last().map(|(report, read)| (report.as_str(), *read));
        assert_eq!(
            last,
            Some((expected, read)),
            "{name}, {behaviour:?}: {seen:?}"
        );
    }
}

#[test]
fn a_post_on_a_connection_that_hangs_while_it_is_made_was_not_sent() {
    assert_reported(
        &Behaviour::ConnectStalled,
        SHORT,
        ["not_sent timeout"; 2],
        0,
    );
}

#[test]
fn a_post_without_a_connection_was_not_sent() {
    assert_reported(&Behaviour::Refused, LONG, ["not_sent connect"; 2], 0);
    // attohttpc has no error of its own for a host name that does not exist.
    assert_reported(
        &Behaviour::UnknownHost,
        LONG,
        ["not_sent other", "not_sent dns"],
        0,
    );
}

#[test]
fn a_post_without_a_response_has_an_unknown_outcome() {
    let closed = ["outcome_unknown closed"; 2];
    assert_reported(&Behaviour::ClosedAfterRequest, LONG, closed, 1);
    assert_reported(&Behaviour::PartialHead, LONG, closed, 1);
    // attohttpc takes the interim response for the last one.
    let interim = ["outcome_unknown protocol", "outcome_unknown closed"];
    assert_reported(&Behaviour::InterimHead, LONG, interim, 1);
    assert_reported(
        &Behaviour::StalledHead,
        SHORT,
        ["outcome_unknown timeout"; 2],
        1,
    );
}

#[test]
fn a_response_that_is_cut_off_keeps_its_status() {
    for status in [200, 429] {
        let cut = format!("cut closed {status}");
        assert_reported(&Behaviour::PartialBody { status }, LONG, [&*cut; 2], 1);
        let cut = format!("cut timeout {status}");
        assert_reported(&Behaviour::StalledBody { status }, SHORT, [&*cut; 2], 1);
    }
}

#[test]
fn a_whole_response_is_returned() {
    assert_reported(&Behaviour::response("{}"), LONG, ["response 200"; 2], 1);
}

#[test]
fn a_body_beyond_its_limit_is_given_up() {
    for (name, transport) in TRANSPORTS {
        let flood = Behaviour::Flood {
            status: 200,
            length: 1 << 30,
        };
        let server = WireServer::start(flood).unwrap();
        let request = Request::get(server.url()).body(Bytes::new()).unwrap();
        let outgoing = Outgoing::new(request).with_body_limit(1000);
        let fault = transport.send(outgoing).unwrap_err();
        assert_eq!(fault.kind().as_str(), "too_large", "{name}");
    }
}
