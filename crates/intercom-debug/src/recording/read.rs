//! Reads a recording: any file, of any size.

use std::io::{self, BufRead, BufReader, Read as _, Take};
use std::path::Path;

use serde::Deserialize;

use super::{End, Exchange, Head, Line, VERSION};
use crate::regular;

/// A longer line is skipped. The longest line of a recorder has two bodies of 64 KiB.
const LONGEST: usize = 1024 * 1024;

/// A file with a longer line is not a recording. A device can be one endless line.
const ENDLESS: u64 = 128 * 1024 * 1024;

/// A recording that was read. Its values are checked again, so a file from anywhere can be shown.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    pub(crate) heads: Vec<Head>,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) ends: Vec<End>,
    unreadable: u64,
}

/// The error of reading a recording. Its text says what is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordingError {
    /// The file cannot be read.
    #[error("cannot be read")]
    Io(#[from] io::Error),
    /// The file is empty.
    #[error("is empty; nothing was recorded")]
    Empty,
    /// No line of the file is a line of a recording.
    #[error("is not a recording; write one with --record FILE")]
    Other,
    /// Another version wrote the file.
    #[error(
        "has format {found}; this program reads format {VERSION}, so use the program that recorded it"
    )]
    Version {
        /// The version of the file.
        found: u32,
    },
}

/// What the head of each version has.
#[derive(Deserialize)]
struct OtherHead<'l> {
    line: &'l str,
    v: u32,
}

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// See [`read`](Self::read).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RecordingError> {
        Self::read(BufReader::new(regular::open(path.as_ref())?))
    }

    /// Reads a recording. Lines that are torn or not known are skipped and [counted](Self::unreadable).
    ///
    /// # Errors
    ///
    /// Returns an error if reading fails, if no line belongs to a recording, or if a line has another version of the format.
    pub fn read(mut source: impl BufRead) -> Result<Self, RecordingError> {
        let mut recording = Self::default();
        let (mut line, mut is_empty) = (Vec::new(), true);
        while read_line(&mut source, &mut line)? {
            is_empty = false;
            recording.add(&line)?;
        }
        match (recording.is_empty(), recording.heads.is_empty()) {
            (true, true) if is_empty => Err(RecordingError::Empty),
            (true, true) => Err(RecordingError::Other),
            _ => Ok(recording),
        }
    }

    /// Adds the lines of another recording, for example of the earlier file of the same run.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.heads.extend(other.heads);
        self.exchanges.extend(other.exchanges);
        self.ends.extend(other.ends);
        self.unreadable += other.unreadable;
        self
    }

    /// Returns whether no call was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty() && self.ends.is_empty()
    }

    /// Returns how many lines could not be read. The last line of a recording can be torn.
    #[must_use]
    pub const fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// Returns whether bodies were kept.
    #[must_use]
    pub fn has_bodies(&self) -> bool {
        self.heads.iter().any(|head| head.bodies)
    }

    /// Returns the recording as lines, in the order of the calls' lines. Every value is one that a recorder writes.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        let heads = self.heads.iter().cloned().map(Line::Head);
        let exchanges = self
            .exchanges
            .iter()
            .cloned()
            .map(|exchange| Line::Exchange(Box::new(exchange)));
        let ends = self
            .ends
            .iter()
            .cloned()
            .map(|end| Line::End(Box::new(end)));
        let lines = heads.chain(exchanges).chain(ends);
        lines.filter_map(|line| serde_json::to_string(&line).ok())
    }

    /// Returns the recording for others: without the bodies that a user chose to keep, and without a part of a secret.
    #[cfg(feature = "bundle")]
    pub(crate) fn for_others(mut self, secrets: &crate::safe::Secrets) -> Self {
        for head in &mut self.heads {
            head.bodies = false;
        }
        for response in self
            .exchanges
            .iter_mut()
            .filter_map(|line| line.response.as_mut())
        {
            response.body.text = None;
            response.hide(secrets);
        }
        self
    }

    fn add(&mut self, line: &[u8]) -> Result<(), RecordingError> {
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        match serde_json::from_slice(line) {
            Ok(Line::Head(head)) if head.v != VERSION => {
                return Err(RecordingError::Version { found: head.v });
            }
            Ok(Line::Head(head)) => self.heads.push(head.checked()),
            Ok(Line::Exchange(exchange)) => self.exchanges.push(exchange.checked()),
            Ok(Line::End(end)) => self.ends.push(end.checked()),
            Err(_) => match serde_json::from_slice(line) {
                Ok(OtherHead { line, v }) if line == "head" && v != VERSION => {
                    return Err(RecordingError::Version { found: v });
                }
                _ => self.unreadable += 1,
            },
        }
        Ok(())
    }
}

/// Reads the next line, or the first part of a line that is too long. Returns `false` at the end.
fn read_line(source: &mut impl BufRead, line: &mut Vec<u8>) -> Result<bool, RecordingError> {
    line.clear();
    let most = LONGEST as u64;
    let read = source.by_ref().take(most).read_until(b'\n', line)?;
    if read == LONGEST && !line.ends_with(b"\n") {
        skip_line(&mut source.take(ENDLESS))?;
    }
    Ok(read > 0)
}

/// Skips the rest of a line.
fn skip_line(source: &mut Take<impl BufRead>) -> Result<(), RecordingError> {
    loop {
        if source.limit() == 0 {
            return Err(RecordingError::Other);
        }
        let part = source.fill_buf()?;
        let end = part.iter().position(|byte| *byte == b'\n');
        let (used, is_done) = match (end, part.len()) {
            (Some(end), _) => (end + 1, true),
            (None, length) => (length, length == 0),
        };
        source.consume(used);
        if is_done {
            return Ok(());
        }
    }
}
