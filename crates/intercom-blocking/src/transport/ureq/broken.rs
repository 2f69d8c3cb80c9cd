//! Connections that report a break as an error, never as the end of a body.
//!
//! A body without a length ends when its connection is closed. ureq also treats a reset, an abort and a TLS stream without
//! `close_notify` as such an end, so anyone on the path could cut a response short unnoticed. Here each of these becomes an
//! error of another kind, which ureq reports.

use std::error::Error as StdError;
use std::{fmt, io};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// Wraps the connections of the connectors before it.
#[derive(Debug)]
pub(super) struct BreakingConnector;

impl<In: Transport> Connector<In> for BreakingConnector {
    type Out = Breaking<In>;

    fn connect(
        &self,
        _: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(Breaking))
    }
}

/// A connection that reports how it broke.
#[derive(Debug)]
pub(super) struct Breaking<T>(T);

impl<T: Transport> Transport for Breaking<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.0.await_input(timeout).map_err(|error| match error {
            Error::Io(error) if is_end_to_ureq(error.kind()) => {
                Error::Io(io::Error::other(Broken(error)))
            }
            error => error,
        })
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}

/// Whether ureq treats an error of this kind as the end of a body without a length.
const fn is_end_to_ureq(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::UnexpectedEof
    )
}

/// The error of a broken connection, of a kind that ureq reports.
#[derive(Debug)]
struct Broken(io::Error);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Broken {}

/// Returns the error of the connection itself.
///
/// It is wrapped twice if a proxy is used, because one connection is then inside another.
pub(super) fn unwrapped(error: io::Error) -> io::Error {
    match error.downcast::<Broken>() {
        Ok(Broken(error)) => unwrapped(error),
        Err(error) => error,
    }
}
