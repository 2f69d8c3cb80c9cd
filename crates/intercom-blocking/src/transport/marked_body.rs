//! A request body that records whether it was read.

use std::io::{self, Read};

use bytes::{Buf, Bytes};

/// A body that records when ureq begins to read it.
///
/// ureq reads the body after it has written the head. If it never began to read, the complete request was never on the wire,
/// whatever the error is called.
#[derive(Debug)]
pub(super) struct MarkedBody {
    left: Bytes,
    is_empty: bool,
    begun: bool,
}

impl MarkedBody {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self {
            is_empty: bytes.is_empty(),
            left: bytes,
            begun: false,
        }
    }

    /// Whether the request has no body. Then only the error shows whether it was sent.
    pub(super) fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Whether a part of the body may be on the wire.
    pub(super) fn is_begun(&self) -> bool {
        self.begun
    }
}

impl Read for MarkedBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.begun = true;
        (&mut self.left).reader().read(buffer)
    }
}
