//! The file of items, and the journal that says up to where it is complete.

use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use intercom_protocol::walk::Checkpoint;

use crate::error::{Cause, Error};
use crate::files::{self, Locked, Log};

const HEADER: &str = "intercom-export-journal 1\n";

/// The open, locked file of items and its journal.
#[derive(Debug)]
pub(super) struct Items {
    file: BufWriter<Locked>,
    path: PathBuf,
    journal: Log,
    /// The length of the file, with what has yet to be written.
    length: u64,
}

/// Where an earlier export saved.
#[derive(Debug)]
pub(super) struct Saved {
    pub(super) checkpoint: Checkpoint,
    /// How much of the file was complete.
    pub(super) length: u64,
    /// Where the entry ends in the journal.
    end: u64,
}

impl Items {
    /// Opens the files. Removes what was written after the latest save that the file still has.
    pub(super) fn open(path: &Path) -> Result<(Self, Option<Saved>), Error> {
        let journal_path = files::journal_of(path);
        files::check(path, &journal_path, None)?;
        let length = path.metadata().map_or(0, |found| found.len());
        let mut latest = None;
        let mut journal = Log::open(&journal_path, HEADER, |entry| {
            let saved = parse(entry.line, entry.end);
            let is_sound = saved.is_some();
            latest = saved
                .filter(|saved| saved.length <= length)
                .or(latest.take());
            is_sound
        })?;
        let failed = |error| Error::from(Cause::OpenResults(path.to_owned(), error));
        let file = Locked::readable(files::open(path).map_err(failed)?, path)?;
        let kept = latest.as_ref().map_or(0, |saved: &Saved| saved.length);
        if !ends_a_line(&file, kept).map_err(failed)? {
            return Err(Cause::DamagedExport(path.to_owned()).into());
        }
        let end = latest.as_ref().map_or(HEADER.len() as u64, |it| it.end);
        let cut = |error| Error::from(Cause::OpenJournal(journal_path.clone(), error));
        journal.cut(end).map_err(cut)?;
        file.set_len(kept).map_err(failed)?;
        let mut file = BufWriter::new(file);
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let items = Self {
            file,
            path: path.to_owned(),
            journal,
            length: kept,
        };
        Ok((items, latest))
    }

    /// Writes an item.
    pub(super) fn write(&mut self, json: &str) -> Result<(), Error> {
        // In JSON, line breaks stand only between the parts.
        let mut line = json.replace(['\n', '\r'], " ");
        line.push('\n');
        self.file
            .write_all(line.as_bytes())
            .map_err(|error| Error::from(Cause::ResultsWrite(self.path.clone(), error)))?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Writes that the export can go on from here.
    pub(super) fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        self.file
            .flush()
            .map_err(|error| Error::from(Cause::ResultsWrite(self.path.clone(), error)))?;
        self.journal
            .append(&format!("{} {checkpoint}\n", self.length))
    }
}

/// Reads an entry that ends at this place of the journal.
fn parse(line: &[u8], end: u64) -> Option<Saved> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (length, checkpoint) = line.split_once(' ')?;
    Some(Saved {
        checkpoint: checkpoint.parse().ok()?,
        length: length.parse().ok()?,
        end,
    })
}

/// Whether a line of the file ends here.
fn ends_a_line(mut file: &File, place: u64) -> std::io::Result<bool> {
    let Some(last) = place.checked_sub(1) else {
        return Ok(true);
    };
    let mut byte = [0];
    file.seek(SeekFrom::Start(last))?;
    file.read_exact(&mut byte)?;
    Ok(byte == *b"\n")
}
