//! Connections that end at each place of an exchange, in each way.

use intercom_wire::Step;

use crate::fault::{End, Fault, OWN, head, millis, ok};

/// Places within a good response. What a client has is never the whole response.
#[rustfmt::skip]
const PLACES: [(&str, usize); 9] = [
    ("before the response", 0),
    ("after a byte", 1),
    ("in the version", 6),
    ("in the status", 11),
    ("after the status line", 17),
    ("in a header", 24),
    ("before the last byte of the head", usize::MAX - 1),
    ("after the head", usize::MAX),
    ("before the last byte of the body", usize::MAX - 2),
];

const ENDS: [(&str, End); 3] = [
    ("closed", End::Close),
    ("broken", End::Break),
    ("reset", End::Reset),
];

pub(super) fn all() -> Vec<Fault> {
    let response = ok(&[], OWN);
    let body_at = response.len() - OWN.len();
    let mut faults = Vec::new();
    for (how, end) in ENDS {
        for (place, at) in PLACES {
            let length = match at {
                usize::MAX => body_at,
                at if at == usize::MAX - 1 => body_at - 1,
                at if at == usize::MAX - 2 => response.len() - 1,
                at => at,
            };
            let part = response.get(..length).unwrap_or_default();
            faults.push(cut(format!("{place}, {how}"), part, end));
        }
        faults.extend(requests(how, end));
        faults.push(later(how, end));
    }
    faults
}

/// The request is read, this part of the response is sent, and the connection ends.
fn cut(name: String, part: &[u8], end: End) -> Fault {
    let mut steps = vec![Step::ReadRequest];
    if !part.is_empty() {
        steps.push(Step::Send(part.to_vec()));
    }
    steps.extend(end.step());
    Fault::steps(name, steps)
}

/// The connection ends before the whole request is read, or is taken up at all.
fn requests(how: &str, end: End) -> Vec<Fault> {
    let ended = |steps: &[Step]| steps.iter().cloned().chain(end.step()).collect::<Vec<_>>();
    let at_once = Fault::steps(
        format!("when it is accepted, {how}"),
        ended(&[Step::Pause(millis(0))]),
    );
    vec![
        at_once,
        Fault::steps(
            format!("when the request arrives, {how}"),
            ended(&[Step::Await]),
        ),
        Fault::steps(
            format!("after the head of the request, {how}"),
            ended(&[Step::ReadHead]),
        ),
        Fault::idle(format!("while it is idle, {how}"), ended(&[])),
    ]
}

/// The connection ends shortly after the head.
fn later(how: &str, end: End) -> Fault {
    let length = format!("Content-Length: {}", OWN.len() + 1);
    let mut steps = vec![
        Step::ReadRequest,
        Step::Send(head("HTTP/1.1 200 OK", &[&length])),
        Step::Pause(millis(5)),
        Step::Send(OWN.to_vec()),
        Step::Pause(millis(5)),
    ];
    steps.extend(end.step());
    Fault::steps(
        format!("one byte before the end of the body, {how} later"),
        steps,
    )
}
