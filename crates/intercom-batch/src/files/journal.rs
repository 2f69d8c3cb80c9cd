//! The journal: which lines were begun, written down before each is sent.
//!
//! A first line that says what it is, then a line for each request: its number and a digest of it. Whoever has it open
//! holds its lock, which the system takes back however the process ends.

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
    /// A note could not be written, so the end may be half of one, and another one would join it.
    is_torn: bool,
}

/// `OUT.journal`, beside the results.
pub(crate) fn path_of(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".journal");
    name.into()
}

impl Journal {
    /// Opens and locks it, begins it if there is none, and reads what earlier runs left.
    pub(crate) fn open(path: &Path) -> Result<(Self, Ledger), Error> {
        let failed = |error| Error::from(Cause::OpenJournal(path.to_owned(), error));
        let mut file = file::open(path).map_err(failed)?;
        file::lock(&file, path)?;
        let (ledger, end) = read(&file, path)?;
        // What is behind the last line break was never completed, so its request was never sent.
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

    /// Notes that a line is about to be sent. One write, so that no half of it is another line's.
    pub(crate) fn begin(&mut self, line: u64, digest: u64) -> Result<(), Error> {
        if self.is_torn {
            let error = io::Error::other("an earlier note could not be written");
            return Err(Cause::JournalWrite(error).into());
        }
        let note = format!("{line} {digest:016x}\n");
        let written = self.file.write_all(note.as_bytes());
        self.is_torn = written.is_err();
        written.map_err(|error| Cause::JournalWrite(error).into())
    }
}

/// What was begun, and where the last whole line ends.
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
