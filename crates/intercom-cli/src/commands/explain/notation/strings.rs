//! Strings: where they end, and what they contain.

use std::borrow::Cow;

/// The quotes around a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delimiter {
    mark: &'static str,
    close: &'static str,
    /// How many backslashes precede each quote: those of a JSON string that was quoted itself, without its outer quotes.
    escapes: usize,
}

/// What a string is written in: with backslashes, or as it is with doubled quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Doubled,
    Escaped,
    Verbatim,
}

const QUOTES: &[(&str, &str)] = &[
    ("\"\"\"", "\"\"\""),
    ("'''", "'''"),
    ("\"", "\""),
    ("'", "'"),
    ("`", "`"),
    ("\u{201c}", "\u{201d}"),
    ("\u{201e}", "\u{201c}"),
];

impl Delimiter {
    /// A double quote.
    pub(super) const PLAIN: Self = Self {
        mark: "\"",
        close: "\"",
        escapes: 0,
    };

    /// The quotes that open at the beginning of the text.
    pub(super) fn at(text: &str) -> Option<Self> {
        let near = text.as_bytes().iter().take(8);
        let escapes = near.take_while(|&&byte| byte == b'\\').count();
        let rest = text.get(escapes..)?;
        let is_level = matches!(escapes, 0 | 1 | 3 | 7);
        let found = QUOTES.iter().find(|(mark, _)| rest.starts_with(mark));
        let &(mark, close) = found.filter(|_| is_level)?;
        let quotes = Self {
            mark,
            close,
            escapes,
        };
        let after = rest.get(mark.len()..)?;
        // A triple quote can also be an empty string and a quote of the text around.
        if mark.len() == 3 && mark.is_ascii() && !after.contains(mark) {
            return Some(Self {
                mark: close.get(..1)?,
                close: close.get(..1)?,
                escapes,
            });
        }
        // `""code""`: in a table, each quote of a cell is doubled.
        let inner = after.strip_prefix('"').filter(|_| mark == "\"");
        let is_doubled = inner.is_some_and(|inner| inner.starts_with(char::is_alphanumeric));
        if is_doubled {
            return Some(Self {
                mark: "\"\"",
                close: "\"\"",
                escapes,
            });
        }
        Some(quotes)
    }

    pub(super) const fn len(self) -> usize {
        self.escapes + self.mark.len()
    }

    /// The closing quotes of a key, which contains no quotes itself.
    pub(super) fn close(self) -> &'static str {
        match (self.close, self.escapes) {
            ("\"", 1) => "\\\"",
            ("\"", 3) => "\\\\\\\"",
            ("\"", 7) => "\\\\\\\\\\\\\\\"",
            ("'", 1) => "\\'",
            (close, _) => close,
        }
    }

    /// How a string with these quotes is written. `prefix` is the byte before it, and `text` begins after its quotes.
    pub(super) fn style(self, prefix: Option<u8>, text: &str) -> Style {
        let brackets = text
            .bytes()
            .take(8)
            .take_while(|byte| b"{[ ".contains(byte));
        let inner = text.get(brackets.count()..).unwrap_or_default();
        match self.mark {
            "\"" if inner.len() < text.len() && inner.starts_with("\"\"") => Style::Doubled,
            "\"" if prefix == Some(b'@') => Style::Doubled,
            "\"" | "'" | "\"\"\"" | "'''" if prefix == Some(b'r') => Style::Verbatim,
            _ => Style::Escaped,
        }
    }

    /// The end of the string that begins with the text, after its quotes. Also the end with the closing quotes.
    ///
    /// A quote before a letter does not close a string. If `strict`, there is no string then: it was an apostrophe.
    pub(super) fn end(self, style: Style, strict: bool, text: &str) -> Option<(usize, usize)> {
        let bytes = text.as_bytes();
        let quote = *self.close.as_bytes().first()?;
        let mut at = 0;
        loop {
            at += bytes.get(at..)?.iter().position(|&byte| byte == quote)?;
            let from = bytes.get(at..)?;
            let slashes = bytes.get(..at)?.iter().rev();
            let slashes = slashes.take_while(|&&byte| byte == b'\\').count();
            let period = 2 * (self.escapes + 1);
            let is_open = match style {
                Style::Escaped => slashes % period == self.escapes,
                Style::Doubled | Style::Verbatim => true,
            };
            if !is_open || !from.starts_with(self.close.as_bytes()) {
                at += 1;
                continue;
            }
            let after = at + self.close.len();
            let is_again = bytes.get(after) == Some(&quote) && self.close.len() == 1;
            if is_again && style != Style::Verbatim && self.escapes == 0 {
                at = after + 1;
                continue;
            }
            let goes_on = text
                .get(after..)
                .is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
            if goes_on && strict {
                return None;
            }
            if goes_on {
                at = after;
                continue;
            }
            return Some((at.saturating_sub(self.escapes), after));
        }
    }

    /// The text of a string.
    pub(super) fn decode(self, style: Style, text: &str) -> Cow<'_, str> {
        let doubled = [self.close, self.close].concat();
        let text = match self.close {
            "\"" | "'" if self.escapes == 0 && text.contains(&doubled) => {
                Cow::Owned(text.replace(&doubled, self.close))
            }
            _ => Cow::Borrowed(text),
        };
        if style != Style::Escaped || (self.mark != "\"" && is_raw(&text)) {
            return text;
        }
        let levels = self.escapes.count_ones() + 1;
        (0..levels).fold(text, |text, _| match text.contains('\\') {
            true => Cow::Owned(unescaped(&text)),
            false => text,
        })
    }
}

