//! Where lines go: a file, or the memory.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::recording::{Head, Line};

/// A place for lines. After an error nothing more is written.
pub(super) struct Sink {
    place: Place,
    head: Vec<u8>,
    /// Reused for each line.
    buffer: Vec<u8>,
    failed: bool,
    failure: Option<io::Error>,
}

enum Place {
    File {
        path: PathBuf,
        file: File,
        /// When a new file begins. `None` for a device or a pipe.
        full: Option<u64>,
    },
    Memory {
        lines: VecDeque<Box<[u8]>>,
        most: usize,
    },
}

impl Sink {
    pub(super) fn file(path: &Path, limit: u64, head: Head) -> io::Result<Self> {
        let head = text_of(&Line::Head(head));
        let mut file = open(path)?;
        let metadata = file.metadata()?;
        // The last line of an earlier run may be torn. A blank line does no harm.
        let start: &[u8] = if metadata.len() > 0 { b"\n" } else { b"" };
        let first = [start, &head].concat();
        file.write_all(&first)?;
        Ok(Self::new(
            Place::File {
                path: path.to_owned(),
                file,
                full: metadata.is_file().then_some(limit / 2),
            },
            head,
        ))
    }

    pub(super) fn memory(most: usize, head: Head) -> Self {
        let lines = VecDeque::new();
        Self::new(Place::Memory { lines, most }, text_of(&Line::Head(head)))
    }

    const fn new(place: Place, head: Vec<u8>) -> Self {
        Self {
            place,
            head,
            buffer: Vec::new(),
            failed: false,
            failure: None,
        }
    }

    pub(super) fn write(&mut self, line: &Line) {
        if self.failed {
            return;
        }
        self.buffer.clear();
        let written = serde_json::to_writer(&mut self.buffer, line).map_err(io::Error::from);
        self.buffer.push(b'\n');
        let written = written.and_then(|()| self.place.write(&self.buffer, &self.head));
        if let Err(error) = written {
            self.failed = true;
            self.failure = Some(error);
        }
    }

    pub(super) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    pub(super) fn text(&self) -> String {
        let Place::Memory { lines, .. } = &self.place else {
            return String::new();
        };
        let mut text = self.head.clone();
        lines.iter().for_each(|line| text.extend_from_slice(line));
        String::from_utf8(text).unwrap_or_default()
    }
}

impl Place {
    fn write(&mut self, line: &[u8], head: &[u8]) -> io::Result<()> {
        match self {
            Self::Memory { lines, most } => {
                while lines.len() >= (*most).max(1) {
                    lines.pop_front();
                }
                lines.push_back(line.into());
                Ok(())
            }
            Self::File { path, file, full } => {
                if let Some(full) = *full {
                    make_room(path, file, line.len() as u64, full, head)?;
                }
                // One write, so that lines of several processes do not mix.
                file.write_all(line)
            }
        }
    }
}

/// Leaves a file with room for a line: this one, the one that another process has begun since, or a new one.
fn make_room(path: &Path, file: &mut File, line: u64, full: u64, head: &[u8]) -> io::Result<()> {
    let Some(length) = length_if_same(path, file)? else {
        return begin(path, file, head);
    };
    let is_full = |length: u64| length.saturating_add(line) > full && length > head.len() as u64;
    if !is_full(length) {
        return Ok(());
    }
    if !rename(path, file)? {
        return Ok(());
    }
    begin(path, file, head)
}

/// Renames a full file, unless another process has just done so. Returns `false` if another process is at it: the line may still go
/// to this file.
fn rename(path: &Path, file: &File) -> io::Result<bool> {
    // Only the process that has the lock of a file may rename it.
    #[cfg(unix)]
    if fs4::FileExt::try_lock(file).is_err() {
        return Ok(false);
    }
    let renamed = match length_if_same(path, file) {
        Ok(Some(_)) => fs::rename(path, earlier(path)),
        other => other.map(|_| ()),
    };
    #[cfg(unix)]
    let _ = fs4::FileExt::unlock(file);
    renamed.map(|()| true)
}

/// Opens the file that now has the name, and adds the head of this run.
fn begin(path: &Path, file: &mut File, head: &[u8]) -> io::Result<()> {
    *file = open(path)?;
    file.write_all(head)
}

/// Returns the length of the open file if it still has its name, and `None` if another process has renamed or deleted it.
fn length_if_same(path: &Path, file: &File) -> io::Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(named) => {
            let open = file.metadata()?;
            Ok(is_same(&named, &open).then_some(open.len()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Other systems give no number of a file. A file that was begun later is shorter.
#[cfg(not(unix))]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    one.len() == other.len()
}

fn text_of(line: &Line) -> Vec<u8> {
    // A head has only texts and numbers, so this cannot fail.
    let mut text = serde_json::to_vec(line).unwrap_or_default();
    text.push(b'\n');
    text
}

/// Returns the name of the earlier file.
fn earlier(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".1");
    PathBuf::from(name)
}

/// Opens a file to append to. A new file can be read only by its owner.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
