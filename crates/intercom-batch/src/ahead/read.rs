//! What the task or thread does.

use std::future::{Future, ready};

use intercom_protocol::Caller;
use intercom_protocol::client::{Async, Blocking, Walk};
use intercom_protocol::walk::{Checkpoint, WalkError};
use serde_json::value::RawValue;

use super::shared::{End, Shared};
use super::spool::Record;

/// A walk of either client.
pub(super) trait Items: Send {
    /// Reads the next item.
    fn next(&mut self) -> impl Future<Output = Option<Result<Box<RawValue>, WalkError>>> + Send;

    /// How many pages were read.
    fn pages(&self) -> u64;

    fn checkpoint(&self) -> Checkpoint;
}

impl<C: Caller + Sync> Items for Walk<'_, C, Async, Box<RawValue>> {
    fn next(&mut self) -> impl Future<Output = Option<Result<Box<RawValue>, WalkError>>> + Send {
        Self::next(self)
    }

    fn pages(&self) -> u64 {
        self.report().pages()
    }

    fn checkpoint(&self) -> Checkpoint {
        self.checkpoint()
    }
}

impl<C: Caller> Items for Walk<'_, C, Blocking, Box<RawValue>>
where
    Self: Send,
{
    /// Blocks the thread.
    fn next(&mut self) -> impl Future<Output = Option<Result<Box<RawValue>, WalkError>>> + Send {
        ready(Iterator::next(self))
    }

    fn pages(&self) -> u64 {
        self.report().pages()
    }

    fn checkpoint(&self) -> Checkpoint {
        self.checkpoint()
    }
}

/// Reads the walk to its end, or until the consumer is gone.
pub(super) async fn read(mut walk: impl Items, shared: &Shared) {
    let mut pages = walk.pages();
    loop {
        let item = match walk.next().await {
            Some(Ok(item)) => item,
            Some(Err(error)) => return shared.end(End::Failed(error.into())),
            None => return shared.end(End::Complete(walk.checkpoint())),
        };
        let is_first = std::mem::replace(&mut pages, walk.pages()) != pages;
        let checkpoint = is_first.then(|| walk.checkpoint());
        match shared.keep(Record { item, checkpoint }).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return shared.end(End::Failed(shared.file(error).into())),
        }
    }
}
