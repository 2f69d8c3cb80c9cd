//! Acts out a behaviour on one connection, plain or encrypted.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

use super::behaviour::{Behaviour, head};
use super::ledger::Ledger;
use super::request;

const INTERIM: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n";

/// One accepted connection.
pub(super) struct Connection<'a, S> {
    stream: BufReader<S>,
    number: usize,
    ledger: &'a Ledger,
}

/// A byte stream that can be closed as its protocol requires.
pub(super) trait Stream: Read + Write {
    fn close(&mut self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn close(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

/// Acts out the behaviour until it ends or the client disconnects. Dropping the stream closes the connection.
pub(super) fn run<S: Stream>(
    behaviour: &Behaviour,
    stream: S,
    number: usize,
    ledger: &Ledger,
) -> io::Result<()> {
    let mut connection = Connection {
        stream: BufReader::new(stream),
        number,
        ledger,
    };
    match behaviour {
        Behaviour::ClosedAfterRequest => connection.read().map(drop),
        Behaviour::PartialHead => connection.respond(b"HTTP/1.1 200 OK\r\nContent-Ty"),
        Behaviour::GarbageHead => connection.respond(b"\x15\x03\x01 this is not HTTP\r\n\r\n"),
        Behaviour::InterimHead => connection.respond(INTERIM),
        Behaviour::InterimFlood => connection.flood_interim(),
        Behaviour::StalledHead => connection.read().and_then(|_| connection.stall()),
        Behaviour::PartialBody { status } => {
            connection.respond(partial_response(*status).as_bytes())
        }
        Behaviour::StalledBody { status } => connection
            .respond(partial_response(*status).as_bytes())
            .and_then(|()| connection.stall()),
        Behaviour::ClosedWhenIdle => connection.respond(ok_response().as_bytes()),
        Behaviour::ClosedBeforeSecondRequest => connection
            .respond(ok_response().as_bytes())
            .and_then(|()| connection.stream.fill_buf().map(drop)),
        Behaviour::ClosedAfterSecondRequest => connection
            .respond(ok_response().as_bytes())
            .and_then(|()| connection.read().map(drop)),
        Behaviour::Response(raw) => connection.respond_to_all(raw),
        Behaviour::ResponseThenClose(raw) => connection
            .respond(raw)
            .and_then(|()| connection.stream.get_mut().close()),
        Behaviour::ResponseThenReset(raw) => connection.respond(raw),
        Behaviour::Flood { status, length } => connection.flood(*status, *length),
        Behaviour::BadCertificate => connection.respond_to_all(ok_response().as_bytes()),
        Behaviour::TlsStalled => connection.stall(),
        // Wait for the greeting before closing, so that the client has had time to send it.
        Behaviour::TlsClosed => connection.stream.fill_buf().map(drop),
        Behaviour::ClosedOnAccept
        | Behaviour::Refused
        | Behaviour::UnknownHost
        | Behaviour::ConnectStalled => Ok(()),
    }
}

impl<S: Stream> Connection<'_, S> {
    /// Reads and records one request. Fails if the client has disconnected.
    fn read(&mut self) -> io::Result<()> {
        let request =
            request::read(&mut self.stream, self.number)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        self.ledger.read(request);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(bytes)?;
        stream.flush()?;
        self.ledger.wrote(bytes.len());
        Ok(())
    }

    fn respond(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.read()?;
        self.write(bytes)
    }

    fn respond_to_all(&mut self, raw: &[u8]) -> io::Result<()> {
        loop {
            self.respond(raw)?;
        }
    }

    fn flood(&mut self, status: u16, length: u64) -> io::Result<()> {
        static CHUNK: [u8; 64 * 1024] = [b' '; 64 * 1024];
        loop {
            self.respond(head(status, length).as_bytes())?;
            let mut remaining = length;
            while remaining > 0 {
                let size = usize::try_from(remaining)
                    .map_or(CHUNK.len(), |remaining| remaining.min(CHUNK.len()));
                self.write(CHUNK.get(..size).unwrap_or_default())?;
                remaining -= size as u64;
            }
        }
    }

    fn flood_interim(&mut self) -> io::Result<()> {
        self.read()?;
        let chunk = INTERIM.repeat(1024);
        loop {
            self.write(&chunk)?;
        }
    }

    /// Sends nothing until the client disconnects or the server is dropped.
    fn stall(&mut self) -> io::Result<()> {
        io::copy(&mut self.stream, &mut io::sink()).map(drop)
    }
}

fn ok_response() -> String {
    format!("{}{{}}", head(200, 2))
}

fn partial_response(status: u16) -> String {
    let half = Behaviour::HALF_BODY;
    format!("{}{half}", head(status, 2 * half.len() as u64))
}
