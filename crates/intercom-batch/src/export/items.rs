//! The file of items, and the journal that says up to where it is complete.

use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use intercom_protocol::walk::{Checkpoint, CheckpointError, IdKey};

use crate::error::{Cause, Error};
use crate::files::{self, Locked, Log};

/// How much of the file is read at once, to find where its last line begins.
const BLOCK: u64 = 64 * 1024;

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
        let (mut latest, mut unusable): (Option<Saved>, _) = (None, None);
        let mut journal = Log::open(&journal_path, HEADER, |entry| {
            match parse(entry.line, entry.end) {
                Some(Ok(saved)) if saved.length <= length => latest = Some(saved),
                Some(Ok(_)) => {}
                Some(Err(error)) => unusable = Some(error),
                None => return false,
            }
            true
        })?;
        if let Some(error) = unusable {
            return Err(Cause::Checkpoint(journal_path, error).into());
        }
        let failed = |error| Error::from(Cause::OpenResults(path.to_owned(), error));
        let file = Locked::readable(files::open(path).map_err(failed)?, path)?;
        let kept = latest.as_ref().map_or(0, |saved: &Saved| saved.length);
        let last = last_line(&file, kept).map_err(failed)?;
        let expected = latest.as_ref().and_then(|saved| saved.checkpoint.last_id());
        let is_expected =
            |line: &str| expected.is_none_or(|id| IdKey::of_item(line) == IdKey::new(id));
        if !last.is_some_and(|line| line.is_empty() || is_expected(&line)) {
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

    /// Writes the items so far to the file.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        let flushed = self.file.flush();
        flushed.map_err(|error| Cause::ResultsWrite(self.path.clone(), error).into())
    }

    /// Writes that the export can go on from here.
    pub(super) fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        self.flush()?;
        self.journal
            .append(&format!("{} {checkpoint}\n", self.length))
    }
}

/// Reads an entry that ends at this place of the journal. `None` if it is none.
fn parse(line: &[u8], end: u64) -> Option<Result<Saved, CheckpointError>> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (length, checkpoint) = line.split_once(' ')?;
    let length = length.parse().ok()?;
    Some(checkpoint.parse().map(|checkpoint| Saved {
        checkpoint,
        length,
        end,
    }))
}

/// Returns the line that ends at this place, without its line break; `None` if none ends there, and an empty one at the beginning.
fn last_line(mut file: &File, end: u64) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let mut start = end;
    while start > 0 && !line.iter().rev().skip(1).any(|byte| *byte == b'\n') {
        let length = start.min(BLOCK);
        start -= length;
        file.seek(SeekFrom::Start(start))?;
        let mut block = Vec::new();
        file.take(length).read_to_end(&mut block)?;
        block.append(&mut line);
        line = block;
    }
    let Some(text) = line.strip_suffix(b"\n") else {
        return Ok(line.is_empty().then(String::new));
    };
    let last = text.rsplit(|byte| *byte == b'\n').next();
    Ok(Some(
        String::from_utf8_lossy(last.unwrap_or_default()).into_owned(),
    ))
}
