//! Rows of tables, as databases and Markdown print them.

use super::scanner::{Scanner, Shape};
use super::tree::Kind;

/// The longest name of a column or row, in bytes.
const LONGEST_NAME: usize = 40;
/// How many cells of a row are read.
const MOST_CELLS: usize = 100;

impl Scanner<'_, '_> {
    /// Reads a line that is part of a table: `| code | conflict |`, `code | conflict`, or a row under a head.
    pub(super) fn row(&mut self) -> bool {
        let mut lines = self.rest().split('\n');
        let line = lines.next().unwrap_or_default();
        if is_rule(line) {
            self.at += line.len();
            return true;
        }
        if !line.contains('|') {
            self.head.clear();
            return false;
        }
        let cells = cells(line);
        let named = match cells.as_slice() {
            [name, value] => is_name(name) && !value.ends_with(['{', '[', '(', '\\']),
            _ => false,
        };
        if self.head.is_empty() && lines.next().is_some_and(is_rule) {
            self.head = cells;
        } else if self.head.len() == cells.len() || named {
            self.cells(&cells, named);
        } else {
            return false;
        }
        self.at += line.len();
        true
    }

    /// Adds a row as a group with the names in the head as keys, and as a name with its value.
    fn cells(&mut self, cells: &[&str], named: bool) {
        if self.head.len() == cells.len() {
            let node = self.add(None, Kind::Group);
            self.push(node, Shape::Tag);
            for (name, cell) in self.head.clone().iter().zip(cells) {
                self.value(Some(name), 0, cell);
            }
            self.pop();
        }
        if let (true, [name, value]) = (named, cells) {
            self.value(Some(name), 0, value);
        }
    }
}

/// Whether a line separates rows: `---+---`, `|:--|---|`.
fn is_rule(line: &str) -> bool {
    let is_part = |char: char| matches!(char, '-' | '+' | '|' | ':' | '=' | ' ' | '\r');
    line.contains("--") && line.chars().all(is_part)
}

fn is_name(cell: &str) -> bool {
    let is_part = |char: char| char.is_ascii_alphanumeric() || "_-. ".contains(char);
    let begins = cell.starts_with(|char: char| char.is_ascii_alphabetic());
    begins && cell.len() <= LONGEST_NAME && cell.chars().all(is_part)
}

/// The cells of a row, without the bars around it and without marks of Markdown.
fn cells(line: &str) -> Vec<&str> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').unwrap_or(line);
    let cells = line.split('|').take(MOST_CELLS).map(str::trim);
    cells.map(|cell| cell.trim_matches(['`', '*'])).collect()
}
