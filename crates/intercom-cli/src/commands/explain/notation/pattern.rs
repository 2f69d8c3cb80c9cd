//! Regular expressions as constants.

use std::ops::Deref;
use std::sync::OnceLock;

use regex::Regex;

/// A regular expression that is compiled when it is used first.
#[derive(Debug)]
pub(crate) struct Pattern {
    text: &'static str,
    compiled: OnceLock<Regex>,
}

impl Pattern {
    pub(crate) const fn new(text: &'static str) -> Self {
        let compiled = OnceLock::new();
        Self { text, compiled }
    }

    /// The first group of the first match.
    pub(crate) fn group<'t>(&self, text: &'t str) -> Option<&'t str> {
        Some(self.captures(text)?.get(1)?.as_str())
    }
}

impl Deref for Pattern {
    type Target = Regex;

    #[expect(clippy::expect_used, reason = "each pattern is a constant")]
    fn deref(&self) -> &Regex {
        let compile = || Regex::new(self.text).expect("a regular expression");
        self.compiled.get_or_init(compile)
    }
}
