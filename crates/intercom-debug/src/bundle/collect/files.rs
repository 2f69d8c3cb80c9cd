//! The files that the options name. Only what is safe of them is kept.

use std::fs::File;
use std::io;
use std::path::Path;

use super::super::collected::{Collected, EnvFile, Log, Problem};
use super::super::{BundleOptions, Progress};
use crate::log::{self, Text};

/// How much of an environment file is read.
const ENV_BYTES: u64 = 1 << 20;

/// Reads all files. One that cannot be read is a problem, and the others are read.
pub(super) fn read(collected: &mut Collected, options: &mut BundleOptions) {
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
        let shown =
            |env: &EnvFile| format!("{} names, {} others", env.variables.len(), env.other_names);
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
}

/// Reports a file, and adds a problem if it could not be read. The bundle numbers the files, because a path can name a person.
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
                Err(format!(
                    "cannot be read: {error}; the bundle is made without it"
                )),
            ));
            collected.unread_files += 1;
            collected.problems.push(Problem {
                step: format!("{kind} {}", at + 1),
                error: format!("cannot be read: {}", log::redact(&error.to_string())),
            });
            None
        }
    }
}

fn text(path: &Path, limit: u64) -> io::Result<Text> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Text::read(File::open(path)?, limit)
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
