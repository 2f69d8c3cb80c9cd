//! The ids of the items in a file.

use std::cell::RefCell;
use std::error::Error as StdError;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use intercom_protocol::walk::{IdKey, Seen, SeenIds};

type BoxError = Box<dyn StdError + Send + Sync>;

/// The ids of the items that an earlier export wrote, and of those that this one writes. The file is read only if a walk needs them.
#[derive(Debug)]
pub(super) struct FileIds {
    path: PathBuf,
    /// How much of the file belongs to the earlier export.
    length: u64,
    ids: RefCell<Option<SeenIds>>,
}

impl FileIds {
    pub(super) fn new(path: &Path, length: u64) -> Self {
        Self {
            path: path.to_owned(),
            length,
            ids: RefCell::new(None),
        }
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&mut SeenIds) -> Result<T, BoxError>,
    ) -> Result<T, BoxError> {
        let mut ids = self.ids.borrow_mut();
        let ids = match &mut *ids {
            Some(ids) => ids,
            none => none.insert(self.read()?),
        };
        work(ids)
    }

    fn read(&self) -> Result<SeenIds, BoxError> {
        let mut ids = SeenIds::new();
        let mut lines = BufReader::new(File::open(&self.path)?.take(self.length));
        let mut line = String::new();
        while lines.read_line(&mut line)? > 0 {
            ids.insert(IdKey::of_item(line.trim_end()))?;
            line.clear();
        }
        Ok(ids)
    }
}

impl Seen for FileIds {
    fn contains(&self, key: IdKey) -> Result<bool, BoxError> {
        self.with(|ids| ids.contains(key))
    }

    fn insert(&mut self, key: IdKey) -> Result<(), BoxError> {
        self.with(|ids| ids.insert(key))
    }

    fn len(&self) -> u64 {
        // If the file cannot be read, the walk ends at the next id.
        self.with(|ids| Ok(ids.len())).unwrap_or_default()
    }
}
