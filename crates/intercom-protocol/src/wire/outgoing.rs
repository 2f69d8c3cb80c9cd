//! One attempt as it leaves for a transport.

use core::fmt;
use core::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Method, Request};

use super::routes::route_of;

/// One HTTP exchange to carry out: the request and its limits.
///
/// A transport meets it in [`Step::Send`](crate::Step::Send). The URI is absolute; the headers are complete except for
/// `Host`. The `Authorization` value is marked as sensitive.
#[derive(Clone)]
pub struct Outgoing {
    pub(crate) request: Request<Bytes>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) body_limit: usize,
}

impl Outgoing {
    /// An exchange without limits of time, for tests of a transport; calls make theirs in [`Call::next`](crate::Call::next).
    ///
    /// ```
    /// use bytes::Bytes;
    /// use intercom_protocol::Outgoing;
    ///
    /// let outgoing = Outgoing::new(http::Request::new(Bytes::new()));
    /// assert_eq!(outgoing.timeout(), None);
    /// ```
    #[must_use]
    pub fn new(mut request: Request<Bytes>) -> Self {
        // Libraries leave it out of a request without a body, and some servers then respond with 411.
        let wants_body = matches!(
            *request.method(),
            Method::POST | Method::PUT | Method::PATCH
        );
        if wants_body || !request.body().is_empty() {
            let length = HeaderValue::from(request.body().len());
            request.headers_mut().insert(CONTENT_LENGTH, length);
        }
        Self {
            request,
            timeout: None,
            connect_timeout: None,
            body_limit: super::BODY_LIMIT,
        }
    }

    /// Bounds the whole exchange.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Bounds connecting.
    #[must_use]
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Bounds the body of an answer, in bytes after decompression.
    #[must_use]
    pub const fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// The request to send.
    #[must_use]
    pub const fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// The request to send, taken out.
    #[must_use]
    pub fn into_request(self) -> Request<Bytes> {
        self.request
    }

    /// How long the whole exchange may take, from connecting to the last byte of the answer; already cut to the deadline.
    #[must_use]
    pub const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// How long connecting may take, TLS included.
    #[must_use]
    pub const fn connect_timeout(&self) -> Option<Duration> {
        self.connect_timeout
    }

    /// How many bytes of a successful answer's body to accept, after decompression.
    ///
    /// Of an error's body a transport hands over the first MiB and leaves the rest.
    #[must_use]
    pub const fn body_limit(&self) -> usize {
        self.body_limit
    }
}

/// Shows the host, the route and the limits, and nothing that can hold personal data.
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("method", self.request.method())
            .field("host", &self.request.uri().host())
            .field("route", &route_of(self.request.uri().path()))
            .field("body_len", &self.request.body().len())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
