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

/// The lines of a batch, in their order: a JSON object each, as [the crate's first page](crate#lines) describes.
///
/// The lines are read by a thread of their own while the batch runs, and only a few are held at a time. A later run that
/// continues the batch needs the same lines again; more may be added at the end.
pub struct Source {
    name: String,
    origin: Origin,
}

enum Origin {
    File(File, PathBuf),
    Reader(Box<dyn Read + Send>),
}

impl Source {
    /// The lines of a file.
    ///
    /// A regular file is compared with what earlier runs sent before anything is sent.
    ///
    /// # Errors
    ///
    /// An error of kind [`Open`](crate::ErrorKind::Open) if the file cannot be opened.
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

    /// The lines that a reader brings, like standard input or a buffer; errors call it by this name.
    ///
    /// They are compared with what earlier runs sent as they come, so a batch may have sent some of them before it meets one
    /// that was changed. A read that blocks when the run is dropped keeps its thread until it returns.
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

    /// The file and its length in bytes, if it is a regular one.
    pub(crate) fn regular(&self) -> Option<(&File, u64)> {
        let Origin::File(file, _) = &self.origin else {
            return None;
        };
        let found = file.metadata().ok().filter(Metadata::is_file)?;
        Some((file, found.len()))
    }

    /// Starts to read it.
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
