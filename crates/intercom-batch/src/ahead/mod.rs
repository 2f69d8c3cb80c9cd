//! Reading ahead: a walk that goes on while its consumer is slow.

mod ring;
mod spool;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use intercom_protocol::Caller;
use intercom_protocol::client::{Async, Walk};
use intercom_protocol::walk::{Checkpoint, WalkError};
use serde_json::value::RawValue;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use self::spool::{Record, Spool};
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
    /// The task that reads has panicked, or its runtime has ended.
    #[error("the task that reads ahead has ended; go on from the checkpoint")]
    Stopped,
    /// A page could not be read. All items before it have been returned.
    #[error(transparent)]
    Walk(#[from] WalkError),
}

/// Reads a walk ahead of its consumer, so that one that is slow keeps a scroll alive.
///
/// A task reads the pages as fast as the rate limit allows, and keeps the items: first in memory, then in a temporary file, both up to
/// a [limit](ReadAheadLimits). When both are full, it waits. A scroll expires a minute after its latest page, so it stays alive as long
/// as the file has room, however long the consumer takes. Without room, it expires at each page, and the walk restarts it: choose a
/// file that can hold all companies.
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
pub struct ReadAhead {
    shared: Arc<Shared>,
    task: AbortHandle,
    checkpoint: Option<Checkpoint>,
}

/// What the task and the consumer share.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// A record was added, or the task has ended.
    filled: Notify,
    /// A record was taken.
    emptied: Notify,
    folder: PathBuf,
}

#[derive(Debug)]
struct State {
    spool: Spool,
    end: End,
}

/// How the task has ended.
#[derive(Debug)]
enum End {
    NotYet,
    Complete(Checkpoint),
    Failed(ReadAheadError),
    /// The consumer knows.
    Taken,
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
        let shared = Arc::new(Shared {
            folder: limits.folder.clone(),
            state: Mutex::new(State {
                spool: Spool::new(limits),
                end: End::NotYet,
            }),
            filled: Notify::new(),
            emptied: Notify::new(),
        });
        let guard = Guard(shared.clone());
        let task = runtime.spawn(async move { read(walk(&client), &guard.0).await });
        Ok(Self {
            shared,
            task: task.abort_handle(),
            checkpoint: None,
        })
    }

    /// Returns the next item; `None` after the last one or an error.
    ///
    /// You can drop the future without losing an item.
    ///
    /// # Errors
    ///
    /// A page could not be read, or the file could not be used.
    pub async fn next(&mut self) -> Option<Result<Box<RawValue>, ReadAheadError>> {
        loop {
            match self.take() {
                Some(taken) => return taken,
                None => self.shared.filled.notified().await,
            }
        }
    }

    /// Takes an item or the end. Returns `None` if neither is there yet.
    fn take(&mut self) -> Option<Option<Result<Box<RawValue>, ReadAheadError>>> {
        let mut state = self.shared.lock();
        if matches!(state.end, End::Taken) {
            return Some(None);
        }
        match state.spool.pop() {
            Ok(Some(record)) => {
                drop(state);
                self.shared.emptied.notify_one();
                let Record { item, checkpoint } = record;
                self.checkpoint = checkpoint.or(self.checkpoint.take());
                return Some(Some(Ok(item)));
            }
            Ok(None) => {}
            Err(error) => {
                self.task.abort();
                state.end = End::Taken;
                return Some(Some(Err(self.shared.file(error).into())));
            }
        }
        match std::mem::replace(&mut state.end, End::Taken) {
            End::NotYet => {
                state.end = End::NotYet;
                None
            }
            End::Complete(checkpoint) => {
                self.checkpoint = Some(checkpoint);
                Some(None)
            }
            End::Failed(error) => {
                if let ReadAheadError::Walk(error) = &error {
                    self.checkpoint = Some(error.checkpoint().clone());
                }
                Some(Some(Err(error)))
            }
            End::Taken => Some(None),
        }
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
        self.shared.lock().spool.len()
    }
}

/// Ends the task. The file is removed with it.
impl Drop for ReadAhead {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for ReadAhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadAhead")
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}

/// Reads the walk to its end.
async fn read<C: Caller>(mut walk: Walk<'_, C, Async, Box<RawValue>>, shared: &Shared) {
    let mut pages = walk.report().pages();
    loop {
        let item = match walk.next().await {
            Some(Ok(item)) => item,
            Some(Err(error)) => return shared.end(End::Failed(error.into())),
            None => return shared.end(End::Complete(walk.checkpoint())),
        };
        let is_first = std::mem::replace(&mut pages, walk.report().pages()) != pages;
        let checkpoint = is_first.then(|| walk.checkpoint());
        if let Err(error) = shared.keep(Record { item, checkpoint }).await {
            return shared.end(End::Failed(shared.file(error).into()));
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a record, once there is room.
    async fn keep(&self, mut record: Record) -> io::Result<()> {
        loop {
            let left = self.lock().spool.push(record)?;
            match left {
                None => break,
                Some(left) => record = left,
            }
            self.emptied.notified().await;
        }
        self.filled.notify_one();
        Ok(())
    }

    fn end(&self, end: End) {
        let mut state = self.lock();
        if matches!(state.end, End::NotYet) {
            state.end = end;
        }
        drop(state);
        self.filled.notify_one();
    }

    fn file(&self, error: io::Error) -> Error {
        Cause::Spool(self.folder.clone(), error).into()
    }
}

/// Tells the consumer that the task has ended, also if it panicked.
struct Guard(Arc<Shared>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.end(End::Failed(ReadAheadError::Stopped));
    }
}
