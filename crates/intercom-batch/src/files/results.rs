//! The results: a record for each line that was answered, appended as the answers come.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::file;
use super::ledger::Ledger;
use crate::error::{Cause, Error};
use crate::{Ending, record};

/// The file of results, open for more of them.
#[derive(Debug)]
pub(crate) struct Results {
    file: File,
    path: PathBuf,
}

/// Refuses a file that cannot be the results of the batch, before anything is created or changed.
pub(crate) fn check(results: &Path, journal: &Path, input: Option<&Path>) -> Result<(), Error> {
    let (path, beside) = (|| results.to_owned(), || journal.to_owned());
    let cause = match results.metadata() {
        _ if input.is_some_and(|input| is_same(results, input)) => Cause::ResultsAreInput(path()),
        Ok(found) if !found.is_file() => Cause::NotAFile(path()),
        Ok(found) if found.len() > 0 && !holds_something(journal) => Cause::NoJournal {
            results: path(),
            journal: beside(),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound && holds_something(journal) => {
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

fn holds_something(journal: &Path) -> bool {
    journal.metadata().is_ok_and(|found| found.len() > 0)
}

impl Results {
    /// Opens the file, repairs its last line if it was cut off, and enters what it says.
    pub(crate) fn open(path: &Path, ledger: &mut Ledger) -> Result<Self, Error> {
        let failed = |error| Error::from(Cause::OpenResults(path.to_owned(), error));
        let mut file = file::open(path).map_err(failed)?;
        // One file may have several names, and each name its own journal. Where a lock keeps readers out, it is not taken.
        if cfg!(unix) {
            file::lock(&file, path)?;
        }
        let end = read(&file, path, ledger)?;
        file.set_len(end).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let path = path.to_owned();
        Ok(Self { file, path })
    }

    /// Appends a record, line break included, in one write; returns what a later run will read in it.
    pub(crate) fn append(&mut self, record: &str) -> Result<Ending, Error> {
        let written = match record::read(record.as_bytes()) {
            Some((_, ending)) => self.file.write_all(record.as_bytes()).map(|()| ending),
            None => Err(io::Error::other("the record would not be readable")),
        };
        written.map_err(|error| Cause::ResultsWrite(self.path.clone(), error).into())
    }
}

/// Where the last whole record ends.
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
        let told = record::read(&record);
        if !told.is_some_and(|(line, ending)| ledger.ended(line, ending)) {
            let path = path.to_owned();
            return Err(Cause::DamagedResults { path, line }.into());
        }
        end += read as u64;
    }
}
