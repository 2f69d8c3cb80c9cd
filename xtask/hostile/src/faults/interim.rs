//! Interim responses (1xx) before the response, and instead of it.

use crate::fault::{Act, End, Fault, OWN, ok};
use intercom_wire::Step;

/// What comes before a good response.
#[rustfmt::skip]
const BEFORE: [(&str, &str); 6] = [
    ("100", "HTTP/1.1 100 Continue\r\n\r\n"),
    ("102", "HTTP/1.1 102 Processing\r\n\r\n"),
    ("103", "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"),
    ("an unknown 1xx", "HTTP/1.1 199 X\r\n\r\n"),
    ("100 without a reason", "HTTP/1.1 100 \r\n\r\n"),
    ("100 and 103", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"),
];

/// What comes before a good response, and makes some libraries refuse it. ureq refuses a 100 that has headers.
#[rustfmt::skip]
const LENIENT: [(&str, &str); 11] = [
    ("100 with a request id", "HTTP/1.1 100 Continue\r\nX-Request-Id: other\r\n\r\n"),
    ("100 with a location", "HTTP/1.1 100 Continue\r\nLocation: http://127.0.0.1:1/\r\n\r\n"),
    ("100 with headers", "HTTP/1.1 100 Continue\r\nDate: x\r\nRetry-After: 9\r\n\r\n"),
    ("100 of HTTP/1.0", "HTTP/1.0 100 Continue\r\n\r\n"),
    ("100 with the length 0", "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n"),
    ("100 that announces the close", "HTTP/1.1 100 Continue\r\nConnection: close\r\n\r\n"),
    ("101 without an upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\n"),
    ("101 to a web socket", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
    ("101 to HTTP/2", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
    ("100 that is chunked", "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("100 with a malformed header", "HTTP/1.1 100 Continue\r\nX A\r\n\r\n"),
];

pub(super) fn all() -> Vec<Fault> {
    let before = |interim: &str| [interim.as_bytes(), &ok(&[], OWN)].concat();
    let mut faults = Vec::new();
    for (name, interim) in BEFORE {
        faults.push(
            Fault::response(name, before(interim))
                .delivered()
                .then(End::Keep),
        );
        let alone = format!("{name}, and nothing more");
        faults.push(Fault::response(alone, interim.as_bytes().to_vec()).refused());
    }
    faults.extend(LENIENT.map(|(name, interim)| Fault::response(name, before(interim))));
    let hint = "HTTP/1.1 103 Early Hints\r\n\r\n";
    for count in [10, 50] {
        let fault = Fault::response(format!("{count} times 103"), before(&hint.repeat(count)));
        faults.push(fault.delivered().then(End::Keep));
    }
    for count in [101, 1_000, 100_000] {
        faults.push(Fault::response(
            format!("{count} times 103"),
            before(&hint.repeat(count)),
        ));
    }
    let with_body = "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\n{}";
    faults.push(Fault::response("100 with a body", before(with_body)));
    faults.push(Fault::response("half of a 100", b"HTTP/1.1 100 Cont".to_vec()).refused());
    let reset = Fault::response("100, then a reset", BEFORE[0].1.as_bytes().to_vec());
    faults.push(reset.refused().then(End::Reset));
    let garbage = [BEFORE[0].1.as_bytes(), b"\x16\x03\x01garbage\r\n\r\n"].concat();
    faults.push(Fault::response("100, then garbage", garbage).refused());
    let stalled = Fault::response("100, then silence", BEFORE[0].1.as_bytes().to_vec());
    faults.push(stalled.refused().then(End::Stall));
    let early = vec![
        Step::ReadHead,
        Step::Send(BEFORE[0].1.as_bytes().to_vec()),
        Step::ReadRequest,
        Step::Send(ok(&[], OWN)),
    ];
    let asked = Fault::new(
        "100 before the body is read",
        Act::Steps(early, crate::fault::Use::Any),
    );
    faults.push(asked.delivered());
    faults
}
