//! The tree of a text.

use std::ops::Range;

/// How many nodes are kept at least. Of a longer text, the last ones are kept.
const MOST_NODES: usize = 1 << 17;
/// The limit of a value, in bytes.
const MOST_TEXT: usize = 64 << 10;
/// The index of the root.
pub(crate) const ROOT: usize = 0;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A value without quotes. Its children are the groups in it.
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
    pub(crate) text: String,
    /// The place in the whole text. Everything in a string has the place of the string.
    pub(crate) span: Range<usize>,
}

/// The begin of a text, of at most this many bytes.
pub(crate) fn begin(text: &str, bytes: usize) -> &str {
    let ends = (0..=bytes.min(text.len())).rev();
    ends.into_iter()
        .find_map(|end| text.get(..end))
        .unwrap_or_default()
}

/// Nodes in the order of the text. A parent comes before its children.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    pub(super) fn new() -> Self {
        let mut tree = Self { nodes: Vec::new() };
        tree.push(ROOT, None, Kind::Group, 0..usize::MAX);
        tree
    }

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
        after
            .take_while(move |(_, node)| node.parent >= parent)
            .filter(move |(_, node)| node.parent == parent)
    }

    pub(super) fn push(
        &mut self,
        parent: usize,
        key: Option<String>,
        kind: Kind,
        span: Range<usize>,
    ) -> usize {
        let text = String::new();
        self.nodes.push(Node {
            parent,
            key,
            kind,
            text,
            span,
        });
        self.nodes.len() - 1
    }

    pub(super) fn get(&mut self, index: usize) -> Option<&mut Node> {
        self.nodes.get_mut(index)
    }

    pub(super) fn set(&mut self, index: usize, kind: Kind, text: &str, end: usize) {
        if let Some(node) = self.nodes.get_mut(index) {
            node.kind = kind;
            node.text = begin(text, MOST_TEXT).to_owned();
            node.span.end = end;
        }
    }

    pub(super) fn is_full(&self, times: usize) -> bool {
        self.nodes.len() >= times * MOST_NODES
    }

    /// Drops the first half. Must only be called between two children of the root.
    pub(super) fn forget(&mut self) {
        let half = self.nodes.len() / 2;
        let after = self.nodes.iter().enumerate().skip(half.max(1));
        let mut starts = after.filter(|(_, node)| node.parent == ROOT);
        let cut = starts
            .next()
            .map_or(self.nodes.len(), |(index, _)| index)
            .saturating_sub(1);
        self.nodes.drain(1..=cut);
        for node in self.nodes.iter_mut().skip(1) {
            node.parent = node.parent.saturating_sub(cut);
        }
    }

    /// Gives the keyed children of a node to another one that is above it. Returns where the first of them begins.
    pub(super) fn give(&mut self, from: usize, to: usize) -> Option<usize> {
        let mut begin = None;
        for node in self.nodes.iter_mut().skip(from + 1) {
            if node.parent == from && node.key.is_some() {
                node.parent = to;
                begin.get_or_insert(node.span.start);
            }
        }
        begin
    }
}
