//! A body that is written to a sink while it arrives, over all attempts of a call.

mod offer;
mod request;
mod stream;

use core::task::{Context, Poll, Waker};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, Response};
use intercom_errors::FaultKind;

use self::offer::Offer;
pub(crate) use self::offer::Unfit;
use self::stream::Stream;
use super::sink::{Sink, Slot};

/// A download: how much of its body has arrived, and where it goes.
pub(crate) struct Download<S: ?Sized> {
    /// The number of the current attempt. What an earlier attempt still receives is ignored.
    attempt: u64,
    /// Whether the response of the current attempt goes to the sink.
    begun: bool,
    /// How many bytes of the encoded body have arrived, over all attempts.
    arrived: u64,
    /// The same, when the current attempt began.
    arrived_before: u64,
    /// How many attempts continued the body of an earlier one.
    resumed: u32,
    /// Whether the program itself requested a part of the file.
    wants_part: bool,
    /// What the first response says about the body and about reading the rest of it.
    offer: Offer,
    stream: Stream,
    /// Whether the sink did not keep up, because the transport does not wait for it.
    overflowed: bool,
    /// Whether the response of the current attempt is not what was asked for, or longer than the part that it announced.
    refused: bool,
    /// Whether a response said that nothing is left to send.
    ended: bool,
    /// The error of the sink. Nothing is written after it.
    failure: Option<io::Error>,
    sink: S,
}

impl<S: Sink> Download<S> {
    pub(crate) fn new(sink: S) -> Self {
        Self {
            attempt: 0,
            begun: false,
            arrived: 0,
            arrived_before: 0,
            resumed: 0,
            wants_part: false,
            offer: Offer::default(),
            stream: Stream::default(),
            overflowed: false,
            refused: false,
            ended: false,
            failure: None,
            sink,
        }
    }
}

impl<S: Sink + ?Sized> Download<S> {
    fn begin(&mut self, head: &Response<()>, is_gzip: bool) -> Result<(), Unfit> {
        self.begun = true;
        let fits = match self.arrived {
            0 => {
                self.stream = Stream::new(is_gzip);
                self.offer.read(head, is_gzip, self.wants_part)
            }
            arrived => self.offer.check_rest(head, arrived),
        };
        match fits {
            Ok(()) => self.resumed += u32::from(self.arrived > 0),
            Err(_) => self.refuse(),
        }
        fits
    }

    /// Takes nothing more from the current response, and does not ask for the rest of the body.
    fn refuse(&mut self) {
        self.refused = true;
        self.offer.withdraw();
    }

    /// Writes what has arrived, as far as the sink takes it now.
    fn poll_written(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.failure.is_some() {
            return Poll::Ready(());
        }
        self.stream
            .poll_written(context, &mut self.sink)
            .map(|written| self.failure = written.err())
    }

    pub(crate) fn poll_flushed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        core::task::ready!(self.poll_written(context));
        match self.failure.take() {
            Some(error) => Poll::Ready(Err(error)),
            None => self.sink.poll_flush(context),
        }
    }

    /// Returns how many bytes the sink has taken, after decompression.
    pub(crate) fn written(&self) -> u64 {
        self.stream.written
    }

    pub(crate) fn resumed(&self) -> u32 {
        self.resumed
    }

    /// Whether a response said that nothing is left to send.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }
}

impl<S> Download<Slot<S>> {
    pub(crate) fn take_sink(&mut self) -> Option<S> {
        self.sink.0.take()
    }
}

/// One attempt's access to a download.
#[derive(Clone)]
pub(crate) struct Receiver {
    download: Arc<Mutex<Download<dyn Sink>>>,
    attempt: u64,
}

