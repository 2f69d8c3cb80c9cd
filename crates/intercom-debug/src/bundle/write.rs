//! Writing the archive: all of it, or nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Why a bundle could not be written. Nothing was left behind.
#[derive(Debug, thiserror::Error)]
#[error("the bundle cannot be written to {}; {advice}", path.display())]
pub struct WriteError {
    path: PathBuf,
    advice: &'static str,
    source: io::Error,
}

impl WriteError {
    /// Returns the file that was to be written.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Writes the bytes to a temporary file beside `path`, and renames it.
pub(super) fn replace(path: &Path, bytes: &[u8], inputs: &[PathBuf]) -> Result<(), WriteError> {
    let error = |advice, source| WriteError {
        path: path.to_owned(),
        advice,
        source,
    };
    if let Some(source) = conflict(path, inputs) {
        return Err(error("use another name", source));
    }
    let failed = |source| {
        error(
            "use a folder that you may write to, on a disk with free space",
            source,
        )
    };
    let temporary = temporary(path).ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
    written(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|error| {
            // If it was never made, there is nothing to remove.
            let _ = fs::remove_file(&temporary);
            failed(error)
        })?;
    sync_folder(path);
    Ok(())
}

/// Returns why an existing file must not be replaced.
fn conflict(path: &Path, inputs: &[PathBuf]) -> Option<io::Error> {
    let kind = fs::metadata(path).ok()?.file_type();
    if kind.is_dir() {
        return Some(io::ErrorKind::IsADirectory.into());
    }
    if !kind.is_file() {
        return Some(io::Error::other("it is not a regular file"));
    }
    let place = fs::canonicalize(path).ok()?;
    let is_it = |input: &PathBuf| fs::canonicalize(input).is_ok_and(|input| input == place);
    let is_input = inputs.iter().any(is_it);
    is_input.then(|| io::Error::other("it is one of the files that go into the bundle"))
}

/// The name of a hidden file in the same folder. No other process or thread uses it.
fn temporary(path: &Path) -> Option<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name()?);
    name.push(format!(".{process}.{count}.tmp"));
    Some(path.with_file_name(name))
}

fn written(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the new name last. Some systems cannot open a folder; the file itself is safe by then.
fn sync_folder(path: &Path) {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}
