//! Reading ahead: a walk that goes on while its consumer is slow.

mod block;
mod read;
mod ring;
mod shared;
mod spool;

use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use intercom_protocol::Caller;
use intercom_protocol::client::{Async, Blocking, Walk};
use intercom_protocol::walk::{Checkpoint, WalkError};
use serde_json::value::RawValue;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use self::block::block_on;
use self::read::read;
use self::shared::{Guard, Shared, Taken};
use crate::Error;
use crate::error::Cause;

/// How much a [`ReadAhead`] keeps: 16 MiB in memory, and then 1 GiB in a file, unless you set something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadAheadLimits {
    memory: u64,
    file: u64,
    folder: PathBuf,
}

impl Default for ReadAheadLimits {
    fn default() -> Self {
        Self {
            memory: 16 << 20,
            file: 1 << 30,
            folder: std::env::temp_dir(),
        }
    }
}

impl ReadAheadLimits {
    /// Sets how many bytes of items are kept in memory.
    #[must_use]
    pub const fn memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// Sets how long the file can be, in bytes. With 0, there is none.
    #[must_use]
    pub const fn file(mut self, bytes: u64) -> Self {
        self.file = bytes;
        self
    }

    /// Sets the folder of the file (default: the one for temporary files).
    #[must_use]
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        folder.as_ref().clone_into(&mut self.folder);
        self
    }
}

/// Why reading ahead ended early.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ReadAheadError {
    /// The file could not be written or read.
    #[error(transparent)]
    File(#[from] Error),
    /// The task or thread that reads has panicked, or the runtime of the task has ended.
    #[error("the task that reads ahead has ended; go on from the checkpoint")]
    Stopped,
    /// A page could not be read. All items before it have been returned.
    #[error(transparent)]
    Walk(#[from] WalkError),
}

/// Reads a walk ahead of its consumer, so that one that is slow keeps a scroll alive.
///
/// A tokio task (with [`start`](Self::start)) or a thread (with [`start_thread`](ReadAhead::start_thread)) reads the pages as fast as
/// the rate limit allows, and keeps the items: first in memory, then in a temporary file, both up to a [limit](ReadAheadLimits). When
/// both are full, it waits. A scroll expires a minute after its latest page, so it stays alive as long as the file has room, however
/// long the consumer takes. Without room, it expires at each page, and the walk restarts it: choose a file that can hold all companies.
///
/// The file contains personal data. On Unix, only the owner can read it. It has no name in its folder once it is open, so the system
/// removes it even if the process is killed.
///
/// [`checkpoint`](Self::checkpoint) belongs to the items that were *returned*, not to those that were read. The ids that a walk gives to a
/// store are those that were *read*: pass [`Walk::seen`] a store that reads what your program has kept, and keeps the new ids in memory.
///
/// ```
/// use intercom_batch::{ReadAhead, ReadAheadLimits};
/// # #[cfg(feature = "hyper")] {
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mock = intercom_mock::MockServer::builder().generated_companies(250).start()?;
/// # let client = intercom_async::Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// let limits = ReadAheadLimits::default();
/// let mut companies = ReadAhead::start(client.clone(), |client| client.companies().walk(), limits)?;
/// let mut count = 0;
/// while let Some(company) = companies.next().await {
///     // Take as long as you like.
///     assert!(company?.get().starts_with('{'));
///     count += 1;
/// }
/// assert_eq!(count, 250);
/// # Ok(()) }
/// # main().unwrap(); }
/// ```
///
/// With a blocking client, it is an iterator:
///
/// ```
/// use intercom_batch::{ReadAhead, ReadAheadLimits};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mock = intercom_mock::MockServer::builder().generated_companies(250).start()?;
/// # let client = intercom_blocking::Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// let limits = ReadAheadLimits::default();
/// let companies = ReadAhead::start_thread(client.clone(), |client| client.companies().walk(), limits)?;
/// assert_eq!(companies.filter_map(Result::ok).count(), 250);
/// # Ok(()) }
/// ```
pub struct ReadAhead<M = Async> {
    shared: Arc<Shared>,
    /// A thread ends by itself.
    task: Option<AbortHandle>,
    checkpoint: Option<Checkpoint>,
    mode: PhantomData<fn() -> M>,
}

impl ReadAhead {
    /// Starts a task on the current tokio runtime. It owns `client`, which is usually a clone, and reads the walk that `walk` returns.
    ///
    /// # Errors
    ///
    /// [`Stopped`](ReadAheadError::Stopped) if there is no runtime.
    pub fn start<C, F>(client: C, walk: F, limits: ReadAheadLimits) -> Result<Self, ReadAheadError>
    where
        C: Caller + Send + Sync + 'static,
        F: for<'c> FnOnce(&'c C) -> Walk<'c, C, Async, Box<RawValue>> + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|_| ReadAheadError::Stopped)?;
        let shared = Shared::new(limits);
        let guard = Guard(shared.clone());
        let task = runtime.spawn(async move { read(walk(&client), &guard.0).await });
        Ok(Self::new(shared, Some(task.abort_handle())))
    }

    /// Returns the next item; `None` after the last one or an error.
    ///
    /// You can drop the future without losing an item.
    ///
    /// # Errors
    ///
    /// A page could not be read, or the file could not be used.
    pub async fn next(&mut self) -> Option<Result<Box<RawValue>, ReadAheadError>> {
        self.wait().await
    }
}

