//! Elements of XML and HTML, and the angle brackets of Ruby.

use super::pattern::Pattern;
use super::scanner::{DEEPEST, Frame, Scanner, Shape};
use super::strings;
use super::tree::{Kind, begin};

/// The longest tag, in bytes.
const LONGEST_TAG: usize = 256;

/// A tag: its slash, its name, and the slash of an element without content.
static TAG: Pattern = Pattern::new(r"^<(/?)([[:alnum:]_.:-]+)(?:\s[^<>]*?)?(/?)>");

impl Scanner<'_, '_> {
    /// Reads a tag like `<code>` or `</code>`, or the bracket of `#<Error`.
    pub(super) fn tag(&mut self) {
        let near = begin(self.rest(), LONGEST_TAG);
        if self.last() == b'#' && !near.starts_with("</") {
            return self.open(b'<');
        }
        let found = TAG.captures(near).map(|found| found.extract());
        let is_generic = self.last().is_ascii_alphanumeric();
        let Some((tag, [closes, name, is_void])) = found else {
            self.at += 1;
            return;
        };
        if !closes.is_empty() {
            self.close_tag(name);
        }
        let content = self.rest().get(tag.len()..).unwrap_or_default();
        self.at += tag.len();
        let is_markup = matches!(self.shape(), Shape::Bracket(_));
        if !(closes.is_empty() && is_void.is_empty()) || is_generic || is_markup {
            return;
        }
        let (text, end) = content
            .split_at_checked(content.find('<').unwrap_or_default())
            .unwrap_or_default();
        if end
            .strip_prefix("</")
            .is_some_and(|end| end.starts_with(name))
        {
            self.value(Some(name), text.len(), &strings::from_html(text.trim()));
        } else if self.frames.len() < DEEPEST {
            let node = self.add(Some(name), Kind::Bare);
            self.push(node, Shape::Tag);
        }
    }

    fn close_tag(&mut self, name: &str) {
        let key = |frame: &Frame| self.tree.node(frame.node)?.key.as_deref();
        let is_it = |frame: &Frame| frame.shape == Shape::Tag && key(frame) == Some(name);
        let index = self
            .frames
            .iter()
            .rposition(is_it)
            .unwrap_or(self.frames.len());
        while self.frames.len() > index {
            self.pop();
        }
    }
}
