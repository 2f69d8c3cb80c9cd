//! Removes the token from everything that is printed.
//!
//! This covers the token in its plain, percent-encoded, JSON-escaped and HTML-escaped spelling, and each plain prefix of
//! 10 or more characters. Other encodings are not covered.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;

use serde_json::Value;

use crate::json;

const MASK: &str = "[redacted]";
/// Shorter words are not tokens and would match too often.
const SHORTEST: usize = 6;
/// A prefix of this length is redacted, whatever follows it.
const PREFIX: usize = 10;
/// The longest HTML character reference that is decoded.
const LONGEST_REFERENCE: usize = 12;

/// Characters, each followed by its HTML name.
const NAMES: &str =
    r##"&amp 'apos \bsol =equals >gt _lowbar <lt #num %percnt .period +plus "quot /sol"##;

/// Decodes the first character of a text if it is encoded. Also returns the length of the encoding.
type Notation = fn(&[u8]) -> Option<(u8, usize)>;

const NOTATIONS: [Notation; 4] = [|_| None, percent, json, html];

/// Replaces all occurrences of a secret.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    /// Empty if there is nothing to redact.
    secret: Vec<u8>,
    /// For each prefix of the secret, the length of the longest shorter prefix that it ends with: the table of the
    /// Knuth-Morris-Pratt algorithm.
    borders: Vec<usize>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    pub(crate) fn new(secret: &str) -> Self {
        let secret = secret.trim();
        let mut redactor = Self::default();
        if secret.len() >= SHORTEST {
            redactor.secret = secret.as_bytes().to_vec();
            redactor.borders.push(0);
            let mut border = 0;
            for byte in secret.bytes().skip(1) {
                border = redactor.step(border, byte);
                redactor.borders.push(border);
            }
        }
        redactor
    }

    pub(crate) fn bytes<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        let read = |notation: &Notation| self.find(text, *notation);
        let mut parts: Vec<_> = NOTATIONS.iter().flat_map(read).collect();
        if parts.is_empty() {
            return Cow::Borrowed(text);
        }
        parts.sort_unstable_by_key(|part| part.start);
        let (mut out, mut end) = (Vec::with_capacity(text.len()), 0);
        for part in parts {
            if let Some(between) = text.get(end..part.start) {
                out.extend_from_slice(between);
                out.extend_from_slice(MASK.as_bytes());
            }
            end = end.max(part.end);
        }
        out.extend_from_slice(text.get(end..).unwrap_or_default());
        Cow::Owned(out)
    }

    pub(crate) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// Redacts JSON so that it stays JSON: a number that contains the secret becomes a string.
    pub(crate) fn json(&self, document: &str) -> String {
        json::with_scalars(document, |scalar| {
            // `None` for a number, and for a string with a lone surrogate.
            let string = serde_json::from_str::<String>(scalar).ok();
            match self.text(string.as_deref().unwrap_or(scalar)) {
                Cow::Borrowed(_) => Cow::Borrowed(scalar),
                Cow::Owned(hidden) => {
                    let hidden = string.map_or_else(|| MASK.to_owned(), |_| hidden);
                    Cow::Owned(Value::from(hidden).to_string())
                }
            }
        })
    }

    /// Redacts the body of a response. JSON stays JSON.
    pub(crate) fn body<'t>(&self, body: &'t [u8]) -> Cow<'t, [u8]> {
        match std::str::from_utf8(body) {
            Ok(text) if json::value(body).is_some() => Cow::Owned(self.json(text).into_bytes()),
            _ => self.bytes(body),
        }
    }

    /// The parts of the text to redact, in order. Takes linear time.
    fn find(&self, text: &[u8], notation: Notation) -> Vec<Range<usize>> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        let Some(&initial) = self.secret.first() else {
            return parts;
        };
        let begins = |byte: &u8| [initial, b'%', b'\\', b'&'].contains(byte);
        // The positions of the characters of the prefix that the text ends with so far.
        let mut prefix = VecDeque::new();
        let mut at = 0;
        while let Some(rest @ [first, ..]) = text.get(at..) {
            if prefix.is_empty() && !begins(first) {
                at += rest.iter().position(begins).unwrap_or(rest.len());
                continue;
            }
            let (byte, length) = notation(rest).unwrap_or((*first, 1));
            let found = self.step(prefix.len(), byte);
            prefix.push_back(at);
            prefix.drain(..prefix.len() - found);
            at += length;
            if let Some(&start) = prefix.front() {
                match parts.last_mut() {
                    _ if found < self.secret.len().min(PREFIX) => {}
                    Some(last) if last.contains(&start) => last.end = at,
                    _ => parts.push(start..at),
                }
            }
        }
        parts
    }

    /// The length of the prefix that a text ends with after this byte, given that it ends with `found` bytes of it before.
    fn step(&self, mut found: usize, byte: u8) -> usize {
        while self.secret.get(found) != Some(&byte) {
            let Some(last) = found.checked_sub(1) else {
                return 0;
            };
            found = self.borders.get(last).copied().unwrap_or_default();
        }
        found + 1
    }
}

