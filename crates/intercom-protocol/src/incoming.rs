//! One answer as it comes in from a transport: the same limits for every HTTP stack.

use core::fmt;
use core::ops::ControlFlow;

use bytes::Bytes;
use http::Response;
use intercom_errors::{Fault, FaultKind};

use crate::reply;

/// What is read of an error's body; a longer one is handed over cut off.
const ERROR_LIMIT: usize = 1024 * 1024;

/// What is kept of a body that is too large to be read.
const PREFIX: usize = 64 * 1024;

/// An answer whose head is there and whose body arrives piece by piece.
///
/// A transport makes one as soon as it has the head, hands it every piece of the body and stops reading when told to.
/// However the exchange then ends, nothing that came is lost.
///
/// ```
/// use intercom_protocol::{FaultKind, Incoming, Phase};
///
/// let head = http::Response::builder().status(429).body(()).unwrap();
/// let mut incoming = Incoming::new(head, 1024);
/// assert!(incoming.push(b"{\"type\":").is_continue());
///
/// // Here the connection is closed before the body is whole.
/// let fault = incoming.cut(FaultKind::Closed);
/// assert_eq!(fault.phase(), Phase::Cut);
/// assert_eq!(fault.answer().unwrap().status(), 429);
/// ```
pub struct Incoming {
    head: Response<()>,
    body: Vec<u8>,
    room: usize,
    overflowed: bool,
}

impl Incoming {
    /// The answer with this head, whose body may have this many bytes after decompression.
    ///
    /// The limit is that of [`Outgoing::body_limit`](crate::Outgoing::body_limit) and binds successes and redirects;
    /// of an error (status 400 and above) the first MiB is taken.
    #[must_use]
    pub fn new(mut head: Response<()>, body_limit: usize) -> Self {
        // Libraries keep notes of their own there, which are nobody's business from here on.
        head.extensions_mut().clear();
        let room = if is_error(&head) {
            ERROR_LIMIT
        } else {
            body_limit
        };
        Self {
            head,
            body: Vec::new(),
            room,
            overflowed: false,
        }
    }

    /// Says how long the body is going to be, so that one beyond the limit is not read up to it first.
    #[must_use]
    pub fn expecting(mut self, length: u64) -> Self {
        let fits = usize::try_from(length).is_ok_and(|length| length <= self.room);
        if fits {
            // An announced length costs the sender nothing: no more than this is set aside on its word.
            self.body
                .reserve(usize::try_from(length).unwrap_or(PREFIX).min(PREFIX));
        } else if !is_error(&self.head) {
            self.room = self.room.min(PREFIX);
        }
        self
    }

    /// Takes the next piece of the body; `Break` means that the rest is not wanted.
    pub fn push(&mut self, piece: &[u8]) -> ControlFlow<()> {
        let taken = piece.len().min(self.room.saturating_sub(self.body.len()));
        self.body
            .extend_from_slice(piece.get(..taken).unwrap_or(piece));
        self.overflowed |= taken < piece.len();
        if self.overflowed || (is_error(&self.head) && self.body.len() == self.room) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// The answer, when its body has ended or [`Incoming::push`] said to stop.
    ///
    /// # Errors
    ///
    /// [`FaultKind::TooLarge`] when the body of a success is longer than its limit.
    pub fn finish(mut self) -> Result<Response<Bytes>, Fault> {
        if self.overflowed && !is_error(&self.head) {
            self.body.truncate(PREFIX);
            return Err(self.cut(FaultKind::TooLarge));
        }
        Ok(self.head.map(|()| Bytes::from(self.body)))
    }

    /// The fault of an answer whose body broke off, made of what came of it.
    #[must_use]
    pub fn cut(mut self, kind: FaultKind) -> Fault {
        self.body.truncate(ERROR_LIMIT);
        Fault::cut(kind, reply::error_of(&self.head.map(|()| self.body)))
    }
}

/// Shows neither headers nor body: a server may echo anything.
impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("status", &self.head.status().as_u16())
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

fn is_error(head: &Response<()>) -> bool {
    head.status().as_u16() >= 400
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16) -> Response<()> {
        Response::builder()
            .status(status)
            .header("x-request-id", "req-1")
            .body(())
            .unwrap()
    }

    #[test]
    fn a_success_of_exactly_its_limit_is_whole() {
        let mut incoming = Incoming::new(head(200), 4);
        assert!(incoming.push(b"abcd").is_continue());
        assert_eq!(incoming.finish().unwrap().body().as_ref(), b"abcd");
    }

    #[test]
    fn a_success_beyond_its_limit_is_too_large_and_keeps_its_head_and_prefix() {
        let mut incoming = Incoming::new(head(200), 4);
        assert!(incoming.push(b"abcde").is_break());
        let fault = incoming.finish().unwrap_err();
        assert_eq!(fault.kind(), FaultKind::TooLarge);
        let answer = fault.answer().unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.request_id(), Some("req-1"));
        assert_eq!(answer.body().bytes(), b"abcd");
    }

    #[test]
    fn a_success_announced_too_long_is_not_read_up_to_its_limit() {
        let mut incoming = Incoming::new(head(200), 1 << 30).expecting(1 << 31);
        assert!(incoming.push(&[b' '; PREFIX]).is_continue());
        assert!(incoming.push(b" ").is_break());
        assert_eq!(incoming.finish().unwrap_err().kind(), FaultKind::TooLarge);
    }

    #[test]
    fn a_length_that_is_told_too_late_bounds_what_follows() {
        let mut incoming = Incoming::new(head(200), 1 << 30);
        assert!(incoming.push(&[b' '; 2 * PREFIX]).is_continue());
        assert!(incoming.expecting(1 << 31).push(b" ").is_break());
    }

    #[test]
    fn an_error_is_an_answer_however_long_and_whatever_the_limit() {
        for announced in [None, Some(u64::MAX)] {
            let mut incoming = Incoming::new(head(500), 4);
            if let Some(length) = announced {
                incoming = incoming.expecting(length);
            }
            assert!(incoming.push(&[b' '; ERROR_LIMIT - 1]).is_continue());
            assert!(incoming.push(b"  ").is_break());
            assert_eq!(incoming.finish().unwrap().body().len(), ERROR_LIMIT);
        }
    }
}
