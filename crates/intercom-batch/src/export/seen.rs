//! The ids of the items in a file.

use std::cell::RefCell;
use std::error::Error as StdError;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;

use intercom_protocol::walk::{IdKey, Seen, SeenIds};

type BoxError = Box<dyn StdError + Send + Sync>;

/// The ids of the items in a file, one item in JSON on each line: a store for a walk that is resumed after a crash.
///
/// A program that appends each item of a walk to a file passes this store when it resumes the walk. The ids need no file of their
/// own, so an item and its id cannot disagree. The file is read at the first item. The ids of later items are kept in
/// memory, at most 24 bytes each. An [`Export`](crate::Export) does all that by itself.
///
/// ```
/// use intercom_batch::SeenInFile;
/// use intercom_protocol::walk::{IdKey, Seen as _};
///
/// # let path = std::env::temp_dir().join(format!("intercom-seen-{}.ndjson", std::process::id()));
/// std::fs::write(&path, "{\"id\": \"64b0\"}\n{\"id\": \"64b1\"}\n")?;
/// let seen = SeenInFile::new(&path)?;
/// assert!(seen.contains(IdKey::new("64b1"))?);
/// // let walk = client.companies().walk().resume(&checkpoint).seen(seen);
/// # std::fs::remove_file(path)?;
/// # Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug)]
pub struct SeenInFile {
    path: PathBuf,
    /// How much of the file was there before the walk.
    length: u64,
    ids: RefCell<Option<SeenIds>>,
}

impl SeenInFile {
    /// Takes the items that the file has now. A last line without a line break counts.
    ///
    /// # Errors
    ///
    /// The file does not exist, or cannot be accessed.
    pub fn new(path: impl Into<PathBuf>) -> std::io::Result<Self> {
        let path = path.into();
        let length = path.metadata()?.len();
        Ok(Self::up_to(path, length))
    }

    pub(super) fn up_to(path: PathBuf, length: u64) -> Self {
        Self {
            path,
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

impl Seen for SeenInFile {
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