fn percent(text: &[u8]) -> Option<(u8, usize)> {
    let digits = text.strip_prefix(b"%")?.get(..2)?;
    Some((number(digits, 16)?, 3))
}

fn json(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'\\', char @ (b'"' | b'/' | b'\\'), ..] => Some((*char, 2)),
        [b'\\', b'u', digits @ ..] => Some((number(digits.get(..4)?, 16)?, 6)),
        _ => None,
    }
}

fn html(text: &[u8]) -> Option<(u8, usize)> {
    let reference = text.strip_prefix(b"&")?.iter();
    let length = reference
        .take(LONGEST_REFERENCE)
        .position(|&byte| byte == b';')?;
    let byte = match text.get(1..=length)? {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        name => {
            let mut names = NAMES.split(' ').map(str::as_bytes);
            *names.find(|known| known.get(1..) == Some(name))?.first()?
        }
    };
    Some((byte, length + 2))
}

fn number(digits: &[u8], radix: u32) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Redactor;

    const TOKEN: &str = "dG9r/OmFi+Y2Rl==";

    #[test]
    fn the_token_is_redacted_in_every_covered_spelling() {
        let redactor = Redactor::new(TOKEN);
        let all = |spell: fn(char) -> String| TOKEN.chars().map(spell).collect::<String>();
        for spelling in [
            TOKEN.to_owned(),
            "dG9r%2FOmFi%2BY2Rl%3D%3D".to_owned(),
            "dG9r%2fOmFi%2bY2Rl=%3d".to_owned(),
            all(|char| format!("%{:02X}", u32::from(char))),
            r"dG9r\/OmFi\u002bY2Rl\u003D=".to_owned(),
            all(|char| format!("\\u{:04x}", u32::from(char))),
            "dG9r&#47;OmFi&#043;Y2Rl&#x3d;&#X3D;".to_owned(),
            "dG9r&sol;OmFi&plus;Y2Rl&equals;=".to_owned(),
            "dG9r&#x00002F;OmFi+Y2Rl&#0000061;=".to_owned(),
            all(|char| format!("&#{};", u32::from(char))),
        ] {
            for (before, behind) in [("", ""), ("(", ")"), ("Bearer ", " x"), ("?t=", "&u")] {
                assert_eq!(
                    redactor.text(&format!("{before}{spelling}{behind}")),
                    format!("{before}[redacted]{behind}")
                );
            }
            assert_eq!(
                redactor.text(&format!("{spelling}{spelling}")),
                "[redacted][redacted]"
            );
        }
    }

    #[test]
    fn a_prefix_of_ten_characters_is_hidden_whatever_follows() {
        let redactor = Redactor::new(TOKEN);
        for length in 10..TOKEN.len() {
            for behind in [" ", ")", ";", "", "\n", "-", "%", "%2", "\\u00", "&#x", "…"] {
                let text = format!("x{}{behind}", &TOKEN[..length]);
                assert_eq!(redactor.text(&text), format!("x[redacted]{behind}"));
            }
        }
        assert_eq!(redactor.text("dG9r/OmFi, or so"), "dG9r/OmFi, or so");
    }

    #[test]
    fn a_token_that_begins_within_a_prefix_is_redacted() {
        let token = "dG9rOnNlY3JldC1jYW5hcnk/Pw==";
        let redactor = Redactor::new(token);
        for length in 1..token.len() {
            let hidden = redactor
                .text(&format!("{}{token}", &token[..length]))
                .into_owned();
            let left = if length < 10 { &token[..length] } else { "" };
            assert_eq!(hidden.replace("[redacted]", ""), left);
        }
    }

    #[test]
    fn a_short_token_is_redacted_as_a_whole_and_shorter_words_are_not() {
        let redactor = Redactor::new("abc/ef");
        assert_eq!(
            redactor.text("abc/ef abc/e abc%2fef"),
            "[redacted] abc/e [redacted]"
        );
        for none in [
            Redactor::new("abcde"),
            Redactor::new(""),
            Redactor::default(),
        ] {
            assert_eq!(none.text("abcde"), "abcde");
            assert_eq!(none.json("[\"abcde\"]"), "[\"abcde\"]");
        }
    }

    #[test]
    fn a_token_with_special_characters_is_redacted() {
        for token in [r#"a&b\c"d<"#, r"\\ab\c", "a%2541&amp;b", r"u00e9\u0041"] {
            let redactor = Redactor::new(token);
            assert_eq!(redactor.text(&format!("<{token}>")), "<[redacted]>");
            let document = json!([token]).to_string();
            assert_eq!(redactor.json(&document), r#"["[redacted]"]"#);
        }
        let redactor = Redactor::new(r#"a&b\c"d<"#);
        for text in [r#"a&b\\c\"d<"#, r"a&amp;b\c&quot;d&lt;", "a%26b%5Cc%22d%3C"] {
            assert_eq!(
                redactor.text(&format!("<{text}>")),
                "<[redacted]>",
                "{text}"
            );
        }
    }

    /// The definition of what is redacted, applied to each position.
    fn hidden_slowly(secret: &str, text: &str) -> Vec<bool> {
        let mut hidden = vec![false; text.len()];
        for at in 0..text.len() {
            let found = secret.bytes().zip(text.bytes().skip(at));
            let found = found.take_while(|(one, other)| one == other).count();
            if found >= secret.len().min(10) {
                hidden[at..at + found].fill(true);
            }
        }
        hidden
    }

    #[test]
    fn only_prefixes_of_periodic_tokens_are_redacted() {
        let mut state = 1_u32;
        for length in [6, 7, 10, 11, 13, 20] {
            for _ in 0..200 {
                let mut letters = |count: usize| -> String {
                    let letter = |_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        if state >> 29 == 0 { 'b' } else { 'a' }
                    };
                    (0..count).map(letter).collect()
                };
                let (secret, text) = (letters(length), letters(60));
                let hidden = hidden_slowly(&secret, &text);
                let left: String = text
                    .chars()
                    .zip(hidden)
                    .filter(|(_, hidden)| !hidden)
                    .map(|(char, _)| char)
                    .collect();
                assert_eq!(
                    Redactor::new(&secret).text(&text).replace("[redacted]", ""),
                    left,
                    "{secret} {text}"
                );
            }
        }
    }

    #[test]
    fn a_text_that_consists_of_prefixes_takes_linear_time() {
        let token = format!("{}b", "a".repeat(16_000));
        let redactor = Redactor::new(&token);
        for unit in ["a", "%61", "\\u0061", "&#97;"] {
            let hidden = redactor.text(&unit.repeat(1 << 20)).into_owned();
            assert_eq!(hidden.matches("[redacted]").count(), 1, "{unit}");
        }
        for unit in ["dG9r/OmF ", "%", "\\", "&", "&#0000000", "%25", "\\u0", " "] {
            let text = unit.repeat(1 << 18);
            assert_eq!(Redactor::new(TOKEN).text(&text), text);
        }
    }

    #[test]
    fn redacted_json_is_still_json() {
        for (token, document, left) in [
            (
                "12345678",
                json!([12_345_678, -912_345_678.5, { "12345678": true }]),
                json!(["[redacted]", "[redacted]", { "[redacted]": true }]),
            ),
            (
                "1234567890123",
                json!([1_234_567_890_u64, 123_456_789]),
                json!(["[redacted]", 123_456_789]),
            ),
            ("nabcdefghij", json!("\nabcdefghij"), json!("\nabcdefghij")),
            (
                "u0061bcdefg",
                json!("\u{1}u0061bcdefg"),
                json!("\u{1}[redacted]"),
            ),
            (
                TOKEN,
                json!(r#"{"a":"dG9r\/OmFi+Y2Rl=="}"#),
                json!(r#"{"a":"[redacted]"}"#),
            ),
            (
                r"\\\\\\",
                json!([r"\\\\\\", r"\"]),
                json!(["[redacted]", r"\"]),
            ),
        ] {
            let hidden = Redactor::new(token).json(&document.to_string());
            assert_eq!(
                serde_json::from_str::<Value>(&hidden).unwrap(),
                left,
                "{hidden}"
            );
        }
        let half = r#"["\ud800dG9r\/OmFi+Y2Rl==", "\ud800", 1.10, "\/"]"#;
        let left = r#"["[redacted]", "\ud800", 1.10, "\/"]"#;
        assert_eq!(Redactor::new(TOKEN).json(half), left);
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_kept() {
        let redactor = Redactor::new(TOKEN);
        let body = [b"\xff\xfe".as_slice(), TOKEN.as_bytes(), b"\x80"].concat();
        let hidden = b"\xff\xfe[redacted]\x80".as_slice();
        assert_eq!(redactor.bytes(&body).as_ref(), hidden);
        assert_eq!(redactor.body(&body).as_ref(), hidden);
    }
}
