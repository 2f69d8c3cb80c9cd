//! A request body that records whether it was read.

use std::io::{self, Read};

use bytes::{Buf, Bytes};

/// A body that records when an HTTP library begins to read it.
///
/// The errors of HTTP libraries rarely say whether a request was sent: a connection that is closed during the handshake can look
/// like one that is closed before the response. The body is better evidence, because a library reads the body only after it has
/// written the head. If the library never began to read it, the complete request was never on the wire, whatever the error is
/// called. A [`Transport`](super::Transport) therefore passes this to its library instead of the bytes:
///
/// | body | error | fault |
/// |---|---|---|
/// | [not begun](Self::is_begun) | any | [not sent](intercom_protocol::Fault::not_sent) |
/// | begun | any | [outcome unknown](intercom_protocol::Fault::outcome_unknown) |
/// | [empty](Self::is_empty) | one that occurs only while connecting: name, address or certificate | not sent |
/// | empty | any other | outcome unknown |
///
/// ```
/// use std::io::Read;
/// use intercom_blocking::transport::MarkedBody;
///
/// let mut body = MarkedBody::new("{}".into());
/// assert!(!body.is_empty() && !body.is_begun());
/// body.read(&mut [0; 1])?;
/// assert!(body.is_begun());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct MarkedBody {
    left: Bytes,
    is_empty: bool,
    begun: bool,
}

impl MarkedBody {
    /// Makes a body of these bytes.
    #[must_use]
    pub fn new(bytes: Bytes) -> Self {
        Self {
            is_empty: bytes.is_empty(),
            left: bytes,
            begun: false,
        }
    }

    /// Returns `true` if the request has no body. Then only the error shows whether it was sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Returns `true` if a part of the body may be on the wire.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.begun
    }

    /// Returns how many bytes have not been read.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.left.len()
    }
}

impl Read for MarkedBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.begun = true;
        (&mut self.left).reader().read(buffer)
    }
}
