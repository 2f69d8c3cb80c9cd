//! Turns ureq's errors into faults.

use std::error::Error as StdError;
use std::io;

use intercom_protocol::{Fault, FaultKind, Incoming};
use ureq::{Error, Timeout};

use super::broken::unwrapped;
use crate::transport::MarkedBody;

/// Makes the fault of an exchange that ended before the head of a response arrived.
///
/// The body shows whether the request was sent. Without a body, the error decides.
pub(super) fn without_response(error: Error, body: &MarkedBody) -> Fault {
    let error = original(error);
    let unsent = if body.is_empty() {
        read(&error, false).1
    } else {
        !body.is_begun()
    };
    let (kind, _) = read(&error, unsent);
    let fault = if unsent {
        Fault::not_sent(kind)
    } else {
        Fault::outcome_unknown(kind)
    };
    fault.with_source(source(error))
}

/// Makes the fault of a response whose body could not be read to its end.
pub(super) fn of_cut_response(error: Error, incoming: Incoming) -> Fault {
    let error = original(error);
    let (kind, _) = read(&error, false);
    incoming.cut(kind).with_source(source(error))
}

/// Returns the error as the connection reported it.
fn original(error: Error) -> Error {
    match error {
        Error::Io(error) => Error::Io(unwrapped(error)),
        error => error,
    }
}

/// Returns what broke, and whether that can happen only before the first byte of a request is sent (`false` if unsure).
///
/// `unsent` says that the request is known not to have been sent.
fn read(error: &Error, unsent: bool) -> (FaultKind, bool) {
    match error {
        Error::BadUri(_) | Error::RequireHttpsOnly(_) => (FaultKind::BadUri, true),
        // The connection closed in the middle of a line between two chunks.
        Error::BodyStalled => (FaultKind::Closed, false),
        Error::ConnectProxyFailed(_) | Error::ConnectionFailed => (FaultKind::Connect, true),
        Error::HostNotFound => (FaultKind::Dns, true),
        Error::Http(_) => (FaultKind::Other, true),
        Error::LargeResponseHeader(..) | Error::Protocol(_) => (FaultKind::Protocol, false),
        Error::Timeout(Timeout::Connect | Timeout::Resolve) => (FaultKind::Timeout, true),
        Error::Timeout(_) => (FaultKind::Timeout, false),
        Error::Tls(_) | Error::TlsRequired => (FaultKind::Tls, true),
        #[cfg(feature = "rustls")]
        Error::Rustls(_) => (FaultKind::Tls, true),
        Error::Io(error) => read_io(error, unsent),
        _ => (FaultKind::Other, false),
    }
}

/// Reads an I/O error. Only `unsent` distinguishes a close during the handshake from one after the request.
fn read_io(error: &io::Error, unsent: bool) -> (FaultKind, bool) {
    // ureq exposes no error type for these two.
    let text = error.to_string();
    let is_lookup = text.starts_with("failed to lookup address");
    let is_certificate = text.starts_with("invalid peer certificate");
    match error.kind() {
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::ConnectionRefused => {
            (FaultKind::Connect, true)
        }
        io::ErrorKind::InvalidData if is_certificate => (FaultKind::BadCertificate, true),
        io::ErrorKind::InvalidData if unsent => (FaultKind::Tls, false),
        io::ErrorKind::InvalidData => (FaultKind::Protocol, false),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => (FaultKind::Timeout, false),
        io::ErrorKind::UnexpectedEof if unsent => (FaultKind::Tls, false),
        io::ErrorKind::BrokenPipe
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::UnexpectedEof => (FaultKind::Closed, false),
        _ if is_lookup => (FaultKind::Dns, true),
        _ if unsent => (FaultKind::Connect, false),
        _ => (FaultKind::Other, false),
    }
}

/// Returns the error to report as the source of the fault. It unwraps the errors `Io` and `Http`, because ureq's errors do not
/// return their cause as their source.
fn source(error: Error) -> Box<dyn StdError + Send + Sync> {
    match error {
        Error::Io(error) => error.into(),
        Error::Http(error) => error.into(),
        error => error.into(),
    }
}
