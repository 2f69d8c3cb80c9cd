//! The two files of a batch, which hold customers' data.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::error::Failure;

/// Opens a file to be read and gone on with. A new one is its owner's alone.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Takes a file for this process alone, until that ends.
pub(crate) fn lock(file: &File, path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    match fs4::FileExt::try_lock(file) {
        Ok(()) => Ok(()),
        Err(fs4::TryLockError::WouldBlock) => Err(Failure::usage(format!(
            "another process is working on this batch ({shown} is locked); wait until it is done, or choose another --out"
        ))),
        Err(fs4::TryLockError::Error(error)) => {
            Err(Failure::usage(format!("{shown} cannot be locked: {error}")))
        }
    }
}
