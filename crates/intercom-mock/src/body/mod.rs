//! The body of a response as it is sent: with pauses, padding and breaks.

mod gzip;
mod part;

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

pub(crate) use gzip::Gzip;
pub(crate) use part::{Part, file_part, insert_at, skip};

/// How long to wait between two checks for a flush.
const FLUSH_POLL: Duration = Duration::from_millis(1);

/// How many bytes of a file are made at once.
const FILE_PIECE: u64 = 64 * 1024;

/// Counts how often hyper has written out all buffered bytes.
pub(crate) type Flushes = Arc<AtomicU64>;

/// A body that consists of parts.
#[derive(Debug)]
pub(crate) struct Parts {
    parts: VecDeque<Part>,
    /// The length announced in the head, which need not be the real one.
    announced: Option<u64>,
    flushes: Flushes,
    timer: Option<Pin<Box<Sleep>>>,
    /// The number of flushes when the break was reached.
    mark: Option<u64>,
}

impl Parts {
    pub(crate) fn new(parts: VecDeque<Part>, announced: Option<u64>, flushes: Flushes) -> Self {
        Self {
            parts,
            announced,
            flushes,
            timer: None,
            mark: None,
        }
    }

    fn pause(&mut self, context: &mut Context<'_>, length: Duration) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(length)));
        ready!(timer.as_mut().poll(context));
        self.timer = None;
        Poll::Ready(())
    }

    /// Waits for a flush before a break, because an error from a body makes hyper drop its buffer.
    fn wait_for_flush(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let seen = self.flushes.load(Ordering::Acquire);
        let mark = *self.mark.get_or_insert(seen);
        loop {
            if self.flushes.load(Ordering::Acquire) > mark {
                return Poll::Ready(());
            }
            ready!(self.pause(context, FLUSH_POLL));
        }
    }
}

impl Body for Parts {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            match self.parts.front_mut() {
                None => return Poll::Ready(None),
                Some(Part::Send(bytes)) => {
                    let bytes = std::mem::take(bytes);
                    self.parts.pop_front();
                    if !bytes.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(bytes))));
                    }
                }
                Some(Part::Repeat(_, 0)) => {
                    self.parts.pop_front();
                }
                Some(Part::Repeat(bytes, times)) => {
                    *times -= 1;
                    return Poll::Ready(Some(Ok(Frame::data(bytes.clone()))));
                }
                Some(&mut Part::File(from, to)) if from >= to => {
                    self.parts.pop_front();
                }
                Some(Part::File(from, to)) => {
                    let end = from.saturating_add(FILE_PIECE).min(*to);
                    let bytes = file_part(*from, end);
                    *from = end;
                    return Poll::Ready(Some(Ok(Frame::data(bytes.into()))));
                }
                Some(&mut Part::Pause(length)) => {
                    ready!(self.pause(context, length));
                    self.parts.pop_front();
                }
                Some(Part::Break) => {
                    ready!(self.wait_for_flush(context));
                    return Poll::Ready(Some(Err(io::Error::other("closed on purpose"))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.announced
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
