//! What each transport reports for every way an exchange can fail, over real sockets.
//!
//! The promise "nothing is done twice by accident" depends on this table: a request that is reported as `not_sent` is retried,
//! even a write.

use std::error::Error as StdError;
use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use intercom_async::protocol::{Outgoing, Phase, bytes::Bytes, http};
use intercom_wire::{Behaviour, WireServer};

use crate::tower::OnTower;
use crate::transports::{AnyTransport, Outcome};

/// Far longer than any exchange here that is not meant to time out.
const LONG: Duration = Duration::from_secs(30);

/// Limits for exchanges that have to time out at a certain stage, tried one after the other.
///
/// A busy machine may spend a short limit before it reaches that stage, and then the report is rightly another one.
const SHORT: [Duration; 3] = [
    Duration::from_millis(150),
    Duration::from_secs(1),
    Duration::from_secs(6),
];

const SECRET: &str = "tok:planted-secret";

/// Which limit ends the exchange in a row of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Limit {
    Nothing,
    Connecting,
    Whole,
}

/// One row: how the server behaves, and what ureq, hyper and reqwest report for a POST with a body and for a GET without one.
///
/// Both versions of reqwest report the same. The tower layer reports what hyper does.
///
/// A cell may allow several reports, if a race decides between them: `a | b`.
struct Row {
    behaviour: Behaviour,
    limit: Limit,
    /// How many requests the server has read in the end, including earlier ones.
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

    // hyper's connection may notice the close before it takes the request.
    let raced = ["outcome_unknown closed", "outcome_unknown closed | not_sent closed", "outcome_unknown closed | not_sent closed"];
    // ureq reports either of the two limits if they end at the same time.
    let named = ["outcome_unknown timeout | not_sent timeout", "outcome_unknown timeout", "outcome_unknown timeout"];
    // ureq reports a close during the handshake like one after the request.
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
        row(B::response("{}"), Nothing, 1, all("response 200"), all("response 200")),
    ]
}

fn interim_then_silence(count: usize) -> Behaviour {
    Behaviour::Response(b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(count))
}

/// Whether a first exchange has to put the connection into the pool.
fn is_pooled(behaviour: &Behaviour) -> bool {
    matches!(
        behaviour,
        Behaviour::ClosedBeforeSecondRequest | Behaviour::ClosedAfterSecondRequest
    )
}

#[test]
fn every_transport_reports_what_was_sent() {
    let reports = thread::scope(|scope| {
        let rows: Vec<_> = table()
            .into_iter()
            .map(|row| scope.spawn(move || reports(&row)))
            .collect();
        rows.into_iter()
            .map(|row| row.join().unwrap())
            .collect::<Vec<_>>()
    });
    let wrong = reports
        .iter()
        .flatten()
        .filter(|cell| cell.complaint.is_some())
        .count();
    assert_eq!(wrong, 0, "\n{}", render(&reports));
}

struct Cell {
    title: String,
    report: String,
    complaint: Option<String>,
}

fn reports(row: &Row) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (method, expected) in [
        (http::Method::POST, &row.post),
        (http::Method::GET, &row.get),
    ] {
        let [ureq, hyper, reqwest] = *expected;
        // In a call, the time-out of connecting is never longer than the whole time-out.
        let on_tower = match row.limit {
            Limit::Whole if row.read == 0 => "not_sent timeout",
            _ => hyper,
        };
        let expected = [ureq, hyper, reqwest, reqwest, on_tower];
        let tower = AnyTransport::on_runtime("tower", Box::new(OnTower::default()));
        let transports = AnyTransport::all().into_iter().chain([tower]);
        for (transport, expected) in transports.zip(expected) {
            let transport = &transport;
            let limits: &[Duration] = if row.limit == Limit::Nothing {
                &[LONG]
            } else {
                &SHORT
            };
            let mut reported = (String::new(), None);
            for limit in limits {
                reported = exchange(row, transport, &method, expected, *limit);
                if reported.1.is_none() {
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
                report: reported.0,
                complaint: reported.1,
            });
        }
    }
    cells
}

/// Makes one exchange, after one that fills the pool if the row needs that. Returns the report, and what is wrong with it.
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
            report(&first),
            "response 200",
            "the exchange that fills the pool"
        );
        second
    } else {
        transport.send(outgoing())
    };
    let report = report(&outcome);
    let read = server.requests();
    let complaint = if !expected.split(" | ").any(|expected| expected == report) {
        Some(format!("expected {expected}"))
    } else if read != row.read {
        Some(format!("the server read {read} requests, not {}", row.read))
    } else {
        outcome.err().and_then(|fault| complaint_about(&fault))
    };
    (report, complaint)
}

fn name(behaviour: &Behaviour) -> String {
    match behaviour {
        Behaviour::Response(_) => "Response".to_owned(),
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

fn report(outcome: &Outcome) -> String {
    match outcome {
        Ok(response) => format!("response {}", response.status().as_u16()),
        Err(fault) => {
            let mut report = format!("{} {}", fault.phase().as_str(), fault.kind().as_str());
            if let Some(response) = fault.response() {
                let _ = write!(report, " {}", response.status());
            }
            report
        }
    }
}

/// Checks what every fault must contain, and must not contain.
fn complaint_about(fault: &intercom_async::protocol::Fault) -> Option<String> {
    if fault.phase() == Phase::Cut {
        let response = fault.response()?;
        if response.request_id() != Some(Behaviour::REQUEST_ID) {
            return Some(format!("request id lost: {:?}", response.request_id()));
        }
        if response.body().bytes() != Behaviour::HALF_BODY.as_bytes() {
            return Some(format!("prefix lost: {:?}", response.body()));
        }
    }
    let mut text = format!("{fault} {fault:?}");
    let mut source = fault.source();
    while let Some(error) = source {
        let _ = write!(text, " {error} {error:?}");
        source = error.source();
    }
    text.contains("planted")
        .then(|| format!("the token is shown: {text}"))
}

fn render(reports: &[Vec<Cell>]) -> String {
    let mut text = String::new();
    for cell in reports.iter().flatten() {
        let complaint = cell
            .complaint
            .as_deref()
            .map(|text| format!("   <-- {text}"))
            .unwrap_or_default();
        let _ = writeln!(text, "{:<52} {}{complaint}", cell.title, cell.report);
    }
    text
}
