//! Opening and locking the two files of a batch, which contain customers' data.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::error::{Cause, Error};

/// Opens a file for reading and appending, and creates it if it is missing. On Unix, only the owner can read a new
/// file.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Locks a file for this process. The lock ends with the process at the latest.
pub(crate) fn lock(file: &File, path: &Path) -> Result<(), Error> {
    let path = || path.to_owned();
    fs4::FileExt::try_lock(file).map_err(|error| match error {
        fs4::TryLockError::WouldBlock => Cause::Locked(path()).into(),
        fs4::TryLockError::Error(error) => Cause::Lock(path(), error).into(),
    })
}
