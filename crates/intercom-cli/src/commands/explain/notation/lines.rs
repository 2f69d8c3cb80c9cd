//! Lines of prose: headers, and the nested lines of YAML.

use super::keys;
use super::scanner::{DEEPEST, Frame, Scanner, Shape};
use super::tree::{Kind, Node};

/// How many brackets without a key or string a line of prose can have.
const MOST_STRAYS: usize = 16;

impl Scanner<'_> {
    pub(super) fn end_line(&mut self) {
        // What is nested too deeply ends at an empty line: its brackets belonged to prose.
        if self.skipped > 0 && self.rest().starts_with("\n\n") {
            self.end_all();
            self.skipped = 0;
        }
        while self.is_stray() {
            self.pop();
        }
        if matches!(self.top.shape, Shape::Line(_)) && !self.line().is_empty() {
            self.pop();
        }
        if self.is_prose() {
            self.finish();
        }
        self.at += 1;
        self.begin_line();
    }

    /// What the innermost group has on its first line.
    fn line(&self) -> &str {
        let mut lines = self.since(self.top.start).lines();
        lines.next().unwrap_or_default().trim()
    }

    /// Whether the innermost bracket is one of prose: it is not closed on its line, and has neither a key nor a string.
    fn is_stray(&self) -> bool {
        let is_bracket = |frame: &Frame<'_>| matches!(frame.shape, Shape::Bracket(_));
        let mut outer = self.outer.iter().rev();
        let outer = outer.find(|frame| !is_bracket(frame) || frame.key.is_some());
        let is_prose = |frame: &Frame<'_>| !is_bracket(frame) && frame.shape != Shape::Tag;
        let inner = self.tree.nodes.get(self.top.first..).unwrap_or_default();
        let is_empty = |node: &Node| node.key.is_none() && node.kind != Kind::Quoted;
        let is_in_prose = is_bracket(&self.top) && outer.is_some_and(is_prose);
        let is_stray = is_in_prose && !self.line().is_empty();
        is_stray && inner.len() <= MOST_STRAYS && inner.iter().all(is_empty)
    }

    /// Reads the indentation, the dash of an item, and a key with the rest of the line as its value.
    pub(super) fn begin_line(&mut self) {
        let trimmed = self.rest().trim_start_matches([' ', '\t']);
        let is_blank = trimmed.is_empty() || trimmed.starts_with(['\n', '\r']);
        if !self.is_prose() || self.row().is_some() || is_blank {
            return;
        }
        let mut indent = self.rest().len() - trimmed.len();
        let is_item = trimmed.starts_with("- ");
        while !trimmed.starts_with(['{', '[', '(']) {
            match self.top.shape {
                Shape::Line(outer) if outer > indent || (outer == indent && !is_item) => self.pop(),
                Shape::Item(outer) if outer >= indent => self.pop(),
                _ => break,
            }
        }
        self.at += indent;
        if is_item && self.outer.len() < DEEPEST {
            let node = self.add(None, Kind::Group);
            self.push(node, Shape::Item(indent));
            self.at += 2;
            indent += 2;
        }
        let key = keys::key(self.rest()).filter(|_| self.outer.len() < DEEPEST);
        let is_value = |rest: &str| !rest.starts_with(['"', '\'', '`']);
        let is_line = |key: &keys::Key<'_>| key.is_plain && [":", "="].contains(&key.separator);
        if let Some(key) = key.filter(|key| is_line(key) && !key.is_attached && is_value(key.rest))
        {
            let node = self.add(Some(key.name), Kind::Bare);
            self.at = self.text.len() - key.rest.len();
            self.push(node, Shape::Line(indent));
        }
    }
}
