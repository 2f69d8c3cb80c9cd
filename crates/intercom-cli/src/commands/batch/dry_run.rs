//! `--dry-run`: checks each line, and sends nothing.

use intercom_batch::Source;
use serde::Serialize;

use crate::clean;
use crate::error::{Exit, Failure, describe};
use crate::output::Output;
use crate::words::count;

/// How many invalid lines are listed.
const LISTED: usize = 100;

#[derive(Serialize)]
struct Report {
    lines: u64,
    invalid: u64,
    /// The first of them.
    first_invalid: Vec<Invalid>,
}

#[derive(Serialize)]
struct Invalid {
    line: u64,
    invalid: String,
}

pub(super) fn run(source: Source, output: &mut Output) -> Result<Exit, Failure> {
    let (mut invalid, mut first) = (0, Vec::new());
    let lines = source.check(|line, why| {
        invalid += 1;
        if first.len() < LISTED {
            let why = why
                .request_error()
                .map_or_else(|| why.to_string(), describe);
            first.push(Invalid { line, invalid: why });
        }
    })?;
    let exit = if invalid == 0 {
        Exit::Done
    } else {
        Exit::Refused
    };
    if output.is_json() {
        output.document(&Report {
            lines,
            invalid,
            first_invalid: first,
        })?;
        return Ok(exit);
    }
    let mut text = format!(
        "{}, {invalid} invalid; nothing was sent, so the API may still refuse lines\n",
        count(lines, "line")
    );
    for one in &first {
        text += &format!("  line {}: {}\n", one.line, clean::line(&one.invalid));
    }
    if invalid > first.len() as u64 {
        text += &format!("  and {} more\n", invalid - first.len() as u64);
    }
    output.text(&text)?;
    Ok(exit)
}
