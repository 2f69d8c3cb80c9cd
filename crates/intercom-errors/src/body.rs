//! The body an error came with, as far as it is kept.

use alloc::boxed::Box;
use core::fmt;

use crate::names;

/// How much of a body is kept.
const KEPT: usize = 64 * 1024;

names! {
    /// What kind of body an error came with.
    #[non_exhaustive]
    pub enum BodyKind {
        ErrorList = "error_list", r#"The documented shape: `{"type":"error.list","errors":[...]}`."#;
        Known = "known", "Another shape Intercom has been seen to send.";
        Json = "json", "JSON of an undocumented shape.";
        Raw = "raw", "Not JSON: HTML, text, a JSON text that was cut off, bytes.";
        Encoded = "encoded", "In a content encoding that was not decoded; the bytes are kept as they came.";
        Empty = "empty", "Nothing, or white space.";
    }
}

/// The body of an error: the first 64 KiB of it, and how long it was.
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

    /// What kind of body it is.
    #[must_use]
    pub const fn kind(&self) -> BodyKind {
        self.kind
    }

    /// The body, or its first 64 KiB.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How long the body was, in bytes, as far as it was read.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether there was no body; white space is one.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether more came than is kept.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        u64::try_from(self.bytes.len()).is_ok_and(|kept| kept < self.len)
    }
}

/// Shows the kind and length only: bodies carry personal data.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("kind", &self.kind)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
