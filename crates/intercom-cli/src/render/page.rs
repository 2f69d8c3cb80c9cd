//! A page of text of a certain width.

use anstyle::{AnsiColor, Style};

use crate::words::clean;

/// For what is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// For what is not.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// For labels and asides.
pub(crate) const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// Wider lines are hard to read, however wide the terminal is.
const WIDEST: usize = 100;
const NARROWEST: usize = 40;
/// Where nobody looks, and where the width is unknown.
const USUAL: usize = 80;
/// The width of the labels of rows.
const LABEL: usize = 12;

/// Text in a style.
pub(crate) fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Lines that have been wrapped at a width.
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

    pub(crate) fn finish(self) -> String {
        self.text
    }

    /// A blank line.
    pub(crate) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A line that is laid out already.
    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A paragraph in bold.
    pub(crate) fn title(&mut self, text: &str) {
        for line in wrap(text, self.width) {
            self.line(&painted(BOLD, &line));
        }
    }

    /// A paragraph.
    pub(crate) fn paragraph(&mut self, text: &str) {
        for line in wrap(text, self.width) {
            self.line(&line);
        }
    }

    /// A label and what stands beside it.
    pub(crate) fn row(&mut self, label: &str, text: &str) {
        self.hang(
            &painted(DIM, &format!("  {label:<LABEL$}")),
            LABEL + 2,
            text,
        );
    }

    /// A mark, a label, and what stands beside them.
    pub(crate) fn marked(&mut self, mark: &str, label: &str, text: &str) {
        self.hang(&format!("{mark} {label:<LABEL$}"), LABEL + 2, text);
    }

    /// A heading over points.
    pub(crate) fn points(&mut self, heading: &str, points: &[impl AsRef<str>]) {
        self.gap();
        self.title(heading);
        for point in points {
            self.hang("  - ", 4, point.as_ref());
        }
    }

    /// A heading over steps, in order.
    pub(crate) fn steps(&mut self, heading: &str, steps: &[impl AsRef<str>]) {
        self.gap();
        self.title(heading);
        for (step, number) in steps.iter().zip(1..) {
            self.hang(&format!("  {number}. "), 5, step.as_ref());
        }
    }

    /// Text that hangs from its beginning, of which the width on the screen is given.
    fn hang(&mut self, begin: &str, indent: usize, text: &str) {
        let mut lines = wrap(text, self.width.saturating_sub(indent)).into_iter();
        let first = lines.next().unwrap_or_default();
        self.line(&format!("{begin}{first}"));
        for line in lines {
            self.line(&format!("{:indent$}{line}", ""));
        }
    }
}

/// Breaks between words; a word that is longer than a line is left whole, for it may be an id or a URL to copy.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in clean(text).split_whitespace() {
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
    use super::{Page, wrap};

    #[test]
    fn lines_break_between_words_only() {
        assert_eq!(wrap("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrap("a-very-long-word b", 4), ["a-very-long-word", "b"]);
        assert_eq!(wrap(" ", 4), [""]);
    }

    #[test]
    fn rows_hang_from_their_label() {
        let mut page = Page::with_width(0);
        page.marked("x", "token", "one two three four five six seven eight");
        insta::assert_snapshot!(page.finish(), @r"
        x token       one two three four five
                      six seven eight
        ");
    }
}
