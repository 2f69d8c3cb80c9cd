//! Reads the table that divan prints, because divan has no other output format.

/// One bench of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Row {
    /// The names from the group down to the argument.
    pub(super) path: Vec<String>,
    /// The median time of a round, with its unit.
    pub(super) time: String,
    /// How often a round asked the allocator for memory, including calls that grow an allocation.
    pub(super) allocations: f64,
    /// How many bytes it asked for.
    pub(super) bytes: String,
}

impl Row {
    /// The name of the row for divan's filter.
    pub(super) fn name(&self, bench: &str) -> String {
        let mut parts = vec![bench];
        parts.extend(self.path.iter().map(String::as_str));
        parts.join("::")
    }
}

/// The characters that draw the tree.
const BRANCHES: [char; 5] = ['│', '├', '╰', '─', ' '];

/// The position of the median among the columns.
const MEDIAN: usize = 2;

/// The rows of a table, without groups.
pub(super) fn rows(text: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    // Below a bench are blocks like `alloc:`, with a line for the number and one for the size.
    let mut block = (String::new(), 0);
    for line in text.lines().filter(|line| line.starts_with(BRANCHES)) {
        let content = line.trim_start_matches(BRANCHES);
        let cells: Vec<&str> = content.split('│').map(str::trim).collect();
        let (first, median) = (cells.first(), cells.get(MEDIAN));
        let (first, median) = (
            first.copied().unwrap_or_default(),
            median.copied().unwrap_or_default(),
        );
        if let Some(depth) = depth(line) {
            let (name, fastest) = first.split_once("  ").unwrap_or((first, ""));
            path.truncate(depth);
            path.push(name.to_owned());
            block = (String::new(), 0);
            if !fastest.is_empty() {
                rows.push(Row {
                    path: path.clone(),
                    time: median.to_owned(),
                    bytes: "0 B".to_owned(),
                    ..Row::default()
                });
            }
        } else if first.ends_with(':') {
            block = (first.to_owned(), 0);
        } else if let Some(row) = rows.last_mut() {
            match (block.0.as_str(), block.1) {
                ("alloc:" | "grow:", 0) => row.allocations += median.parse().unwrap_or(0.0),
                ("alloc:", 1) => median.clone_into(&mut row.bytes),
                _ => {}
            }
            block.1 += 1;
        }
    }
    rows
}

/// The depth of a bench or group in the tree; `None` for the lines below one.
fn depth(line: &str) -> Option<usize> {
    let branch = line.chars().position(|sign| matches!(sign, '├' | '╰'))?;
    Some(branch / 3)
}

#[cfg(test)]
mod tests {
    use super::{Row, rows};

    const TABLE: &str = "\
Timer precision: 20 ns
calls             fastest       │ slowest       │ median        │ mean          │ samples │ iters
├─ call                         │               │               │               │         │
│  ├─ bare        84.35 µs      │ 9.019 ms      │ 125.8 µs      │ 1.048 ms      │ 100     │ 100
│  │              1.2 GB/s      │ 1 GB/s        │ 1.1 GB/s      │ 1 GB/s        │         │
│  │              max alloc:    │               │               │               │         │
│  │                46          │ 46            │ 44            │ 44.07         │         │
│  │                5.494 KB    │ 5.494 KB      │ 5.082 KB      │ 5.047 KB      │         │
│  │              alloc:        │               │               │               │         │
│  │                54          │ 54            │ 53.5          │ 53.75         │         │
│  │                4.87 KB     │ 4.87 KB       │ 4.822 KB      │ 4.846 KB      │         │
│  │              grow:         │               │               │               │         │
│  │                7           │ 7             │ 7             │ 7             │         │
│  │                1.122 KB    │ 1.122 KB      │ 1.122 KB      │ 1.122 KB      │         │
│  ╰─ the client  90.61 µs      │ 227.5 µs      │ 118.5 µs      │ 130 µs        │ 100     │ 100
╰─ delay, backon  19.15 ns      │ 22.83 ns      │ 21.49 ns      │ 21.33 ns      │ 100     │ 12800
";

    fn row(path: &[&str], time: &str, allocations: f64, bytes: &str) -> Row {
        Row {
            path: path.iter().map(|&name| name.to_owned()).collect(),
            time: time.to_owned(),
            allocations,
            bytes: bytes.to_owned(),
        }
    }

    #[test]
    fn rows_have_their_path_median_and_allocations() {
        let expected = [
            row(&["call", "bare"], "125.8 µs", 60.5, "4.822 KB"),
            row(&["call", "the client"], "118.5 µs", 0.0, "0 B"),
            row(&["delay, backon"], "21.49 ns", 0.0, "0 B"),
        ];
        assert_eq!(rows(TABLE), expected);
        assert_eq!(expected[0].name("calls"), "calls::call::bare");
    }
}
