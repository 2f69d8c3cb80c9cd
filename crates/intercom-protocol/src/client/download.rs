//! Downloads: a response that is written while it arrives.

use core::fmt;
use core::time::Duration;
use std::io;

use http::{HeaderMap, StatusCode};
use intercom_retry::Attempt;

use super::{Async, Blocking, RequestBuilder};
use crate::flows::{Done, download};
use crate::wire::Sink;
use crate::wire::sink::BlockingSink;
use crate::{Caller, Error, Reply, ready};

/// The documentation of the downloads of both modes.
#[rustfmt::skip]
macro_rules! what_a_download_does {
    () => {
        concat!(
            "Use it for files, like an export of message data: it needs little memory for a file of any size. The limit of a response's body\n",
            "does not apply. An error response is not written, nor is an error list that comes with status 200.\n",
            "\n",
            "If the body breaks off, the download continues where it stopped, provided that the server offers this (`Accept-Ranges` with an\n",
            "`ETag` or `Last-Modified`). If the server does not, or the file has changed, the error has the stop reason\n",
            "[`NotResumable`](crate::StopReason::NotResumable), and the writer has received a part of the file.\n",
            "\n",
            "A redirect is followed without the token and without the headers of this request, also if it leads to the same host.\n",
            "\n",
            "The time-out of an attempt limits the time until the response begins, and then each wait for more of the body.\n",
            "[`deadline`](Self::deadline) and the total time-out limit the whole download.\n",
            "\n",
            "[`Downloaded`] returns the writer. An error drops it.\n",
        )
    };
}

/// A download that has ended well: the whole file has been written.
///
/// ```
/// use intercom_protocol::client::Downloaded;
///
/// fn report<W>(downloaded: &Downloaded<W>) -> String {
///     format!("{} bytes, continued {} times", downloaded.bytes(), downloaded.resumed())
/// }
/// ```
pub struct Downloaded<W> {
    reply: Reply,
    bytes: u64,
    resumed: u32,
    writer: W,
}

impl<W> Downloaded<W> {
    /// Returns how many bytes were written.
    ///
    /// If the server compressed the response without being asked (`Content-Encoding: gzip`), this is the decompressed length.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns how often the download broke off and was continued.
    #[must_use]
    pub const fn resumed(&self) -> u32 {
        self.resumed
    }

    /// Returns the status of the last response: usually 200, or 206 if the download was continued. It is 416 if the connection
    /// broke off after the last byte, so that nothing was left to send.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.reply.status()
    }

    /// Returns the headers of the last response, like `Content-Type`. If the download was continued, `Content-Length` is the
    /// length of the last part.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.reply.headers()
    }

    /// Returns the id of the request, for Intercom's support. A file from another host has none.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.reply.request_id()
    }

    /// Returns every attempt, up to the one that received the end of the file. If the API redirected the request to another host,
    /// only the attempts at that host are included.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        self.reply.attempts()
    }

    /// Returns how long the [`attempts`](Self::attempts) took, including waits.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.reply.elapsed()
    }

    /// Returns the writer. Everything has been written to it, and it has been flushed.
    #[must_use]
    pub fn into_writer(self) -> W {
        self.writer
    }

    fn new<S>(done: Done<S>, writer: impl FnOnce(S) -> W) -> Result<Self, Error> {
        // Nothing else takes the sink.
        let sink = done
            .sink
            .ok_or_else(|| Error::writer(io::ErrorKind::BrokenPipe.into()))?;
        Ok(Self {
            reply: done.reply,
            bytes: done.written,
            resumed: done.resumed,
            writer: writer(sink),
        })
    }
}

/// Shows no headers, because a server can echo anything.
impl<W> fmt::Debug for Downloaded<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downloaded")
            .field("bytes", &self.bytes)
            .field("resumed", &self.resumed)
            .field("reply", &self.reply)
            .finish_non_exhaustive()
    }
}

/// An async client that can download to writers of this type.
///
/// A client crate implements it for the writers of its runtime: `intercom-async` for every `tokio::io::AsyncWrite`.
pub trait WritesTo<W>: Caller {
    /// The writer as a sink.
    type Sink: Sink + 'static;

    /// Wraps the writer.
    fn sink(writer: W) -> Self::Sink;

    /// Returns the writer.
    fn writer(sink: Self::Sink) -> W;
}

impl<C: Caller> RequestBuilder<C, Blocking> {
    /// Sends the request and writes the body of the response to `writer` while it arrives.
    ///
    #[doc = what_a_download_does!()]
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call. If the writer fails, the error has the kind [`Writer`](crate::ErrorKind::Writer).
    pub fn download<W: io::Write + Send + 'static>(
        self,
        writer: W,
    ) -> Result<Downloaded<W>, Error> {
        let (caller, request) = self.into_parts();
        let done = ready(download(&caller, request, BlockingSink(writer)))??;
        Downloaded::new(done, |sink| sink.0)
    }
}

impl<C: Caller> RequestBuilder<&C, Async> {
    /// Sends the request and writes the body of the response to `writer` while it arrives.
    ///
    /// With the feature `tokio` of `intercom-async`, `writer` is any `tokio::io::AsyncWrite`, like a `tokio::fs::File`.
    ///
    #[doc = what_a_download_does!()]
    ///
    /// Dropping the future ends the download.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call. If the writer fails, the error has the kind [`Writer`](crate::ErrorKind::Writer).
    pub async fn download<W>(self, writer: W) -> Result<Downloaded<W>, Error>
    where
        C: WritesTo<W>,
    {
        let (caller, request) = self.into_parts();
        let done = download(caller, request, C::sink(writer)).await?;
        Downloaded::new(done, C::writer)
    }

    /// Like [`download`](Self::download), but works on any runtime, and `writer` is one that blocks. Use it for writers in
    /// memory, like `Vec<u8>`. A writer that waits for a disk or a network makes other tasks wait too.
    ///
    /// # Errors
    ///
    /// Those of [`download`](Self::download).
    pub async fn download_blocking<W: io::Write + Send + 'static>(
        self,
        writer: W,
    ) -> Result<Downloaded<W>, Error> {
        let (caller, request) = self.into_parts();
        let done = download(caller, request, BlockingSink(writer)).await?;
        Downloaded::new(done, |sink| sink.0)
    }
}
