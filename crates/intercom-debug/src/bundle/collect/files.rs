//! The files that the options name. Only what is safe of them is kept.

use std::io;
use std::path::Path;

use super::super::collected::{Collected, EnvFile, Log, Problem, Recording};
use super::super::{BundleOptions, Progress};
use crate::RecordingError;
use crate::log::{self, Text};
use crate::regular;
use crate::safe::Secrets;
use crate::text::count;

/// How much of an environment file is read.
const ENV_BYTES: u64 = 1 << 20;

/// Reads all files. One that cannot be read is a problem, and the others are read.
pub(super) fn read(collected: &mut Collected, options: &mut BundleOptions, secrets: &Secrets) {
    let bytes = options.log_bytes;
    for (at, path) in options.logs.iter().enumerate() {
        let result = text(path, bytes).map(|text| of_log(&text));
        let shown = |log: &Log| format!("{} of {} lines kept", log.lines_kept, log.lines_read);
        let read = finish(
            result,
            "log",
            at,
            path,
            shown,
            collected,
            &mut options.progress,
        );
        collected.logs.extend(read);
    }
    for (at, path) in options.env_files.iter().enumerate() {
        let result = text(path, ENV_BYTES).map(|text| of_env(&text));
        let shown = |env: &EnvFile| {
            format!(
                "{}, {} others",
                count(env.variables.len(), "name"),
                env.other_names
            )
        };
        let read = finish(
            result,
            "env",
            at,
            path,
            shown,
            collected,
            &mut options.progress,
        );
        collected.env_files.extend(read);
    }
    for (at, path) in options.recordings.iter().enumerate() {
        let result = recording(path, secrets);
        let shown = |read: &Recording| {
            format!(
                "{}, {} left out",
                count(read.lines_kept, "line"),
                read.lines_left_out
            )
        };
        let read = finish(
            result,
            "recording",
            at,
            path,
            shown,
            collected,
            &mut options.progress,
        );
        collected.recordings.extend(read);
    }
}

/// Reads a recording and writes it again: each value is checked like one of a recorder. Bodies are left out.
fn recording(path: &Path, secrets: &Secrets) -> io::Result<Recording> {
    let recording = crate::Recording::open(path).map_err(|error| match error {
        RecordingError::Io(error) => error,
        error => io::Error::other(format!("it {error}")),
    })?;
    let left_out = recording.unreadable();
    let lines: Vec<_> = recording.for_others(secrets).lines().collect();
    Ok(Recording {
        lines_kept: lines.len(),
        lines_left_out: left_out,
        lines,
    })
}

/// Reports a file, and adds a problem if it could not be read. The bundle numbers the files, because a path can name a person; the
/// texts of the errors have no path.
fn finish<T>(
    result: io::Result<T>,
    kind: &str,
    at: usize,
    path: &Path,
    shown: impl Fn(&T) -> String,
    collected: &mut Collected,
    progress: &mut dyn FnMut(&Progress),
) -> Option<T> {
    let name = format!("{kind} {}", path.display());
    match result {
        Ok(read) => {
            progress(&Progress::new(name, Ok(shown(&read))));
            Some(read)
        }
        Err(error) => {
            progress(&Progress::new(
                name,
                Err(format!("not used: {error}; the bundle is made without it")),
            ));
            collected.unread_files += 1;
            collected.problems.push(Problem {
                step: format!("{kind} {}", at + 1),
                error: format!("not used: {}", error),
            });
            None
        }
    }
}

fn text(path: &Path, limit: u64) -> io::Result<Text> {
    Text::read(regular::open(path)?, limit)
}

fn of_log(text: &Text) -> Log {
    let lines = log::lines(&text.text);
    Log {
        bytes: text.len,
        bytes_read: text.read,
        lines_read: lines.read,
        lines_kept: lines.kept.len(),
        lines: lines.kept,
    }
}

fn of_env(text: &Text) -> EnvFile {
    let (variables, other_names) = log::variables(&text.text);
    EnvFile {
        variables,
        other_names,
    }
}
