//! Connections whose breaking ureq cannot take for their end.
//!
//! A body without a length ends with its connection. To ureq a reset, an abort and a TLS stream without `close_notify` are
//! such ends too, so that anyone on the path could cut a response unnoticed. Here each of them gets an error kind of its own.

use std::error::Error as StdError;
use std::{fmt, io};

use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// Wraps what the connectors before it have connected.
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
            Error::Io(error) if is_taken_for_an_end(error.kind()) => {
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

/// The kinds of error at which ureq's reader ends a body without a length.
const fn is_taken_for_an_end(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::UnexpectedEof
    )
}

/// How a connection broke, out of ureq's sight.
#[derive(Debug)]
struct Broken(io::Error);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Broken {}

/// The error of the connection itself, however often it was wrapped: a proxy's connection is one inside another.
pub(super) fn unwrapped(error: io::Error) -> io::Error {
    match error.downcast::<Broken>() {
        Ok(Broken(error)) => unwrapped(error),
        Err(error) => error,
    }
}
