//! Opening and locking the two files of a batch, which contain customers' data.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Deref;
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

/// A file that this process has locked.
///
/// The lock is released when this is dropped, or when the process ends. It is not left to closing the file: a child process that is being
/// started has a copy of the open file for an instant.
#[derive(Debug)]
pub(crate) struct Locked(File);

impl Locked {
    /// Opens and locks a file of results, which others may read meanwhile.
    ///
    /// One file may have several names, each with a journal of its own, so the journal's lock is not enough. On other systems than
    /// Unix, a lock would keep readers out, so it is not taken there.
    pub(crate) fn readable(file: File, path: &Path) -> Result<Self, Error> {
        if cfg!(unix) {
            Self::new(file, path)
        } else {
            Ok(Self(file))
        }
    }

    /// Locks a file for this process.
    pub(crate) fn new(file: File, path: &Path) -> Result<Self, Error> {
        let path = || path.to_owned();
        match fs4::FileExt::try_lock(&file) {
            Ok(()) => Ok(Self(file)),
            Err(fs4::TryLockError::WouldBlock) => Err(Cause::Locked(path()).into()),
            Err(fs4::TryLockError::Error(error)) => Err(Cause::Lock(path(), error).into()),
        }
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = fs4::FileExt::unlock(&self.0);
    }
}

impl Write for Locked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Seek for Locked {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Deref for Locked {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}
