//! Exports: every item of a walk in a file, once each, however often the process is killed.

mod error;
mod items;
mod job;
mod messages;
mod seen;
mod unpack;
mod workspace;

use std::fmt;
use std::path::Path;

use intercom_protocol::Caller;
use intercom_protocol::client::{Async, Walk};
use intercom_protocol::walk::{Checkpoint, Report, WalkErrorKind};
use serde_json::value::RawValue;

pub use self::error::ExportError;
use self::items::Items;
pub use self::messages::{
    MessageExport, MessageExportError, MessagePeriod, MessagePhase, MessageProgress,
};
pub use self::seen::SeenInFile;
use self::workspace::workspace;
use crate::Error;

/// Writes all items of a walk to a file, one JSON object on each line.
///
/// Beside the file `OUT` stands the journal `OUT.journal`, which says up to where the file is complete, and from where the walk goes
/// on. An export that was killed at any moment continues when it is started again with the same request and file: each id is in
/// the file once, and costs at most 24 bytes of memory while the export runs. A killed process loses nothing that it has saved. A
/// power failure may cut off the end of the file, because it is not synced to disk. The next run then goes on from an earlier place.
///
/// The items contain personal data. On Unix, only the owner can read the new files. The journal contains no personal data, apart
/// from what the server may put into its cursors.
///
/// ```
/// use intercom_batch::Export;
/// # #[cfg(feature = "hyper")] {
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("intercom-export-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let out = folder.join("contacts.ndjson");
/// # let mock = intercom_mock::MockServer::start()?;
/// # mock.add_contact(serde_json::json!({ "email": "ada@example.org" }));
/// let client = intercom_async::Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// let contacts = client.walk(intercom_protocol::ApiRequest::get("/contacts"));
/// let mut export = Export::start(contacts, &out)?;
/// while export.next().await? {}
/// assert_eq!(export.report().items(), 1);
/// assert_eq!(std::fs::read_to_string(&out)?.lines().count(), 1);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(()) }
/// # main().unwrap(); }
/// ```
pub struct Export<'c, C> {
    walk: Walk<'c, C, Async, Box<RawValue>>,
    items: Items,
    /// Where the walk was at the last save.
    saved: Option<Checkpoint>,
    /// How many pages had been read at the last save.
    saved_pages: u64,
}

impl<'c, C: Caller> Export<'c, C> {
    /// Opens the file and its journal, and goes on where an earlier export ended. Missing files are created. Nothing is requested
    /// yet.
    ///
    /// # Errors
    ///
    /// An [`Error`] if a file cannot be opened, is in use, or is not that of an export.
    pub fn start(
        walk: Walk<'c, C, Async, Box<RawValue>>,
        out: impl AsRef<Path>,
    ) -> Result<Self, Error> {
        let (items, saved) = Items::open(out.as_ref())?;
        let length = saved.as_ref().map_or(0, |saved| saved.length);
        let walk = walk.seen(SeenInFile::up_to(out.as_ref().to_owned(), length));
        let saved = saved.map(|saved| saved.checkpoint);
        Ok(Self {
            walk: match &saved {
                Some(checkpoint) => walk.resume(checkpoint),
                None => walk,
            },
            items,
            saved_pages: saved.as_ref().map_or(0, |saved| saved.report().pages()),
            saved,
        })
    }

    /// Asks `GET /me` which workspace the access token reads. If the export was started in another one, [`next`](Self::next) then
    /// returns an error. For items that do not name their workspace, like conversations; contacts and companies do.
    ///
    /// # Errors
    ///
    /// The call failed.
    pub async fn check_workspace(&mut self) -> Result<(), ExportError> {
        if let Some(id) = workspace(self.walk.caller())
            .await
            .map_err(ExportError::Call)?
        {
            self.walk.set_workspace(&id);
        }
        Ok(())
    }

    /// Reads the next item and writes it to the file. Returns `false` after the last one. The file is [complete](Self::is_complete)
    /// then, unless the list [ended too early](Report::is_short).
    ///
    /// The future can be dropped at any time. What was written since the last save is then read again by the next export, unless
    /// [`save`](Self::save) follows.
    ///
    /// # Errors
    ///
    /// A call or a write failed. Start the export again to continue.
    pub async fn next(&mut self) -> Result<bool, ExportError> {
        match self.walk.next().await {
            Some(Ok(item)) => {
                self.items.write(item.get())?;
                if self.walk.report().pages() != self.saved_pages {
                    self.save()?;
                }
                Ok(true)
            }
            Some(Err(error)) => {
                if error.kind() != WalkErrorKind::Checkpoint {
                    self.save()?;
                }
                Err(error.into())
            }
            None => {
                if !self.is_complete() {
                    self.save()?;
                }
                Ok(false)
            }
        }
    }

    /// Writes to the journal that the export can go on after the items so far. The export does so itself after each page; a program
    /// that stops it early saves the items of the latest page, too.
    ///
    /// # Errors
    ///
    /// A file cannot be written.
    pub fn save(&mut self) -> Result<(), Error> {
        let checkpoint = self.walk.checkpoint();
        if checkpoint.is_end() && checkpoint.report().is_short() {
            // The next export reads the last page again: the list may go on there.
            return self.items.flush();
        }
        self.items.save(&checkpoint)?;
        self.saved_pages = checkpoint.report().pages();
        self.saved = Some(checkpoint);
        Ok(())
    }

    /// Returns what the export has done so far, with what earlier exports to the same file did.
    #[must_use]
    pub const fn report(&self) -> &Report {
        self.walk.report()
    }

    /// Returns whether the export waits because another scroll of the workspace is open, perhaps that of another process.
    #[must_use]
    pub fn is_waiting_for_scroll(&self) -> bool {
        self.walk.is_waiting_for_scroll()
    }

    /// Returns whether all items are in the file. If many are missing by the server's count, they are not: an export that is started
    /// again reads the end of the list again.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.saved.as_ref().is_some_and(Checkpoint::is_end)
    }
}

impl<C> fmt::Debug for Export<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("walk", &self.walk)
            .field("items", &self.items)
            .finish_non_exhaustive()
    }
}
