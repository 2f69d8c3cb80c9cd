//! Lines of prose: headers, and the nested lines of YAML.

use super::keys::{self, Separator};
use super::scanner::{Entry, Scanner, Shape};
use super::strings::Delimiter;
use super::tree::Kind;

/// How many brackets without a group a line of prose can have.
const MOST_STRAYS: usize = 16;

impl Scanner<'_, '_> {
    pub(super) fn end_line(&mut self) {
        // What is nested too deeply ends at an empty line: its brackets belonged to prose.
        if self.skipped > 0 && self.rest().starts_with("\n\n") {
            self.end_all();
            self.skipped = 0;
        }
        while self.ends_with_line() {
            let properly = self.shape() == Shape::Line;
            self.pop(properly);
        }
        if self.shape().is_prose() && self.has_value() {
            self.finish(self.at);
        }
        self.at += 1;
        self.begin_line();
    }

    /// Whether the innermost group cannot go on on the next line. A bracket without a group is one of prose.
    fn ends_with_line(&self) -> bool {
        let Some(top) = self.frames.last() else {
            return false;
        };
        match top.shape {
            Shape::Line => !self.goes_on(),
            Shape::Block { .. } | Shape::Text => false,
            // An element of XML.
            Shape::Tag
                if self
                    .frames
                    .iter()
                    .rev()
                    .nth(1)
                    .is_some_and(|outer| outer.shape == Shape::Tag) =>
            {
                false
            }
            _ => {
                let content = self.text.get(top.start..self.at).unwrap_or_default();
                let is_one_line = !content
                    .trim_start_matches([' ', '\t', '\r'])
                    .starts_with('\n');
                let is_empty = content.trim().is_empty();
                let inner = self.tree.nodes().get(top.node + 1..).unwrap_or_default();
                let is_stray = inner.len() <= MOST_STRAYS
                    && inner
                        .iter()
                        .all(|node| node.key.is_none() && node.kind != Kind::Quoted);
                !is_empty && is_one_line && is_stray
            }
        }
    }

    /// Whether the last key of a line has its group on the next line.
    fn goes_on(&self) -> bool {
        let has_key = self.frames.last().is_some_and(|top| top.entry.is_some());
        let next = self
            .rest()
            .get(1..)
            .unwrap_or_default()
            .trim_start_matches([' ', '\t']);
        has_key && !self.has_value() && next.starts_with(['{', '[', '('])
    }

    fn has_value(&self) -> bool {
        let entry = self.frames.last().and_then(|top| top.entry);
        entry.is_some_and(|entry| {
            let value = self.text.get(entry.start..self.at);
            value.is_some_and(|value| !value.trim().is_empty())
        })
    }

    /// Reads the indentation, the dash of an item, and a key with the rest of the line as its value.
    pub(super) fn begin_line(&mut self) {
        if !matches!(self.shape(), Shape::Block { .. } | Shape::Text) {
            return;
        }
        if self.row() {
            return;
        }
        let line = self.rest();
        let trimmed = line.trim_start_matches([' ', '\t']);
        if trimmed.is_empty() || trimmed.starts_with(['\n', '\r']) {
            return;
        }
        let indent = line.len() - trimmed.len();
        let is_item = trimmed.starts_with("- ");
        while let Shape::Block {
            indent: inner,
            is_list,
        } = self.shape()
        {
            if inner < indent || (inner == indent && (is_item || !is_list)) {
                break;
            }
            self.pop(true);
        }
        self.begin_block(indent, is_item);
        self.at += indent;
        if is_item {
            let node = self.add(None, Kind::Group);
            self.at += 2;
            self.push(
                node,
                Shape::Block {
                    indent: indent + 2,
                    is_list: false,
                },
            );
        }
        self.line_key();
    }

    /// Begins the block of a key whose line has no value.
    fn begin_block(&mut self, indent: usize, is_list: bool) {
        let Some(Entry { node, start, .. }) = self.top().and_then(|top| top.entry) else {
            return;
        };
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let outer = line.len() - line.trim_start_matches([' ', '-']).len();
        if let Some(top) = self.top() {
            top.entry = None;
        }
        if indent > outer || (indent == outer && is_list) {
            self.push(node, Shape::Block { indent, is_list });
        }
    }

    fn line_key(&mut self) {
        let Some(key) = keys::key(self.rest()) else {
            return;
        };
        let is_line = matches!(key.separator, Separator::Colon | Separator::Equals)
            && !key.attached
            && key.plain;
        if !is_line {
            return;
        }
        let after = self.rest().get(key.len..).unwrap_or_default();
        let value = after.trim_start_matches([' ', '\t', '\r']);
        self.finish(self.at);
        let node = self.add(Some(key.name), Kind::Bare);
        self.at += key.len + (after.len() - value.len());
        if value.is_empty() || value.starts_with('\n') || Delimiter::at(value).is_some() {
            let start = self.at;
            if let Some(top) = self.top() {
                top.entry = Some(Entry {
                    node,
                    start,
                    closed: start,
                });
            }
            return;
        }
        self.push(node, Shape::Line);
    }
}
