//! The input: lines, each of which is a request or a contact.

mod contact;
#[cfg(feature = "csv")]
mod csv;
mod invalid;
mod lines;
mod mistaken;
mod request;
mod task;

use std::fmt;
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc::Receiver;

pub use self::invalid::Invalid;
pub(crate) use self::lines::{Line, Lines, MOST_LINES, Portion};
pub(crate) use self::task::Task;
use crate::error::{Cause, Error};

/// The lines of a batch in order, each a JSON object as [described in the crate's documentation](crate#lines).
///
/// A separate thread reads the lines while the batch runs, and holds only a few at a time. A later run that continues
/// the batch needs the same lines again. More lines may be added at the end.
pub struct Source {
    name: String,
    origin: Origin,
    format: Format,
}

/// What the lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Contacts, as JSON objects.
    Contacts,
    /// Contacts, as the rows of a table.
    #[cfg(feature = "csv")]
    Csv,
    /// Requests, as JSON objects.
    Requests,
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
                format: Format::Requests,
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
            format: Format::Requests,
        }
    }

    /// Takes each line as a contact to [upsert](intercom_protocol::flows::upsert) instead of a request.
    ///
    /// A line has the members of a contact: `email`, `external_id`, `name`, `phone`, `role` (`user` unless it says `lead`) and
    /// `custom_attributes`, as in `{"email": "ada@example.org", "name": "Ada", "custom_attributes": {"plan": "pro"}}`.
    /// A member or custom attribute that is `null` is left alone.
    ///
    /// If the process is killed while a user is upserted, a later run does it again, because the result is the same. A lead may
    /// have been created, so it is recorded as [`Unknown`](crate::Ending::Unknown).
    #[must_use]
    pub fn contacts(mut self) -> Self {
        self.format = Format::Contacts;
        self
    }

    /// Takes each row of a table as a contact to [upsert](intercom_protocol::flows::upsert): the input is CSV in UTF-8, with commas
    /// and a header.
    ///
    /// The columns are `email`, `external_id`, `name`, `phone`, `role`, and `custom_attributes.NAME` for each custom attribute. An
    /// empty cell leaves the field alone. A custom attribute is a number or a boolean if it looks like one: `"\"3\""` is a text.
    ///
    /// The number of a row is that of a spreadsheet: the header is row 1, and blank lines do not count.
    #[cfg(feature = "csv")]
    #[must_use]
    pub fn csv(mut self) -> Self {
        self.format = Format::Csv;
        self
    }

    /// Reads the whole input and sends nothing. Calls `invalid` for each line that is not a valid request or contact, and returns
    /// how many lines there are.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use intercom_batch::Source;
    ///
    /// let lines = "{\"email\": \"ada@example.org\"}\n{\"email\": \"ada\"}\n";
    /// let mut wrong = Vec::new();
    /// let source = Source::from_reader("two lines", Cursor::new(lines)).contacts();
    /// let lines = source.check(|line, why| wrong.push(format!("{line}: {why}")))?;
    /// assert_eq!((lines, wrong.len()), (2, 1));
    /// # Ok::<(), intercom_batch::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error of kind [`Io`](crate::ErrorKind::Io) if the input cannot be read to its end, or
    /// [`Format`](crate::ErrorKind::Format) if it is not in the expected format.
    pub fn check(self, mut invalid: impl FnMut(u64, &Invalid)) -> Result<u64, Error> {
        self.check_table()?;
        let reader: Box<dyn Read> = match self.origin {
            Origin::File(file, _) => Box::new(file),
            Origin::Reader(reader) => reader,
        };
        let (mut lines, mut count) = (Lines::new(reader, self.format), 0);
        let unreadable = |error| Error::unreadable(&self.name, error);
        while let Some(line) = lines.next().map_err(unreadable)? {
            count += 1;
            if let Err(why) = line.task(self.format) {
                invalid(line.number, &why);
            }
        }
        Ok(count)
    }

    /// Fails if a file is not the table that it should be, before anything is sent.
    pub(crate) fn check_table(&self) -> Result<(), Error> {
        #[cfg(feature = "csv")]
        if let (Format::Csv, Some((mut file, _))) = (self.format, self.regular()) {
            let checked = csv::check_quotes(file).and_then(|()| std::io::Seek::rewind(&mut file));
            return checked.map_err(|error| Error::unreadable(&self.name, error));
        }
        Ok(())
    }

    pub(crate) const fn format(&self) -> Format {
        self.format
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
            Origin::File(file, _) => lines::spawn(file, self.format),
            Origin::Reader(reader) => lines::spawn(reader, self.format),
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
