//! The body of an error response.

use alloc::boxed::Box;
use core::fmt;

use crate::names;

/// How many bytes of a body are kept.
const KEPT: usize = 64 * 1024;

names! {
    /// The kind of an error response's body.
    #[non_exhaustive]
    pub enum BodyKind {
        ErrorList = "error_list", r#"The documented shape: `{"type":"error.list","errors":[...]}`."#;
        Known = "known", "Another shape that Intercom is known to send.";
        Json = "json", "JSON of an unknown shape.";
        Raw = "raw", "Not JSON: HTML, plain text, truncated JSON, or other bytes.";
        Encoded = "encoded", "In a content encoding, like `br`, that was not decoded. The bytes are kept as received.";
        Empty = "empty", "No bytes, or only white space.";
    }
}

/// The first 64 KiB of an error response's body, and its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    kind: BodyKind,
    bytes: Box<[u8]>,
    len: u64,
}

impl Body {
    pub(crate) fn new(kind: BodyKind, body: &[u8]) -> Self {
        let kept = body.get(..KEPT).unwrap_or(body);
        Self {
            kind,
            bytes: kept.into(),
            len: body.len().try_into().unwrap_or(u64::MAX),
        }
    }

    pub(crate) fn with_len(mut self, len: u64) -> Self {
        self.len = self.len.max(len);
        self
    }

    /// Returns the kind of the body.
    #[must_use]
    pub const fn kind(&self) -> BodyKind {
        self.kind
    }

    /// Returns the body, or its first 64 KiB.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the length of the body in bytes. If the whole length is unknown, this is the length of the part that was
    /// read.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Returns `true` if the body has no bytes. White space counts as bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns `true` if the body was longer than the part that is kept.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        u64::try_from(self.bytes.len()).is_ok_and(|kept| kept < self.len)
    }
}

/// Shows only the kind and the length, because bodies contain personal data.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("kind", &self.kind)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
