//! Exchanges of which one goes wrong, step by step.

use std::fmt;
use std::time::Duration;

/// A script: one exchange goes wrong, and all others succeed.
///
/// An exchange that succeeds has a response of [`Script::echo`].
#[derive(Clone, Debug)]
#[must_use = "pass it to WireServer::play"]
pub struct Script {
    pub(super) before: usize,
    pub(super) greeting: Greeting,
    pub(super) steps: Vec<Step>,
}

/// One step of an exchange. A script that ends without closing the connection leaves it to the next exchange.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Waits for any bytes, and drops those that have arrived.
    Await,
    /// Ends the connection without more bytes: over TLS without a `close_notify`.
    Break,
    /// Ends the connection, over TLS with a `close_notify`.
    Close,
    /// Does nothing until the test waits for the script to [settle](crate::WireServer::settle).
    Hold,
    /// Does nothing for this long.
    Pause(Duration),
    /// Reads the head of a request.
    ReadHead,
    /// Reads a request to its end. It counts as read then.
    ReadRequest,
    /// Ends the connection with a TCP reset.
    Reset,
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes again and again, with a pause between, until the client disconnects.
    SendEndlessly(Vec<u8>, Duration),
    /// Sends these bytes below TLS.
    SendRaw(Vec<u8>),
    /// Sends these bytes in packets of this size.
    SendSplit(Vec<u8>, usize),
    /// Does nothing until the client disconnects.
    Stall,
}

/// Shows bytes as text with escapes, and not all of many.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, bytes) = match self {
            Self::Await => return f.write_str("Await"),
            Self::Break => return f.write_str("Break"),
            Self::Close => return f.write_str("Close"),
            Self::Hold => return f.write_str("Hold"),
            Self::Pause(time) => return write!(f, "Pause({time:?})"),
            Self::ReadHead => return f.write_str("ReadHead"),
            Self::ReadRequest => return f.write_str("ReadRequest"),
            Self::Reset => return f.write_str("Reset"),
            Self::Stall => return f.write_str("Stall"),
            Self::Send(bytes) => ("Send".to_owned(), bytes),
            Self::SendEndlessly(bytes, pause) => (format!("SendEndlessly, {pause:?}"), bytes),
            Self::SendRaw(bytes) => ("SendRaw".to_owned(), bytes),
            Self::SendSplit(bytes, size) => (format!("SendSplit, {size} bytes"), bytes),
        };
        let shown = bytes.get(..400).unwrap_or(bytes).escape_ascii();
        write!(f, "{name}({} bytes: {shown})", bytes.len())
    }
}

/// How an encrypted connection on which an exchange goes wrong begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Greeting {
    /// With a handshake and this certificate.
    Certificate(Certificate),
    /// Without a handshake: the steps read and send raw bytes.
    None,
    /// Like any other connection.
    Usual,
}

/// The certificate of a server, and its other TLS settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Certificate {
    /// Its time is over.
    Expired,
    /// It is valid.
    Good,
    /// It is valid, and the server asks for a certificate of the client.
    MutualTls,
    /// Its time has not begun.
    NotYetValid,
    /// Another authority signed it.
    OtherAuthority,
    /// It is for another host.
    OtherHost,
    /// It signed itself.
    SelfSigned,
    /// It is valid, and the server speaks TLS 1.2 only.
    Tls12,
    /// It is valid, and the server speaks TLS 1.3 only.
    Tls13,
}

impl Script {
    /// Makes a script whose first exchange goes wrong.
    pub fn new(steps: impl Into<Vec<Step>>) -> Self {
        Self {
            before: 0,
            greeting: Greeting::Usual,
            steps: steps.into(),
        }
    }

    /// Lets this many exchanges succeed first.
    pub fn after(mut self, exchanges: usize) -> Self {
        self.before = exchanges;
        self
    }

    /// Sets how the first connection begins. The script must be about the first exchange then.
    pub fn greeting(mut self, greeting: Greeting) -> Self {
        self.greeting = greeting;
        self
    }

    /// The body of a response that succeeds, to a request with this path and query.
    #[must_use]
    pub fn echo(target: &str) -> String {
        format!(r#"{{"type":"contact","id":"{target}"}}"#)
    }

    /// Whether it waits for the client before it does anything.
    pub(super) fn waits(&self) -> bool {
        let waiting = [Step::Await, Step::ReadHead, Step::ReadRequest];
        self.steps
            .first()
            .is_some_and(|step| waiting.contains(step))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::Duration;

    use crate::{Script, Step, WireServer};

    /// Sends bytes on a new connection, and returns what comes back until its end.
    fn answer(server: &WireServer, request: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(server.address())?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    const GET: &str = "GET /a HTTP/1.1\r\n\r\n";

    #[test]
    fn one_exchange_goes_wrong_and_the_others_succeed() {
        let steps = [
            Step::ReadRequest,
            Step::SendSplit(b"wrong".to_vec(), 2),
            Step::Close,
        ];
        let server = WireServer::play(Script::new(steps).after(1), None).unwrap();
        let both = answer(&server, &GET.repeat(2)).unwrap();
        let (good, wrong) = both.split_at(both.len() - 5);
        assert!(good.ends_with(&Script::echo("/a")), "{both}");
        assert_eq!(wrong, "wrong");
        assert!(server.settle(Duration::from_secs(20)));

        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream
            .write_all(GET.replace("/a", "/b").as_bytes())
            .unwrap();
        let mut good = vec![0; good.len()];
        stream.read_exact(&mut good).unwrap();
        assert!(good.ends_with(Script::echo("/b").as_bytes()));
        assert_eq!(server.requests(), 3);
    }

    #[test]
    fn a_request_counts_only_when_its_body_is_read() {
        let head = "POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n";
        for (steps, read) in [
            (vec![Step::ReadHead, Step::Close], 0),
            (vec![Step::ReadHead, Step::ReadRequest, Step::Close], 1),
        ] {
            let server = WireServer::play(Script::new(steps), None).unwrap();
            // The bytes of the body may still be unread when the connection closes.
            let _ = answer(&server, &format!("{head}{{}}"));
            assert!(server.settle(Duration::from_secs(20)));
            assert_eq!(server.requests(), read);
        }
    }

    #[test]
    fn a_script_that_waits_for_nothing_is_waited_for() {
        let steps = [Step::Pause(Duration::from_millis(20)), Step::Reset];
        let server = WireServer::play(Script::new(steps), None).unwrap();
        let error = answer(&server, "").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        assert!(server.settle(Duration::from_secs(20)));

        let held = [Step::Hold, Step::Close];
        let server = WireServer::play(Script::new(held), None).unwrap();
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_nonblocking(true).unwrap();
        let error = stream.read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert!(server.settle(Duration::from_secs(20)));

        let server = WireServer::play(Script::new([Step::ReadRequest]), None).unwrap();
        assert!(!server.settle(Duration::from_secs(20)));
    }
}
