//! The tree of a text.

use std::ops::Range;

/// How many nodes are kept at least. Of a longer text, the last ones are kept.
const MOST_NODES: usize = 1 << 17;
/// The limits of a string and of a value without quotes, in bytes.
const MOST_TEXT: usize = 64 << 10;
const MOST_BARE: usize = 4 << 10;
/// The index of the root.
pub(crate) const ROOT: usize = 0;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A value without quotes.
    Bare,
    /// A group in brackets, an item of a list, or the root.
    Group,
    /// A group in square brackets.
    List,
    /// A string. Its children are what is in the string.
    Quoted,
}

/// A group, or a value with or without a key.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) parent: usize,
    pub(crate) key: Option<String>,
    pub(crate) kind: Kind,
    /// The value, or what is in a group without members.
    pub(crate) text: String,
    /// The place in the whole text. Everything in a string has the place of the string.
    pub(crate) span: Range<usize>,
}

/// The begin of a text, of at most this many bytes.
pub(crate) fn begin(text: &str, bytes: usize) -> &str {
    let mut ends = (0..=bytes.min(text.len())).rev();
    ends.find_map(|end| text.get(..end)).unwrap_or_default()
}

/// Nodes in the order of the text. A parent comes before its children.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

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

    /// The only string in a group, like that of `Some("x")`, or else the node itself.
    pub(crate) fn only(&self, index: usize) -> usize {
        let is_group = |node: &&Node| matches!(node.kind, Kind::Group | Kind::List);
        let group = self.node(index).filter(is_group);
        let mut inner = self
            .children(index)
            .take(if group.is_some() { 2 } else { 0 });
        let first = inner
            .next()
            .filter(|(_, node)| node.kind == Kind::Quoted && node.key.is_none());
        first
            .filter(|_| inner.next().is_none())
            .map_or(index, |(inner, _)| inner)
    }

    pub(super) fn push(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    pub(super) fn set(&mut self, index: usize, kind: Kind, text: &str, end: usize) {
        let limit = if kind == Kind::Quoted {
            MOST_TEXT
        } else {
            MOST_BARE
        };
        if let Some(node) = self.nodes.get_mut(index) {
            (node.kind, node.text) = (kind, begin(text, limit).to_owned());
            node.span.end = node.span.end.max(end);
        }
    }

    pub(super) fn is_full(&self, times: usize) -> bool {
        self.nodes.len() >= times * MOST_NODES
    }

    /// Drops the first half. Must only be called between two children of the root.
    pub(super) fn forget(&mut self) {
        let half = self.nodes.len() / 2;
        let mut after = self.nodes.iter().skip(half);
        let inside = after.position(|node| node.parent == ROOT);
        let cut = inside.map_or(self.nodes.len(), |inside| half + inside);
        self.nodes.drain(1..cut);
        for node in &mut self.nodes {
            node.parent = node.parent.saturating_sub(cut - 1);
        }
    }
}