/// Whether the text was written as it is: escaping would have doubled the backslash before a double quote.
fn is_raw(text: &str) -> bool {
    let mut slashes = 0;
    text.bytes().any(|byte| {
        let is_escape = byte == b'"' && slashes % 2 == 1;
        slashes = if byte == b'\\' { slashes + 1 } else { 0 };
        is_escape
    })
}

/// Replaces the escapes of all known languages. Others are kept.
fn unescaped(text: &str) -> String {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, from) = rest.split_at_checked(at).unwrap_or_default();
        out.extend_from_slice(before.as_bytes());
        let mut chars = from.chars();
        chars.next();
        let plain = match chars.next() {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('v') => Some('\u{b}'),
            Some('a') => Some('\u{7}'),
            Some('e') => Some('\u{1b}'),
            Some('0') => Some('\0'),
            Some('\n') => None,
            Some(char) if !char.is_alphanumeric() => Some(char),
            _ => {
                rest = encoded(from, &mut out);
                continue;
            }
        };
        out.extend(
            plain
                .map(|char| char.to_string())
                .unwrap_or_default()
                .bytes(),
        );
        rest = chars.as_str();
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8(out)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Decodes the escape by number at the beginning: `\x41`, `\x{41}`, `\u0041`, `\u{41}`, `\U00000041`. Returns the rest.
fn encoded<'t>(text: &'t str, out: &mut Vec<u8>) -> &'t str {
    let Some((number, rest)) = number(text) else {
        out.push(b'\\');
        return text.get(1..).unwrap_or_default();
    };
    if text.starts_with("\\x") && !text.starts_with("\\x{") && number > 0x7f {
        return bytes(text, out);
    }
    // Two escapes are one character if the first is a surrogate.
    let low = number_of_pair(number, rest);
    let (code, rest) = low.unwrap_or((number, rest));
    let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    rest
}

fn number_of_pair(high: u32, rest: &str) -> Option<(u32, &str)> {
    let (low, rest) = number(rest).filter(|_| (0xd800..0xdc00).contains(&high))?;
    let low = low.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
    Some((0x1_0000 + ((high - 0xd800) << 10) + low, rest))
}

fn number(text: &str) -> Option<(u32, &str)> {
    let rest = text.strip_prefix('\\')?;
    let digits = match rest.bytes().next()? {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => return None,
    };
    let rest = rest.get(1..)?;
    let (digits, rest) = match rest.strip_prefix('{') {
        Some(braced) => {
            braced.split_at_checked(braced.bytes().take(9).position(|byte| byte == b'}')?)?
        }
        None => rest.split_at_checked(digits)?,
    };
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    Some((
        number,
        rest.strip_prefix('}')
            .filter(|_| text.as_bytes().get(2) == Some(&b'{'))
            .unwrap_or(rest),
    ))
}

/// Decodes a run of bytes. They are UTF-8, or else each is a character.
fn bytes<'t>(text: &'t str, out: &mut Vec<u8>) -> &'t str {
    let (mut run, mut rest) = (Vec::new(), text);
    while let Some((byte, after)) = number(rest).filter(|_| rest.starts_with("\\x")) {
        let Some(byte) = u8::try_from(byte).ok().filter(|byte| *byte > 0x7f) else {
            break;
        };
        run.push(byte);
        rest = after;
    }
    match std::str::from_utf8(&run) {
        Ok(text) => out.extend_from_slice(text.as_bytes()),
        Err(_) => out.extend(
            run.iter()
                .flat_map(|&byte| char::from(byte).to_string().into_bytes()),
        ),
    }
    rest
}

/// Decodes the references of HTML that are needed to write text.
pub(super) fn html_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let references = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#x22;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    let text = Cow::Borrowed(text);
    references.iter().fold(text, |text, (reference, char)| {
        match text.contains(reference) {
            true => Cow::Owned(text.replace(reference, char)),
            false => text,
        }
    })
}
