//! Makes text from outside safe for a terminal: escapes control characters and direction marks.

use std::fmt::Write as _;

/// Text on one line: line breaks and tabs become spaces.
pub(crate) fn line(text: &str) -> String {
    escape(text, |out, char| match char {
        '\n' | '\r' | '\t' => out.push(' '),
        char => out.extend(char.escape_default()),
    })
}

/// Text that keeps its line breaks and tabs.
pub(crate) fn lines(text: &str) -> String {
    escape(&text.replace("\r\n", "\n"), |out, char| match char {
        '\n' | '\t' => out.push(char),
        char => out.extend(char.escape_default()),
    })
}

/// An equivalent JSON document. Outside of strings, its only control characters must be line breaks.
pub(crate) fn json(document: &str) -> String {
    escape(document, |out, char| match char {
        '\n' => out.push(char),
        char => {
            let _ = write!(out, "\\u{:04x}", u32::from(char));
        }
    })
}

fn escape(text: &str, escaped: impl Fn(&mut String, char)) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() || is_direction(char) {
            escaped(&mut out, char);
        } else {
            out.push(char);
        }
    }
    out
}

/// Marks that change the writing direction or break a line, which can make text misleading.
const fn is_direction(char: char) -> bool {
    matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::{json, line, lines};

    #[test]
    fn escape_sequences_in_a_line_are_escaped() {
        assert_eq!(
            line("a\u{1b}[31mb\r\nc\td\u{9b}e\u{202e}f"),
            r"a\u{1b}[31mb  c d\u{9b}e\u{202e}f"
        );
    }

    #[test]
    fn line_breaks_and_tabs_of_lines_are_kept() {
        assert_eq!(
            lines("a\r\nb\tc\rd\u{1b}]52;c;x\u{7}\n"),
            "a\nb\tc\\rd\\u{1b}]52;c;x\\u{7}\n"
        );
    }

    #[test]
    fn escaped_json_is_equivalent() {
        let text = "[\n  \"a\u{7f}b\u{9b}c\u{2028}d\u{e9}\u{1f600}\"\n]";
        let escaped = json(text);
        assert_eq!(
            escaped,
            "[\n  \"a\\u007fb\\u009bc\\u2028d\u{e9}\u{1f600}\"\n]"
        );
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&escaped), read(text));
    }

    #[test]
    fn every_direction_mark_is_escaped() {
        let marks = ['\u{61c}', '\u{200e}', '\u{200f}'];
        let marks = marks.into_iter().chain('\u{2028}'..='\u{202e}');
        for mark in marks.chain('\u{2066}'..='\u{2069}') {
            let shown = format!("a\\u{{{:x}}}b", u32::from(mark));
            assert_eq!(line(&format!("a{mark}b")), shown);
            assert_eq!(lines(&format!("a{mark}b")), shown);
        }
    }
}
