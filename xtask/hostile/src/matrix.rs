//! Carries out many cells, and reports those that are wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::cell::Cell;

/// How many cells are carried out at once. Most of them wait for a socket.
const AT_ONCE: usize = 24;

/// What was found in many cells. `Display` is a table of the transports, then each wrong cell.
#[derive(Clone, Debug)]
#[must_use = "look at what is wrong"]
pub struct Report {
    rows: BTreeMap<&'static str, Row>,
    wrong: Vec<(Cell, String)>,
    took: Duration,
}

#[derive(Clone, Copy, Debug, Default)]
struct Row {
    cells: usize,
    wrong: usize,
    /// The sum of all cells.
    took: Duration,
}

/// Carries out these cells.
pub fn run(cells: &[Cell]) -> Report {
    let began = now();
    let (next, report) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let began = now();
                    let verdict = cell.run();
                    let done = (cell, verdict, began.elapsed());
                    report
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(done);
                }
            });
        }
    });
    let mut rows: BTreeMap<_, Row> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (cell, verdict, took) in report.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let row = rows.entry(cell.transport()).or_default();
        row.cells += 1;
        row.took += took;
        if let Err(what) = verdict {
            row.wrong += 1;
            wrong.push((cell.clone(), what));
        }
    }
    wrong.sort_by_key(|(cell, _)| cell.to_string());
    Report {
        rows,
        wrong,
        took: began.elapsed(),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the reports say how long the cells took"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

impl Report {
    /// Returns how many cells are wrong.
    #[must_use]
    pub fn wrong(&self) -> usize {
        self.wrong.len()
    }

    /// Returns how many cells were carried out.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.rows.values().map(|row| row.cells).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<14} {:>7} {:>6} {:>9}",
            "transport", "cells", "wrong", "seconds"
        )?;
        for (transport, row) in &self.rows {
            let seconds = row.took.as_secs_f64();
            writeln!(
                f,
                "{transport:<14} {:>7} {:>6} {seconds:>9.1}",
                row.cells, row.wrong
            )?;
        }
        let (cells, wrong, seconds) = (self.cells(), self.wrong(), self.took.as_secs_f64());
        writeln!(
            f,
            "{:<14} {cells:>7} {wrong:>6} {seconds:>9.1}",
            "all, at once"
        )?;
        if self.wrong() > 0 {
            writeln!(
                f,
                "\nto repeat a cell: cargo run -p xtask-hostile -- 'NAME'"
            )?;
        }
        for (cell, what) in &self.wrong {
            writeln!(f, "\nWRONG {cell}\n  {what}\n  {}", cell.script())?;
        }
        Ok(())
    }
}