impl Receiver {
    pub(crate) fn new(download: Arc<Mutex<Download<dyn Sink>>>) -> Self {
        Self {
            download,
            attempt: 0,
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Download<dyn Sink>) -> T) -> T {
        work(&mut self.download.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does `work` only if this attempt is the current one.
    fn now<T>(&self, work: impl FnOnce(&mut Download<dyn Sink>) -> T) -> Option<T> {
        self.with(|download| (download.attempt == self.attempt).then(|| work(download)))
    }

    /// Begins the next attempt.
    pub(crate) fn next_attempt(&mut self) {
        self.attempt = self.with(|download| {
            download.begun = false;
            download.refused = false;
            download.offer.end = None;
            download.arrived_before = download.arrived;
            download.attempt += 1;
            download.attempt
        });
    }

    /// Asks only for the part of the body that has not arrived.
    pub(crate) fn ask_for_rest(&self, headers: &mut HeaderMap) {
        self.with(|download| {
            download.wants_part = headers.contains_key(RANGE);
            let validator = download.offer.validator.clone();
            if let (1.., Some(validator)) = (download.arrived, validator) {
                // Digits are always valid in a header.
                if let Ok(range) = HeaderValue::try_from(format!("bytes={}-", download.arrived)) {
                    headers.insert(RANGE, range);
                    headers.insert(IF_RANGE, validator);
                }
            }
        });
    }

    /// Whether a part of the body has arrived in an earlier attempt.
    pub(crate) fn is_resumed(&self) -> bool {
        self.with(|download| download.arrived > 0)
    }

    /// Whether a part of the body has arrived, and the server does not offer to send the rest.
    pub(crate) fn is_stuck(&self) -> bool {
        self.with(|download| download.arrived > 0 && download.offer.validator.is_none())
    }

    /// Whether the current attempt received a part of the body.
    pub(crate) fn has_progressed(&self) -> bool {
        self.with(|download| download.arrived > download.arrived_before)
    }

    /// Whether the response of the current attempt goes to the sink.
    pub(crate) fn has_begun(&self) -> bool {
        self.with(|download| download.begun)
    }

    /// Begins to write the body of this response.
    pub(crate) fn begin(&self, head: &Response<()>, is_gzip: bool) -> Result<(), Unfit> {
        self.now(|download| download.begin(head, is_gzip))
            .unwrap_or(Err(Unfit::Stale))
    }

    /// Adds a piece of the encoded body. Returns `false` if the rest is not needed.
    pub(crate) fn push(&self, piece: &[u8]) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        let taken = self.now(|download| {
            download.overflowed |= !download.stream.has_room();
            if download.failure.is_some() || download.overflowed || download.refused {
                return false;
            }
            let arrived = download.arrived + piece.len() as u64;
            if download.offer.end.is_some_and(|end| arrived > end) {
                download.refuse();
                return false;
            }
            download.arrived = arrived;
            download.stream.add(piece);
            // A sink that blocks takes everything here. Another one is polled again by the transport.
            let _ = download.poll_written(&mut context);
            download.failure.is_none()
        });
        taken.unwrap_or(false)
    }

    /// Waits until the sink has taken all pieces. Returns `false` if the rest of the body is not needed.
    pub(crate) fn poll_ready(&self, context: &mut Context<'_>) -> Poll<bool> {
        let polled = self.now(|download| {
            let polled = download.poll_written(context);
            polled.map(|()| download.failure.is_none())
        });
        polled.unwrap_or(Poll::Ready(false))
    }

    /// Ends the body of a response. An error says what is wrong with it.
    pub(crate) fn finish(&self) -> Result<(), FaultKind> {
        let finished = self.now(|download| {
            if download.failure.is_some() {
                return Ok(());
            }
            if download.overflowed {
                return Err(FaultKind::TooLarge);
            }
            if download.refused {
                return Err(FaultKind::Protocol);
            }
            if download.offer.is_short(download.arrived) {
                return Err(FaultKind::Closed);
            }
            let finished = download.stream.finish();
            if finished.is_err() {
                // The decoder cannot continue.
                download.offer.withdraw();
            }
            finished
        });
        finished.unwrap_or(Err(FaultKind::Other))
    }

    /// Whether this response says that the whole body has already arrived.
    pub(crate) fn is_end<B>(&self, response: &Response<B>) -> bool {
        let is_end = |download: &mut Download<_>| {
            let ends = download.offer.ends_at(response, download.arrived);
            download.ended |= ends;
            ends
        };
        self.now(is_end).unwrap_or(false)
    }

    /// Returns why the sink failed, once.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        self.with(|download| download.failure.take())
    }
}
