//! Lines of prose: headers, and the nested lines of YAML.

use super::pattern::{Pattern, pattern};
use super::scanner::{Scanner, Shape};
use super::tree::begin;

/// A key that begins a line, and its separator. Strings do not follow, and other values follow after a blank.
static KEY: Pattern =
    pattern!(r#"^([A-Za-z_][[:word:].$-]{0,79})[ \t]*([:=])(?:[ \t]+[^"'`\s]|[ \t]*(?:[\r\n]|$))"#);

impl Scanner<'_> {
    pub(super) fn end_line(&mut self) {
        if matches!(self.top.shape, Shape::Line(_)) && !self.line().is_empty() {
            self.pop();
        }
        if self.is_prose() {
            self.finish();
        }
        self.at += 1;
        self.begin_line();
    }

    /// Reads the indentation, the dash of an item, and a key with the rest of the line as its value.
    pub(super) fn begin_line(&mut self) {
        let trimmed = self.rest().trim_start_matches([' ', '\t']);
        let is_blank = trimmed.is_empty() || trimmed.starts_with(['\n', '\r']);
        if !self.is_prose() || is_blank {
            return;
        }
        let mut indent = self.rest().len() - trimmed.len();
        let is_item = trimmed.starts_with("- ");
        // There are two levels for each column: an item is below a key with the same indentation.
        let level = 2 * indent + usize::from(is_item);
        while let Shape::Item(outer) | Shape::Line(outer) = self.top.shape {
            if outer < level || trimmed.starts_with(['{', '[', '(']) {
                break;
            }
            self.pop();
        }
        self.at += indent;
        if is_item {
            let node = self.add(None);
            self.push(node, Shape::Item(level));
            self.at += 2;
            indent += 2;
        }
        if let Some(key) = KEY.captures(begin(self.rest(), 200)) {
            let node = self.add(Some(&key[1]));
            self.at += key.get(2).map_or(0, |separator| separator.end());
            self.push(node, Shape::Line(2 * indent));
        }
    }
}
