//! Regular expressions as constants.

use std::sync::LazyLock;

use regex::Regex;

/// A regular expression that is compiled when it is used first.
pub(crate) type Pattern = LazyLock<Regex>;

/// The regular expression of these parts, one after the other. It has no classes like `\pL`, because the command is built without
/// their tables.
macro_rules! pattern {
    ($($part:expr),+ $(,)?) => {
        std::sync::LazyLock::new(|| {
            regex::Regex::new(concat!($($part),+)).expect("a regular expression")
        })
    };
}

pub(crate) use pattern;

/// The first group of the first match.
pub(crate) fn group<'t>(pattern: &Regex, text: &'t str) -> Option<&'t str> {
    Some(pattern.captures(text)?.get(1)?.as_str())
}
