//! From ureq's errors to a fault.

use std::error::Error as StdError;
use std::io;

use intercom_protocol::{Fault, FaultKind, Incoming};
use ureq::{Error, Timeout};

use super::broken::unwrapped;
use super::marked_body::MarkedBody;

/// The fault of an exchange that ended before a head came.
///
/// The body tells whether the request was sent; only without one is the error itself asked.
pub(super) fn without_answer(error: Error, body: &MarkedBody) -> Fault {
    let error = original(error);
    let unsent = if body.is_empty() {
        is_before_sending(&error)
    } else {
        !body.is_begun()
    };
    let kind = kind(&error, unsent);
    let fault = if unsent {
        Fault::not_sent(kind)
    } else {
        Fault::fate_unknown(kind)
    };
    fault.with_source(source(error))
}

/// The fault of an answer whose body could not be read to its end.
pub(super) fn of_cut_answer(error: Error, incoming: Incoming) -> Fault {
    let error = original(error);
    let kind = kind(&error, false);
    incoming.cut(kind).with_source(source(error))
}

/// The error as the connection reported it.
fn original(error: Error) -> Error {
    match error {
        Error::Io(error) => Error::Io(unwrapped(error)),
        error => error,
    }
}

/// Whether this error can only come before the first byte of a request; in doubt it is not.
///
/// A name that does not resolve, a refused connection and a refused certificate qualify; an end of
/// the stream does not, because ureq reports a close during the handshake and one after the request
/// in the same words.
fn is_before_sending(error: &Error) -> bool {
    match error {
        Error::BadUri(_)
        | Error::ConnectProxyFailed(_)
        | Error::ConnectionFailed
        | Error::HostNotFound
        | Error::Http(_)
        | Error::RequireHttpsOnly(_)
        | Error::Timeout(Timeout::Connect | Timeout::Resolve)
        | Error::Tls(_)
        | Error::TlsRequired => true,
        #[cfg(feature = "rustls")]
        Error::Rustls(_) => true,
        Error::Io(error) => {
            matches!(
                error.kind(),
                io::ErrorKind::AddrNotAvailable | io::ErrorKind::ConnectionRefused
            ) || is_lookup(error)
                || is_certificate(error)
        }
        _ => false,
    }
}

fn kind(error: &Error, unsent: bool) -> FaultKind {
    match error {
        Error::BadUri(_) | Error::RequireHttpsOnly(_) => FaultKind::BadUri,
        Error::ConnectProxyFailed(_) | Error::ConnectionFailed => FaultKind::Connect,
        Error::HostNotFound => FaultKind::Dns,
        Error::LargeResponseHeader(..) | Error::Protocol(_) => FaultKind::Protocol,
        Error::Timeout(_) => FaultKind::Timeout,
        Error::Tls(_) | Error::TlsRequired => FaultKind::Tls,
        #[cfg(feature = "rustls")]
        Error::Rustls(_) => FaultKind::Tls,
        Error::Io(error) => io_kind(error, unsent),
        _ => FaultKind::Other,
    }
}

fn io_kind(error: &io::Error, unsent: bool) -> FaultKind {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => FaultKind::Timeout,
        // All that is read before the body is begun is the server's side of the handshake.
        io::ErrorKind::UnexpectedEof if unsent => FaultKind::Tls,
        io::ErrorKind::BrokenPipe
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::UnexpectedEof => FaultKind::Closed,
        io::ErrorKind::InvalidData if is_certificate(error) => FaultKind::BadCertificate,
        io::ErrorKind::InvalidData if unsent => FaultKind::Tls,
        io::ErrorKind::InvalidData => FaultKind::Protocol,
        _ if is_lookup(error) => FaultKind::Dns,
        _ if unsent => FaultKind::Connect,
        _ => FaultKind::Other,
    }
}

/// The standard library has no name for a lookup that failed, only these words.
fn is_lookup(error: &io::Error) -> bool {
    error.to_string().starts_with("failed to lookup address")
}

/// rustls' words for a certificate it will not trust; its type is not ureq's to show.
fn is_certificate(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData
        && error.to_string().starts_with("invalid peer certificate")
}

/// The error to show as the cause: ureq's own keeps its cause to itself.
fn source(error: Error) -> Box<dyn StdError + Send + Sync> {
    match error {
        Error::Io(error) => error.into(),
        Error::Http(error) => error.into(),
        error => error.into(),
    }
}
