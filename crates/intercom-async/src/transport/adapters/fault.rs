//! Finds the kind of fault in the chain of an error's causes.

use std::error::Error as StdError;
use std::io;

use intercom_protocol::FaultKind;

use super::connect_limit::ConnectTimedOut;
#[cfg(feature = "tower")]
use crate::driver::BoxError;
#[cfg(feature = "tower")]
use crate::transport::ExchangeError;

/// How far an exchange had got when its error occurred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Before there was a connection. With `https`, this includes the handshake.
    Connecting { https: bool },
    /// From the first byte of the request on.
    Exchanging,
}

#[cfg(feature = "tower")]
impl ExchangeError {
    /// Makes the error of a service that returned no response. `https` is whether the request needed TLS.
    pub(crate) fn sending(error: impl Into<BoxError>, https: bool) -> Self {
        let source = error.into();
        let connecting = is_connecting(&*source);
        let stage = match connecting {
            true => Stage::Connecting { https },
            false => Stage::Exchanging,
        };
        Self {
            kind: kind(&*source, stage),
            known_unsent: connecting,
            source: Some(source),
        }
    }

    /// Makes the error of a response body that could not be read.
    pub(crate) fn reading(error: impl Into<BoxError>) -> Self {
        let source = error.into();
        Self::new(kind(&*source, Stage::Exchanging), source)
    }
}

/// Whether this is hyper-util's error of a connection that could not be made.
///
/// Its causes do not count: a service that tries several servers can have such an error as the cause of another one.
#[cfg(feature = "tower")]
fn is_connecting(error: &(dyn StdError + 'static)) -> bool {
    let error = error.downcast_ref::<hyper_util::client::legacy::Error>();
    error.is_some_and(hyper_util::client::legacy::Error::is_connect)
}

/// Returns the kind of the first cause that has one.
pub(super) fn kind(error: &(dyn StdError + 'static), stage: Stage) -> FaultKind {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(kind) = kind_of(error, stage) {
            return kind;
        }
        cause = cause_of(error);
    }
    match stage {
        Stage::Connecting { .. } => FaultKind::Connect,
        Stage::Exchanging => FaultKind::Other,
    }
}

fn kind_of(error: &(dyn StdError + 'static), stage: Stage) -> Option<FaultKind> {
    if error.is::<ConnectTimedOut>() {
        return Some(FaultKind::Timeout);
    }
    if let Some(error) = error.downcast_ref::<::hyper::Error>() {
        return hyper_kind(error);
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return io_kind(error, stage);
    }
    // Both types are private in other crates: the resolver's error, and rustls' error for a certificate.
    match (stage, error.to_string()) {
        (Stage::Connecting { .. }, text) if text == "dns error" => Some(FaultKind::Dns),
        (Stage::Connecting { .. }, text) if text.starts_with("invalid peer certificate") => {
            Some(FaultKind::BadCertificate)
        }
        _ => None,
    }
}

fn hyper_kind(error: &::hyper::Error) -> Option<FaultKind> {
    if error.is_timeout() {
        Some(FaultKind::Timeout)
    } else if error.is_parse() {
        Some(FaultKind::Protocol)
    } else if error.is_incomplete_message()
        || error.is_closed()
        || error.is_canceled()
        || error.is_body_write_aborted()
    {
        Some(FaultKind::Closed)
    } else {
        None
    }
}

fn io_kind(error: &io::Error, stage: Stage) -> Option<FaultKind> {
    match (error.kind(), stage) {
        (io::ErrorKind::TimedOut, _) => Some(FaultKind::Timeout),
        (
            io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::UnexpectedEof,
            stage,
        ) => Some(match stage {
            Stage::Connecting { https: true } => FaultKind::Tls,
            Stage::Connecting { https: false } => FaultKind::Connect,
            Stage::Exchanging => FaultKind::Closed,
        }),
        (io::ErrorKind::InvalidData, _)
            if error.to_string().starts_with("invalid peer certificate") =>
        {
            Some(FaultKind::BadCertificate)
        }
        (io::ErrorKind::InvalidData, Stage::Connecting { .. }) => Some(FaultKind::Tls),
        // hyper reports a malformed chunk as invalid input.
        (io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput, Stage::Exchanging) => {
            Some(FaultKind::Protocol)
        }
        _ => None,
    }
}

/// Returns the cause of an error. `io::Error::source` skips the error that it wraps.
fn cause_of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}
