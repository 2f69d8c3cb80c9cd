//! What a wire server does to those who connect.

/// One way in which an exchange goes wrong, or right.
///
/// Meet it when a test needs a connection to fail at an exact moment. A request counts as read
/// once its head and its whole body have been.
///
/// ```
/// use intercom_wire::{Behaviour, WireServer};
///
/// let server = WireServer::start(Behaviour::ClosedAfterRequest)?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// assert_eq!(server.requests(), 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Behaviour {
    /// Nobody listens on the port: the connection is refused.
    Refused,
    /// The host name has a label no name server can be asked for, so resolving it fails here.
    UnknownHost,
    /// The listener's backlog is full: connecting never ends.
    ConnectStalled,
    /// `https`: the connection is closed when the TLS greeting arrives.
    TlsClosed,
    /// `https`: the TLS greeting is never answered.
    TlsStalled,
    /// `https`: the certificate is signed by nobody; behind it stands a good answer.
    BadCertificate,
    /// Closed as soon as it is accepted, with nothing read.
    ClosedOnAccept,
    /// The whole request is read, then the connection is closed.
    ClosedAfterRequest,
    /// The request is read; half a head comes back, then the connection is closed.
    PartialHead,
    /// The request is read; what comes back is not HTTP.
    GarbageHead,
    /// The request is read; an interim answer (103) comes back, then the connection is closed.
    InterimHead,
    /// The request is read; interim responses (103) follow without end, as fast as the client reads them.
    InterimFlood,
    /// The request is read and never answered.
    StalledHead,
    /// A head and half the body it promised, then the connection is closed.
    PartialBody {
        /// The status of the head.
        status: u16,
    },
    /// A head and half the body it promised, then nothing more.
    StalledBody {
        /// The status of the head.
        status: u16,
    },
    /// A connection's first request is answered; it is closed while idle, after the answer.
    DiesIdle,
    /// A connection's first request is answered; it is closed when the second arrives, unread.
    DiesBeforeReading,
    /// A connection's first request is answered; it is closed when the second has been read.
    DiesAfterReading,
    /// Every request is answered with these bytes, on one connection.
    Answer(Vec<u8>),
    /// One request is answered with these bytes, then the connection is closed; over TLS with a `close_notify`.
    LastAnswer(Vec<u8>),
    /// One request is answered with these bytes, then the connection breaks: it is reset, or over TLS it ends without a
    /// `close_notify`.
    BrokenAnswer(Vec<u8>),
    /// Every request is answered with a body of this length, as fast as it is read.
    Flood {
        /// The status of the head.
        status: u16,
        /// The length of the body in bytes.
        length: u64,
    },
}

impl Behaviour {
    /// The half body that [`Behaviour::PartialBody`] and [`Behaviour::StalledBody`] send.
    pub const HALF_BODY: &str = r#"{"type":"contact","id":"#;

    /// The request id in the head of those answers.
    pub const REQUEST_ID: &str = "wire-request-1";

    /// An answer of 200 with these bytes as its body, keeping the connection open.
    #[must_use]
    pub fn answer(body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut raw = head(200, body.len() as u64).into_bytes();
        raw.extend_from_slice(body);
        Self::Answer(raw)
    }

    /// Whether clients are to speak TLS to it.
    pub(super) fn wants_https(&self) -> bool {
        matches!(
            self,
            Self::BadCertificate | Self::TlsClosed | Self::TlsStalled
        )
    }
}

pub(super) fn head(status: u16, length: u64) -> String {
    format!(
        "HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\nX-Request-Id: {}\r\nContent-Length: {length}\r\n\r\n",
        Behaviour::REQUEST_ID
    )
}
