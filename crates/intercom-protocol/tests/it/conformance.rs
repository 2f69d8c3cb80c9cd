//! The test kit: a correct driver passes it, and each planted mistake is found.

#![expect(
    clippy::disallowed_methods,
    reason = "a driver reads the clocks and sleeps"
)]
#![expect(
    clippy::indexing_slicing,
    reason = "the lengths come from the buffer itself"
)]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use intercom_protocol::conformance::{self, Report};
use intercom_protocol::{
    ApiRequest, Call, Config, Error, Fault, FaultKind, Incoming, Moment, Outgoing, Reply, Step,
    Tick, UnixTime,
};

type Outcome = Result<Response<Bytes>, Fault>;

/// A mistake that an adapter can make.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mistake {
    None,
    /// Every fault means that nothing was sent.
    AlwaysNotSent,
    /// Every fault means that the outcome is unknown.
    NeverNotSent,
    /// The second attempt has no body.
    BodyTakenOnce,
    /// The request is built again, without the caller's headers.
    Rebuilt,
    /// Every step gets the time of the first.
    FrozenClock,
    /// Waits are not slept.
    NoSleep,
    /// The wall clock counts milliseconds as seconds.
    WrongUnit,
    /// A 4xx or 5xx is a fault.
    StatusIsFault,
    /// A redirect is followed, with all headers.
    FollowsRedirects,
    /// What arrived before the end of the connection is the whole body.
    EndIsWhole,
    /// The first interim response is the response.
    InterimIsResponse,
    /// The time-out is ignored.
    NoTimeout,
    /// The library sends a request again when the connection closes.
    LibraryRetries,
}

/// A driver on plain sockets, with one mistake.
fn driver(mistake: Mistake, config: Config, request: ApiRequest) -> Result<Reply, Error> {
    let connection = config.build()?;
    let started = Instant::now();
    let now = || {
        let elapsed = match mistake {
            Mistake::FrozenClock => Duration::ZERO,
            _ => started.elapsed(),
        };
        let wall = UnixTime::try_from(SystemTime::now()).unwrap();
        let wall = match mistake {
            Mistake::WrongUnit => UnixTime::from_secs(wall.since_epoch().as_secs() / 1000).unwrap(),
            _ => wall,
        };
        Moment::new(Tick::new(elapsed)).with_wall(wall)
    };
    let mut sent = 0;
    let mut call = Call::new(&connection, request, now());
    // A driver with a frozen clock would otherwise never end.
    for _ in 0..1_000 {
        match call.next(now()) {
            Step::Authorize(_) => call.authorized(Err("no token provider".into()), now()),
            Step::Admit(ask) => call.admitted(ask.free(), now()),
            Step::Send(outgoing) => {
                sent += 1;
                call.received(exchange(mistake, outgoing, sent), now());
            }
            Step::Sleep(_) if mistake == Mistake::NoSleep => {}
            Step::Sleep(_) if mistake == Mistake::FrozenClock => {
                thread::sleep(Duration::from_millis(1));
            }
            Step::Sleep(duration) => thread::sleep(duration),
            Step::Done(result) => return result,
        }
    }
    Err(Error::configuration("driver", "the call does not end"))
}

fn exchange(mistake: Mistake, outgoing: Outgoing, sent: u32) -> Outcome {
    let mut fault = match attempt(mistake, &outgoing, sent) {
        Err(fault) => fault,
        Ok(response) => return Ok(response),
    };
    if mistake == Mistake::LibraryRetries && fault.kind() == FaultKind::Closed {
        fault = match attempt(mistake, &outgoing, sent) {
            Err(fault) => fault,
            Ok(response) => return Ok(response),
        };
    }
    match mistake {
        Mistake::AlwaysNotSent => Err(Fault::not_sent(fault.kind())),
        Mistake::NeverNotSent => Err(Fault::outcome_unknown(fault.kind())),
        _ => Err(fault),
    }
}

fn attempt(mistake: Mistake, outgoing: &Outgoing, sent: u32) -> Outcome {
    let request = outgoing.request();
    let unsent = |error: io::Error| Fault::not_sent(kind(&error));
    if request.uri().scheme_str() == Some("https") {
        return Err(Fault::not_sent(FaultKind::Tls));
    }
    let authority = request.uri().authority().unwrap().as_str();
    let mut stream = TcpStream::connect(authority).map_err(unsent)?;
    let limit = match mistake {
        Mistake::NoTimeout => None,
        _ => outgoing.timeout(),
    };
    stream.set_read_timeout(limit).map_err(unsent)?;
    let lost = |error: io::Error| Fault::outcome_unknown(kind(&error));
    stream
        .write_all(&written(mistake, request, sent))
        .map_err(lost)?;
    read(mistake, outgoing, BufReader::new(stream))
}

fn written(mistake: Mistake, request: &Request<Bytes>, sent: u32) -> Vec<u8> {
    let target = request.uri().path_and_query().unwrap();
    let host = request.uri().authority().unwrap();
    let mut head = format!("{} {target} HTTP/1.1\r\nHost: {host}\r\n", request.method());
    for (name, value) in request.headers() {
        if mistake == Mistake::Rebuilt && sent > 1 && name.as_str().starts_with("x-") {
            continue;
        }
        let taken = mistake == Mistake::BodyTakenOnce && sent > 1;
        let value = match name.as_str() {
            "content-length" if taken => "0",
            _ => value.to_str().unwrap(),
        };
        head += &format!("{name}: {value}\r\n");
    }
    let mut bytes = (head + "\r\n").into_bytes();
    if mistake != Mistake::BodyTakenOnce || sent == 1 {
        bytes.extend_from_slice(request.body());
    }
    bytes
}

