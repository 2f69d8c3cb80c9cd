//! Connections that are used again, and responses that belong to no request.

use intercom_wire::{Script, Step};

use crate::fault::{End, Fault, OWN, head, ok, status};

/// What a server may send on an idle connection, before it closes it or not.
fn unasked() -> Vec<(&'static str, Vec<u8>)> {
    let list = br#"{"type":"error.list","errors":[{"code":"timeout","message":"m"}]}"#;
    vec![
        ("a 408 of a load balancer", status("408 Request Time-out", &["Connection: close"], b"")),
        ("a 408 with a list of errors", status("408 Request Time-out", &[], list)),
        ("a 400", status("400 Bad Request", &["Connection: close"], b"")),
        ("a 429", status("429 X", &["Retry-After: 0"], list)),
        ("a good response", ok(&[], OWN)),
        ("two good responses", [ok(&[], OWN), ok(&[], OWN)].concat()),
        ("a response without a length", [head("HTTP/1.1 200 OK", &[]), OWN.to_vec()].concat()),
        ("a 204", b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        ("an interim response", b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()),
        ("a chunked response", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n".to_vec()),
        ("half of a head", b"HTTP/1.1 200 OK\r\nContent-".to_vec()),
        ("a head", ok(&[], OWN).split_last_chunk::<29>().map_or(Vec::new(), |(head, _)| head.to_vec())),
        ("an empty line", b"\r\n".to_vec()),
        ("a byte", b"x".to_vec()),
        ("a NUL", b"\0".to_vec()),
        ("garbage", vec![0xfe; 4096]),
    ]
}

pub(super) fn all() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, bytes) in unasked() {
        for (how, end) in [
            ("kept", End::Keep),
            ("closed", End::Close),
            ("reset", End::Reset),
        ] {
            let steps: Vec<_> = [Step::Send(bytes.clone())]
                .into_iter()
                .chain(end.step())
                .collect();
            faults.push(Fault::idle(
                format!("{name} while it is idle, {how}"),
                steps,
            ));
        }
    }
    faults.extend(announced());
    faults.extend(smuggled());
    faults
}

/// Responses that say something else about the connection than what happens.
fn announced() -> Vec<Fault> {
    let old = |headers: &[&str]| [head("HTTP/1.0 200 OK", headers), OWN.to_vec()].concat();
    let length = "Content-Length: 29";
    vec![
        Fault::response("close announced, and kept", ok(&["Connection: close"], OWN))
            .delivered()
            .then(End::Keep),
        Fault::response(
            "close announced, and closed",
            ok(&["Connection: close"], OWN),
        )
        .delivered(),
        Fault::response(
            "keep-alive announced, and closed",
            ok(&["Connection: keep-alive"], OWN),
        )
        .delivered(),
        Fault::response(
            "keep-alive and close announced",
            ok(&["Connection: keep-alive, close"], OWN),
        )
        .delivered()
        .then(End::Keep),
        Fault::response(
            "upgrade announced",
            ok(&["Connection: upgrade", "Upgrade: h2c"], OWN),
        )
        .delivered()
        .then(End::Keep),
        Fault::response("HTTP/1.0, and kept", old(&[length]))
            .delivered()
            .then(End::Keep),
        Fault::response(
            "HTTP/1.0 with keep-alive, and kept",
            old(&[length, "Connection: keep-alive"]),
        )
        .delivered()
        .then(End::Keep),
        Fault::response("HTTP/1.0 without a length", old(&[])).delivered(),
        Fault::response("kept, then closed when idle", ok(&[], OWN)).delivered(),
        Fault::response("kept, then broken when idle", ok(&[], OWN))
            .delivered()
            .then(End::Break),
    ]
}

/// A good response and others in the same packet, which a client must not treat as responses to its next requests.
fn smuggled() -> Vec<Fault> {
    let next = ok(&[], Script::echo("/smuggled").as_bytes());
    let own = ok(&[], OWN);
    let none = b"HTTP/1.1 204 No Content\r\n\r\n".to_vec();
    let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n".to_vec();
    let padded = ok(&[], &[OWN, next.as_slice()].concat());
    let inner = [
        head("HTTP/1.1 200 OK", &["Content-Length: 29"]),
        OWN.to_vec(),
        next.clone(),
    ]
    .concat();
    let pair = |name: &str, first: &[u8], second: &[u8]| {
        Fault::response(name, [first, second].concat()).then(End::Keep)
    };
    vec![
        pair("a second response", &own, &next).delivered(),
        pair("two more responses", &own, &next.repeat(2)).delivered(),
        pair("a hundred more responses", &own, &next.repeat(100)).delivered(),
        pair("a second response after a 204", &none, &next)
            .body(b"")
            .either(),
        pair("a second response after chunks", &chunked, &next).delivered(),
        pair(
            "a second response after an empty line",
            &own,
            &[b"\r\n", next.as_slice()].concat(),
        )
        .delivered(),
        pair(
            "half of a second response",
            &own,
            next.get(..40).unwrap_or_default(),
        )
        .delivered(),
        pair("a second response beyond the length", &inner, b"").delivered(),
        pair(
            "an interim response after it",
            &own,
            b"HTTP/1.1 100 Continue\r\n\r\n",
        )
        .delivered(),
        pair("an error after it", &own, &status("500 X", &[], b"")).delivered(),
        pair(
            "a close after it",
            &own,
            &status("408 X", &["Connection: close"], b""),
        )
        .delivered(),
        Fault::response("a second response within the length", padded)
            .refused()
            .then(End::Keep),
    ]
}
