//! What a wire server does to the connections it accepts.

use crate::script::Script;

/// One way in which an exchange succeeds or fails.
///
/// Use it when a test needs a connection to fail at an exact point. A request counts as read once
/// its head and its whole body have been read.
///
/// ```
/// use intercom_wire::{Behaviour, WireServer};
///
/// let server = WireServer::start(Behaviour::ClosedAfterRequest)?;
/// assert!(server.url().starts_with("http://127.0.0.1:"));
/// assert_eq!(server.requests(), 0);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Behaviour {
    /// Nothing listens on the port, so the connection is refused.
    Refused,
    /// The host name has a label that is too long for DNS, so resolving it fails without a query.
    UnknownHost,
    /// The listener's backlog is full, so connecting never completes.
    ConnectStalled,
    /// `https`: the server closes the connection when the TLS greeting arrives.
    TlsClosed,
    /// `https`: the server never responds to the TLS greeting.
    TlsStalled,
    /// `https`: the certificate is self-signed. A client that accepts it gets a successful response.
    BadCertificate,
    /// The server closes the connection as soon as it accepts it, without reading anything.
    ClosedOnAccept,
    /// The server reads the whole request, then closes the connection.
    ClosedAfterRequest,
    /// The server reads the request, sends half a head, then closes the connection.
    PartialHead,
    /// The server reads the request, sends bytes that are not HTTP, then closes the connection.
    GarbageHead,
    /// The server reads the request, sends an interim response (103), then closes the connection.
    InterimHead,
    /// The server reads the request, then sends interim responses (103) without end, as fast as the client reads them.
    InterimFlood,
    /// The server reads the request and never responds.
    StalledHead,
    /// The server sends a head and half of the announced body, then closes the connection.
    PartialBody {
        /// The status of the head.
        status: u16,
    },
    /// The server sends a head and half of the announced body, then nothing more.
    StalledBody {
        /// The status of the head.
        status: u16,
    },
    /// The server responds to the first request on a connection, then closes the idle connection.
    ClosedWhenIdle,
    /// The server responds to the first request on a connection, then closes it without reading the second.
    ClosedBeforeSecondRequest,
    /// The server responds to the first request on a connection and closes it after reading the second.
    ClosedAfterSecondRequest,
    /// The server responds to every request with these bytes and keeps the connection open.
    Response(Vec<u8>),
    /// The server responds to one request with these bytes, then closes the connection; over TLS with a `close_notify`.
    ResponseThenClose(Vec<u8>),
    /// The server responds to one request with these bytes, then breaks the connection: with a reset, or over TLS
    /// without a `close_notify`.
    ResponseThenReset(Vec<u8>),
    /// The server follows a script for one exchange, and responds to all other requests.
    Script(Script),
    /// The server responds to every request with a body of this length, as fast as the client reads it.
    Flood {
        /// The status of the head.
        status: u16,
        /// The length of the body in bytes.
        length: u64,
    },
}

impl Behaviour {
    /// Half of a body, as [`Behaviour::PartialBody`] and [`Behaviour::StalledBody`] send it.
    pub const HALF_BODY: &str = r#"{"type":"contact","id":"#;

    /// The `X-Request-Id` of every response that the server builds itself.
    pub const REQUEST_ID: &str = "wire-request-1";

    /// Responds to every request with 200 and this body, and keeps the connection open.
    #[must_use]
    pub fn response(body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut raw = head(200, body.len() as u64).into_bytes();
        raw.extend_from_slice(body);
        Self::Response(raw)
    }

    /// Whether the server's URL uses `https`.
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
