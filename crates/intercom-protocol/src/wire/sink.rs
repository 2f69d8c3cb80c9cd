//! What the bytes of a download are written to.

use core::task::{Context, Poll};
use std::io;

use intercom_pace::MaybeSend;

/// What a client writes a download to: a wrapper around a writer of its runtime.
///
/// Each client crate has one for its writers, with an implementation of [`WritesTo`](crate::client::WritesTo). Programs pass the
/// writers themselves to [`download`](crate::client::RequestBuilder::download).
pub trait Sink: MaybeSend {
    /// Writes a part of `bytes` and returns its length. Pending means that the context is woken when the writer has room.
    ///
    /// # Errors
    ///
    /// Any error ends the download, and is the source of the download's error.
    fn poll_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>>;

    /// Passes on everything that was written. Called once, when all bytes of a download have been written.
    ///
    /// # Errors
    ///
    /// Any error is the source of the download's error.
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// A sink that can be taken out when the download has ended.
pub(crate) struct Slot<S>(pub(crate) Option<S>);

impl<S: Sink> Sink for Slot<S> {
    fn poll_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Some(sink) => sink.poll_write(context, bytes),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Some(sink) => sink.poll_flush(context),
            None => Poll::Ready(Ok(())),
        }
    }
}

/// A writer that blocks.
#[derive(Debug)]
pub(crate) struct BlockingSink<W>(pub(crate) W);

impl<W: io::Write + Send> Sink for BlockingSink<W> {
    fn poll_write(&mut self, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            match self.0.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return Poll::Ready(result),
            }
        }
    }

    fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.flush())
    }
}
