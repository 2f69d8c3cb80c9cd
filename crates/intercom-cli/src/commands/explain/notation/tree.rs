//! The tree of a text.

/// The limit of a value, in bytes.
const MOST_TEXT: usize = 8 << 10;
/// The index of the root.
pub(crate) const ROOT: usize = 0;

/// What a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A value without quotes.
    #[default]
    Bare,
    /// A group in brackets, an item of a list, or the root.
    Group,
    /// A string. Its children are what is in the string.
    Quoted,
}

/// A group, or a value with or without a key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    pub(crate) parent: usize,
    pub(crate) key: Option<String>,
    pub(crate) kind: Kind,
    /// The value, or what is in a group without members.
    pub(crate) text: String,
    /// Where it begins in the whole text. Everything in a string has the place of the string.
    pub(crate) start: usize,
}

/// The begin of a text, of at most this many bytes.
pub(crate) fn begin(text: &str, bytes: usize) -> &str {
    let mut ends = (0..=bytes.min(text.len())).rev();
    ends.find_map(|end| text.get(..end)).unwrap_or_default()
}

/// The end of a text, of at most this many bytes.
pub(crate) fn end(text: &str, bytes: usize) -> &str {
    let mut starts = text.len().saturating_sub(bytes)..=text.len();
    starts.find_map(|at| text.get(at..)).unwrap_or_default()
}

/// Nodes in the order of the text. A parent comes before its children.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
}

impl Tree {
    pub(crate) fn node(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    /// The node and everything above it, without the root.
    pub(crate) fn path(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let above = |&index: &usize| self.node(index).map(|node| node.parent);
        std::iter::successors(Some(index), above).take_while(|&index| index != ROOT)
    }

    pub(crate) fn children(&self, parent: usize) -> impl Iterator<Item = (usize, &Node)> {
        let after = self.nodes.iter().enumerate().skip(parent + 1);
        // What follows a subtree is outside of it.
        let inside = after.take_while(move |(_, node)| node.parent >= parent);
        inside.filter(move |(_, node)| node.parent == parent)
    }

    /// The only string in a group, as in `("x")` or `["x"]`.
    pub(crate) fn only(&self, group: usize) -> Option<&str> {
        let mut children = self.children(group);
        let (_, first) = children.next()?;
        let is_string = first.kind == Kind::Quoted && first.key.is_none();
        (is_string && children.next().is_none()).then_some(&first.text)
    }

    pub(super) fn set(&mut self, index: usize, kind: Kind, text: &str) {
        if let Some(node) = self.nodes.get_mut(index) {
            node.kind = kind;
            begin(text, MOST_TEXT).clone_into(&mut node.text);
        }
    }
}
