//! Downloads to the writers of tokio.

use core::pin::Pin;
use core::task::{Context, Poll};
use std::io;

use intercom_protocol::client::{Sink, WritesTo};
use tokio::io::AsyncWrite;

use crate::Client;

/// Wraps a writer of tokio, so that a download can be written to it.
#[derive(Debug)]
pub struct TokioSink<W>(W);

impl<W: AsyncWrite + Send + Unpin> Sink for TokioSink<W> {
    fn poll_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }
}

/// Makes [`download`](crate::RequestBuilder::download) accept every writer of tokio.
impl<W: AsyncWrite + Send + Unpin + 'static> WritesTo<W> for Client {
    type Sink = TokioSink<W>;

    fn sink(writer: W) -> TokioSink<W> {
        TokioSink(writer)
    }

    fn writer(sink: TokioSink<W>) -> W {
        sink.0
    }
}
