//! The prose of a file: its words and punctuation marks, without code.
//!
//! Prose is Markdown outside code, and in Rust the comments, the string literals and the names of tests.

use crate::files::TextFile;

/// A word in lower case, or a punctuation mark.
#[derive(Debug)]
pub(super) struct Token {
    /// From 1.
    pub(super) line: usize,
    pub(super) text: String,
}

/// The tokens of a file, in order.
pub(super) fn tokens(file: &TextFile) -> Vec<Token> {
    let passages = if file.path.ends_with(".rs") {
        Source::passages(&file.text)
    } else {
        vec![(1, file.text.clone())]
    };
    let mut tokens = Vec::new();
    for (first, text) in passages {
        read_passage(first, &text, &mut tokens);
    }
    tokens
}

/// The tokens of a phrase.
pub(super) fn phrase(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    read_line(1, text, &mut tokens);
    tokens.into_iter().map(|token| token.text).collect()
}

/// Reads the lines of a passage, which starts at line `first`. It ends with a mark, so no phrase spans two passages.
fn read_passage(first: usize, text: &str, tokens: &mut Vec<Token>) {
    let (mut fenced, mut last) = (false, first);
    for (line, text) in (first..).zip(text.lines()) {
        last = line;
        if text.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            // The comments of an example are prose.
            let comment = text.split_once("// ").map_or("", |(_, comment)| comment);
            read_line(line, comment, tokens);
        } else {
            read_line(line, &without_code(text), tokens);
        }
    }
    push(last, '.', tokens);
}

/// A line of Markdown with a mark in place of code and of the targets of links.
fn without_code(line: &str) -> String {
    if line.starts_with('[') && line.contains("]: ") {
        return String::new();
    }
    let mut text = String::new();
    for (number, part) in line.split('`').enumerate() {
        text.push_str(if number % 2 == 0 { part } else { "`" });
    }
    let mut parts = text.split("](");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once(')').map_or("", |(_, after)| after));
    }
    text
}

fn read_line(line: usize, text: &str, tokens: &mut Vec<Token>) {
    let mut word = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_alphanumeric() || matches!(c, '_' | '-' | '\'') {
            word.extend(c.to_lowercase());
            continue;
        }
        if !word.is_empty() {
            let text = std::mem::take(&mut word);
            tokens.push(Token { line, text });
        }
        if !c.is_whitespace() {
            push(line, c, tokens);
        }
    }
}

fn push(line: usize, mark: char, tokens: &mut Vec<Token>) {
    let text = mark.to_string();
    tokens.push(Token { line, text });
}

/// A function with at least this many underscores in its name is a test, and its name a claim.
const CLAIM: usize = 3;

/// Finds the prose of Rust code.
struct Source<'t> {
    rest: &'t str,
    line: usize,
    /// Whether the line is blank so far.
    at_start: bool,
    passages: Vec<(usize, String)>,
    /// The line of the last comment that filled its line.
    comment: Option<usize>,
}

impl<'t> Source<'t> {
    /// Passages, each with the number of its first line.
    fn passages(text: &'t str) -> Vec<(usize, String)> {
        let mut source = Self {
            rest: text,
            line: 1,
            at_start: true,
            passages: Vec::new(),
            comment: None,
        };
        while !source.rest.is_empty() {
            source.step();
        }
        source.passages
    }

    fn step(&mut self) {
        if self.rest.starts_with("//") {
            return self.comment();
        }
        if let Some(hashes) = raw_string(self.rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            self.take(hashes + 2);
            let length = self.rest.find(&end).unwrap_or(self.rest.len());
            let line = self.line;
            let text = self.take(length).to_owned();
            self.take(end.len());
            return self.passages.push((line, text));
        }
        let mut chars = self.rest.chars();
        match (chars.next(), chars.next(), chars.next()) {
            (Some('"'), ..) => self.string(),
            (Some('\''), Some('\\'), _) => {
                self.take(3);
                let end = self.rest.find('\'').map_or(0, |end| end + 1);
                self.take(end);
            }
            // A character; anything else after this mark is a lifetime.
            (Some('\''), Some(c), Some('\'')) => {
                self.take(2 + c.len_utf8());
            }
            (Some(c), ..) if c.is_alphabetic() || c == '_' => self.word(),
            (Some(c), ..) => {
                self.take(c.len_utf8());
            }
            (None, ..) => {}
        }
    }

