//! Answers laid down in advance, and the faults done to them.

mod error;
mod lines;
mod queue;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

pub use error::ScriptError;
pub(crate) use lines::parse;
pub(crate) use queue::{Scripts, Turn};

use crate::answer::Refusal;

/// One scripted answer: what is said, when, and how the saying of it goes wrong.
///
/// It starts from one of [`status`](Self::status), [`error`](Self::error), [`normal`](Self::normal) or one of the three
/// `close_…`; every other method adds to it. A scripted answer stands in front of everything: no token is checked, no
/// quota is used and nothing is stored, unless it is one that [`work`](Self::work)s. It carries a `Date` (the server's
/// own, skewed as the server is) and an `X-Request-Id`, unless they are [set](Self::header) or [left out](Self::without_header).
///
/// ```
/// use std::time::Duration;
/// use intercom_mock::{Method, MockServer, Scripted};
///
/// let server = MockServer::start()?;
/// server.script(Method::GET, "/contacts/*", [
///     Scripted::status(502).body("<html>Bad gateway</html>").header("content-type", "text/html"),
///     Scripted::error(429, "rate_limit_exceeded", "Exceeded rate limit of 167 in 10_seconds")
///         .rate_limit_headers(167, 0, Duration::from_secs(4)),
///     Scripted::close_after_work(),
/// ]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scripted {
    pub(crate) content: Content,
    pub(crate) work: bool,
    pub(crate) headers: HeaderMap,
    pub(crate) left_out: Vec<HeaderName>,
    pub(crate) rate_limit: Option<ScriptedLimit>,
    pub(crate) delay: Duration,
    pub(crate) body_delay: Duration,
    pub(crate) gzip: bool,
    pub(crate) chunked: bool,
    pub(crate) padded_to: u64,
    pub(crate) ending: Ending,
}

/// Where the words of a scripted answer come from.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// The answer that the request would have had.
    Normal,
    Fixed(StatusCode, Bytes),
    Refused(Refusal),
}

/// How much of the answer reaches the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Whole,
    /// The connection is closed instead of an answer.
    Silence,
    /// The head and half of the body.
    Half,
    /// The head and this many bytes of the body.
    After(u64),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ScriptedLimit {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) reset_in: Duration,
}

impl Scripted {
    /// An answer with this status, no body, and no headers but `Date` and `X-Request-Id`.
    ///
    /// A number that cannot stand in a status line (below 100, above 999) becomes 500. To answer with an informational
    /// status (1xx) is beyond HTTP/1.1 as a final answer: it becomes 500 as well.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(Content::Fixed(final_status(status), Bytes::new()))
    }

    /// An error as Intercom words it: an `error.list` of one item, naming the same request id as the header.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::new(Content::Refused(Refusal::new(
            final_status(status),
            code,
            message,
        )))
    }

    /// The answer that the request would have had without a script, to be delayed, cut, or passed over in a sequence.
    #[must_use]
    pub fn normal() -> Self {
        Self::new(Content::Normal).work()
    }

    /// The connection is closed without an answer and without the work having been done.
    #[must_use]
    pub fn close_before() -> Self {
        let mut scripted = Self::status(500);
        scripted.ending = Ending::Silence;
        scripted
    }

    /// The work is done, and the connection is closed without an answer: applied but unanswered.
    #[must_use]
    pub fn close_after_work() -> Self {
        let mut scripted = Self::normal();
        scripted.ending = Ending::Silence;
        scripted
    }

    /// The work is done, and the connection is closed in the middle of the answer's body.
    #[must_use]
    pub fn close_during() -> Self {
        let mut scripted = Self::normal();
        scripted.ending = Ending::Half;
        scripted
    }

    fn new(content: Content) -> Self {
        Self {
            content,
            work: false,
            headers: HeaderMap::new(),
            left_out: Vec::new(),
            rate_limit: None,
            delay: Duration::ZERO,
            body_delay: Duration::ZERO,
            gzip: false,
            chunked: false,
            padded_to: 0,
            ending: Ending::Whole,
        }
    }

    /// Answers with these bytes, whatever they are; no `Content-Type` is added.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        let status = match &self.content {
            Content::Fixed(status, _) => *status,
            Content::Refused(refusal) => refusal.status(),
            Content::Normal => StatusCode::OK,
        };
        self.content = Content::Fixed(status, body.into());
        self
    }

    /// Answers with this JSON and `Content-Type: application/json`.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that `json!` can be written in place"
    )]
    pub fn json(self, body: Value) -> Self {
        self.body(body.to_string())
            .header("content-type", "application/json; charset=utf-8")
    }

    /// Adds a header line; a name given twice is sent twice. A name or value that HTTP does not allow is left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            self.headers.append(name, value);
        }
        self
    }

    /// Leaves out a header that would be sent, such as `Date` or `X-Request-Id`.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.left_out
            .extend(HeaderName::from_bytes(name.as_bytes()));
        self
    }

    /// Adds the three rate-limit headers, the reset being counted from the server's own clock when it answers.
    ///
    /// `reset_in` is rounded up to whole seconds, so that `X-RateLimit-Reset` minus `Date` is exactly that many.
    #[must_use]
    pub fn rate_limit_headers(mut self, limit: u32, remaining: u32, reset_in: Duration) -> Self {
        self.rate_limit = Some(ScriptedLimit {
            limit,
            remaining,
            reset_in,
        });
        self
    }

    /// Waits this long before the head of the answer is sent; the work, if any, has been done by then.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Waits this long after the head and half of the body have been sent.
    #[must_use]
    pub fn body_delay(mut self, delay: Duration) -> Self {
        self.body_delay = delay;
        self
    }

    /// Announces the body's full length, sends only this many bytes of it and closes the connection.
    #[must_use]
    pub fn truncate_after(mut self, bytes: u64) -> Self {
        self.ending = Ending::After(bytes);
        self
    }

    /// Sends the body compressed, with `Content-Encoding: gzip`, whether or not the client asked for it.
    #[must_use]
    pub fn gzip(mut self) -> Self {
        self.gzip = true;
        self
    }

    /// Sends the body in chunks, so that its length is not announced.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// Lengthens the body with blanks to this many bytes (before compression), made on the fly: 2 GB cost no memory.
    ///
    /// Blanks after JSON leave it JSON, so that only a limit on the size stops a reader. With [`gzip`](Self::gzip) it
    /// becomes a bomb: 2 GB in about 2 MB.
    #[must_use]
    pub fn oversized(mut self, bytes: u64) -> Self {
        self.padded_to = bytes;
        self
    }

    /// Does the request's normal work (checks, quota and all) before giving this answer in place of the true one.
    #[must_use]
    pub fn work(mut self) -> Self {
        self.work = true;
        self
    }
}

fn final_status(status: u16) -> StatusCode {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
