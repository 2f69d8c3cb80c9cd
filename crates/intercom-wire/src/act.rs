//! Acting out a behaviour on one connection, plain or encrypted.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

use super::behaviour::{Behaviour, head};
use super::ledger::Ledger;
use super::request;

const INTERIM: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n";

/// One connection after it was accepted (and its TLS handshake made, where there is one).
pub(super) struct Scene<'a, S> {
    stream: BufReader<S>,
    number: usize,
    ledger: &'a Ledger,
}

/// A connection that can be ended in the way its protocol asks for.
pub(super) trait Stream: Read + Write {
    fn end(&mut self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn end(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

/// Plays the behaviour until it ends or the client goes away; dropping the stream closes it.
pub(super) fn play<S: Stream>(
    behaviour: &Behaviour,
    stream: S,
    number: usize,
    ledger: &Ledger,
) -> io::Result<()> {
    let mut scene = Scene {
        stream: BufReader::new(stream),
        number,
        ledger,
    };
    match behaviour {
        Behaviour::ClosedAfterRequest => scene.read().map(drop),
        Behaviour::PartialHead => scene.reply(b"HTTP/1.1 200 OK\r\nContent-Ty"),
        Behaviour::GarbageHead => scene.reply(b"\x15\x03\x01 this is not HTTP\r\n\r\n"),
        Behaviour::InterimHead => scene.reply(INTERIM),
        Behaviour::InterimFlood => scene.flood_interim(),
        Behaviour::StalledHead => scene.read().and_then(|_| scene.stall()),
        Behaviour::PartialBody { status } => scene.reply(half_answer(*status).as_bytes()),
        Behaviour::StalledBody { status } => scene
            .reply(half_answer(*status).as_bytes())
            .and_then(|()| scene.stall()),
        Behaviour::DiesIdle => scene.reply(good_answer().as_bytes()),
        Behaviour::DiesBeforeReading => scene
            .reply(good_answer().as_bytes())
            .and_then(|()| scene.stream.fill_buf().map(drop)),
        Behaviour::DiesAfterReading => scene
            .reply(good_answer().as_bytes())
            .and_then(|()| scene.read().map(drop)),
        Behaviour::Answer(raw) => scene.answer_all(raw),
        Behaviour::LastAnswer(raw) => scene.reply(raw).and_then(|()| scene.stream.get_mut().end()),
        Behaviour::BrokenAnswer(raw) => scene.reply(raw),
        Behaviour::Flood { status, length } => scene.flood(*status, *length),
        Behaviour::BadCertificate => scene.answer_all(good_answer().as_bytes()),
        Behaviour::TlsStalled => scene.stall(),
        // It hangs up on the greeting, not before: the client must have had the time to send it.
        Behaviour::TlsClosed => scene.stream.fill_buf().map(drop),
        Behaviour::ClosedOnAccept
        | Behaviour::Refused
        | Behaviour::UnknownHost
        | Behaviour::ConnectStalled => Ok(()),
    }
}

impl<S: Stream> Scene<'_, S> {
    /// Reads one request and counts it; an error ends the scene, and so does a client that left.
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

    fn reply(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.read()?;
        self.write(bytes)
    }

    fn answer_all(&mut self, raw: &[u8]) -> io::Result<()> {
        loop {
            self.reply(raw)?;
        }
    }

    fn flood(&mut self, status: u16, length: u64) -> io::Result<()> {
        static CHUNK: [u8; 64 * 1024] = [b' '; 64 * 1024];
        loop {
            self.reply(head(status, length).as_bytes())?;
            let mut left = length;
            while left > 0 {
                let some = usize::try_from(left).map_or(CHUNK.len(), |left| left.min(CHUNK.len()));
                self.write(CHUNK.get(..some).unwrap_or_default())?;
                left -= some as u64;
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

    /// Waits, saying nothing, until the client or the server's owner gives up.
    fn stall(&mut self) -> io::Result<()> {
        io::copy(&mut self.stream, &mut io::sink()).map(drop)
    }
}

fn good_answer() -> String {
    format!("{}{{}}", head(200, 2))
}

fn half_answer(status: u16) -> String {
    let half = Behaviour::HALF_BODY;
    format!("{}{half}", head(status, 2 * half.len() as u64))
}
