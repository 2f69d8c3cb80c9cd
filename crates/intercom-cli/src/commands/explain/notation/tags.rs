//! Elements of XML and HTML.

use super::pattern::{Pattern, pattern};
use super::scanner::{Scanner, Shape};
use super::strings;

/// An end tag; or a tag, and what follows in an element that contains nothing but text.
static TAG: Pattern = pattern!(
    r"^<(?:/([[:alnum:]_.:-]+)\s*>|([[:alnum:]_.:-]+)(?:\s[^<>]*?)?(?:/>|(>)(?:([^<]*)</[^<>]*>)?))"
);

impl Scanner<'_> {
    /// Reads a tag like `<code>` or `</code>`, or a whole element like `<code>conflict</code>`. Brackets contain none.
    pub(super) fn tag(&mut self) -> Option<()> {
        let found = TAG.captures(self.rest()).filter(|_| self.is_prose())?;
        let group = |index| found.get(index).map(|group| group.as_str());
        if let Some(name) = group(1) {
            self.end(Shape::Tag(name));
        } else if let (Some(name), Some(_)) = (group(2), group(3)) {
            let node = self.add(Some(name));
            match group(4).map(str::trim) {
                Some(text) if !text.is_empty() => self.value(node, &strings::from_html(text)),
                Some(_) => {}
                None => self.push(node, Shape::Tag(name)),
            }
        }
        self.at += found[0].len();
        Some(())
    }
}