impl ReadAhead<Blocking> {
    /// Starts a thread. It owns `client`, a blocking client that is usually a clone, and reads the walk that `walk` returns.
    ///
    /// When the iterator is dropped, the thread ends after the call that it makes at that time, or the sleep.
    ///
    /// # Errors
    ///
    /// [`File`](ReadAheadError::File) if the system cannot start a thread.
    pub fn start_thread<C, F>(
        client: C,
        walk: F,
        limits: ReadAheadLimits,
    ) -> Result<Self, ReadAheadError>
    where
        C: Caller + Send + 'static,
        F: for<'c> FnOnce(&'c C) -> Walk<'c, C, Blocking, Box<RawValue>> + Send + 'static,
    {
        let shared = Shared::new(limits);
        let guard = Guard(shared.clone());
        let thread = thread::Builder::new().name("intercom-read-ahead".to_owned());
        thread
            .spawn(move || block_on(read(walk(&client), &guard.0)))
            .map_err(|error| Error::from(Cause::Thread(error)))?;
        Ok(Self::new(shared, None))
    }
}

impl Iterator for ReadAhead<Blocking> {
    type Item = Result<Box<RawValue>, ReadAheadError>;

    /// Waits for the next item.
    fn next(&mut self) -> Option<Self::Item> {
        block_on(self.wait())
    }
}

impl<M> ReadAhead<M> {
    const fn new(shared: Arc<Shared>, task: Option<AbortHandle>) -> Self {
        Self {
            shared,
            task,
            checkpoint: None,
            mode: PhantomData,
        }
    }

    async fn wait(&mut self) -> Option<Result<Box<RawValue>, ReadAheadError>> {
        let (item, checkpoint) = match self.shared.take().await {
            Taken::Item(record) => (Some(Ok(record.item)), record.checkpoint),
            Taken::Failed(error) => {
                let checkpoint = match &error {
                    ReadAheadError::Walk(error) => Some(error.checkpoint().clone()),
                    _ => None,
                };
                (Some(Err(error)), checkpoint)
            }
            Taken::End(checkpoint) => (None, checkpoint),
        };
        self.checkpoint = checkpoint.or(self.checkpoint.take());
        item
    }

    /// Returns where a new walk can go on after the items that were returned; `None` before the first one.
    ///
    /// It is the place after the first item of the page whose items are being returned. A walk that resumes from it returns the others
    /// of that page again, at most one page, and misses none. After the last item it is exact. As with every walk, a scroll starts
    /// again, and returns everything again without a store of the ids.
    #[must_use]
    pub const fn checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoint.as_ref()
    }

    /// Returns how many items have been read, but not returned.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.shared.waiting()
    }
}

/// Ends the task or thread. The file is removed with it.
impl<M> Drop for ReadAhead<M> {
    fn drop(&mut self) {
        self.shared.close();
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl<M> fmt::Debug for ReadAhead<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadAhead")
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}
