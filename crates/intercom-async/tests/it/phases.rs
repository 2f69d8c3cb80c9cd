//! What each transport says of every way an exchange can go wrong, over real sockets.
//!
//! The table is the promise "nothing is done twice by accident" at its root: whatever is called `not_sent` here will be
//! sent again, a write too.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use intercom_async::protocol::{Outgoing, Phase, bytes::Bytes, http};
use intercom_wire::{Behaviour, WireServer};

use crate::transports::{AnyTransport, Outcome};

/// Far longer than anything here takes that is not meant to run out.
const LONG: Duration = Duration::from_secs(30);

/// The limits tried, one after the other, where one has to run out at a certain moment: a machine that is busy may spend
/// a short one before that moment comes, which is then rightly told otherwise.
const SHORT: [Duration; 3] = [
    Duration::from_millis(150),
    Duration::from_secs(1),
    Duration::from_secs(6),
];

const SECRET: &str = "tok:planted-secret";

/// What runs out in a row of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Limit {
    Nothing,
    Connecting,
    Whole,
}

/// One row: how the server behaves, and what ureq, hyper and reqwest say of a POST with a body and of a GET without.
///
/// A cell may allow several words, one of which a race decides: `a | b`.
struct Row {
    behaviour: Behaviour,
    limit: Limit,
    /// Requests the server has read when all is over; the ones before the last included.
    read: usize,
    post: [&'static str; 3],
    get: [&'static str; 3],
}

fn row(
    behaviour: Behaviour,
    limit: Limit,
    read: usize,
    post: [&'static str; 3],
    get: [&'static str; 3],
) -> Row {
    Row {
        behaviour,
        limit,
        read,
        post,
        get,
    }
}

const fn all(cell: &'static str) -> [&'static str; 3] {
    [cell; 3]
}

#[rustfmt::skip]
fn table() -> Vec<Row> {
    use Behaviour as B;
    use Limit::{Connecting, Nothing, Whole};

    // hyper's connection may notice the close before it takes up the request.
    let raced = ["outcome_unknown closed", "outcome_unknown closed | not_sent closed", "outcome_unknown closed | not_sent closed"];
    // ureq names either of the two limits that run out at the same moment.
    let named = ["outcome_unknown timeout | not_sent timeout", "outcome_unknown timeout", "outcome_unknown timeout"];
    // ureq says the same of a close during the handshake and of one after the request.
    let alike = ["outcome_unknown closed", "not_sent tls", "not_sent tls"];
    // hyper alone lets us count interim responses.
    let counted = ["outcome_unknown timeout", "outcome_unknown protocol", "outcome_unknown timeout"];

    vec![
        row(B::Refused, Nothing, 0, all("not_sent connect"), all("not_sent connect")),
        row(B::UnknownHost, Nothing, 0, all("not_sent dns"), all("not_sent dns")),
        row(B::ConnectStalled, Connecting, 0, all("not_sent timeout"), all("not_sent timeout")),
        row(B::ConnectStalled, Whole, 0, all("not_sent timeout"), named),
        row(B::TlsClosed, Nothing, 0, all("not_sent tls"), alike),
        row(B::TlsStalled, Connecting, 0, all("not_sent timeout"), all("not_sent timeout")),
        row(B::TlsStalled, Whole, 0, all("not_sent timeout"), all("outcome_unknown timeout")),
        row(B::BadCertificate, Nothing, 0, all("not_sent bad_certificate"), all("not_sent bad_certificate")),
        row(B::ClosedOnAccept, Nothing, 0, raced, all("outcome_unknown closed")),
        row(B::ClosedAfterRequest, Nothing, 1, all("outcome_unknown closed"), all("outcome_unknown closed")),
        row(B::PartialHead, Nothing, 1, all("outcome_unknown closed"), all("outcome_unknown closed")),
        row(B::GarbageHead, Nothing, 1, all("outcome_unknown protocol"), all("outcome_unknown protocol")),
        row(B::InterimHead, Nothing, 1, all("outcome_unknown closed"), all("outcome_unknown closed")),
        row(interim_then_silence(100), Whole, 1, all("outcome_unknown timeout"), all("outcome_unknown timeout")),
        row(interim_then_silence(101), Whole, 1, counted, counted),
        row(B::StalledHead, Whole, 1, all("outcome_unknown timeout"), all("outcome_unknown timeout")),
        row(B::PartialBody { status: 200 }, Nothing, 1, all("cut closed 200"), all("cut closed 200")),
        row(B::PartialBody { status: 429 }, Nothing, 1, all("cut closed 429"), all("cut closed 429")),
        row(B::StalledBody { status: 200 }, Whole, 1, all("cut timeout 200"), all("cut timeout 200")),
        row(B::StalledBody { status: 503 }, Whole, 1, all("cut timeout 503"), all("cut timeout 503")),
        row(B::ClosedBeforeSecondRequest, Nothing, 1, all("outcome_unknown closed"), all("outcome_unknown closed")),
        row(B::ClosedAfterSecondRequest, Nothing, 2, all("outcome_unknown closed"), all("outcome_unknown closed")),
        row(B::response("{}"), Nothing, 1, all("answer 200"), all("answer 200")),
    ]
}

fn interim_then_silence(count: usize) -> Behaviour {
    Behaviour::Response(b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(count))
}

/// Whether a first exchange has to bring the connection into the pool.
fn is_pooled(behaviour: &Behaviour) -> bool {
    matches!(
        behaviour,
        Behaviour::ClosedBeforeSecondRequest | Behaviour::ClosedAfterSecondRequest
    )
}

#[test]
fn every_transport_tells_what_was_sent() {
    let told = thread::scope(|scope| {
        let rows: Vec<_> = table()
            .into_iter()
            .map(|row| scope.spawn(move || told_of(&row)))
            .collect();
        rows.into_iter()
            .map(|row| row.join().unwrap())
            .collect::<Vec<_>>()
    });
    let wrong = told
        .iter()
        .flatten()
        .filter(|cell| cell.complaint.is_some())
        .count();
    assert_eq!(wrong, 0, "\n{}", render(&told));
}

struct Cell {
    title: String,
    told: String,
    complaint: Option<String>,
}

fn told_of(row: &Row) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (method, expected) in [
        (http::Method::POST, &row.post),
        (http::Method::GET, &row.get),
    ] {
        for (transport, expected) in AnyTransport::all().iter().zip(expected) {
            let limits: &[Duration] = if row.limit == Limit::Nothing {
                &[LONG]
            } else {
                &SHORT
            };
            let mut told = (String::new(), None);
            for limit in limits {
                told = exchange(row, transport, &method, expected, *limit);
                if told.1.is_none() {
                    break;
                }
            }
            cells.push(Cell {
                title: format!(
                    "{:.40} {:?} {method} {}",
                    name(&row.behaviour),
                    row.limit,
                    transport.name()
                ),
                told: told.0,
                complaint: told.1,
            });
        }
    }
    cells
}

/// One exchange (after one that fills the pool, where that is the point), and what is wrong with what was told of it.
fn exchange(
    row: &Row,
    transport: &AnyTransport,
    method: &http::Method,
    expected: &str,
    limit: Duration,
) -> (String, Option<String>) {
    let server = WireServer::start(row.behaviour.clone()).unwrap();
    let outgoing = || {
        let outgoing = Outgoing::new(request(method, server.url()));
        match row.limit {
            Limit::Nothing => outgoing.with_timeout(LONG),
            Limit::Connecting => outgoing.with_timeout(LONG).with_connect_timeout(limit),
            Limit::Whole => outgoing.with_timeout(limit),
        }
    };
    let outcome = if is_pooled(&row.behaviour) {
        let (first, second) = transport.send_twice(outgoing(), outgoing());
        assert_eq!(
            tell(&first),
            "answer 200",
            "the exchange that fills the pool"
        );
        second
    } else {
        transport.send(outgoing())
    };
    let told = tell(&outcome);
    let read = server.requests();
    let complaint = if !expected.split(" | ").any(|expected| expected == told) {
        Some(format!("expected {expected}"))
    } else if read != row.read {
        Some(format!("the server read {read} requests, not {}", row.read))
    } else {
        outcome.err().and_then(|fault| complaint_about(&fault))
    };
    (told, complaint)
}

fn name(behaviour: &Behaviour) -> String {
    match behaviour {
        Behaviour::Response(_) => "Answer".to_owned(),
        behaviour => format!("{behaviour:?}"),
    }
}

fn request(method: &http::Method, url: &str) -> http::Request<Bytes> {
    let body = if method == http::Method::POST {
        r#"{"role":"user"}"#
    } else {
        ""
    };
    let mut token = http::HeaderValue::from_str(&format!("Bearer {SECRET}")).unwrap();
    token.set_sensitive(true);
    http::Request::builder()
        .method(method)
        .uri(format!("{url}/contacts"))
        .header(http::header::AUTHORIZATION, token)
        .header(http::header::ACCEPT, "application/json")
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

fn tell(outcome: &Outcome) -> String {
    match outcome {
        Ok(response) => format!("answer {}", response.status().as_u16()),
        Err(fault) => {
            let mut told = format!("{} {}", fault.phase().as_str(), fault.kind().as_str());
            if let Some(answer) = fault.response() {
                let _ = write!(told, " {}", answer.status());
            }
            told
        }
    }
}

/// What a fault must have, and must not have, whatever it is.
fn complaint_about(fault: &intercom_async::protocol::Fault) -> Option<String> {
    if fault.phase() == Phase::Cut {
        let answer = fault.response()?;
        if answer.request_id() != Some(Behaviour::REQUEST_ID) {
            return Some(format!("request id lost: {:?}", answer.request_id()));
        }
        if answer.body().bytes() != Behaviour::HALF_BODY.as_bytes() {
            return Some(format!("prefix lost: {:?}", answer.body()));
        }
    }
    let mut text = format!("{fault} {fault:?}");
    let mut source = fault.source();
    while let Some(error) = source {
        let _ = write!(text, " {error} {error:?}");
        source = error.source();
    }
    text.contains("planted")
        .then(|| format!("the token is told: {text}"))
}

fn render(told: &[Vec<Cell>]) -> String {
    let mut text = String::new();
    for cell in told.iter().flatten() {
        let complaint = cell
            .complaint
            .as_deref()
            .map(|text| format!("   <-- {text}"))
            .unwrap_or_default();
        let _ = writeln!(text, "{:<52} {}{complaint}", cell.title, cell.told);
    }
    text
}
