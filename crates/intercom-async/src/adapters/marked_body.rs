//! The body of a request, which knows whether it was touched.

use core::convert::Infallible;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll};
use std::sync::Arc;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A body that notes when the HTTP library begins to read it.
///
/// The library asks for it once a connection is made and the head is on its way. A request whose body was never begun
/// was therefore never whole on the wire, whatever the error is called.
#[derive(Debug)]
pub(crate) struct MarkedBody {
    left: Option<Bytes>,
    mark: Mark,
}

/// The note that stays behind when the body is handed over.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    begun: Arc<AtomicBool>,
    has_body: bool,
}

impl MarkedBody {
    pub(super) fn new(bytes: Bytes) -> (Self, Mark) {
        let mark = Mark {
            begun: Arc::default(),
            has_body: !bytes.is_empty(),
        };
        let left = Some(bytes).filter(|bytes| !bytes.is_empty());
        (
            Self {
                left,
                mark: mark.clone(),
            },
            mark,
        )
    }
}

impl Mark {
    /// Whether the request can be said not to have been sent.
    ///
    /// The body tells, if there is one; else `known_unsent` does: what is known from the error.
    pub(super) fn is_unsent(&self, known_unsent: bool) -> bool {
        if self.has_body {
            !self.begun.load(Ordering::Acquire)
        } else {
            known_unsent
        }
    }
}

impl Body for MarkedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.mark.begun.store(true, Ordering::Release);
        Poll::Ready(self.left.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
