//! Texts in tables of 80 columns.

use core::fmt::{self, Write as _};
use core::time::Duration;

/// Shows a duration in at most seven characters, like `250ms`, `4.5s` or `90m`.
pub(crate) struct Short(pub(crate) Duration);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0.as_millis() {
            millis @ 0..1_000 => format!("{millis}ms"),
            millis @ 1_000..60_000 => {
                let text = format!("{:.2}", (millis / 10) as f64 / 100.0);
                format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
            }
            millis @ 60_000..6_000_000 if millis % 60_000 == 0 => format!("{}m", millis / 60_000),
            millis @ 60_000..10_000_000_000 => format!("{}s", millis / 1_000),
            millis => format!("{}d", millis / 86_400_000),
        };
        f.pad(&text)
    }
}

/// Shows a text in this many columns: cut, with an ellipsis, or filled with spaces.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    let length = text.chars().count();
    if length <= columns {
        return format!("{text:<columns$}");
    }
    let kept: String = text.chars().take(columns.saturating_sub(2)).collect();
    format!("{kept}..")
}

/// How wide a line is.
const WIDEST: usize = 80;

/// Writes a line without spaces at its end. What does not fit into 80 columns goes to further lines, with an indent.
pub(crate) fn line(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    const INDENT: &str = "      ";
    let (mut rest, mut room) = (text.trim_end(), WIDEST);
    while let Some((end, _)) = rest.char_indices().nth(room) {
        let (head, tail) = rest.split_at(end);
        let fits = |head: &&str| !head.trim().is_empty();
        // A word that is too long is split.
        let whole = head.rsplit_once(' ').map(|(words, _)| words).filter(fits);
        let head = match whole {
            Some(words) if !tail.starts_with(' ') => words,
            _ => head,
        };
        f.write_str(head.trim_end())?;
        f.write_char('\n')?;
        f.write_str(INDENT)?;
        rest = rest.get(head.len()..).unwrap_or_default().trim_start();
        room = WIDEST - INDENT.len();
    }
    f.write_str(rest)?;
    f.write_char('\n')
}

/// Returns a number with its noun, in the plural where it has to be.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use core::fmt;

    use super::{Short, fit, line};

    struct Line(String);

    impl fmt::Display for Line {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            line(f, &self.0)
        }
    }

    #[test]
    fn a_long_line_goes_on_in_the_next_and_loses_nothing() {
        for text in [
            "ab ".repeat(90),
            "\u{e9}".repeat(300),
            format!("  {}", "a".repeat(200)),
            format!("{} b", "a".repeat(80)),
            "a".repeat(80),
            format!("  #  {}", "word, ".repeat(40)),
        ] {
            let shown = Line(text.clone()).to_string();
            assert!(
                shown.lines().all(|line| line.chars().count() <= 80),
                "{shown}"
            );
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(letters(&shown), letters(&text));
        }
        assert_eq!(Line("a b  ".to_owned()).to_string(), "a b\n");
    }

    #[test]
    fn durations_are_short() {
        for (millis, text) in [
            (0, "0ms"),
            (999, "999ms"),
            (4_500, "4.5s"),
            (30_000, "30s"),
            (59_999, "59.99s"),
            (90_500, "90s"),
            (300_000, "5m"),
            (u64::MAX / 1_000_000, "213503d"),
        ] {
            assert_eq!(Short(Duration::from_millis(millis)).to_string(), text);
        }
    }

    #[test]
    fn a_text_is_cut_or_filled() {
        assert_eq!(fit("abc", 5), "abc  ");
        assert_eq!(fit("abcdef", 5), "abc..");
        assert_eq!(fit("\u{e9}\u{e9}\u{e9}", 2), "..");
    }
}
