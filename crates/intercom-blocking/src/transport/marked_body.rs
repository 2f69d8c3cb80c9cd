//! The body of a request, which knows whether it was touched.

use std::io::{self, Read};

use bytes::{Buf, Bytes};

/// A body that notes when ureq begins to read it.
///
/// ureq reads the body after it has written the head. A request whose body was never begun was
/// therefore never whole on the wire, whatever the error is called.
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

    /// Whether there is no body to tell by.
    pub(super) fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Whether any of it may be on the wire.
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
