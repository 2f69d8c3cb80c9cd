//! A locked file of lines to which whole lines are appended.

use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::file::{self, Locked};
use crate::error::{Cause, Error};

/// The open, locked file.
///
/// Its first line identifies it.
#[derive(Debug)]
pub(crate) struct Log {
    file: Locked,
    /// Whether a write failed. The file may then end with half a line, and another one would be appended to that half.
    is_torn: bool,
}

/// A whole line of the file, with its line break, and where it ends.
#[derive(Debug)]
pub(crate) struct Entry<'l> {
    pub(crate) line: &'l [u8],
    pub(crate) end: u64,
}

impl Log {
    /// Opens and locks the file, creates it if it is missing, and reads the lines after the first. `read` returns whether a line
    /// is sound.
    pub(crate) fn open(
        path: &Path,
        header: &str,
        mut read: impl FnMut(Entry<'_>) -> bool,
    ) -> Result<Self, Error> {
        let failed = |error| Error::from(Cause::OpenJournal(path.to_owned(), error));
        let file = Locked::new(file::open(path).map_err(failed)?, path)?;
        let mut source = BufReader::new(&*file);
        let (mut line, mut number, mut end) = (Vec::new(), 0_u64, 0_u64);
        loop {
            line.clear();
            let length = source.read_until(b'\n', &mut line).map_err(failed)?;
            let is_whole = line.ends_with(b"\n");
            let is_sound = match number {
                0 => header.as_bytes().starts_with(&line),
                _ if !is_whole => true,
                _ => read(Entry {
                    line: &line,
                    end: end + length as u64,
                }),
            };
            number += 1;
            if !is_sound {
                let path = path.to_owned();
                return Err(match number {
                    1 => Cause::ForeignJournal(path).into(),
                    line => Cause::DamagedJournal { path, line }.into(),
                });
            }
            if !is_whole {
                break;
            }
            end += length as u64;
        }
        let mut log = Self {
            file,
            is_torn: false,
        };
        // The line after the last line break was not completed, so what it announces was not done.
        log.cut(end).map_err(failed)?;
        if end == 0 {
            log.file.write_all(header.as_bytes()).map_err(failed)?;
        }
        Ok(log)
    }

    /// Cuts off what comes after this place, which is the end of a line.
    pub(crate) fn cut(&mut self, end: u64) -> io::Result<()> {
        self.file.set_len(end)?;
        self.file.seek(SeekFrom::Start(end))?;
        Ok(())
    }

    /// Waits until the lines are on the disk.
    pub(crate) fn sync(&self) -> Result<(), Error> {
        let synced = self.file.sync_all();
        synced.map_err(|error| Cause::JournalWrite(error).into())
    }

    /// Appends a line, which ends with a line break, in one write.
    pub(crate) fn append(&mut self, line: &str) -> Result<(), Error> {
        if self.is_torn {
            let error = io::Error::other("an earlier entry could not be written");
            return Err(Cause::JournalWrite(error).into());
        }
        let written = self.file.write_all(line.as_bytes());
        self.is_torn = written.is_err();
        written.map_err(|error| Cause::JournalWrite(error).into())
    }
}
