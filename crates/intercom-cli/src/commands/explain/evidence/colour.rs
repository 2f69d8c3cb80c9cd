//! Removes the control sequences of terminals, which colour logs.

use std::borrow::Cow;

/// How the escape character is written in logs and in strings.
const ESCAPES: &[&[u8]] = &[
    b"\x1b", b"\\u001b", b"\\u001B", b"\\x1b", b"\\x1B", b"\\033", b"\\e", b"^[",
];

/// The text without control sequences.
pub(super) fn removed(text: &[u8]) -> Cow<'_, [u8]> {
    if sequence_in(text).is_none() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((at, after)) = sequence_in(rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = after;
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// The first sequence in the text: where it begins, and the text after it.
fn sequence_in(text: &[u8]) -> Option<(usize, &[u8])> {
    let is_begin = |byte: &u8| matches!(byte, b'\x1b' | b'\\' | b'^');
    let begins = text.iter().enumerate().filter(|(_, byte)| is_begin(byte));
    begins
        .map(|(at, _)| at)
        .find_map(|at| Some((at, sequence(text.get(at..)?)?)))
}

/// The text after the sequence that it begins with: `ESC [ 31 m`, or a title or a link from `ESC ]` to its end.
fn sequence(text: &[u8]) -> Option<&[u8]> {
    let mut escapes = ESCAPES.iter();
    let rest = escapes.find_map(|escape| text.strip_prefix(*escape))?;
    if let Some(rest) = rest
        .strip_prefix(b"]")
        .filter(|_| text.first() == Some(&0x1b))
    {
        let near = rest.get(..rest.len().min(2048))?;
        let end = near.iter().position(|byte| matches!(byte, 7 | 0x1b))?;
        let after = rest.get(end + 1..)?;
        return Some(after.strip_prefix(b"\\").unwrap_or(after));
    }
    let rest = rest.strip_prefix(b"[")?;
    let is_part = |byte: &&u8| byte.is_ascii_digit() || b";:?".contains(byte);
    let (end, after) = rest
        .get(rest.iter().take(32).take_while(is_part).count()..)?
        .split_first()?;
    end.is_ascii_alphabetic().then_some(after)
}
