//! The results: a record for each line that was answered, appended as the answers come.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::file;
use super::ledger::{Ending, Ledger};
use crate::error::Failure;

/// The file of results, open for more of them.
#[derive(Debug)]
pub(crate) struct Results {
    file: File,
}

/// What a record tells of its line.
#[derive(Deserialize)]
struct Told {
    line: u64,
    ok: bool,
    #[serde(default)]
    unknown: bool,
    invalid: Option<IgnoredAny>,
    error: Option<ToldError>,
}

#[derive(Deserialize)]
struct ToldError {
    action: Option<String>,
}

impl Told {
    fn ending(&self) -> Ending {
        match (self.ok, self.unknown, &self.invalid) {
            (true, _, _) => Ending::Ok,
            (_, true, _) => Ending::Unknown,
            (_, _, Some(_)) => Ending::Invalid,
            _ => Ending::of_failure(
                self.error
                    .as_ref()
                    .and_then(|error| error.action.as_deref()),
            ),
        }
    }
}

/// Refuses a file that cannot be the results of the batch, before anything is made or changed.
pub(crate) fn check(out: &Path, journal: &Path, input: &str) -> Result<(), Failure> {
    let shown = out.display();
    if input != "-" && is_same(out, Path::new(input)) {
        return Err(Failure::usage(format!(
            "--out {shown} is the input file itself; choose another"
        )));
    }
    match out.metadata() {
        Ok(found) if !found.is_file() => Err(Failure::usage(format!(
            "--out {shown} is not a regular file, which results and their journal need"
        ))),
        Ok(found) if found.len() > 0 && !holds_something(journal) => Err(Failure::usage(format!(
            "--out {shown} is not empty, and there is no journal {} to continue from; choose another file, or delete it",
            journal.display()
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound && holds_something(journal) => {
            Err(Failure::usage(format!(
                "the results {shown} are gone, but not their journal {}; bring them back to continue, or delete the journal to send everything again",
                journal.display()
            )))
        }
        _ => Ok(()),
    }
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
    /// Opens the file, mends its last line if it was cut off, and enters what it tells.
    pub(crate) fn open(path: &Path, ledger: &mut Ledger) -> Result<Self, Failure> {
        let failed = |error: io::Error| {
            Failure::usage(format!(
                "--out {} cannot be opened or written: {error}",
                path.display()
            ))
        };
        let mut file = file::open(path).map_err(failed)?;
        // One file may have several names, and each name its own journal. Where a lock keeps readers out, it is not taken.
        if cfg!(unix) {
            file::lock(&file, path)?;
        }
        let end = read(&file, path, ledger)?;
        file.set_len(end).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(Self { file })
    }

    /// Appends a record, line break included, in one write.
    pub(crate) fn append(&mut self, record: &[u8]) -> io::Result<()> {
        self.file.write_all(record)
    }
}

/// Where the last whole record ends.
fn read(file: &File, path: &Path, ledger: &mut Ledger) -> Result<u64, Failure> {
    let mut source = BufReader::new(file);
    let (mut record, mut number, mut end) = (Vec::new(), 0_u64, 0);
    loop {
        record.clear();
        let read = source.read_until(b'\n', &mut record).map_err(|error| {
            Failure::usage(format!("--out {} cannot be read: {error}", path.display()))
        })?;
        if !record.ends_with(b"\n") {
            return Ok(end);
        }
        number += 1;
        let told = serde_json::from_slice::<Told>(&record).ok();
        if !told.is_some_and(|told| ledger.ended(told.line, told.ending())) {
            return Err(Failure::usage(format!(
                "line {number} of --out {} is not a result of this batch; bring the file back as it was, or start over with another one",
                path.display()
            )));
        }
        end += read as u64;
    }
}
