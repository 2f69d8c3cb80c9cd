//! Strings: where they end, and what they contain. Documents that were encoded.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use regex::Captures;

use super::pattern::Pattern;
use super::tree::begin;

/// The quotes that open and close a string.
#[rustfmt::skip]
pub(super) const QUOTES: &[(char, char)] = &[
    ('"', '"'), ('\'', '\''), ('`', '`'), ('\u{201c}', '\u{201d}'), ('\u{201e}', '\u{201c}'),
];

/// The begin of a JSON document in a table, where each quote is doubled.
static DOUBLED: Pattern = Pattern::new(r#"^[\[{ ]{1,8}"""#);
/// A quote that was written as it is: escaping would have doubled the backslash before it.
static RAW: Pattern = Pattern::new(r#"(?:^|[^\\])(?:\\\\)*\\""#);
/// The begin of a JSON document that was quoted itself, without its outer quotes.
static ESCAPED: Pattern = Pattern::new(r#"^[\[{](?:[\[{\s]|\\[nrt])*\\+""#);
/// The begin of a JSON document in HTML.
static IN_HTML: Pattern = Pattern::new(r"^[\[{][\[{\s]*&(?:quot|#34|#x22);");
/// The begin of a JSON document in a URL.
static IN_URL: Pattern = Pattern::new("^%(?:7[Bb]|5[Bb]|22)");
/// The references of HTML that are needed to write text.
static REFERENCE: Pattern = Pattern::new("&(?:(quot|#34|#x22)|(apos|#39|#x27)|(lt)|(gt)|amp);");
/// Escapes by name. A line break after a backslash is left out.
#[rustfmt::skip]
const NAMED: &[(&str, &str)] = &[
    ("n", "\n"), ("r", "\r"), ("t", "\t"), ("b", "\u{8}"), ("f", "\u{c}"), ("e", "\u{1b}"), ("0", "\0"), ("\n", ""),
];
/// Escapes of all languages: UTF-16 units, bytes, a character by its number, or one other character.
static ESCAPE: Pattern = Pattern::new(concat!(
    r"(?s)\\(?:(u[[:xdigit:]]{4}(?:\\u[[:xdigit:]]{4})*)|(x[[:xdigit:]]{2}(?:\\x[[:xdigit:]]{2})*)|",
    r"(?:[ux]\{|U)([[:xdigit:]]{1,8})\}?|(.))"
));

/// Reads the string that the text begins with. Also returns the text after it.
pub(super) fn literal(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let &(open, close) = QUOTES.iter().find(|(open, _)| text.starts_with(*open))?;
    let inner = text.strip_prefix(open)?;
    let is_doubled = open == '"' && DOUBLED.is_match(begin(inner, 10));
    let mut chars = inner.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        if char == '\\' && !is_doubled {
            chars.next();
        } else if char == close && chars.next_if(|(_, next)| *next == close).is_none() {
            let (content, rest) = inner.split_at_checked(at)?;
            let content = content_of(content, close, is_doubled);
            return Some((content, rest.strip_prefix(close)?));
        }
    }
    None
}

fn content_of(text: &str, close: char, is_doubled: bool) -> Cow<'_, str> {
    let pair = String::from_iter([close, close]);
    let text = match text.contains(&pair) {
        true => Cow::Owned(text.replace(&pair, close.encode_utf8(&mut [0; 4]))),
        false => Cow::Borrowed(text),
    };
    match is_doubled || (close != '"' && RAW.is_match(&text)) {
        true => text,
        false => Cow::Owned(unescaped(&text)),
    }
}

/// Replaces the escapes of all known languages. Others are kept.
fn unescaped(text: &str) -> String {
    let replaced = ESCAPE.replace_all(text, |found: &Captures<'_>| {
        let group = |index| found.get(index).map_or("", |group| group.as_str());
        let numbers = |index| {
            let parts = group(index).split(['\\', 'u', 'x']);
            let numbers = parts.filter_map(|digits| u16::from_str_radix(digits, 16).ok());
            numbers.collect::<Vec<u16>>()
        };
        let bytes = numbers(2).into_iter().flat_map(u8::try_from);
        let bytes: Vec<u8> = bytes.collect();
        let number = u32::from_str_radix(group(3), 16).ok();
        let named = NAMED.iter().find(|named| named.0 == group(4));
        let is_kept = group(4).starts_with(char::is_alphanumeric);
        let other = if is_kept { &found[0] } else { group(4) };
        let named = named.map_or(other, |named| named.1);
        let char = number.map(|number| char::from_u32(number).unwrap_or('\u{fffd}'));
        let char = char.map(String::from).unwrap_or_default();
        let units = String::from_utf16_lossy(&numbers(1));
        units + &String::from_utf8_lossy(&bytes) + named + &char
    });
    replaced.into_owned()
}

/// Decodes the document in another encoding that the text begins with. Also returns its length.
pub(super) fn encoded(text: &str) -> Option<(String, usize)> {
    let near = begin(text, 64);
    let until = |end: Option<usize>| text.get(..end.unwrap_or(text.len()));
    if IN_URL.is_match(near) {
        let is_end = |char: char| char.is_whitespace() || "\"'<>&".contains(char);
        let run = until(text.find(is_end))?;
        let spaced = run.replace('+', " ");
        let text = percent_decode_str(&spaced).decode_utf8_lossy();
        return Some((text.into_owned(), run.len()));
    }
    if IN_HTML.is_match(near) {
        let run = until(text.find('<'))?;
        return Some((from_html(run), run.len()));
    }
    if !ESCAPED.is_match(near) {
        return None;
    }
    let quotes = text.match_indices('"').map(|(at, _)| at);
    let mut ends = quotes.filter(|&at| !text.get(..at).unwrap_or_default().ends_with('\\'));
    let run = until(ends.next())?;
    Some((unescaped(run), run.len()))
}

/// Decodes the references of HTML that are needed to write text.
pub(super) fn from_html(text: &str) -> String {
    let replaced = REFERENCE.replace_all(text, |found: &Captures<'_>| {
        let chars = ["\"", "'", "<", ">"].into_iter().zip(found.iter().skip(1));
        let mut found = chars.filter(|(_, group)| group.is_some());
        found.next().map_or("&", |(char, _)| char)
    });
    replaced.into_owned()
}
