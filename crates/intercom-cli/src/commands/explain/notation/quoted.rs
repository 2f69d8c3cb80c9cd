//! Strings in a text, and documents that were encoded. Their content is read again.

use super::scanner::{MOST_LEVELS, Scanner, Shape};
use super::strings::Delimiter;
use super::tree::Kind;

impl Scanner<'_, '_> {
    /// Reads a string. Its content is read again.
    pub(super) fn string(&mut self) -> bool {
        let is_counted = self.so_far().is_some_and(is_counted) && self.rest().starts_with('"');
        let delimiter = match is_counted {
            true => Some(Delimiter::PLAIN),
            false => Delimiter::at(self.rest()),
        };
        let Some(delimiter) = delimiter else {
            return false;
        };
        let prefix = self.last();
        let is_prose = self.shape().is_prose();
        let so_far = self.so_far();
        let begun =
            so_far.is_some_and(|value| !value.is_empty() && !is_prefix(value) && !is_counted);
        let is_template =
            self.rest().starts_with('`') && so_far.is_some_and(|value| !value.is_empty());
        if (begun || is_template) && !is_prose {
            return false;
        }
        if is_prose && self.is_apostrophe() {
            return false;
        }
        let start = self.at + delimiter.len();
        let text = self.text.get(start..).unwrap_or_default();
        if self.shape() == Shape::Tag && !text.starts_with(['{', '[']) {
            return false;
        }
        let style = delimiter.style(prefix, text);
        let strict = is_prose && so_far.is_none_or(|value| !value.is_empty());
        if self.unclosed.contains(&(delimiter, strict)) {
            return false;
        }
        let counted = so_far
            .filter(|_| is_counted)
            .and_then(|value| counted(value, text));
        let Some((end, after)) = counted.or_else(|| delimiter.end(style, strict, text)) else {
            if !strict || !text.contains(delimiter.close()) {
                self.unclosed.push((delimiter, strict));
            }
            return false;
        };
        let content = text.get(..end).unwrap_or_default();
        // In XML, a quote is a part of the text unless it is closed before the tag ends.
        let is_in_tag = self.frames.iter().any(|frame| frame.shape == Shape::Tag);
        if is_in_tag && content.contains("</") {
            return false;
        }
        let mut decoded = match counted {
            Some(_) => content.to_owned(),
            None => delimiter.decode(style, content).into_owned(),
        };
        let node = match self.frames.last().and_then(|top| top.entry) {
            Some(entry) if !begun => entry.node,
            _ => self.add(None, Kind::Quoted),
        };
        self.at = start + after;
        self.join(&mut decoded);
        let place = self.place.clone().unwrap_or_else(|| {
            let begin = self.tree.node(node).map_or(start, |node| node.span.start);
            begin..self.at
        });
        self.tree.set(node, Kind::Quoted, &decoded, place.end);
        if !begun && let Some(top) = self.top() {
            top.entry = None;
        }
        if self.level < MOST_LEVELS && decoded.contains(['{', '[', '=', ':', '<', '(', '%']) {
            Scanner::new(&decoded, self.tree, node, self.level + 1, Some(place)).run();
        }
        true
    }

    /// Whether the quote is inside or at the end of a word, and not after the prefix of a string.
    pub(super) fn is_apostrophe(&self) -> bool {
        let before = self.text.get(..self.at).unwrap_or_default();
        let mut chars = before.chars().rev();
        let last = chars.next().filter(|char| char.is_alphanumeric());
        let earlier = chars.next().filter(|char| char.is_alphanumeric());
        last.is_some_and(|char| earlier.is_some() || !is_prefix(char.encode_utf8(&mut [0; 4])))
    }

    /// Adds the strings that follow with a `+`, as Node prints long ones.
    pub(super) fn join(&mut self, decoded: &mut String) {
        loop {
            let rest = self.rest().trim_start();
            let Some(rest) = rest.strip_prefix('+').map(str::trim_start) else {
                return;
            };
            let Some(delimiter) = Delimiter::at(rest) else {
                return;
            };
            let text = rest.get(delimiter.len()..).unwrap_or_default();
            let style = delimiter.style(None, text);
            let Some((end, after)) = delimiter.end(style, false, text) else {
                return;
            };
            decoded.push_str(&delimiter.decode(style, text.get(..end).unwrap_or_default()));
            self.at = self.text.len() - text.len() + after;
        }
    }

    /// Reads a percent-encoded document.
    pub(super) fn percent_encoded(&mut self) {
        let rest = self.rest();
        let end = rest.find(|char: char| char.is_whitespace() || "\"'<>&".contains(char));
        let run = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.decoded(run, &percent_decoded(run));
    }

    /// Reads a document that was encoded.
    pub(super) fn decoded(&mut self, run: &str, text: &str) {
        self.value(None, run.len(), text);
        self.at += run.len().max(1);
    }
}

/// Whether the value is a prefix of a string, like that of `b"..."`.
fn is_prefix(value: &str) -> bool {
    let mut chars = value.chars();
    matches!(
        chars.next(),
        Some('b' | 'u' | 'r' | 'f' | '@' | '$' | 'N' | 'E')
    ) && chars.next().is_none()
}

/// Whether the value is the begin of a string as PHP prints it: `string(8) "conflict"`, or `s:8:"conflict"`.
pub(super) fn is_counted(value: &str) -> bool {
    value
        .strip_prefix("string(")
        .is_some_and(|rest| rest.ends_with(')'))
}

/// The end of a string whose length is known.
fn counted(value: &str, text: &str) -> Option<(usize, usize)> {
    let length = value
        .strip_prefix("string(")?
        .strip_suffix(')')?
        .parse()
        .ok()?;
    text.get(length..)?
        .starts_with('"')
        .then_some((length, length + 1))
}

fn percent_decoded(text: &str) -> String {
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits
            .filter(|_| byte == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                out.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(if byte == b'+' { b' ' } else { byte });
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
