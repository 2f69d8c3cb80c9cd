//! Elements of XML and HTML.

use super::pattern::Pattern;
use super::scanner::{DEEPEST, Scanner, Shape};
use super::strings;
use super::tree::{Kind, begin};

/// The longest tag, in bytes.
const LONGEST_TAG: usize = 256;

/// A tag: its slash, its name, and the slash of an element without content.
static TAG: Pattern = Pattern::new(r"^<(/?)([[:alnum:]_.:-]+)(?:\s[^<>]*?)?(/?)>");

impl Scanner<'_, '_> {
    /// Reads a tag like `<code>` or `</code>`.
    pub(super) fn tag(&mut self) {
        let found = TAG
            .captures(begin(self.rest(), LONGEST_TAG))
            .map(|found| found.extract());
        let Some((tag, [closes, name, void])) = found else {
            self.at += 1;
            return;
        };
        self.at += tag.len();
        let content = self.rest();
        let end = content.find('<').unwrap_or_default();
        let (text, end) = content.split_at_checked(end).unwrap_or_default();
        if !closes.is_empty() {
            self.close_tag(name);
        } else if !void.is_empty() || matches!(self.top.shape, Shape::Bracket(_)) {
        } else if end
            .strip_prefix("</")
            .is_some_and(|end| end.starts_with(name))
        {
            let node = self.add(Some(name), Kind::Quoted);
            self.value(node, &strings::from_html(text.trim()));
            self.at += text.len();
        } else if self.outer.len() < DEEPEST {
            let node = self.add(Some(name), Kind::Bare);
            self.push(node, Shape::Tag);
        }
    }

    fn close_tag(&mut self, name: &str) {
        let frames = self.outer.iter().skip(1).chain([&self.top]);
        let is_it = |node: usize| {
            self.tree
                .node(node)
                .is_some_and(|node| node.key.as_deref() == Some(name))
        };
        let depths = frames
            .enumerate()
            .filter(|(_, frame)| frame.shape == Shape::Tag && is_it(frame.node));
        let depth = depths.last().map_or(self.outer.len(), |(depth, _)| depth);
        while self.outer.len() > depth {
            self.pop();
        }
    }
}
