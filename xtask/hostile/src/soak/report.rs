//! Whether something grows, as a table, a plot and a file of all samples.

use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use anyhow::Result;
use xtask_simulate::{Panel, growth};

use super::sample::{NAMES, Sample};

/// What a long run has found. `Display` is a table of what the process held.
#[derive(Clone, Debug, Default)]
#[must_use = "look at what grows"]
pub struct Soaked {
    pub(crate) samples: Vec<Sample>,
    pub(crate) cells: usize,
    pub(crate) wrong: usize,
    /// The calls of the long-lived clients.
    pub(crate) calls: usize,
}

/// By how much a value may grow from the second to the last tenth of the run: a share, and a constant. The number of idle connections
/// varies from round to round; each of them has two open files, a task of the client and one thread of a server.
const SLACK: [(f64, f64); 4] = [(0.05, 1.0), (0.0, 16.0), (0.0, 8.0), (0.0, 8.0)];

/// The fewest samples that have enough in a tenth.
const LEAST: usize = 30;

/// A row of the table.
struct Row {
    start: f64,
    /// The medians of the second tenth of the run and of the last.
    early: f64,
    late: f64,
    most: f64,
    grows: bool,
}

impl Soaked {
    /// Whether something grows, a cell is wrong, or the run was too short to know.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.wrong > 0 || self.is_short() || self.rows().iter().any(|row| row.grows)
    }

    fn is_short(&self) -> bool {
        self.samples.len() < LEAST
    }

    fn rows(&self) -> Vec<Row> {
        (0..NAMES.len())
            .zip(SLACK)
            .map(|(nth, slack)| self.row(nth, slack))
            .collect()
    }

    fn row(&self, nth: usize, (share, constant): (f64, f64)) -> Row {
        let values: Vec<f64> = self.values(nth).map(|(_, value)| value).collect();
        let tenth = values.len() / 10;
        let early = median(values.get(tenth..2 * tenth).unwrap_or_default());
        let late = median(values.get(values.len() - tenth..).unwrap_or_default());
        Row {
            start: values.first().copied().unwrap_or_default(),
            early,
            late,
            most: values.iter().copied().fold(0.0, f64::max),
            grows: late > early * (1.0 + share) + constant,
        }
    }

    /// The seconds since the start, and the value.
    fn values(&self, nth: usize) -> impl Iterator<Item = (f64, f64)> {
        let point = move |sample: &Sample| Some((sample.at, *sample.values.get(nth)?));
        self.samples.iter().filter_map(point)
    }

    /// Writes all samples and the plot.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let mut lines = format!("seconds,{}\n", NAMES.join(","));
        for Sample { at, values } in &self.samples {
            let values = values.map(|value| format!("{value:.2}")).join(",");
            writeln!(lines, "{at:.1},{values}")?;
        }
        fs::write(folder.join("samples.csv"), lines)?;
        let panels = NAMES.iter().enumerate();
        let panels: Vec<_> = panels
            .map(|(nth, name)| Panel::new(*name, self.values(nth).collect()))
            .collect();
        let title = "What the process holds between two rounds";
        growth(&folder.join("plot.svg"), title, &panels)
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

impl fmt::Display for Soaked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cells, wrong, calls) = (self.cells, self.wrong, self.calls);
        let seconds = self.samples.last().map_or(0.0, |sample| sample.at);
        writeln!(
            f,
            "{seconds:.0} s: {cells} cells, {wrong} wrong; {calls} calls of paced clients"
        )?;
        if self.is_short() {
            return writeln!(
                f,
                "only {} samples; at least {LEAST} are needed",
                self.samples.len()
            );
        }
        let heads = ["start", "2nd tenth", "last tenth", "most"];
        let [start, early, late, most] = heads;
        writeln!(
            f,
            "{:<14} {start:>10} {early:>10} {late:>10} {most:>10}",
            ""
        )?;
        for (name, row) in NAMES.iter().zip(self.rows()) {
            let Row {
                start,
                early,
                late,
                most,
                grows,
            } = row;
            let verdict = if grows { "GROWS" } else { "flat" };
            writeln!(
                f,
                "{name:<14} {start:>10.1} {early:>10.1} {late:>10.1} {most:>10.1}  {verdict}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run in which all values but this one stay the same.
    fn run(nth: usize, value: impl Fn(usize) -> f64) -> Soaked {
        let sample = |number| {
            let mut values = [100.0; 4];
            values[nth] = value(number);
            Sample {
                at: number as f64,
                values,
            }
        };
        Soaked {
            samples: (0..200).map(sample).collect(),
            ..Soaked::default()
        }
    }

    #[test]
    fn each_value_that_grows_is_found_and_only_that_one() {
        for nth in 0..NAMES.len() {
            let soaked = run(nth, |number| 100.0 + number as f64 / 5.0);
            let grows: Vec<_> = soaked.rows().iter().map(|row| row.grows).collect();
            let expected: Vec<_> = (0..NAMES.len()).map(|other| other == nth).collect();
            assert_eq!(grows, expected);
            assert!(soaked.is_bad());
        }
    }

    #[test]
    fn a_value_that_grows_at_the_beginning_or_varies_is_flat() {
        for nth in 0..NAMES.len() {
            assert!(!run(nth, |number| 100.0 * (number.min(15) as f64)).is_bad());
            assert!(!run(nth, |number| 100.0 + (number % 7) as f64).is_bad());
        }
    }

    #[test]
    fn a_run_that_is_too_short_or_has_a_wrong_cell_is_bad() {
        let mut soaked = run(0, |_| 100.0);
        assert!(!soaked.is_bad());
        soaked.wrong = 1;
        assert!(soaked.is_bad());
        let short = Soaked {
            samples: soaked.samples.split_off(190),
            ..Soaked::default()
        };
        assert!(short.is_bad());
    }
}
