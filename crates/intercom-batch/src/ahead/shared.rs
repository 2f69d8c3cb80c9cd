//! What the reader and the consumer share.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use intercom_protocol::walk::Checkpoint;
use tokio::sync::Notify;

use super::spool::{Record, Spool};
use super::{ReadAheadError, ReadAheadLimits};
use crate::Error;
use crate::error::Cause;

/// What the reader and the consumer share.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// A record was added, or the reader has ended.
    filled: Notify,
    /// A record was taken, or the consumer is gone.
    emptied: Notify,
    folder: PathBuf,
}

#[derive(Debug)]
struct State {
    spool: Spool,
    end: End,
}

/// How the reader has ended.
#[derive(Debug)]
pub(super) enum End {
    NotYet,
    Complete(Checkpoint),
    Failed(ReadAheadError),
    /// The consumer knows, or is gone.
    Taken,
}

/// What the consumer takes.
pub(super) enum Taken {
    Item(Record),
    Failed(ReadAheadError),
    End(Option<Checkpoint>),
}

impl Shared {
    pub(super) fn new(limits: ReadAheadLimits) -> Arc<Self> {
        Arc::new(Self {
            folder: limits.folder.clone(),
            state: Mutex::new(State {
                spool: Spool::new(limits),
                end: End::NotYet,
            }),
            filled: Notify::new(),
            emptied: Notify::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next item or the end, once there is one.
    pub(super) async fn take(&self) -> Taken {
        loop {
            match self.try_take() {
                Some(taken) => return taken,
                None => self.filled.notified().await,
            }
        }
    }

    /// Takes an item or the end. Returns `None` if neither is there yet.
    fn try_take(&self) -> Option<Taken> {
        let mut state = self.lock();
        if matches!(state.end, End::Taken) {
            return Some(Taken::End(None));
        }
        match state.spool.pop() {
            Ok(Some(record)) => {
                drop(state);
                self.emptied.notify_one();
                return Some(Taken::Item(record));
            }
            Ok(None) => {}
            Err(error) => {
                drop(state);
                self.close();
                return Some(Taken::Failed(self.file(error).into()));
            }
        }
        match std::mem::replace(&mut state.end, End::Taken) {
            End::NotYet => {
                state.end = End::NotYet;
                None
            }
            End::Complete(checkpoint) => Some(Taken::End(Some(checkpoint))),
            End::Failed(error) => Some(Taken::Failed(error)),
            End::Taken => Some(Taken::End(None)),
        }
    }

    /// Keeps a record, once there is room. Returns `false` if the consumer is gone.
    pub(super) async fn keep(&self, mut record: Record) -> io::Result<bool> {
        loop {
            let left = {
                let mut state = self.lock();
                if matches!(state.end, End::Taken) {
                    return Ok(false);
                }
                state.spool.push(record)?
            };
            match left {
                None => break,
                Some(left) => record = left,
            }
            self.emptied.notified().await;
        }
        self.filled.notify_one();
        Ok(true)
    }

    /// The reader has ended.
    pub(super) fn end(&self, end: End) {
        let mut state = self.lock();
        if matches!(state.end, End::NotYet) {
            state.end = end;
        }
        drop(state);
        self.filled.notify_one();
    }

    /// The consumer is gone.
    pub(super) fn close(&self) {
        self.lock().end = End::Taken;
        self.emptied.notify_one();
    }

    /// How many items are kept.
    pub(super) fn waiting(&self) -> u64 {
        self.lock().spool.len()
    }

    pub(super) fn file(&self, error: io::Error) -> Error {
        Cause::Spool(self.folder.clone(), error).into()
    }
}

/// Tells the consumer that the reader has ended, also if it panicked.
pub(super) struct Guard(pub(super) Arc<Shared>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.end(End::Failed(ReadAheadError::Stopped));
    }
}
