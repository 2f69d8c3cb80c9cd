//! The input: lines, each of which is a request.

mod invalid;
mod lines;
mod request;

use std::fmt;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc::Receiver;

pub use self::invalid::Invalid;
pub(crate) use self::lines::{Line, Lines, MOST_LINES, Portion};
use crate::error::{Cause, Error};

/// The lines of a batch in order, each a JSON object as [described in the crate's documentation](crate#lines).
///
/// A separate thread reads the lines while the batch runs, and holds only a few at a time. A later run that continues
/// the batch needs the same lines again. More lines may be added at the end.
pub struct Source {
    name: String,
    origin: Origin,
}

enum Origin {
    File(File, PathBuf),
    Reader(Box<dyn Read + Send>),
}

impl Source {
    /// Opens a file of lines.
    ///
    /// If the file is a regular file, the whole file is compared with what earlier runs sent, before the batch sends anything.
    ///
    /// # Errors
    ///
    /// Returns an error of kind [`Open`](crate::ErrorKind::Open) if the file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => Ok(Self {
                name,
                origin: Origin::File(file, path.to_owned()),
            }),
            Err(error) => Err(Cause::OpenInput(name, error).into()),
        }
    }

    /// Reads the lines from a reader, like standard input or a buffer. Errors contain this name.
    ///
    /// When a line arrives, it is compared with what earlier runs sent. A batch may therefore have sent some lines before
    /// it finds a changed one. If a read blocks when the run is dropped, the reading thread stays until the read
    /// returns.
    pub fn from_reader(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        Self {
            name: name.into(),
            origin: Origin::Reader(Box::new(reader)),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(_, path) => Some(path),
            Origin::Reader(_) => None,
        }
    }

    /// Returns the file and its length in bytes, if it is a regular file.
    pub(crate) fn regular(&self) -> Option<(&File, u64)> {
        let Origin::File(file, _) = &self.origin else {
            return None;
        };
        let found = file.metadata().ok().filter(Metadata::is_file)?;
        Some((file, found.len()))
    }

    /// Starts reading on a new thread.
    pub(crate) fn spawn(self) -> Result<Receiver<Portion>, Error> {
        let reading = match self.origin {
            Origin::File(file, _) => lines::spawn(file),
            Origin::Reader(reader) => lines::spawn(reader),
        };
        reading.map_err(|error| Cause::Thread(error).into())
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
