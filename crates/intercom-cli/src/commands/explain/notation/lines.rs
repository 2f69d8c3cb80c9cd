//! Lines of prose: headers, and the nested lines of YAML.

use super::keys::{self, Form, Separator};
use super::scanner::{DEEPEST, Frame, Scanner, Shape};
use super::tree::{Kind, Node};

/// How many brackets without a key or string a line of prose can have.
const MOST_STRAYS: usize = 16;

impl Scanner<'_, '_> {
    pub(super) fn end_line(&mut self) {
        // What is nested too deeply ends at an empty line: its brackets belonged to prose.
        if self.skipped > 0 && self.rest().starts_with("\n\n") {
            self.end_all();
            self.skipped = 0;
        }
        while self.is_stray() {
            self.pop();
        }
        if matches!(self.shape(), Shape::Line { is_item: false, .. }) && !self.line().is_empty() {
            self.pop();
        }
        if self.is_prose() {
            self.finish(self.at);
        }
        self.at += 1;
        self.begin_line();
    }

    /// What the innermost group has on its first line.
    fn line(&self) -> &str {
        let start = self.frames.last().map_or(self.at, |top| top.start);
        let text = self.text.get(start..self.at).unwrap_or_default();
        text.lines().next().unwrap_or_default().trim()
    }

    /// Whether the innermost bracket is one of prose: it is not closed on its line, and has neither a key nor a string.
    fn is_stray(&self) -> bool {
        let mut frames = self.frames.iter().rev();
        let Some(top) = frames
            .next()
            .filter(|top| matches!(top.shape, Shape::Bracket(_)))
        else {
            return false;
        };
        let is_group =
            |frame: &&Frame| matches!(frame.shape, Shape::Bracket(_)) && frame.form.is_none();
        let outer = frames.find(|frame| !is_group(frame));
        let is_in_prose =
            outer.is_some_and(|outer| !matches!(outer.shape, Shape::Bracket(_) | Shape::Tag));
        let inner = self.tree.nodes().get(top.first..).unwrap_or_default();
        let is_empty = |node: &Node| node.key.is_none() && node.kind != Kind::Quoted;
        is_in_prose
            && !self.line().is_empty()
            && inner.len() <= MOST_STRAYS
            && inner.iter().all(is_empty)
    }

    /// Reads the indentation, the dash of an item, and a key with the rest of the line as its value.
    pub(super) fn begin_line(&mut self) {
        if !self.is_prose() || self.row() {
            return;
        }
        let line = self.rest();
        let trimmed = line.trim_start_matches([' ', '\t']);
        if trimmed.is_empty() || trimmed.starts_with(['\n', '\r']) {
            return;
        }
        let mut indent = line.len() - trimmed.len();
        let is_item = trimmed.starts_with("- ");
        while let Shape::Line {
            indent: outer,
            is_item: in_item,
        } = self.shape()
        {
            let is_inside = outer < indent || (outer == indent && is_item && !in_item);
            if is_inside || trimmed.starts_with(['{', '[', '(']) {
                break;
            }
            self.pop();
        }
        self.at += indent;
        if is_item && self.frames.len() < DEEPEST {
            let node = self.add(None, Kind::Group);
            self.at += 2;
            self.push(node, Shape::Line { indent, is_item });
            indent += 2;
        }
        self.line_key(indent);
    }

    fn line_key(&mut self, indent: usize) {
        let Some(key) = keys::key(self.rest()).filter(|_| self.frames.len() < DEEPEST) else {
            return;
        };
        let value = self.rest().get(key.len..).unwrap_or_default();
        let is_quoted = value
            .trim_start_matches([' ', '\t'])
            .starts_with(['"', '\'', '`']);
        let is_line = matches!(key.separator, Separator::Colon | Separator::Equals);
        if is_line && key.form == Form::Plain && !key.attached && !is_quoted {
            let node = self.add(Some(key.name), Kind::Bare);
            self.at += key.len;
            self.push(
                node,
                Shape::Line {
                    indent,
                    is_item: false,
                },
            );
        }
    }
}
