//! Strings: where they end, and what they contain. Documents that were encoded.

use percent_encoding::percent_decode_str;
use regex::Captures;

use super::pattern::{Pattern, pattern};

/// The quotes that open a string.
pub(super) const QUOTES: &[char] = &['"', '\'', '`', '\u{201c}', '\u{201e}'];

/// A string. A quote in it is escaped or doubled. In a JSON document in a table, each quote is doubled and nothing is escaped.
static STRING: Pattern = pattern!(
    r#"(?s)^(?:"[\[{ ]{1,8}""(?:[^"]|"")*"|"(?:[^"\\]|""|\\.)*"|'(?:[^'\\]|''|\\.)*'|`(?:[^`\\]|``|\\.)*`|"#,
    r"\x{201c}(?:[^\x{201d}\\]|\\.)*\x{201d}|\x{201e}(?:[^\x{201c}\\]|\\.)*\x{201c})",
);
/// A string in which a backslash stands for itself: that of a JSON document in a table, and one with a quote that
/// escaping would have changed.
static RAW: Pattern = pattern!(r#"^(?:"[\[{ ]{1,8}""|[^"](?s:.*[^\\])?(?:\\\\)*\\")"#);
/// A JSON document in a URL, in HTML, or in a string without its quotes.
static ENCODED: Pattern = pattern!(
    r#"^(?:(%(?:7[Bb]|5[Bb]|22)[^\s"'<>&]*)|([\[{][\[{\s]{0,60}&(?:quot|#34|#x22);[^<]*)|"#,
    r#"([\[{](?:[\[{\s]|\\[nrt]){0,60}\\+"(?:\\"|[^"])*))"#,
);
/// The references of HTML that are needed to write text.
#[rustfmt::skip]
const REFERENCES: &[(&str, &str)] = &[
    ("&quot;", "\""), ("&#34;", "\""), ("&#x22;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&#x27;", "'"),
    ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"),
];
/// Escapes by name. A line break after a backslash is left out.
#[rustfmt::skip]
const NAMED: &[(&str, &str)] = &[
    ("n", "\n"), ("r", "\r"), ("t", "\t"), ("b", "\u{8}"), ("f", "\u{c}"), ("e", "\u{1b}"), ("0", "\0"), ("\n", ""),
];
/// Escapes of all languages: UTF-16 units, bytes, a character by its number or name, or one other sign.
static ESCAPE: Pattern = pattern!(
    r"(?s)\\(?:(u[[:xdigit:]]{4}(?:\\u[[:xdigit:]]{4})*)|(x[[:xdigit:]]{2}(?:\\x[[:xdigit:]]{2})*)|",
    r"(?:[ux]\{|U)([[:xdigit:]]{1,8})\}?|([nrtbfe0\n]|[^[:alnum:]]))"
);

/// Reads the string that the text begins with. Also returns the text after it.
pub(super) fn literal(text: &str) -> Option<(String, &str)> {
    let string = STRING.find(text)?;
    let rest = text.get(string.end()..)?;
    let is_raw = RAW.is_match(string.as_str());
    let mut chars = string.as_str().chars();
    let close = chars.next().and(chars.next_back())?;
    let pair = String::from_iter([close, close]);
    let inner = chars.as_str();
    let text = inner.replace(&pair, close.encode_utf8(&mut [0; 4]));
    Some((if is_raw { text } else { unescaped(&text) }, rest))
}

/// Replaces the escapes of all known languages. Others are kept.
fn unescaped(text: &str) -> String {
    let replaced = ESCAPE.replace_all(text, |found: &Captures<'_>| {
        let group = |index| found.get(index).map_or("", |group| group.as_str());
        let numbers = |index| {
            let parts = group(index).split(['\\', 'u', 'x']);
            parts.filter_map(|digits| u16::from_str_radix(digits, 16).ok())
        };
        let units: Vec<u16> = numbers(1).collect();
        let bytes: Vec<u8> = numbers(2).flat_map(u8::try_from).collect();
        let number = u32::from_str_radix(group(3), 16);
        let char = number.map(|number| char::from_u32(number).unwrap_or('\u{fffd}'));
        let named = NAMED.iter().find(|named| named.0 == group(4));
        let mut text = String::from_utf16_lossy(&units) + &String::from_utf8_lossy(&bytes);
        text.push_str(named.map_or(group(4), |named| named.1));
        text.extend(char);
        text
    });
    replaced.into_owned()
}

/// Decodes the document in another encoding that the text begins with. Also returns its length.
pub(super) fn encoded(text: &str) -> Option<(String, usize)> {
    let found = ENCODED.captures(text)?;
    let group = |index| found.get(index).map(|group| group.as_str());
    let of_url = |run: &str| percent_decode_str(run).decode_utf8_lossy().into_owned();
    let decoded = group(1).map(|run| of_url(&run.replace('+', " ")));
    let decoded = decoded.or_else(|| group(2).map(from_html));
    let decoded = decoded.or_else(|| group(3).map(unescaped))?;
    Some((decoded, found[0].len()))
}

/// Decodes the references of HTML that are needed to write text.
pub(super) fn from_html(text: &str) -> String {
    let replace = |text: String, (name, char): &(&str, &str)| text.replace(name, char);
    REFERENCES.iter().fold(text.to_owned(), replace)
}
