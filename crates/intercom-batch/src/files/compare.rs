//! The input against what earlier runs left of it: who goes on has the same lines.

use std::io::{self, Read, Seek};

use super::input::Lines;
use super::ledger::{Ending, Ledger, Past};
use crate::error::Failure;

/// Refuses an input that is not the one of the earlier runs, before anything is sent. Then it is at its beginning again.
pub(crate) fn compare(
    mut source: impl Read + Seek,
    name: &str,
    ledger: &Ledger,
) -> Result<(), Failure> {
    let unreadable = |error: io::Error| unreadable(name, &error);
    let mut lines = Lines::new(&mut source);
    let mut last = 0;
    // What comes behind the lines that were begun can be anything.
    while last < ledger.last_begun() {
        let Some(line) = lines.next().map_err(unreadable)? else {
            return if last < ledger.last_sent() {
                Err(shorter(name, ledger))
            } else {
                source.rewind().map_err(unreadable)
            };
        };
        if let Some(gone) = ledger.sent_between(last, line.number) {
            return Err(blanked(gone, name));
        }
        last = line.number;
        ledger
            .past(line.number, line.digest)
            .map_err(|before| changed(line.number, name, before))?;
    }
    source.rewind().map_err(unreadable)
}

/// Another line stands where one stood that may have been carried out.
pub(crate) fn changed(line: u64, file: &str, before: Past) -> Failure {
    let (was, then) = match before {
        Past::Ended(Ending::Ok) => ("was carried out", "put the old line back"),
        _ => (
            "may have been carried out",
            "put the old line back, check what became of it",
        ),
    };
    Failure::usage(format!(
        "line {line} of {file} is not the one that an earlier run sent, and that one {was}; {then}, and add the new one at the end (another --out sends every line again)"
    ))
}

/// Nothing stands where a line was sent.
pub(crate) fn blanked(line: u64, file: &str) -> Failure {
    Failure::usage(format!(
        "line {line} of {file} is blank, and an earlier run sent what stood there; put the old line back (another --out sends every line again)"
    ))
}

/// The input ends before a line that was sent.
pub(crate) fn shorter(file: &str, ledger: &Ledger) -> Failure {
    let last = ledger.last_sent();
    Failure::usage(format!(
        "{file} ends before line {last}, which an earlier run sent; continue with the same input, or choose another --out"
    ))
}

pub(crate) fn unreadable(file: &str, error: &io::Error) -> Failure {
    Failure::refused(format!("{file} cannot be read to its end: {error}"))
}