    /// A comment; those on consecutive lines are one passage.
    fn comment(&mut self) {
        let (line, alone) = (self.line, self.at_start);
        let length = self.rest.find('\n').unwrap_or(self.rest.len());
        let text = self.take(length).trim_start_matches(['/', '!']);
        let text = text.strip_prefix(' ').unwrap_or(text);
        match self.passages.last_mut() {
            Some((_, passage)) if alone && self.comment == Some(line - 1) => {
                passage.push('\n');
                passage.push_str(text);
            }
            _ => self.passages.push((line, text.to_owned())),
        }
        self.comment = alone.then_some(line);
    }

    fn string(&mut self) {
        self.take(1);
        let (line, mut text) = (self.line, String::new());
        while let Some(c) = self.rest.chars().next() {
            self.take(c.len_utf8());
            match c {
                '"' => break,
                '\\' => {
                    let escaped = self.rest.chars().next().unwrap_or(' ');
                    self.take(escaped.len_utf8().min(self.rest.len()));
                    text.push(if escaped == '\n' { '\n' } else { ' ' });
                }
                c => text.push(c),
            }
        }
        self.passages.push((line, text));
    }

    fn word(&mut self) {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let end = |text: &str| text.find(|c| !is_part(c)).unwrap_or(text.len());
        let word = self.take(end(self.rest));
        if let ("fn", Some(name)) = (word, self.rest.strip_prefix(' ')) {
            let name = name.split_at(end(name)).0;
            if name.matches('_').count() >= CLAIM {
                self.passages.push((self.line, name.replace('_', " ")));
            }
        }
    }

    /// Moves on by some bytes.
    fn take(&mut self, length: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        self.line += taken.matches('\n').count();
        let after = taken.rsplit('\n').next().unwrap_or_default();
        let is_blank = after.chars().all(char::is_whitespace);
        self.at_start = is_blank && (self.at_start || taken.contains('\n'));
        taken
    }
}

/// The number of `#` before the quote, if a raw string starts here.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix('r')?;
    let quoted = after.trim_start_matches('#');
    quoted
        .starts_with('"')
        .then_some(after.len() - quoted.len())
}

#[cfg(test)]
mod tests {
    use super::tokens;
    use crate::tidy::file;

    /// The tokens of each line that has some, without the marks that end passages.
    fn read(path: &str, text: &str) -> Vec<(usize, String)> {
        let mut lines: Vec<(usize, String)> = Vec::new();
        for token in tokens(&file(path, text)) {
            match lines.last_mut().filter(|(line, _)| *line == token.line) {
                Some((_, text)) => {
                    text.push(' ');
                    text.push_str(&token.text);
                }
                None => lines.push((token.line, token.text)),
            }
        }
        lines.retain(|(_, text)| text != ".");
        lines
    }

    fn lines(expected: &[(usize, &str)]) -> Vec<(usize, String)> {
        let lines = expected.iter();
        lines
            .map(|(line, text)| (*line, (*text).to_owned()))
            .collect()
    }

    #[test]
    fn code_in_markdown_is_not_prose() {
        let text = "One `two`, [three](four.md).\n```rust\nfive(); // Six.\n```\n[seven]: eight\n";
        let expected = [(1, "one ` , [ three ."), (3, "six .")];
        assert_eq!(read("a.md", text), lines(&expected)[..]);
    }

    #[test]
    fn comments_strings_and_claims_in_rust_are_prose() {
        let text = "//! One\n//! two.\nlet x = ['a', '\\'', '\\n']; // Three.\nf::<'a>(\"four \\\"five\\\"\", r#\"six\"#);\n\
            fn seven_is_not_eight() { nine(); }\nfn short_name() {}\n";
        let expected = [
            (1, "one"),
            (2, "two . ."),
            (3, "three . ."),
            (4, "four five . six ."),
            (5, "seven is not eight ."),
        ];
        assert_eq!(read("a.rs", text), lines(&expected));
    }

    #[test]
    fn lines_are_counted_through_strings() {
        let text = "let a = \"one \\\n    two\nthree\";\n// Four.\n";
        let expected = [(1, "one"), (2, "two"), (3, "three ."), (4, "four . .")];
        assert_eq!(read("a.rs", text), lines(&expected));
    }
}
