//! Compares the input with the lines that earlier runs sent: a later run needs the same lines.

use std::io::{self, Seek as _};

use super::ledger::{Ledger, Past};
use crate::Ending;
use crate::error::{Cause, Error};
use crate::source::{Line, Lines, Source};

/// Compares the lines of an input, in order, with the lines that earlier runs sent.
#[derive(Debug)]
pub(crate) struct Comparison {
    ledger: Ledger,
    /// The name of the input in errors.
    input: String,
    /// The number of the last line compared.
    last: u64,
}

impl Comparison {
    /// Compares a whole regular file before anything is sent. Lines of other inputs are compared as they arrive.
    pub(crate) fn start(ledger: Ledger, source: &Source) -> Result<Self, Error> {
        let mut comparison = Self {
            ledger,
            input: source.name().to_owned(),
            last: 0,
        };
        let Some((mut file, _)) = source.regular() else {
            return Ok(comparison);
        };
        let mut lines = Lines::new(file, source.format());
        // Any lines may follow the ones that were started.
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

    /// Returns what earlier runs did with the next line that is not blank.
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

    /// The error for an input that cannot be read to the end.
    pub(crate) fn unreadable(&self, error: io::Error) -> Error {
        Error::unreadable(&self.input, error)
    }

    /// Compares the end of the input: it must not be shorter than what earlier runs sent.
    pub(crate) fn end(&self) -> Result<(), Error> {
        let line = self.ledger.last_sent();
        if self.last < line {
            let input = self.input.clone();
            return Err(Cause::Shorter { input, line }.into());
        }
        Ok(())
    }
}
