//! Decides by its body whether a response is a success.

mod cursor;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use serde::de::IgnoredAny;

use self::cursor::{Cursor, is_space, spells};

/// Whether a body is that of a success, found in one pass over its structure. The other crates use it too.
///
/// The pass finds every body that ends too early. It checks brackets, commas, colons and literals. It skips the inside of
/// strings and numbers, so it accepts an unknown escape, a control character, invalid UTF-8, or a number like `01` or `1.2.3`.
/// Decoding such a body fails later. A body that is a single string, number or literal is checked completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "it is not part of the documented interface"
)]
pub enum Content {
    /// An error list, whatever the status.
    ///
    /// Intercom has sent errors with a 2xx status, and official SDKs check the type in the body for every status. The type
    /// counts in the outermost object, in the object `error` of the outermost object, and in an object that is the only
    /// element of an outermost list. Deeper error lists are data.
    Error,
    /// Any other JSON, or an empty body.
    Json,
    /// Anything else.
    Other,
}

impl Content {
    /// Reads a body.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        let body = without_mark(body);
        match body.trim_ascii_start().first() {
            None => Self::Json,
            Some(b'{' | b'[') => outline(body).unwrap_or(Self::Other),
            Some(_) => match serde_json::from_slice(body) {
                Ok(IgnoredAny) => Self::Json,
                Err(_) => Self::Other,
            },
        }
    }
}

/// Reads an object or a list from bracket to bracket. Returns `None` for non-JSON.
fn outline(body: &[u8]) -> Option<Content> {
    let mut cursor = Cursor(body);
    let mut levels = Levels::default();
    let mut envelope = Envelope::NEW;
    'values: loop {
        if levels.in_object() {
            let name = cursor.name()?;
            if levels.depth <= 2 {
                envelope.member(levels.depth, name, cursor);
            }
        }
        loop {
            match cursor.next()? {
                b'"' => drop(cursor.string()?),
                b'{' => {
                    levels.open(true);
                    if cursor.peek()? != b'}' {
                        continue 'values;
                    }
                }
                b'[' => {
                    levels.open(false);
                    if cursor.peek()? != b']' {
                        continue 'values;
                    }
                }
                b'f' => cursor.literal(b"alse")?,
                b'n' => cursor.literal(b"ull")?,
                b't' => cursor.literal(b"rue")?,
                b'-' | b'0'..=b'9' => cursor.number(),
                byte if is_space(byte) => continue,
                _ => return None,
            }
            break;
        }
        loop {
            match cursor.next()? {
                b',' => break,
                bracket if bracket == levels.closing() => {
                    levels.close();
                    if levels.depth == 0 {
                        return cursor.peek().is_none().then(|| envelope.content());
                    }
                }
                byte if is_space(byte) => {}
                _ => return None,
            }
        }
        if levels.depth == 1 && !levels.in_object() {
            envelope = Envelope::OF_MANY;
        }
    }
}

/// Whether the outermost members are those of an error.
struct Envelope {
    /// Whether an object that begins on the second level is the member `error` or the only element of a list.
    wraps: bool,
    is_error: bool,
}

impl Envelope {
    const NEW: Self = Self {
        wraps: true,
        is_error: false,
    };

    /// A list of several elements is data, whatever its first element is.
    const OF_MANY: Self = Self {
        wraps: false,
        is_error: false,
    };

    /// Looks at a member on this level. The cursor is before its value.
    #[inline]
    fn member(&mut self, level: usize, name: &[u8], value: Cursor<'_>) {
        if level > 1 && !self.wraps {
            return;
        }
        // Few other names begin with the same letter as `error` or `type`.
        let counts = matches!(name, [b'e' | b't' | b'\\', ..]);
        if counts {
            self.relevant_member(level, name, value);
        } else if level == 1 {
            self.wraps = false;
        }
    }

    #[inline(never)]
    fn relevant_member(&mut self, level: usize, name: &[u8], mut value: Cursor<'_>) {
        if level == 1 {
            self.wraps = spells(name, b"error");
        }
        if spells(name, b"type") && value.take(b'"').is_some() {
            let text = value.string().unwrap_or_default();
            self.is_error |= spells(text, b"error") || spells(text, b"error.list");
        }
    }

    fn content(&self) -> Content {
        match self.is_error {
            true => Content::Error,
            false => Content::Json,
        }
    }
}

/// One bit for each open bracket: whether it is a brace.
///
/// The memory is at most an eighth of the body's length, however deeply it is nested. Usual nesting needs no allocation.
#[derive(Debug, Default)]
struct Levels {
    depth: usize,
    /// The innermost levels, with the last one in the lowest bit.
    innermost: u64,
    /// The levels around them, in full words.
    outer: Vec<u64>,
}

impl Levels {
    const BITS: usize = u64::BITS as usize;

    fn open(&mut self, object: bool) {
        if self.depth > 0 && self.depth % Self::BITS == 0 {
            self.outer.push(self.innermost);
        }
        self.innermost = self.innermost << 1 | u64::from(object);
        self.depth += 1;
    }

    fn close(&mut self) {
        self.innermost >>= 1;
        self.depth = self.depth.saturating_sub(1);
        if self.depth % Self::BITS == 0 {
            self.innermost = self.outer.pop().unwrap_or_default();
        }
    }

    #[inline]
    fn closing(&self) -> u8 {
        if self.in_object() { b'}' } else { b']' }
    }

    fn in_object(&self) -> bool {
        self.innermost & 1 == 1
    }
}

/// Returns the body without a UTF-8 byte order mark, which JSON does not allow.
#[must_use]
pub fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}
