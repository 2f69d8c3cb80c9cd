//! A queue of byte strings in a file of limited length, which is used again from its beginning.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Each string is behind its length.
const HEAD: u64 = 4;

/// The queue. The file has no name, so it is gone when it is closed.
#[derive(Debug)]
pub(super) struct Ring {
    file: File,
    capacity: u64,
    start: u64,
    used: u64,
    count: u64,
}

impl Ring {
    /// Creates the file in this folder.
    pub(super) fn create(folder: &Path, capacity: u64) -> io::Result<Self> {
        static FILES: AtomicU64 = AtomicU64::new(0);
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let name = format!("intercom-read-ahead-{}-{number}", std::process::id());
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        fs::remove_file(&path)?;
        Ok(Self {
            file,
            capacity,
            start: 0,
            used: 0,
            count: 0,
        })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) const fn len(&self) -> u64 {
        self.count
    }

    /// Adds a string. Returns `false` if there is no room.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<bool> {
        let (Ok(head), length) = (u32::try_from(bytes.len()), bytes.len() as u64) else {
            return Ok(false);
        };
        if self.used + HEAD + length > self.capacity {
            return Ok(false);
        }
        self.write(self.used, &head.to_le_bytes())?;
        self.write(self.used + HEAD, bytes)?;
        self.used += HEAD + length;
        self.count += 1;
        Ok(true)
    }

    /// Takes the oldest string.
    pub(super) fn pop(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.count == 0 {
            return Ok(None);
        }
        let mut head = [0; HEAD as usize];
        self.read(0, &mut head)?;
        let length = u32::from_le_bytes(head);
        let mut bytes = vec![0; length as usize];
        self.read(HEAD, &mut bytes)?;
        let taken = HEAD + u64::from(length);
        self.start = (self.start + taken) % self.capacity;
        self.used -= taken;
        self.count -= 1;
        Ok(Some(bytes))
    }

    /// Writes at this distance from the start.
    fn write(&mut self, distance: u64, bytes: &[u8]) -> io::Result<()> {
        let (place, split) = self.place(distance, bytes.len());
        let (before, after) = bytes.split_at(split);
        self.file.seek(SeekFrom::Start(place))?;
        self.file.write_all(before)?;
        if !after.is_empty() {
            self.file.rewind()?;
            self.file.write_all(after)?;
        }
        Ok(())
    }

    fn read(&mut self, distance: u64, bytes: &mut [u8]) -> io::Result<()> {
        let (place, split) = self.place(distance, bytes.len());
        let (before, after) = bytes.split_at_mut(split);
        self.file.seek(SeekFrom::Start(place))?;
        self.file.read_exact(before)?;
        if !after.is_empty() {
            self.file.rewind()?;
            self.file.read_exact(after)?;
        }
        Ok(())
    }

    /// The place at this distance from the start, and how many of the bytes come before the end of the file.
    fn place(&self, distance: u64, length: usize) -> (u64, usize) {
        let place = (self.start + distance) % self.capacity;
        let left = usize::try_from(self.capacity - place).unwrap_or(usize::MAX);
        (place, left.min(length))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::Ring;

    #[test]
    fn strings_come_in_order_however_they_lie_in_the_file() {
        let mut ring = Ring::create(&std::env::temp_dir(), 101).unwrap();
        let mut queue = VecDeque::new();
        let (mut full, mut wrapped) = (0, 0);
        for number in 0..2_000_u32 {
            let bytes = vec![number as u8; (number * 7 % 23) as usize];
            let before = ring.start + ring.used;
            if ring.push(&bytes).unwrap() {
                wrapped += u32::from(before < 101 && ring.start + ring.used > 101);
                queue.push_back(bytes);
            } else {
                full += 1;
            }
            if number % 3 != 0 || number % 40 > 30 {
                assert_eq!(ring.pop().unwrap(), queue.pop_front());
            }
            assert_eq!(ring.len(), queue.len() as u64);
        }
        assert!(full > 10 && wrapped > 10, "{full} {wrapped}");
        while let Some(bytes) = queue.pop_front() {
            assert_eq!(ring.pop().unwrap(), Some(bytes));
        }
        assert!(ring.is_empty() && ring.pop().unwrap().is_none());
        assert!(ring.file.metadata().unwrap().len() <= 101);
    }

    #[test]
    fn file_has_no_name() {
        let folder = std::env::temp_dir().join(format!("intercom-ring-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut ring = Ring::create(&folder, 100).unwrap();
        assert!(ring.push(b"personal").unwrap());
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
