//! Tags of XML and HTML, and the angle brackets of Ruby and Erlang.

use super::scanner::{DEEPEST, Frame, Scanner, Shape};
use super::tree::{Kind, begin};

/// The longest tag, in bytes.
const LONGEST_TAG: usize = 256;
/// Tags without a content, and what is printed like a tag.
const VOID: &[&str] = &[
    "br", "hr", "img", "input", "link", "meta", "nil", "null", "ref",
];

impl Scanner<'_, '_> {
    /// Reads a tag like `<code>` or `</code>`, or the bracket of `#<Error` or `<<"code">>`.
    pub(super) fn tag(&mut self) {
        let near = begin(self.rest(), LONGEST_TAG);
        let near = near.get(1..).unwrap_or_default();
        let after_hash = self.last() == Some(b'#');
        if (after_hash && !near.starts_with('/')) || near.starts_with("<\"") {
            return self.open(b'<');
        }
        let is_generic = self.last().is_some_and(|byte| byte.is_ascii_alphanumeric());
        let (closes, name) = near
            .strip_prefix('/')
            .map_or((false, near), |name| (true, name));
        let end = name.find(|char: char| !char.is_ascii_alphanumeric() && !"_-.:".contains(char));
        let (name, rest) = name
            .split_at_checked(end.unwrap_or(name.len()))
            .unwrap_or_default();
        let Some(attributes) = rest
            .find('>')
            .filter(|_| !name.is_empty() && (closes || !is_generic))
        else {
            self.at += 1;
            return;
        };
        let is_void = rest
            .get(..attributes)
            .is_some_and(|inner| inner.ends_with('/'))
            || VOID.contains(&name);
        let length = near.len() - rest.len() + attributes + 2;
        if closes {
            self.close_tag(name);
            self.at += length;
        } else if is_void || self.frames.len() >= DEEPEST {
            self.at += length;
        } else {
            let node = self.add(Some(name), Kind::Bare);
            self.at += length;
            self.push(node, Shape::Tag);
        }
    }

    pub(super) fn close_tag(&mut self, name: &str) {
        let is_it = |frame: &Frame| {
            let key = self
                .tree
                .node(frame.node)
                .and_then(|node| node.key.as_deref());
            frame.shape == Shape::Tag && key == Some(name)
        };
        let Some(index) = self.frames.iter().rposition(is_it) else {
            return;
        };
        while self.frames.len() > index + 1 {
            self.pop(false);
        }
        self.pop(true);
    }
}