fn read(mistake: Mistake, outgoing: &Outgoing, mut reader: BufReader<TcpStream>) -> Outcome {
    let lost = |error: io::Error| Fault::outcome_unknown(kind(&error));
    let head = loop {
        let head = read_head(&mut reader).map_err(lost)?;
        if !head.status().is_informational() || mistake == Mistake::InterimIsResponse {
            break head;
        }
    };
    if mistake == Mistake::StatusIsFault && head.status().as_u16() >= 400 {
        return Err(Fault::outcome_unknown(FaultKind::Other));
    }
    let location = head.headers().get("location");
    if let Some(location) = location.filter(|_| mistake == Mistake::FollowsRedirects) {
        let mut request = outgoing.request().clone();
        *request.uri_mut() = location.to_str().unwrap().parse().unwrap();
        return attempt(mistake, &Outgoing::new(request), 1);
    }
    let header = |name| {
        head.headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let chunked = header("transfer-encoding").is_some();
    let length = header("content-length").and_then(|length| length.parse().ok());
    let length = match head.status().as_u16() {
        204 => Some(0),
        _ => length,
    };
    let (_, reception) = outgoing.clone().into_parts();
    let mut incoming = reception.head(head);
    let read = match chunked {
        true => read_chunks(&mut reader, &mut incoming),
        false => read_plain(&mut reader, length, &mut incoming),
    };
    match read {
        Err(_) if mistake == Mistake::EndIsWhole => incoming.finish(),
        Err(error) => Err(incoming.cut(kind(&error))),
        Ok(()) => incoming.finish(),
    }
}

fn read_head(reader: &mut impl BufRead) -> io::Result<Response<()>> {
    let mut text = String::new();
    while !text.ends_with("\r\n\r\n") {
        if reader.read_line(&mut text)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let mut lines = text.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let mut response = Response::builder().status(status);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        response = response.header(name, value);
    }
    Ok(response.body(()).unwrap())
}

/// Reads a body of this length, or up to the end of the connection.
fn read_plain(
    reader: &mut impl Read,
    length: Option<usize>,
    incoming: &mut Incoming,
) -> io::Result<()> {
    let mut left = length.unwrap_or(usize::MAX);
    let mut piece = [0; 4096];
    while left > 0 {
        let most = left.min(piece.len());
        let read = reader.read(&mut piece[..most])?;
        if read == 0 && length.is_some() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if read == 0 || incoming.push(&piece[..read]).is_break() {
            return Ok(());
        }
        left -= read;
    }
    Ok(())
}

fn read_chunks(reader: &mut impl BufRead, incoming: &mut Incoming) -> io::Result<()> {
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let length = usize::from_str_radix(line.trim(), 16).unwrap();
        read_plain(reader, Some(length), incoming)?;
        reader.read_line(&mut String::new())?;
        if length == 0 {
            return Ok(());
        }
    }
}

fn kind(error: &io::Error) -> FaultKind {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => FaultKind::Timeout,
        io::ErrorKind::ConnectionRefused => FaultKind::Connect,
        _ => FaultKind::Closed,
    }
}

fn report(mistake: Mistake) -> Report {
    conformance::run(move |config, request| driver(mistake, config, request))
}

#[test]
fn a_correct_driver_passes() {
    let report = report(Mistake::None);
    assert!(report.is_ok(), "{report}");
}

#[test]
fn every_planted_mistake_is_found() {
    use Mistake as M;
    let planted = [
        (
            M::AlwaysNotSent,
            "a write that was sent is never sent again",
        ),
        (M::NeverNotSent, "a write that was not sent is sent again"),
        (M::BodyTakenOnce, "a retry sends the same request"),
        (M::Rebuilt, "a retry sends the same request"),
        (M::FrozenClock, "a deadline ends the call"),
        (M::NoSleep, "a wait is slept"),
        (M::WrongUnit, "the wall clock is right"),
        (M::StatusIsFault, "a response of any status is a response"),
        (M::FollowsRedirects, "no redirect is followed"),
        (M::EndIsWhole, "a chunked body that breaks off is cut"),
        (M::InterimIsResponse, "interim responses are skipped"),
        (M::NoTimeout, "silence ends at the time-out"),
        (
            M::LibraryRetries,
            "a write that was sent is never sent again",
        ),
    ];
    let reports =
        planted.map(|(mistake, case)| (mistake, case, thread::spawn(move || report(mistake))));
    for (mistake, case, report) in reports {
        let report = report.join().unwrap();
        let found: Vec<_> = report.failures().map(|(case, _)| case.name).collect();
        assert!(found.contains(&case), "{mistake:?}: {found:?}");
    }
}

#[test]
fn a_report_names_the_case_the_problem_and_the_usual_mistake() {
    let text = report(Mistake::FollowsRedirects).to_string();
    assert!(text.starts_with("1 of 20 cases failed\n"), "{text}");
    let lines: Vec<_> = text
        .lines()
        .skip_while(|line| !line.starts_with("FAILED"))
        .take(3)
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
