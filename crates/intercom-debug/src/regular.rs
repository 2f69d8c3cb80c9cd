//! Regular files. A pipe or a device may never end, and opening a pipe may wait for ever.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Opens a file to read it.
///
/// # Errors
///
/// Returns an error for a folder, a pipe or a device, and if the file cannot be opened.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let kind = fs::metadata(path)?.file_type();
    if kind.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !kind.is_file() {
        return Err(io::Error::other(
            "not a regular file; save its content to a file first",
        ));
    }
    File::open(path)
}
