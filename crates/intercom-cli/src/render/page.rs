//! A page of text with a fixed width.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use crate::clean;

/// Text in a style.
pub(crate) type Span<'t> = (Style, &'t str);

/// Marks a good result.
pub(crate) const GOOD: Span<'static> = (AnsiColor::Green.on_default(), "✓");
/// Marks a bad result.
pub(crate) const BAD: Span<'static> = (AnsiColor::Red.on_default(), "✗");
/// Marks a doubtful result.
pub(crate) const DOUBTFUL: Span<'static> = (DIM, "!");
/// Marks an unknown result.
pub(crate) const UNKNOWN: Span<'static> = (DIM, "?");
/// For most text.
pub(crate) const PLAIN: Style = Style::new();
/// For labels and asides.
pub(crate) const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// Wider lines are hard to read, however wide the terminal is.
const WIDEST: usize = 100;
const NARROWEST: usize = 40;
/// The width if stdout is not a terminal.
const USUAL: usize = 80;
/// The width of the labels of rows.
const LABEL: usize = 12;

/// Wrapped lines. The only escape sequences are those of the styles.
#[derive(Debug)]
pub(crate) struct Page {
    width: usize,
    text: String,
}

impl Page {
    /// A page as wide as the terminal.
    pub(crate) fn new() -> Self {
        let width = terminal_size::terminal_size().map_or(USUAL, |(width, _)| width.0.into());
        Self::with_width(width)
    }

    fn with_width(width: usize) -> Self {
        Self {
            width: width.clamp(NARROWEST, WIDEST),
            text: String::new(),
        }
    }

    /// The text, with escape sequences for the styles.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// A blank line.
    pub(crate) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A line that is not wrapped.
    pub(crate) fn line(&mut self, spans: &[Span<'_>]) {
        for (style, text) in spans {
            let _ = write!(self.text, "{style}{}{style:#}", clean::line(text));
        }
        self.text.push('\n');
    }

    /// A paragraph in bold.
    pub(crate) fn title(&mut self, text: &str) {
        for line in wrap(text, self.width) {
            self.line(&[(BOLD, &line)]);
        }
    }

    /// A paragraph.
    pub(crate) fn paragraph(&mut self, text: &str) {
        for line in wrap(text, self.width) {
            self.line(&[(PLAIN, &line)]);
        }
    }

    /// A label and its text.
    pub(crate) fn row(&mut self, label: &str, text: &str) {
        let label = format!("  {label:<LABEL$}");
        self.hang(&[(DIM, &label)], LABEL + 2, text);
    }

    /// A mark, a label and their text.
    pub(crate) fn marked(&mut self, mark: Span<'_>, label: &str, text: &str) {
        let label = format!(" {label:<LABEL$}");
        self.hang(&[mark, (PLAIN, &label)], LABEL + 2, text);
    }

    /// An indented paragraph.
    pub(crate) fn indented(&mut self, text: &str) {
        self.hang(&[(PLAIN, "    ")], 4, text);
    }

    /// A heading and a bullet list.
    pub(crate) fn points(&mut self, heading: &str, points: &[impl AsRef<str>]) {
        self.gap();
        self.title(heading);
        for point in points {
            self.hang(&[(PLAIN, "  - ")], 4, point.as_ref());
        }
    }

    /// A heading and a numbered list.
    pub(crate) fn steps(&mut self, heading: &str, steps: &[impl AsRef<str>]) {
        self.gap();
        self.title(heading);
        for (step, number) in steps.iter().zip(1..) {
            let number = format!("  {number}. ");
            self.hang(&[(PLAIN, &number)], 5, step.as_ref());
        }
    }

    /// Text after `begin`, whose width on the screen is `indent`. Further lines are indented to align.
    fn hang(&mut self, begin: &[Span<'_>], indent: usize, text: &str) {
        let mut lines = wrap(text, self.width.saturating_sub(indent)).into_iter();
        let first = lines.next().unwrap_or_default();
        self.line(&[begin, &[(PLAIN, &first)]].concat());
        for line in lines {
            self.line(&[(PLAIN, &format!("{:indent$}{line}", ""))]);
        }
    }
}

/// Breaks the text between words. A word longer than a line stays whole, because it may be an id or a URL to copy. The text
/// is escaped first, so the width is the displayed one.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in clean::line(text).split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{DIM, PLAIN, Page, wrap};

    #[test]
    fn lines_break_between_words_only() {
        assert_eq!(wrap("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrap("a-very-long-word b", 4), ["a-very-long-word", "b"]);
        assert_eq!(wrap(" ", 4), [""]);
    }

    #[test]
    fn styles_are_the_only_escape_sequences() {
        let mut page = Page::with_width(80);
        let text = "\u{1b}[31ma";
        page.line(&[(DIM, text)]);
        page.title(text);
        page.row(text, text);
        page.points(text, &[text]);
        let bare = anstream::adapter::strip_str(page.as_str()).to_string();
        assert_eq!(page.as_str().matches("\\u{1b}[31ma").count(), 6);
        assert_eq!(bare.matches("\\u{1b}[31ma").count(), 6);
        assert!(!bare.contains('\u{1b}') && !page.as_str().contains("\u{1b}[31m"));
    }

    #[test]
    fn rows_hang_from_their_label() {
        let mut page = Page::with_width(0);
        page.marked(
            (PLAIN, "x"),
            "token",
            "one two three four five six seven eight",
        );
        insta::assert_snapshot!(page.as_str(), @r"
        x token       one two three four five
                      six seven eight
        ");
    }
}
