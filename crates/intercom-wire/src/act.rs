//! Acts out a behaviour on one connection, plain or encrypted.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use super::behaviour::{Behaviour, head};
use super::ledger::{Ledger, Progress};
use super::request::{self, WireRequest};
use super::script::{Greeting, Script, Step};

const INTERIM: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n";

/// One accepted connection.
pub(super) struct Connection<'a, S> {
    stream: BufReader<S>,
    number: usize,
    ledger: &'a Ledger,
    /// A request of which only the head was read.
    begun: Option<WireRequest>,
}

/// A byte stream that can be closed as its protocol requires.
pub(super) trait Stream: Read + Write {
    fn close(&mut self) -> io::Result<()>;

    /// The connection below TLS.
    fn raw(&self) -> &TcpStream;
}

impl Stream for TcpStream {
    fn close(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    fn raw(&self) -> &TcpStream {
        self
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
        begun: None,
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
        Behaviour::Script(script) => connection.play(script),
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
        let mut request = match self.begun.take() {
            Some(begun) => begun,
            None => self.read_head()?,
        };
        request::read_body(&mut self.stream, &mut request)?;
        self.ledger.read(request);
        Ok(())
    }

    fn read_head(&mut self) -> io::Result<WireRequest> {
        let head = request::read_head(&mut self.stream, self.number)?;
        Ok(head.ok_or(io::ErrorKind::UnexpectedEof)?)
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

    /// Carries out one exchange after another, of which one follows the script.
    fn play(&mut self, script: &Script) -> io::Result<()> {
        loop {
            // A handshake that fails is that of the exchange that goes wrong.
            let is_greeted = self.number == 1 && script.greeting != Greeting::Usual;
            if script.waits() && !is_greeted && self.stream.fill_buf()?.is_empty() {
                return Ok(());
            }
            if self.ledger.begin() == script.before {
                self.follow(script)?;
            } else {
                self.echo()?;
            }
        }
    }

    /// Follows the script, and says so.
    fn follow(&mut self, script: &Script) -> io::Result<()> {
        self.ledger.progress(Progress::Running);
        let ended = script.steps.iter().try_for_each(|step| self.step(step));
        self.ledger.progress(Progress::Settled);
        ended
    }

    /// Takes one step. An error ends the connection.
    fn step(&mut self, step: &Step) -> io::Result<()> {
        let ended = || Err(io::ErrorKind::ConnectionAborted.into());
        match step {
            Step::Await => {
                let arrived = self.stream.fill_buf()?.len();
                self.stream.consume(arrived);
                Ok(())
            }
            Step::Break => ended(),
            Step::Close => self.stream.get_mut().close().and_then(|()| ended()),
            Step::Hold => {
                self.ledger.hold();
                Ok(())
            }
            Step::Pause(time) => {
                sleep(*time);
                Ok(())
            }
            Step::ReadHead => {
                self.begun = Some(self.read_head()?);
                Ok(())
            }
            Step::ReadRequest => self.read(),
            Step::Reset => {
                SockRef::from(self.stream.get_ref().raw()).set_linger(Some(Duration::ZERO))?;
                ended()
            }
            Step::Send(bytes) => self.write(bytes),
            Step::SendEndlessly(bytes, pause) => {
                self.ledger.progress(Progress::Settled);
                loop {
                    self.write(bytes)?;
                    sleep(*pause);
                }
            }
            Step::SendRaw(bytes) => self.stream.get_ref().raw().write_all(bytes),
            Step::SendSplit(bytes, size) => bytes
                .chunks(*size.max(&1))
                .try_for_each(|part| self.write(part)),
            Step::Stall => {
                self.ledger.progress(Progress::Settled);
                self.stall().and_then(|()| ended())
            }
        }
    }

    /// Responds to a request with what it asked for.
    fn echo(&mut self) -> io::Result<()> {
        let request = self.read_head()?;
        let body = Script::echo(request.line().1);
        self.begun = Some(request);
        let response = head(200, body.len() as u64) + &body;
        self.respond(response.as_bytes())
    }

    /// Sends nothing until the client disconnects or the server is dropped.
    fn stall(&mut self) -> io::Result<()> {
        io::copy(&mut self.stream, &mut io::sink()).map(drop)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this server is slow in real time"
)]
fn sleep(time: Duration) {
    thread::sleep(time);
}

fn ok_response() -> String {
    format!("{}{{}}", head(200, 2))
}

fn partial_response(status: u16) -> String {
    let half = Behaviour::HALF_BODY;
    format!("{}{half}", head(status, 2 * half.len() as u64))
}
