//! Finds or creates a contact over libcurl: a blocking transport on the crate `curl`.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run --manifest-path xtask/stacks/Cargo.toml --example curl_transport -- ada@example.org
//! ```
//!
//! For `https`, enable the feature `ssl` or `rustls` of `curl`.

use std::io::Read as _;
use std::time::Duration;

use curl::easy::{Easy2, Handler, HttpVersion, List, ReadError, WriteError};
use intercom_blocking::FaultKind::{Connect, Dns, Tls};
use intercom_blocking::bytes::Bytes;
use intercom_blocking::http::header::{HeaderName, HeaderValue};
use intercom_blocking::http::request::Parts;
use intercom_blocking::http::{Response, StatusCode};
use intercom_blocking::transport::{Incoming, MarkedBody, Outgoing, Reception, Transport};
use intercom_blocking::{ClientBuilder, Error, Fault, FaultKind, NewContact};

/// A transport on libcurl.
///
/// libcurl sends any request again, even a POST, if the server closes a connection that was used before. A new handle for each
/// request prevents this, because it has no such connection.
///
/// What libcurl does not tell: whether a request without a body was sent before a time-out. Its outcome is then unknown.
#[derive(Debug)]
pub struct CurlTransport;

impl Transport for CurlTransport {
    fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        let limits = [
            outgoing.timeout(),
            outgoing.connect_timeout(),
            outgoing.idle_timeout(),
        ];
        let (request, reception) = outgoing.into_parts();
        let (request, body) = request.into_parts();
        let mut easy = Easy2::new(Exchange {
            reception,
            body: MarkedBody::new(body),
            head: Response::default(),
            incoming: None,
        });
        prepare(&mut easy, &request, limits)
            .map_err(|error| Fault::not_sent(FaultKind::BadUri).with_source(error))?;
        let performed = easy.perform();

        let exchange = easy.get_mut();
        let body = &exchange.body;
        match (performed, exchange.incoming.take()) {
            (Ok(()), Some(incoming)) => incoming.finish(),
            // `write` has ended the transfer, because the rest is not needed.
            (Err(error), Some(incoming)) if error.is_write_error() => incoming.finish(),
            (Err(error), Some(incoming)) => Err(incoming.cut(kind(&error)).with_source(error)),
            // libcurl takes a close within the head for the end of the response.
            (Ok(()), None) => Err(Fault::outcome_unknown(FaultKind::Closed)),
            (Err(error), None) => Err(match kind(&error) {
                kind if !body.is_empty() && !body.is_begun() => Fault::not_sent(kind),
                kind @ (Connect | Dns | Tls) if body.is_empty() => Fault::not_sent(kind),
                kind => Fault::outcome_unknown(kind),
            }
            .with_source(error)),
        }
    }
}

/// What libcurl reads and writes during one exchange.
struct Exchange {
    reception: Reception,
    body: MarkedBody,
    /// The head as it arrives.
    head: Response<()>,
    /// The response, once its head is complete.
    incoming: Option<Incoming>,
}

impl Handler for Exchange {
    /// Called once libcurl has connected, and never before. So an unread body was not sent.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        self.body.read(buffer).map_err(|_| ReadError::Abort)
    }

    fn header(&mut self, line: &[u8]) -> bool {
        let line = line.trim_ascii();
        // libcurl passes interim responses too, each with a status line and an empty line. Lines after the body are trailers.
        if self.incoming.is_some() {
        } else if line.starts_with(b"HTTP/") {
            let code = line.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
            self.head = Response::default();
            *self.head.status_mut() = StatusCode::from_bytes(code).unwrap_or_default();
        } else if line.is_empty() && !self.head.status().is_informational() {
            let head = std::mem::take(&mut self.head);
            self.incoming = Some(self.reception.head(head));
        } else if let Some(colon) = line.iter().position(|byte| *byte == b':') {
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            if let (Ok(name), Ok(value)) = (name.try_into(), HeaderValue::from_bytes(value)) {
                self.head.headers_mut().append::<HeaderName>(name, value);
            }
        }
        true
    }

    fn write(&mut self, piece: &[u8]) -> Result<usize, WriteError> {
        let incoming = self.incoming.as_mut();
        let has_enough = incoming.is_some_and(|incoming| incoming.push(piece).is_break());
        // Another number than the length ends the transfer with an error.
        Ok(if has_enough { 0 } else { piece.len() })
    }
}

const TICK: Duration = Duration::from_millis(1);

/// Sets everything about the request. By default, libcurl follows no redirects.
fn prepare(
    easy: &mut Easy2<Exchange>,
    head: &Parts,
    [whole, connecting, idle]: [Option<Duration>; 3],
) -> Result<(), curl::Error> {
    // libcurl counts in milliseconds, and takes zero for its default.
    let limit = |limit: Option<Duration>| limit.map_or(Duration::ZERO, |limit| limit.max(TICK));
    easy.timeout(limit(whole))?;
    easy.connect_timeout(limit(connecting))?;
    // In a download, only a time without progress is limited.
    if let Some(idle) = idle {
        easy.low_speed_limit(1)?;
        easy.low_speed_time(idle.max(Duration::from_secs(1)))?;
    }
    easy.url(&head.uri.to_string())?;
    // Without this, libcurl uses the proxy that the environment names.
    easy.proxy("")?;
    easy.http_version(HttpVersion::V11)?;
    let mut list = List::new();
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        list.append(&format!("{name}: {value}"))?;
    }
    // A header without a value is one that libcurl leaves out.
    list.append("Expect:")?;
    let length = easy.get_ref().body.remaining();
    if length > 0 {
        easy.post(true)?;
        easy.post_field_size(length as u64)?;
    }
    easy.http_headers(list)?;
    easy.custom_request(head.method.as_str())
}

fn kind(error: &curl::Error) -> FaultKind {
    match error {
        error if error.is_operation_timedout() => FaultKind::Timeout,
        error if error.is_couldnt_resolve_host() => Dns,
        error if error.is_couldnt_connect() => Connect,
        error if error.is_ssl_connect_error() || error.is_peer_failed_verification() => Tls,
        _ => FaultKind::Closed,
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
    let client = ClientBuilder::from_env()?.build_with(CurlTransport)?;
    let contact = NewContact::user().email(&email);
    let outcome = client.contacts().find_or_create(&contact)?;
    println!("{email} is contact {}", outcome.contact().id());
    Ok(())
}
