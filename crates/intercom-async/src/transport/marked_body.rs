//! A request body that records whether it was read.

use core::fmt;
use core::pin::Pin;
use core::sync::atomic::{AtomicU8, Ordering};
use core::task::{Context, Poll};
use std::sync::Arc;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// A body that records when the HTTP library begins to read it. Made by [`Exchange::begin`](super::Exchange::begin).
///
/// The library reads the body only after it has connected and begun to send the head. If it never began to read the body, the
/// complete request was never on the wire, whatever the error is called.
#[derive(Debug)]
pub struct MarkedBody {
    left: Option<Bytes>,
    mark: Mark,
}

/// The record of a body, kept while the HTTP library has the body.
///
/// The library may run on another thread and begin to read the body just when the time is up. So the record does not only
/// observe, it decides: the body is either begun or withdrawn, whichever comes first.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    /// `None` for an empty body, which is never read.
    state: Option<Arc<AtomicU8>>,
}

const UNTOUCHED: u8 = 0;
const BEGUN: u8 = 1;
const WITHDRAWN: u8 = 2;

impl MarkedBody {
    pub(super) fn new(bytes: Bytes) -> (Self, Mark) {
        let left = Some(bytes).filter(|bytes| !bytes.is_empty());
        let mark = Mark {
            state: left.is_some().then(|| Arc::new(AtomicU8::new(UNTOUCHED))),
        };
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
    /// Withdraws the request if it was not sent, and returns whether it certainly was not.
    ///
    /// A body that was not read cannot be read from now on. Without a body, `known_unsent` decides: whether the error proves
    /// that nothing was sent.
    pub(super) fn withdraw(&self, known_unsent: bool) -> bool {
        match &self.state {
            Some(state) => decide(state, WITHDRAWN) == WITHDRAWN,
            None => known_unsent,
        }
    }
}

/// Sets the state unless it is already decided, and returns the decided state.
fn decide(state: &AtomicU8, next: u8) -> u8 {
    let decided = state.compare_exchange(UNTOUCHED, next, Ordering::AcqRel, Ordering::Acquire);
    decided.map_or_else(|earlier| earlier, |_| next)
}

/// The error of reading a body that was withdrawn before it was sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct Withdrawn;

impl fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request was withdrawn before it was sent")
    }
}

impl std::error::Error for Withdrawn {}

impl Body for MarkedBody {
    type Data = Bytes;
    type Error = Withdrawn;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Withdrawn>>> {
        let state = self.mark.state.as_deref();
        if state.is_some_and(|state| decide(state, BEGUN) == WITHDRAWN) {
            return Poll::Ready(Some(Err(Withdrawn)));
        }
        Poll::Ready(self.left.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use core::pin::pin;
    use core::task::Waker;

    use super::*;

    fn read(body: MarkedBody) -> Poll<Option<Result<Frame<Bytes>, Withdrawn>>> {
        pin!(body).poll_frame(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_withdrawn_request_can_no_longer_be_sent() {
        let (body, mark) = MarkedBody::new(Bytes::from_static(b"{}"));
        assert!(mark.withdraw(false));
        assert!(matches!(read(body), Poll::Ready(Some(Err(Withdrawn)))));
        assert!(mark.withdraw(false));
    }

    #[test]
    fn a_request_whose_body_was_begun_is_not_withdrawn() {
        let (body, mark) = MarkedBody::new(Bytes::from_static(b"{}"));
        assert!(matches!(read(body), Poll::Ready(Some(Ok(_)))));
        assert!(!mark.withdraw(true));
    }

    #[test]
    fn without_a_body_the_error_decides() {
        let (_body, mark) = MarkedBody::new(Bytes::new());
        assert!(mark.withdraw(true) && !mark.withdraw(false));
    }
}
