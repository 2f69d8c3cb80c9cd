//! Reads a body from left to right, and skips strings fast.

use alloc::string::String;

use memchr::memchr;

/// The rest of a body.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'b>(pub(super) &'b [u8]);

impl<'b> Cursor<'b> {
    /// Reads the next byte.
    #[inline]
    pub(super) fn next(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    /// Returns the next byte that is not white space, without reading it.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        if self.0.first().is_some_and(|byte| is_space(*byte)) {
            self.0 = without_space(self.0);
        }
        self.0.first().copied()
    }

    /// Reads this byte if it is the next one that is not white space.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> Option<()> {
        if self.0.first() != Some(&byte) {
            self.0 = without_space(self.0);
            if self.0.first() != Some(&byte) {
                return None;
            }
        }
        self.0 = self.0.get(1..)?;
        Some(())
    }

    /// Reads the name of a member and the colon.
    #[inline]
    pub(super) fn name(&mut self) -> Option<&'b [u8]> {
        self.take(b'"')?;
        let name = self.string()?;
        self.take(b':')?;
        Some(name)
    }

    /// Reads the rest of a string after its first quote. Returns the inside with its escapes.
    #[inline(always)]
    pub(super) fn string(&mut self) -> Option<&'b [u8]> {
        let (inside, rest) = match near_end(self.0) {
            Some(split) => split,
            None => far_end(self.0)?,
        };
        self.0 = rest;
        Some(inside)
    }

    /// Reads the rest of a literal.
    #[inline]
    pub(super) fn literal(&mut self, rest: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(rest)?;
        Some(())
    }

    /// Skips the rest of a number.
    #[inline]
    pub(super) fn number(&mut self) {
        while let [b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }
}

pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[inline(never)]
fn without_space(mut text: &[u8]) -> &[u8] {
    while let Some((_, rest)) = text.split_first().filter(|(first, _)| is_space(**first)) {
        text = rest;
    }
    text
}

/// Splits a string from the text after it, if the string's closing quote is one of the next 32 bytes.
///
/// Most strings are short, and this is faster than calling `memchr`.
#[inline(always)]
fn near_end(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let near: &[u8; 32] = text.first_chunk()?;
    let quote_of = |sixteen: &[u8; 16]| {
        let sixteen = u128::from_le_bytes(*sixteen);
        first_quote(sixteen as u64).or_else(|| first_quote((sixteen >> 64) as u64).map(|at| 8 + at))
    };
    let end = match quote_of(near.first_chunk()?) {
        Some(end) => end,
        None => 16 + quote_of(near.last_chunk()?)?,
    };
    if near.get(end.wrapping_sub(1)) == Some(&b'\\') {
        return None;
    }
    Some((text.get(..end)?, text.get(end + 1..)?))
}

#[inline(always)]
fn first_quote(eight: u64) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST_BITS: u64 = ONES << 7;
    let other = eight ^ u64::from_le_bytes([b'"'; 8]);
    // The lowest mark is at the first byte that is zero. The marks above it may be wrong.
    let marks = other.wrapping_sub(ONES) & !other & HIGHEST_BITS;
    (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
}

#[inline(never)]
fn far_end(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut end = 0;
    loop {
        end += memchr(b'"', text.get(end..)?)?;
        let (inside, rest) = text.split_at_checked(end)?;
        if !ends_in_escape(inside) {
            return Some((inside, rest.get(1..)?));
        }
        end += 1;
    }
}

/// Whether the text ends with an odd number of backslashes.
#[inline]
fn ends_in_escape(text: &[u8]) -> bool {
    let is_backslash = |byte: &&u8| **byte == b'\\';
    text.last() == Some(&b'\\') && text.iter().rev().take_while(is_backslash).count() % 2 == 1
}

/// Whether this is the inside of a string with this text, escaped or not. The text has only letters and dots.
#[inline]
pub(super) fn spells(inside: &[u8], text: &[u8]) -> bool {
    // An escaped letter takes six bytes.
    inside == text || (inside.len() > text.len() + 4 && spells_escaped(inside, text))
}

#[inline(never)]
fn spells_escaped(inside: &[u8], text: &[u8]) -> bool {
    inside.contains(&b'\\')
        && serde_json::from_slice::<String>(&[b"\"", inside, b"\""].concat())
            .is_ok_and(|unescaped| unescaped.as_bytes() == text)
}
