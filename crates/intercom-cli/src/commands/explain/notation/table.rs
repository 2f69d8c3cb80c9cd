//! Rows of tables, as databases and Markdown print them.

use super::pattern::Pattern;
use super::scanner::{Scanner, Shape};
use super::tree::Kind;

/// How many cells of a row are read.
const MOST_CELLS: usize = 100;

/// A line between rows: `---+---`, `|:--|---|`.
static RULE: Pattern = Pattern::new(r"^[+|:= -]*--[+|:= -]*\r?$");
/// The name of a column or row.
static NAME: Pattern = Pattern::new(r"^[[:alpha:]][\w. -]{0,40}$");

impl Scanner<'_> {
    /// Reads a line that is part of a table: `| code | conflict |`, `code | conflict`, or a row under a head.
    pub(super) fn row(&mut self) -> Option<()> {
        let mut lines = self.rest().split('\n');
        let line = lines.next()?;
        if !line.contains('|') && !RULE.is_match(line) {
            self.head.clear();
            return None;
        }
        let is_mark = |char: char| char.is_whitespace() || matches!(char, '`' | '*');
        let cells = line.trim().trim_matches('|').split('|').take(MOST_CELLS);
        let cells: Vec<&str> = cells.map(|cell| cell.trim_matches(is_mark)).collect();
        if RULE.is_match(line) {
            self.at += line.len();
            return Some(());
        }
        if self.head.is_empty() && lines.next().is_some_and(|line| RULE.is_match(line)) {
            self.head = cells;
        } else if self.head.len() == cells.len() {
            let node = self.add(None, Kind::Group);
            self.push(node, Shape::Tag);
            let head = self.head.clone();
            for (name, value) in head.iter().zip(&cells) {
                self.cell(name, value);
            }
            self.pop();
            self.pair(&cells);
        } else {
            self.pair(&cells)?;
        }
        self.at += line.len();
        Some(())
    }

    /// Adds a row of a name and its value.
    fn pair(&mut self, cells: &[&str]) -> Option<()> {
        let &[name, value] = cells.first_chunk().filter(|_| cells.len() == 2)?;
        let is_pair = NAME.is_match(name) && !value.ends_with(['{', '[', '(', '\\']);
        is_pair.then(|| self.cell(name, value))
    }

    fn cell(&mut self, name: &str, value: &str) {
        let node = self.add(Some(name), Kind::Quoted);
        self.value(node, value);
    }
}
