//! Servers that are silent, slow or endless.

use intercom_wire::Step;

use crate::fault::{Act, Fault, OWN, Use, head, millis, ok};

/// Places within a good response at which a server falls silent.
const PLACES: [(&str, usize); 5] = [
    ("before the response", 0),
    ("after a byte", 1),
    ("in the status line", 11),
    ("after the status line", 17),
    ("in a header", 24),
];

pub(super) fn all() -> Vec<Fault> {
    let response = ok(&[], OWN);
    let body_at = response.len() - OWN.len();
    let parts = PLACES.into_iter().chain([
        ("after the head", body_at),
        ("in the body", body_at + 9),
        ("before the last byte", response.len() - 1),
    ]);
    let mut faults = Vec::new();
    for (place, at) in parts {
        let part = response.get(..at).unwrap_or_default();
        faults.push(silent(&format!("silence {place}"), part));
    }
    faults.push(stalled("silence when it is accepted", &[]));
    faults.push(stalled(
        "silence after the head of the request",
        &[Step::ReadHead],
    ));
    faults.extend(bodies());
    faults.extend(endless());
    faults.extend(late());
    faults.extend(slow());
    faults
}

fn stalled(name: &str, steps: &[Step]) -> Fault {
    let steps = [steps, &[Step::Stall]].concat();
    Fault::steps(name, steps).hangs()
}

/// The request is read, this part is sent, and nothing more.
fn silent(name: &str, part: &[u8]) -> Fault {
    stalled(name, &[Step::ReadRequest, Step::Send(part.to_vec())])
}

/// Bodies of other kinds in which the server falls silent.
fn bodies() -> Vec<Fault> {
    let chunked = head("HTTP/1.1 200 OK", &["Transfer-Encoding: chunked"]);
    let with = |body: &[u8]| [chunked.as_slice(), body].concat();
    let open = [head("HTTP/1.1 200 OK", &[]), OWN.to_vec()].concat();
    let error = head("HTTP/1.1 500 X", &["Content-Length: 100"]);
    let limited = head("HTTP/1.1 429 X", &["Content-Length: 100", "Retry-After: 0"]);
    vec![
        silent("silence in the size of a chunk", &with(b"1")),
        silent("silence in a chunk", &with(b"1d\r\n{\"type\"")),
        silent(
            "silence before the last chunk",
            &with(b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n"),
        ),
        silent(
            "silence before the trailers end",
            &with(b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n"),
        )
        .either(),
        silent("a body without a length that stays open", &open),
        silent("silence in the body of a 500", &error),
        silent("silence in the body of a 429", &limited).not_applied(),
    ]
}

/// Responses without an end, slowly or as fast as the client reads.
fn endless() -> Vec<Fault> {
    let chunked = head("HTTP/1.1 200 OK", &["Transfer-Encoding: chunked"]);
    let long = head("HTTP/1.1 200 OK", &["Content-Length: 18446744073709551615"]);
    let open = head("HTTP/1.1 200 OK", &[]);
    let error = head("HTTP/1.1 502 X", &[]);
    let start = b"HTTP/1.1 200 OK\r\n".to_vec();
    let interim = b"HTTP/1.1 103 X\r\n\r\n";
    let rows: [(&str, Vec<u8>, &[u8]); 12] = [
        ("a reason", b"HTTP/1.1 200 ".to_vec(), b"x"),
        ("empty lines", Vec::new(), b"\r\n"),
        ("garbage", Vec::new(), b"\xff"),
        ("headers", start.clone(), b"X-A: b\r\n"),
        ("the name of a header", start.clone(), b"x"),
        (
            "the value of a header",
            [start, b"X-A: ".to_vec()].concat(),
            b"x",
        ),
        ("interim responses", Vec::new(), interim),
        ("chunks", chunked.clone(), b"1\r\n \r\n"),
        (
            "the extension of a chunk",
            [chunked, b"1;".to_vec()].concat(),
            b"x",
        ),
        ("a body with a length", long, b" "),
        ("a body without a length", open, b" "),
        ("the page of an error", error, b"<p>"),
    ];
    let mut faults = Vec::new();
    for (name, start, part) in rows {
        let steps = |part: Vec<u8>, pause| {
            let mut steps = vec![Step::ReadRequest];
            if !start.is_empty() {
                steps.push(Step::Send(start.clone()));
            }
            steps.push(Step::SendEndlessly(part, millis(pause)));
            steps
        };
        let slow = Fault::steps(
            format!("endless and slow: {name}"),
            steps(part.to_vec(), 20),
        );
        faults.push(slow.hangs());
        let fast = Fault::steps(
            format!("endless and fast: {name}"),
            steps(part.repeat(4096), 0),
        );
        faults.push(fast.hangs());
    }
    faults
}

/// Good responses that come when the client has given up.
fn late() -> Vec<Fault> {
    let response = ok(&[], OWN);
    let (first, second) = response.split_at(response.len() - 5);
    let wait = Step::Pause(millis(500));
    let send = |bytes: &[u8]| Step::Send(bytes.to_vec());
    vec![
        Fault::steps(
            "a late response",
            vec![Step::ReadRequest, wait.clone(), send(&response)],
        )
        .hangs(),
        Fault::steps(
            "a late end",
            vec![Step::ReadRequest, send(first), wait.clone(), send(second)],
        )
        .hangs(),
        Fault::steps(
            "a late reset",
            vec![Step::ReadRequest, wait.clone(), Step::Reset],
        )
        .hangs(),
        Fault::steps(
            "a late reading",
            vec![Step::ReadHead, wait, Step::ReadRequest, send(&response)],
        )
        .hangs(),
    ]
}

/// Good responses that are slow, and arrive.
fn slow() -> Vec<Fault> {
    let response = ok(&[], OWN);
    let mut steps = vec![Step::ReadRequest];
    for part in response.chunks(24) {
        steps.extend([Step::Send(part.to_vec()), Step::Pause(millis(5))]);
    }
    let paused = vec![
        Step::ReadHead,
        Step::Pause(millis(20)),
        Step::ReadRequest,
        Step::Send(response),
    ];
    [("a slow response", steps), ("a slow reading", paused)]
        .map(|(name, steps)| Fault::new(name, Act::Steps(steps, Use::Any)).delivered())
        .to_vec()
}
