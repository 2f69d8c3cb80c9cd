//! The two files of a batch, which hold customers' data.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file to be read and gone on with. A new one is its owner's alone.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
