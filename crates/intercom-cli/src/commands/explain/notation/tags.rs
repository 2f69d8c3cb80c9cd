//! Elements of XML and HTML.

use super::pattern::Pattern;
use super::scanner::{DEEPEST, Frame, Scanner, Shape};
use super::strings;
use super::tree::{Kind, begin};

/// The longest tag, in bytes.
const LONGEST_TAG: usize = 256;

/// A tag: its slash, its name, and the slash of an element without content.
static TAG: Pattern = Pattern::new(r"^<(/?)([[:alnum:]_.:-]+)(?:\s[^<>]*?)?(/?)>");

impl Scanner<'_> {
    /// Reads a tag like `<code>` or `</code>`. Brackets contain none.
    pub(super) fn tag(&mut self) -> Option<()> {
        let found = TAG.captures(begin(self.rest(), LONGEST_TAG))?;
        let (tag, [closes, name, void]) = found.extract();
        let content = self.rest().get(tag.len()..)?;
        let (text, end) = content.split_at_checked(content.find('<').unwrap_or_default())?;
        let end_tag = end.strip_prefix("</").unwrap_or_default();
        let is_leaf = end_tag.starts_with(name);
        self.at += tag.len();
        if !closes.is_empty() {
            self.close_tag(name);
        } else if void.is_empty() && !matches!(self.top.shape, Shape::Bracket(_)) {
            let node = self.add(Some(name), Kind::Bare);
            let text = strings::from_html(text.trim());
            if !is_leaf && self.outer.len() < DEEPEST {
                self.push(node, Shape::Tag);
            } else if is_leaf && !text.is_empty() {
                self.value(node, &text);
                self.at = self.text.len() - end.len();
            }
        }
        Some(())
    }

    fn close_tag(&mut self, name: &str) {
        let key = |frame: &Frame<'_>| self.tree.node(frame.node)?.key.as_deref();
        let is_it = |frame: &Frame<'_>| frame.shape == Shape::Tag && key(frame) == Some(name);
        let inner = self.outer.iter().skip(1).chain([&self.top]);
        let depth = inner.enumerate().filter(|(_, frame)| is_it(frame)).last();
        let depth = depth.map_or(self.outer.len(), |(depth, _)| depth);
        while self.outer.len() > depth {
            self.pop();
        }
    }
}
