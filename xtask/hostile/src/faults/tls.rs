//! Handshakes that fail, certificates that are not to be trusted, and encrypted connections that break.

use intercom_wire::{Certificate, Greeting, Step};

use crate::fault::{Act, End, Fault, OWN, head, ok};

/// Alerts that a server may send instead of its part of the handshake.
const ALERTS: [(&str, u8); 16] = [
    ("close_notify", 0),
    ("unexpected_message", 10),
    ("bad_record_mac", 20),
    ("record_overflow", 22),
    ("handshake_failure", 40),
    ("bad_certificate", 42),
    ("certificate_expired", 45),
    ("unknown_ca", 48),
    ("access_denied", 49),
    ("protocol_version", 70),
    ("insufficient_security", 71),
    ("internal_error", 80),
    ("inappropriate_fallback", 86),
    ("user_canceled", 90),
    ("unrecognized_name", 112),
    ("no_application_protocol", 120),
];

const UNTRUSTED: [(&str, Certificate); 5] = [
    ("a certificate that is over", Certificate::Expired),
    ("a certificate that has not begun", Certificate::NotYetValid),
    (
        "a certificate of another authority",
        Certificate::OtherAuthority,
    ),
    ("a certificate of another host", Certificate::OtherHost),
    ("a certificate that signed itself", Certificate::SelfSigned),
];

/// Bytes instead of a handshake.
#[rustfmt::skip]
const BYTES: [(&str, &[u8]); 12] = [
    ("half of a record's head", b"\x16\x03"),
    ("an empty record", b"\x16\x03\x03\0\0"),
    ("a record of 64 KiB", b"\x16\x03\x03\xff\xffxxxx"),
    ("a record of another version", b"\x16\x09\x09\0\x04\x02\0\0\0"),
    ("a record of another kind", b"\x63\x03\x03\0\x01x"),
    ("data before the handshake", b"\x17\x03\x03\0\x02{}"),
    ("an empty server hello", b"\x16\x03\x03\0\x04\x02\0\0\0"),
    ("a server hello that is cut", b"\x16\x03\x03\0\x2a\x02\0\0\x26\x03\x03"),
    ("the hello of a client", b"\x16\x03\x01\0\x04\x01\0\0\0"),
    ("SSL 2", b"\x80\x2e\x01\0\x02\0\x15\0\0\0\x10"),
    ("a greeting of SSH", b"SSH-2.0-OpenSSH_9.6\r\n"),
    ("garbage", &[0xa5; 2048]),
];

const ENDS: [(&str, End); 3] = [
    ("closed", End::Close),
    ("broken", End::Break),
    ("reset", End::Reset),
];

pub(super) fn all() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, alert) in ALERTS {
        let level = if matches!(alert, 0 | 90) { 1 } else { 2 };
        let record = [0x15, 0x03, 0x03, 0, 2, level, alert];
        faults.push(raw(format!("the alert {name}"), &record, End::Close));
    }
    for (name, bytes) in BYTES {
        faults.push(raw(
            format!("{name} instead of a handshake"),
            bytes,
            End::Close,
        ));
    }
    faults.push(raw(
        "a plain response instead of a handshake",
        &ok(&[], OWN),
        End::Close,
    ));
    let many = [0x16, 3, 3, 0, 0].repeat(10_000);
    faults.push(raw("10,000 empty records", &many, End::Close));
    for (how, end) in ENDS {
        faults.push(raw(format!("no handshake, {how}"), b"", end));
        let steps: Vec<_> = end.step().into_iter().collect();
        faults.push(greeted(format!("{how} when it is accepted"), Greeting::None, steps).refused());
        faults.extend(broken(how, end));
    }
    faults.push(raw("silence instead of a handshake", b"", End::Stall).hangs());
    faults.push(
        raw(
            "silence in a handshake",
            b"\x16\x03\x03\0\x2a\x02",
            End::Stall,
        )
        .hangs(),
    );
    faults.extend(certificates());
    faults.extend(records());
    faults
}

fn greeted(name: impl Into<String>, greeting: Greeting, steps: Vec<Step>) -> Fault {
    Fault::new(name, Act::Greet(greeting, steps))
}

