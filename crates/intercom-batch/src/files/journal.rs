//! The journal: the lines that were started, each written right before it is sent.
//!
//! The first line identifies the file. Each further line contains the number and the digest of a line of the input. The
//! process that has the journal open holds its lock. The operating system releases the lock when the process ends.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::file;
use super::ledger::Ledger;
use crate::error::{Cause, Error};

const HEADER: &[u8] = b"intercom-batch-journal 1\n";

/// The open, locked journal of one batch.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    /// Whether a write failed. The file may then end with half an entry, and another entry would be appended to that
    /// half.
    is_torn: bool,
}

/// Returns `OUT.journal`, beside the results.
pub(crate) fn path_of(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".journal");
    name.into()
}

impl Journal {
    /// Opens and locks the journal, creates it if it is missing, and reads the entries of earlier runs.
    pub(crate) fn open(path: &Path) -> Result<(Self, Ledger), Error> {
        let failed = |error| Error::from(Cause::OpenJournal(path.to_owned(), error));
        let mut file = file::open(path).map_err(failed)?;
        file::lock(&file, path)?;
        let (ledger, end) = read(&file, path)?;
        // The entry after the last line break was not completed, so its request was not sent.
        file.set_len(end).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        if end == 0 {
            file.write_all(HEADER).map_err(failed)?;
        }
        Ok((
            Self {
                file,
                is_torn: false,
            },
            ledger,
        ))
    }

    /// Writes that a line is about to be sent, in one write so that entries cannot mix.
    pub(crate) fn begin(&mut self, line: u64, digest: u64) -> Result<(), Error> {
        if self.is_torn {
            let error = io::Error::other("an earlier entry could not be written");
            return Err(Cause::JournalWrite(error).into());
        }
        let entry = format!("{line} {digest:016x}\n");
        let written = self.file.write_all(entry.as_bytes());
        self.is_torn = written.is_err();
        written.map_err(|error| Cause::JournalWrite(error).into())
    }
}

/// Returns the lines that were started, and where the last whole line of the journal ends.
fn read(file: &File, path: &Path) -> Result<(Ledger, u64), Error> {
    let mut source = BufReader::new(file);
    let mut ledger = Ledger::default();
    let (mut line, mut number, mut end) = (Vec::new(), 0_u64, 0);
    loop {
        line.clear();
        let read = source
            .read_until(b'\n', &mut line)
            .map_err(|error| Cause::OpenJournal(path.to_owned(), error))?;
        let sound = match number {
            0 => HEADER.starts_with(&line),
            _ if !line.ends_with(b"\n") => true,
            _ => parse(&line).is_some_and(|(line, digest)| ledger.begun(line, digest)),
        };
        number += 1;
        if !sound {
            let path = path.to_owned();
            return Err(match number {
                1 => Cause::ForeignJournal(path).into(),
                line => Cause::DamagedJournal { path, line }.into(),
            });
        }
        if !line.ends_with(b"\n") {
            return Ok((ledger, end));
        }
        end += read as u64;
    }
}

fn parse(line: &[u8]) -> Option<(u64, u64)> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (line, digest) = text.split_once(' ')?;
    let digest = (digest.len() == 16).then_some(digest)?;
    Some((line.parse().ok()?, u64::from_str_radix(digest, 16).ok()?))
}
