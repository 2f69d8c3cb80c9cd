//! The two files of a batch, which hold customers' data.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::error::{Cause, Error};

/// Opens a file to be read and gone on with. A new one is its owner's alone.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Takes a file for this process alone, until that ends.
pub(crate) fn lock(file: &File, path: &Path) -> Result<(), Error> {
    let path = || path.to_owned();
    fs4::FileExt::try_lock(file).map_err(|error| match error {
        fs4::TryLockError::WouldBlock => Cause::Locked(path()).into(),
        fs4::TryLockError::Error(error) => Cause::Lock(path(), error).into(),
    })
}
