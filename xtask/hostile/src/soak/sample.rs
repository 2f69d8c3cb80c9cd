//! What the process holds at one time, as Linux reports it.

use std::time::Duration;
use std::{fs, io};

/// The names of the values, with their units.
pub(crate) const NAMES: [&str; 4] = ["memory (MiB)", "open files", "threads", "tokio tasks"];

/// What the process holds at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Seconds since the start.
    pub(crate) at: f64,
    /// In the order of [`NAMES`].
    pub(crate) values: [f64; 4],
}

impl Sample {
    /// Takes a sample. The number of tasks is that of the runtime of the long-lived clients.
    pub(crate) fn take(at: Duration, tasks: usize) -> io::Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let files = fs::read_dir("/proc/self/fd")?.count();
        let values = [
            number(&status, "VmRSS:")? / 1024.0,
            files as f64,
            number(&status, "Threads:")?,
            tasks as f64,
        ];
        let at = at.as_secs_f64();
        Ok(Self { at, values })
    }
}

/// Returns the number in the line of this name, without the unit after it.
fn number(status: &str, name: &str) -> io::Result<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| io::Error::other(format!("/proc/self/status has no {name}")))
}
