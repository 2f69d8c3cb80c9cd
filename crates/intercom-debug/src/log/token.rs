//! A line as tokens.

use super::{time, url};

/// A token, and what stands between it and the token before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'l> {
    pub(super) gap: &'l str,
    pub(super) text: &'l str,
    pub(super) kind: Kind,
    /// The rest of the line.
    pub(super) rest: &'l str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A path, up to a quote or a space.
    Path,
    /// A date with a time, or a time at the start of the line.
    Time,
    /// A URL, up to a quote or a space.
    Url,
    /// Anything else, up to a separator.
    Word,
}

/// The tokens of a line, and what is after the last one.
pub(super) fn tokens(line: &str) -> (Vec<Token<'_>>, &str) {
    let mut tokens = Vec::new();
    let mut rest = line;
    loop {
        let (gap, from) = rest.split_at(gap_len(rest));
        if from.is_empty() {
            return (tokens, gap);
        }
        let (kind, len) = next(from, tokens.is_empty());
        let (text, after) = from.split_at(len);
        rest = after;
        tokens.push(Token {
            gap,
            text,
            kind,
            rest,
        });
    }
}

/// The kind and the length of the token at the start of this text. It is at least one character long.
fn next(from: &str, is_first: bool) -> (Kind, usize) {
    if let Some(len) = time::len(from, is_first) {
        return (Kind::Time, len);
    }
    if url::is_url(from) {
        return (Kind::Url, until(from, ends_address));
    }
    if from.starts_with('/') {
        return (Kind::Path, until(from, ends_address));
    }
    let mut len = 0;
    for char in from.chars() {
        if is_separator(char) || escape_len(from.get(len..).unwrap_or_default()) > 0 {
            break;
        }
        len += char.len_utf8();
    }
    (Kind::Word, len)
}

fn until(from: &str, ends: impl Fn(char) -> bool) -> usize {
    from.find(ends).unwrap_or(from.len())
}

fn ends_address(char: char) -> bool {
    char.is_whitespace()
        || char.is_control()
        || matches!(
            char,
            '"' | '\'' | '`' | '<' | '>' | '\\' | '(' | ')' | '[' | ']' | '{' | '}' | '|'
        )
}

fn is_separator(char: char) -> bool {
    ends_address(char) && char != '\\' || matches!(char, ',' | ';' | '=' | ':')
}

/// How long the separators at the start are.
fn gap_len(text: &str) -> usize {
    let mut len = 0;
    loop {
        let rest = text.get(len..).unwrap_or_default();
        match rest.chars().next() {
            Some(char) if is_separator(char) => len += char.len_utf8(),
            _ => match escape_len(rest) {
                0 => return len,
                escape => len += escape,
            },
        }
    }
}

/// How long the escape at the start is: one of a quote, a backslash or a white space, as in JSON inside JSON.
fn escape_len(text: &str) -> usize {
    let mut bytes = text.bytes();
    match (bytes.next(), bytes.next()) {
        (Some(b'\\'), Some(b'"' | b'\'' | b'\\' | b'n' | b'r' | b't')) => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn no_character_is_lost() {
        for line in [
            "",
            "  ",
            "a b",
            "\\",
            "\\\"a\\\":1",
            "é=ü/",
            "/a?b=c d",
            "http://",
            "x\\",
        ] {
            let (tokens, end) = tokens(line);
            let mut all: String = tokens
                .iter()
                .flat_map(|token| [token.gap, token.text])
                .collect();
            all.push_str(end);
            assert_eq!(all, line);
        }
    }
}
