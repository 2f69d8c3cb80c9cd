//! Scripted responses and their faults.

mod error;
mod intermediary;
mod lines;
mod queue;

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

pub use error::ScriptError;
pub(crate) use lines::parse;
pub(crate) use queue::{Entry, Scripts};

use crate::body::file_part;
use crate::response::Refusal;

/// One scripted response: its content, its timing and its faults.
///
/// Create it with [`status`](Self::status), [`error`](Self::error), [`normal`](Self::normal), one of the three `close_…`
/// functions, or one of the four responses of a firewall or proxy, like [`captcha`](Self::captcha); the other methods add to
/// it. A scripted response replaces the normal processing: the server does not check
/// the token, use quota or store anything, unless the response also [processes the request](Self::work). It has a `Date`
/// (of the server's clock, which may be skewed) and an `X-Request-Id`, unless you [set](Self::header) them or
/// [leave them out](Self::without_header).
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
    /// The length of a file that is the body.
    pub(crate) file: Option<u64>,
    /// The `ETag` of a body of which a part can be requested.
    pub(crate) ranges: Option<HeaderValue>,
    pub(crate) ending: Ending,
}

/// The content of a scripted response.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// The response that the request would get without a script.
    Normal,
    Fixed(StatusCode, Bytes),
    Refused(Refusal),
}

/// How much of the response the client receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Whole,
    /// Nothing: the server closes the connection.
    NoResponse,
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
    /// Creates a response with this status, no body, and no headers except `Date` and `X-Request-Id`.
    ///
    /// An invalid status (below 100 or above 999) becomes 500. So does an informational one (1xx), because it cannot be the
    /// status of a final response.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(Content::Fixed(final_status(status), Bytes::new()))
    }

    /// Creates an error in Intercom's format: an `error.list` of one error, with the same request id as the header.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::new(Content::Refused(Refusal::new(
            final_status(status),
            code,
            message,
        )))
    }

    /// Creates the response that the request would get without a script. Use it to delay or cut a normal response, or to let
    /// a request pass in a sequence of faults.
    #[must_use]
    pub fn normal() -> Self {
        Self::new(Content::Normal).work()
    }

    /// Closes the connection without processing the request and without a response.
    #[must_use]
    pub fn close_before() -> Self {
        let mut scripted = Self::status(500);
        scripted.ending = Ending::NoResponse;
        scripted
    }

    /// Processes the request and closes the connection without a response, so that the client sees an unknown outcome.
    #[must_use]
    pub fn close_after_work() -> Self {
        let mut scripted = Self::normal();
        scripted.ending = Ending::NoResponse;
        scripted
    }

    /// Creates a response with status 200 whose body is a file of this many bytes. The file is generated while it is sent, so
    /// even 2 GB need no memory. [`file_part`](Self::file_part) returns a part of it.
    ///
    /// ```
    /// use intercom_mock::{Method, MockServer, Scripted};
    ///
    /// let server = MockServer::start()?;
    /// let export = Scripted::file(1 << 30).ranges("\"v1\"");
    /// // The first download breaks off, and can be continued.
    /// server.script(Method::GET, "/download/*", [export.clone().truncate_after(1 << 20), export]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn file(bytes: u64) -> Self {
        let mut scripted = Self::status(200).header("content-type", "application/octet-stream");
        scripted.file = Some(bytes);
        scripted
    }

    /// Returns the bytes of the [`file`](Self::file) in this range. A byte depends only on its position, not on the length of the file.
    /// Each block of 4 KiB begins with the number of the block.
    ///
    /// ```
    /// use intercom_mock::Scripted;
    ///
    /// assert_eq!(Scripted::file_part(4090..4099), [202, 203, 204, 205, 206, 207, 1, 0, 0]);
    /// ```
    #[must_use]
    pub fn file_part(range: Range<u64>) -> Vec<u8> {
        file_part(range.start, range.end)
    }

    /// Processes the request and closes the connection in the middle of the response body.
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
            file: None,
            ranges: None,
            ending: Ending::Whole,
        }
    }

    /// Sets the body to these bytes. Adds no `Content-Type`.
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

    /// Sets the body to this JSON, with `Content-Type: application/json`.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that `json!` can be written in place"
    )]
    pub fn json(self, body: Value) -> Self {
        self.body(body.to_string())
            .header("content-type", "application/json; charset=utf-8")
    }

    /// Adds a header. A name that is added twice is sent twice. An invalid name or value is ignored.
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

    /// Leaves out a header that the server would send, like `Date` or `X-Request-Id`.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.left_out
            .extend(HeaderName::from_bytes(name.as_bytes()));
        self
    }

    /// Adds the three rate-limit headers. The reset is `reset_in` after the time of the response on the server's clock.
    ///
    /// `reset_in` is rounded up to whole seconds, so `X-RateLimit-Reset` minus `Date` is exactly that many seconds.
    #[must_use]
    pub fn rate_limit_headers(mut self, limit: u32, remaining: u32, reset_in: Duration) -> Self {
        self.rate_limit = Some(ScriptedLimit {
            limit,
            remaining,
            reset_in,
        });
        self
    }

    /// Waits this long before sending the response or closing the connection. If the request is processed, that happens before
    /// the wait.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Waits this long after sending the head and half of the body.
    #[must_use]
    pub fn body_delay(mut self, delay: Duration) -> Self {
        self.body_delay = delay;
        self
    }

    /// Announces the full length of the body, but closes the connection after this many bytes of it.
    #[must_use]
    pub fn truncate_after(mut self, bytes: u64) -> Self {
        self.ending = Ending::After(bytes);
        self
    }

    /// Compresses the body and adds `Content-Encoding: gzip`, even if the client does not accept it.
    #[must_use]
    pub fn gzip(mut self) -> Self {
        self.gzip = true;
        self
    }

    /// Sends the body in chunks, without `Content-Length`.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    /// Pads the body with spaces to this many bytes (before compression). The padding is generated while it is sent, so
    /// even 2 GB need no memory.
    ///
    /// JSON followed by spaces is still valid JSON, so only a size limit stops a reader. With [`gzip`](Self::gzip), the
    /// body is a decompression bomb: 2 GB in about 2 MB.
    #[must_use]
    pub fn oversized(mut self, bytes: u64) -> Self {
        self.padded_to = bytes;
        self
    }

    /// Offers to send a part of the body: adds `Accept-Ranges: bytes` and this `ETag`, and responds with 206 to a request with
    /// `Range: bytes=N-`, unless its `If-Range` differs from the `ETag`. Other ranges are ignored.
    ///
    /// If the body is compressed, the range counts the compressed bytes. An `ETag` that is not a valid header value is ignored.
    #[must_use]
    pub fn ranges(mut self, etag: &str) -> Self {
        self.ranges = HeaderValue::from_str(etag).ok();
        self
    }

    /// Processes the request as usual, including checks and quota, but sends this response instead of the normal one.
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
