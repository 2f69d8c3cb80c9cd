//! Why a batch cannot start or continue.

use std::fmt;
use std::io;
use std::path::PathBuf;

use intercom_protocol::names;
use intercom_protocol::walk::CheckpointError;

/// Why a batch cannot start or continue.
///
/// `Display` names the file and the line, and says what to do. [`source`](std::error::Error::source) returns the error
/// of the operating system, if there is one. An error response to a line is not an `Error`: it is in the line's record.
#[derive(Debug)]
pub struct Error(Box<Cause>);

names! {
    /// The kind of an [`Error`].
    #[non_exhaustive]
    pub enum ErrorKind {
        /// The input is not in the expected format: a table without the right header, or lines of JSON instead of a table.
        ///
        /// A [reader](crate::Source::from_reader) is read while lines are sent, so this run may have sent some of them.
        /// [`Run::tally`](crate::Run::tally) lists them.
        Format = "format",
        /// The input differs from what earlier runs sent: a line that was or may have been applied is missing or
        /// changed.
        ///
        /// Lines from a [reader](crate::Source::from_reader) are compared as they arrive, so this run may have sent
        /// some of them. [`Run::tally`](crate::Run::tally) lists them.
        Input = "input",
        /// The input could not be read or a file could not be written during the run. A later run continues.
        Io = "io",
        /// The journal is damaged, or the file is not a journal. Nothing was sent.
        Journal = "journal",
        /// Another process, or another run of this process, uses the same files. Nothing was sent.
        Locked = "locked",
        /// A file cannot be opened or locked. Nothing was sent.
        Open = "open",
        /// The results file does not belong to this batch. Nothing was sent.
        Results = "results",
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Cause {
    #[error(
        "line {line} of {input} is blank, but an earlier run sent a request from it; put the old line back"
    )]
    Blanked { input: String, line: u64 },
    #[error(
        "line {line} of {input} has changed since an earlier run sent it, and the old request {}, and add the new line at the end",
        if *.is_done {
            "was applied; put the old line back"
        } else {
            "may have been applied; put the old line back, check whether it was applied"
        }
    )]
    Changed {
        input: String,
        line: u64,
        is_done: bool,
    },
    #[error(
        "{input} ends before line {line}, which an earlier run sent; continue with the same input"
    )]
    Shorter { input: String, line: u64 },

    #[error("the journal {} cannot be continued", .0.display())]
    Checkpoint(PathBuf, #[source] CheckpointError),
    #[error("{0} cannot be read as contacts")]
    Unfit(String, #[source] io::Error),

    #[error("{0} cannot be read to the end")]
    Input(String, #[source] io::Error),
    #[error("the journal cannot be written, so nothing more was sent")]
    JournalWrite(#[source] io::Error),
    #[error("the results {} cannot be written", .0.display())]
    ResultsWrite(PathBuf, #[source] io::Error),
    #[error(
        "the file for items that were read ahead cannot be used in {}; make room there, or choose another folder",
        .0.display()
    )]
    Spool(PathBuf, #[source] io::Error),
    #[error("cannot start a thread that reads")]
    Thread(#[source] io::Error),

    #[error("{} is another journal", .0.display())]
    ForeignJournal(PathBuf),
    #[error("the journal {} is damaged at its line {line}", .path.display())]
    DamagedJournal { path: PathBuf, line: u64 },

    #[error("another process is working with these files ({} is locked)", .0.display())]
    Locked(PathBuf),

    #[error("{0} cannot be read")]
    OpenInput(String, #[source] io::Error),
    #[error("the journal {} cannot be opened or written", .0.display())]
    OpenJournal(PathBuf, #[source] io::Error),
    #[error("the results {} cannot be opened or written", .0.display())]
    OpenResults(PathBuf, #[source] io::Error),
    #[error("{} cannot be locked", .0.display())]
    Lock(PathBuf, #[source] io::Error),

    #[error("the results {} are the input file itself; choose another file", .0.display())]
    ResultsAreInput(PathBuf),
    #[error("{} is not a regular file; results and journal must be regular files", .0.display())]
    NotAFile(PathBuf),
    #[error(
        "the results {} are not empty, but there is no journal {} to continue from; choose another results file, or delete these results",
        .results.display(), .journal.display()
    )]
    NoJournal { results: PathBuf, journal: PathBuf },
    #[error(
        "the results {} are gone, but their journal {} still exists; restore the results to continue, or delete the journal to send everything again",
        .results.display(), .journal.display()
    )]
    NoResults { results: PathBuf, journal: PathBuf },
    #[error(
        "{} is not what an export has written, or has been changed; restore the file, or start over with another one",
        .0.display()
    )]
    DamagedExport(PathBuf),
    #[error("{} belongs to another export; use another file, or delete it and its journal", .0.display())]
    OtherExport(PathBuf),
    #[error(
        "{} was started in workspace {of}, but the access token reads workspace {here}; use the token of that workspace, or another file",
        .out.display()
    )]
    OtherWorkspace {
        out: PathBuf,
        of: String,
        here: String,
    },
    #[error(
        "line {line} of the results {} is not a result of this batch; restore the file, or start over with another one",
        .path.display()
    )]
    DamagedResults { path: PathBuf, line: u64 },
}

impl Error {
    /// Returns the kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match *self.0 {
            Cause::Unfit(..) => ErrorKind::Format,
            Cause::Blanked { .. } | Cause::Changed { .. } | Cause::Shorter { .. } => {
                ErrorKind::Input
            }
            Cause::Input(..)
            | Cause::JournalWrite(_)
            | Cause::ResultsWrite(..)
            | Cause::Spool(..)
            | Cause::Thread(_) => ErrorKind::Io,
            Cause::Checkpoint(..) | Cause::ForeignJournal(_) | Cause::DamagedJournal { .. } => {
                ErrorKind::Journal
            }
            Cause::Locked(_) => ErrorKind::Locked,
            Cause::OpenInput(..)
            | Cause::OpenJournal(..)
            | Cause::OpenResults(..)
            | Cause::Lock(..) => ErrorKind::Open,
            Cause::ResultsAreInput(_)
            | Cause::NotAFile(_)
            | Cause::NoJournal { .. }
            | Cause::NoResults { .. }
            | Cause::DamagedExport(_)
            | Cause::OtherExport(_)
            | Cause::OtherWorkspace { .. }
            | Cause::DamagedResults { .. } => ErrorKind::Results,
        }
    }
}

impl Error {
    /// The error for an input that cannot be read to the end.
    pub(crate) fn unreadable(input: &str, error: io::Error) -> Self {
        let input = input.to_owned();
        match error.kind() {
            io::ErrorKind::InvalidData => Cause::Unfit(input, error).into(),
            _ => Cause::Input(input, error).into(),
        }
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        Self(Box::new(cause))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
