//! The input against what earlier runs sent: a run that continues needs the same lines.

use std::io::{self, Seek as _};

use super::ledger::{Ledger, Past};
use crate::Ending;
use crate::error::{Cause, Error};
use crate::source::{Line, Lines, Source};

/// Compares the lines of an input, in their order, with those that earlier runs sent.
#[derive(Debug)]
pub(crate) struct Comparison {
    ledger: Ledger,
    /// What the input is called in errors.
    input: String,
    /// The number of the last line compared.
    last: u64,
}

impl Comparison {
    /// Compares a regular file as a whole, before anything is sent; other lines are compared as they come.
    pub(crate) fn start(ledger: Ledger, source: &Source) -> Result<Self, Error> {
        let mut comparison = Self {
            ledger,
            input: source.name().to_owned(),
            last: 0,
        };
        let Some((mut file, _)) = source.regular() else {
            return Ok(comparison);
        };
        let mut lines = Lines::new(file);
        // What follows the lines that were begun can be anything.
        while comparison.last < comparison.ledger.last_begun() {
            let Some(line) = lines.next().map_err(|error| comparison.unreadable(error))? else {
                comparison.end()?;
                break;
            };
            comparison.next(&line)?;
        }
        comparison.last = 0;
        file.rewind()
            .map_err(|error| comparison.unreadable(error))?;
        Ok(comparison)
    }

    /// What earlier runs left of the next line that is not blank.
    pub(crate) fn next(&mut self, line: &Line) -> Result<Past, Error> {
        let input = || self.input.clone();
        if let Some(gone) = self.ledger.sent_between(self.last, line.number) {
            let (input, line) = (input(), gone);
            return Err(Cause::Blanked { input, line }.into());
        }
        self.last = line.number;
        self.ledger.past(line.number, line.digest).map_err(|past| {
            Cause::Changed {
                input: input(),
                line: line.number,
                is_done: past == Past::Ended(Ending::Ok),
            }
            .into()
        })
    }

    /// The error of an input that cannot be read to its end.
    pub(crate) fn unreadable(&self, error: io::Error) -> Error {
        Cause::Input(self.input.clone(), error).into()
    }

    /// Compares the end of the input: it may not be shorter than what earlier runs sent.
    pub(crate) fn end(&self) -> Result<(), Error> {
        let line = self.ledger.last_sent();
        if self.last < line {
            let input = self.input.clone();
            return Err(Cause::Shorter { input, line }.into());
        }
        Ok(())
    }
}
