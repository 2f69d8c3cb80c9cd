//! The results: a record for each line, appended as the line ends.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::file::{self, Locked};
use super::ledger::Ledger;
use crate::error::{Cause, Error};
use crate::{Ending, record};

/// The open file of results.
#[derive(Debug)]
pub(crate) struct Results {
    file: Locked,
    path: PathBuf,
}

/// Rejects a file that cannot contain the results of the batch, before any file is created or changed.
pub(crate) fn check(results: &Path, journal: &Path, input: Option<&Path>) -> Result<(), Error> {
    let (path, beside) = (|| results.to_owned(), || journal.to_owned());
    let cause = match results.metadata() {
        _ if input.is_some_and(|input| is_same(results, input)) => Cause::ResultsAreInput(path()),
        Ok(found) if !found.is_file() => Cause::NotAFile(path()),
        Ok(found) if found.len() > 0 && !is_not_empty(journal) => Cause::NoJournal {
            results: path(),
            journal: beside(),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_not_empty(journal) => {
            Cause::NoResults {
                results: path(),
                journal: beside(),
            }
        }
        _ => return Ok(()),
    };
    Err(cause.into())
}

/// Whether two paths lead to one file.
fn is_same(one: &Path, other: &Path) -> bool {
    let (one, other) = (one.canonicalize(), other.canonicalize());
    one.is_ok_and(|one| other.is_ok_and(|other| one == other))
}

fn is_not_empty(journal: &Path) -> bool {
    journal.metadata().is_ok_and(|found| found.len() > 0)
}

impl Results {
    /// Opens the file, removes a last line that was cut off, and enters the records in the ledger.
    pub(crate) fn open(path: &Path, ledger: &mut Ledger) -> Result<Self, Error> {
        let failed = |error| Error::from(Cause::OpenResults(path.to_owned(), error));
        let mut file = Locked::readable(file::open(path).map_err(failed)?, path)?;
        let end = read(&file, path, ledger)?;
        file.set_len(end).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let path = path.to_owned();
        Ok(Self { file, path })
    }

    /// Appends a record with its line break in one write. Returns the ending that a later run will read from it.
    pub(crate) fn append(&mut self, record: &str) -> Result<Ending, Error> {
        let written = match record::read(record.as_bytes()) {
            Some((_, ending)) => self.file.write_all(record.as_bytes()).map(|()| ending),
            None => Err(io::Error::other("the record would not be readable")),
        };
        written.map_err(|error| Cause::ResultsWrite(self.path.clone(), error).into())
    }
}

/// Enters the records in the ledger, and returns where the last whole record ends.
fn read(file: &File, path: &Path, ledger: &mut Ledger) -> Result<u64, Error> {
    let mut source = BufReader::new(file);
    let (mut record, mut line, mut end) = (Vec::new(), 0_u64, 0);
    loop {
        record.clear();
        let read = source
            .read_until(b'\n', &mut record)
            .map_err(|error| Cause::OpenResults(path.to_owned(), error))?;
        if !record.ends_with(b"\n") {
            return Ok(end);
        }
        line += 1;
        let parsed = record::read(&record);
        if !parsed.is_some_and(|(line, ending)| ledger.ended(line, ending)) {
            let path = path.to_owned();
            return Err(Cause::DamagedResults { path, line }.into());
        }
        end += read as u64;
    }
}
