//! The files of an export of messages: the journal, the table, and the part of it that has been written.
//!
//! The journal has these lines after the first:
//!
//! ```text
//!  period AFTER BEFORE   the messages, before the server is asked
//!  workspace ID          where the messages are, in JSON
//!  job ID                the id of the server's export, in JSON
//!  ended STATUS          it has no data
//!  complete LENGTH       OUT.part is complete; it is renamed to OUT now
//! ```

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use intercom_protocol::UnixTime;
use intercom_protocol::flows::ExportPeriod;

use super::messages::MessagePeriod;
use crate::error::{Cause, Error};
use crate::files::{self, Log};

const HEADER: &str = "intercom-messages-journal 1\n";

/// The open, locked journal, and what it says.
pub(super) struct JobFiles {
    out: PathBuf,
    part: PathBuf,
    journal: Log,
    period: ExportPeriod,
    workspace: Option<String>,
    state: State,
}

/// What the journal says.
#[derive(Default)]
struct Entries {
    period: Option<ExportPeriod>,
    workspace: Option<String>,
    state: State,
}

/// How far the export has come.
#[derive(Clone, Default)]
pub(super) enum State {
    /// The server has no export, or none whose id is known.
    #[default]
    New,
    /// The server's export.
    Job(String),
    /// The table is complete, and has this length.
    Complete(u64),
}

impl JobFiles {
    /// Opens the journal, and renames the table if an earlier run was killed right before it did.
    pub(super) fn open(out: &Path, wanted: MessagePeriod) -> Result<Self, Error> {
        let path = files::journal_of(out);
        if out.exists() {
            files::check(out, &path, None)?;
        }
        let mut entries = Entries::default();
        let journal = Log::open(&path, HEADER, |entry| entries.apply(entry.line).is_some())?;
        let is_new = entries.period.is_none();
        let period = entries.period.unwrap_or(wanted.period);
        let fits = match wanted.is_open {
            true => period.after() == wanted.period.after(),
            false => period == wanted.period,
        };
        if !fits {
            return Err(Cause::OtherExport(out.to_owned()).into());
        }
        let mut files = Self {
            out: out.to_owned(),
            part: part_of(out),
            journal,
            period,
            workspace: entries.workspace,
            state: entries.state,
        };
        files.check()?;
        if is_new {
            let (after, before) = (period.after().as_secs(), period.before().as_secs());
            files
                .journal
                .append(&format!("period {after} {before}\n"))?;
        }
        Ok(files)
    }

    /// Checks the table, or renames it if it is complete.
    fn check(&self) -> Result<(), Error> {
        let out = length(&self.out);
        let damaged = || Err(Cause::DamagedExport(self.out.clone()).into());
        let State::Complete(wanted) = self.state else {
            return match out {
                None | Some(0) => Ok(()),
                Some(_) => damaged(),
            };
        };
        match out {
            Some(length) if length == wanted => Ok(()),
            Some(_) => damaged(),
            None if length(&self.part) == Some(wanted) => self.rename(),
            None => Err(Cause::NoResults {
                results: self.out.clone(),
                journal: files::journal_of(&self.out),
            }
            .into()),
        }
    }

    pub(super) const fn period(&self) -> ExportPeriod {
        self.period
    }

    pub(super) const fn state(&self) -> &State {
        &self.state
    }

    /// Checks that the export was started in this workspace, or writes it.
    pub(super) fn check_workspace(&mut self, here: &str) -> Result<(), Error> {
        match &self.workspace {
            Some(of) if of == here => Ok(()),
            Some(of) => Err(Cause::OtherWorkspace {
                out: self.out.clone(),
                of: of.escape_default().to_string(),
                here: here.escape_default().to_string(),
            }
            .into()),
            None => {
                self.workspace = Some(here.to_owned());
                let here = serde_json::Value::from(here);
                self.journal.append(&format!("workspace {here}\n"))
            }
        }
    }

    /// Writes the id of the server's export.
    pub(super) fn begun(&mut self, id: &str) -> Result<(), Error> {
        self.journal
            .append(&format!("job {}\n", serde_json::Value::from(id)))?;
        self.state = State::Job(id.to_owned());
        Ok(())
    }

    /// Writes that the server's export has no data.
    pub(super) fn ended(&mut self, status: &str) -> Result<(), Error> {
        self.journal.append(&format!("ended {status}\n"))?;
        self.state = State::New;
        Ok(())
    }

    /// Empties the part, or creates it.
    pub(super) fn part(&self) -> Result<File, Error> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&self.part)
            .map_err(|error| self.not_written(error))
    }

    /// Writes that the part is complete, which is on the disk, and renames it.
    pub(super) fn complete(&mut self, length: u64) -> Result<(), Error> {
        self.journal.append(&format!("complete {length}\n"))?;
        self.journal.sync()?;
        self.state = State::Complete(length);
        self.rename()
    }

    fn rename(&self) -> Result<(), Error> {
        fs::rename(&self.part, &self.out)
            .map_err(|error| Cause::ResultsWrite(self.out.clone(), error).into())
    }

    /// The part could not be written.
    pub(super) fn not_written(&self, error: io::Error) -> Error {
        Cause::ResultsWrite(self.part.clone(), error).into()
    }
}

/// Leaves out the id of the server's export.
impl fmt::Debug for JobFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobFiles")
            .field("out", &self.out)
            .field("period", &self.period)
            .finish_non_exhaustive()
    }
}

impl Entries {
    /// Applies a line of the journal. Returns `None` if it is not one.
    fn apply(&mut self, line: &[u8]) -> Option<()> {
        let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
        let (word, rest) = line.split_once(' ')?;
        match word {
            "period" => {
                let (after, before) = rest.split_once(' ')?;
                let time = |text: &str| UnixTime::from_secs(text.parse().ok()?);
                self.period = Some(ExportPeriod::new(time(after)?, time(before)?));
            }
            "workspace" => self.workspace = Some(serde_json::from_str(rest).ok()?),
            "job" => self.state = State::Job(serde_json::from_str(rest).ok()?),
            "ended" => self.state = State::New,
            "complete" => self.state = State::Complete(rest.parse().ok()?),
            _ => return None,
        }
        Some(())
    }
}

fn part_of(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn length(path: &Path) -> Option<u64> {
    Some(path.metadata().ok()?.len())
}
