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

impl<'t> Scanner<'t, '_> {
    /// Reads a line that is part of a table: `| code | conflict |`, `code | conflict`, or a row under a head.
    pub(super) fn row(&mut self) -> bool {
        let (line, next) = self.rest().split_once('\n').unwrap_or((self.rest(), ""));
        let is_rule = RULE.is_match(line);
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
        let cells = inner
            .split('|')
            .take(MOST_CELLS)
            .map(|cell| cell.trim().trim_matches(['`', '*']));
        let cells: Vec<&'t str> = cells.collect();
        let is_row = !is_rule && self.head.len() == cells.len();
        let is_pair = |name: &str, value: &str| {
            NAME.is_match(name) && !value.ends_with(['{', '[', '(', '\\'])
        };
        let pair = cells
            .first_chunk()
            .filter(|[name, value]| cells.len() == 2 && is_pair(name, value));
        if !is_rule && !line.contains('|') {
            self.head.clear();
            return false;
        }
        if is_row {
            let node = self.add(None, Kind::Group);
            self.push(node, Shape::Tag);
            for (name, cell) in self.head.clone().into_iter().zip(cells.iter().copied()) {
                self.cell(name, cell);
            }
            self.pop();
        }
        if !is_rule
            && self.head.is_empty()
            && RULE.is_match(next.lines().next().unwrap_or_default())
        {
            self.head = cells;
        } else if let Some([name, value]) = pair {
            self.cell(name, value);
        } else if !is_rule && !is_row {
            return false;
        }
        self.at += line.len();
        true
    }

    fn cell(&mut self, name: &str, value: &str) {
        let node = self.add(Some(name), Kind::Quoted);
        self.value(node, value);
    }
}