/// The response to the first message of the client is these bytes.
fn raw(name: impl Into<String>, bytes: &[u8], end: End) -> Fault {
    let mut steps = vec![Step::Await, Step::Send(bytes.to_vec())];
    steps.extend(end.step());
    greeted(name, Greeting::None, steps).refused()
}

fn certificates() -> Vec<Fault> {
    let steps = || vec![Step::ReadRequest, Step::Send(ok(&[], OWN))];
    let with = |name: &str, certificate| greeted(name, Greeting::Certificate(certificate), steps());
    let mut faults = UNTRUSTED
        .map(|(name, certificate)| with(name, certificate).refused())
        .to_vec();
    faults.push(with("a good certificate", Certificate::Good).delivered());
    faults.push(with("TLS 1.2", Certificate::Tls12).delivered());
    faults.push(with("TLS 1.3", Certificate::Tls13).delivered());
    faults.push(with("a certificate is asked for", Certificate::MutualTls).refused());
    faults
}

fn secure(name: impl Into<String>, steps: &[Step], end: End) -> Fault {
    let steps = steps.iter().cloned().chain(end.step()).collect();
    Fault::new(name, Act::Secure(steps)).refused()
}

/// Encrypted connections that end within a response.
fn broken(how: &str, end: End) -> Vec<Fault> {
    let open = [head("HTTP/1.1 200 OK", &[]), OWN.to_vec()].concat();
    let short = [
        head("HTTP/1.1 200 OK", &["Content-Length: 30"]),
        OWN.to_vec(),
    ]
    .concat();
    let send = |bytes: &[u8]| [Step::ReadRequest, Step::Send(bytes.to_vec())];
    let until_end = secure(format!("a body without a length, {how}"), &send(&open), end);
    // Only a `close_notify` proves that the body is complete.
    let until_end = if end == End::Close {
        until_end.delivered()
    } else {
        until_end
    };
    vec![
        until_end,
        secure(format!("a body that is short, {how}"), &send(&short), end),
        secure(format!("a whole body, {how}"), &send(&ok(&[], OWN)), end).delivered(),
        secure(format!("no response, {how}"), &[Step::ReadRequest], end),
    ]
}

/// Records that no peer has encrypted.
fn records() -> Vec<Fault> {
    let garbage = [&[0x17, 3, 3, 0, 32][..], &[0x5a; 32]].concat();
    let alert = [0x15, 3, 3, 0, 2, 2, 40];
    let plain = ok(&[], OWN);
    let half = ok(&[], OWN).split_off(0);
    let (first, _) = half.split_at(half.len() - 10);
    let send = |bytes: &[u8]| Step::Send(bytes.to_vec());
    let below = |bytes: &[u8]| Step::SendRaw(bytes.to_vec());
    let read = Step::ReadRequest;
    vec![
        secure(
            "a plain response below TLS",
            &[read.clone(), below(&plain)],
            End::Close,
        ),
        secure(
            "a record of garbage",
            &[read.clone(), below(&garbage)],
            End::Close,
        ),
        secure("a plain alert", &[read.clone(), below(&alert)], End::Close),
        secure(
            "a record of garbage in the body",
            &[read.clone(), send(first), below(&garbage)],
            End::Close,
        ),
        secure(
            "a plain alert in the body",
            &[read.clone(), send(first), below(&alert)],
            End::Close,
        ),
        secure(
            "half of a record",
            &[read.clone(), below(&[0x17, 3, 3, 1, 0, 1])],
            End::Break,
        ),
        secure(
            "half of a record in the body",
            &[read.clone(), send(first), below(&[0x17, 3, 3, 1, 0, 1])],
            End::Break,
        ),
        secure(
            "a record of 64 KiB",
            &[read.clone(), below(&[0x17, 3, 3, 0xff, 0xff, 1])],
            End::Close,
        ),
        secure("silence", &[Step::ReadRequest], End::Stall).hangs(),
        secure("silence in the body", &[read, send(first)], End::Stall).hangs(),
    ]
}
