//! Finds or creates a contact over attohttpc: a blocking transport on a small HTTP library.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run --manifest-path xtask/stacks/Cargo.toml --example attohttpc_transport -- ada@example.org
//! ```
//!
//! For `https`, enable one of the `tls-rustls` features of `attohttpc`.

use std::io::{self, ErrorKind, Read as _, Write};

use attohttpc::body::{Body, BodyKind};
use attohttpc::{PreparedRequest, ProxySettings, RequestBuilder};
use intercom_blocking::bytes::Bytes;
use intercom_blocking::http::{Response, StatusCode};
use intercom_blocking::transport::{MarkedBody, Outgoing, Reception, Transport};
use intercom_blocking::{ClientBuilder, Error, Fault, FaultKind, NewContact};

/// A transport on attohttpc, which makes a connection for each request.
///
/// What attohttpc does not tell: whether a request without a body was sent, unless the connection was refused. Its outcome is
/// then unknown. The same holds for a request that gets an interim (1xx) response. The lookup of a host name has no time limit.
#[derive(Debug)]
pub struct AttohttpcTransport;

impl Transport for AttohttpcTransport {
    fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        let (mut request, reception) = prepare(outgoing)
            .map_err(|error| Fault::not_sent(FaultKind::BadUri).with_source(error))?;
        let sent = request.send();
        let response = sent.map_err(|error| without_response(&request, error))?;

        let (status, headers, mut body) = response.split();
        // attohttpc reads one head only, so the response that follows an interim one is lost.
        if status.is_informational() {
            return Err(Fault::outcome_unknown(FaultKind::Protocol));
        }
        let mut head = Response::new(());
        *head.status_mut() = status;
        *head.headers_mut() = headers;
        let mut incoming = reception.head(head);
        // attohttpc would wait for a body.
        if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
            return incoming.finish();
        }
        let mut piece = [0; 8 * 1024];
        loop {
            match body.read(&mut piece) {
                Ok(0) => return incoming.finish(),
                Ok(length) if incoming.push(&piece[..length]).is_continue() => {}
                Ok(_) => return incoming.finish(),
                Err(error) => return Err(incoming.cut(io_kind(&error)).with_source(error)),
            }
        }
    }
}

/// A body that shows whether attohttpc began to send it.
struct Marked(MarkedBody);

impl Body for Marked {
    fn kind(&mut self) -> io::Result<BodyKind> {
        Ok(match self.0.remaining() {
            0 => BodyKind::Empty,
            length => BodyKind::KnownLength(length as u64),
        })
    }

    /// Called once attohttpc has connected, and never before.
    fn write<W: Write>(&mut self, mut writer: W) -> io::Result<()> {
        io::copy(&mut self.0, &mut writer).map(drop)
    }
}

fn prepare(outgoing: Outgoing) -> attohttpc::Result<(PreparedRequest<Marked>, Reception)> {
    let (timeout, connect_timeout) = (outgoing.timeout(), outgoing.connect_timeout());
    // In a download, only the time between two reads is limited.
    let read_timeout = outgoing.idle_timeout().or(timeout);
    let (request, reception) = outgoing.into_parts();
    let (head, body) = request.into_parts();
    let mut builder = RequestBuilder::try_new(head.method, head.uri.to_string())?
        .follow_redirects(false)
        // Without this, attohttpc uses the proxy that the environment names.
        .proxy_settings(ProxySettings::builder().build())
        .max_headers(128);
    if let Some(limit) = timeout {
        builder = builder.timeout(limit);
    }
    if let Some(limit) = read_timeout {
        builder = builder.read_timeout(limit);
    }
    // `timeout` counts from the first connection on, so connecting needs a limit of its own.
    if let Some(limit) = connect_timeout.into_iter().chain(timeout).min() {
        builder = builder.connect_timeout(limit);
    }
    let mut builder = builder.body(Marked(MarkedBody::new(body)));
    builder.headers_mut().extend(head.headers);
    Ok((builder.try_prepare()?, reception))
}

fn without_response(request: &PreparedRequest<Marked>, error: attohttpc::Error) -> Fault {
    let body = &request.body().0;
    let kind = match error.kind() {
        attohttpc::ErrorKind::Io(error) => io_kind(error),
        attohttpc::ErrorKind::InvalidResponse(_) => FaultKind::Protocol,
        attohttpc::ErrorKind::TlsDisabled => FaultKind::Tls,
        _ => FaultKind::Other,
    };
    let is_unsent = match body.is_empty() {
        false => !body.is_begun(),
        true => matches!(kind, FaultKind::Connect | FaultKind::Tls),
    };
    match is_unsent {
        true => Fault::not_sent(kind).with_source(error),
        false => Fault::outcome_unknown(kind).with_source(error),
    }
}

fn io_kind(error: &io::Error) -> FaultKind {
    match error.kind() {
        ErrorKind::ConnectionRefused => FaultKind::Connect,
        // What a socket reports after its read time-out.
        ErrorKind::TimedOut | ErrorKind::WouldBlock => FaultKind::Timeout,
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe => FaultKind::Closed,
        _ => FaultKind::Other,
    }
}

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Error> {
    let email = std::env::args().nth(1);
    let email = email.unwrap_or_else(|| "ada@example.org".to_owned());
    let client = ClientBuilder::from_env()?.build_with(AttohttpcTransport)?;
    let contact = NewContact::user().email(&email);
    let outcome = client.contacts().find_or_create(&contact)?;
    println!("{email} is contact {}", outcome.contact().id());
    Ok(())
}
