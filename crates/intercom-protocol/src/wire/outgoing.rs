//! One HTTP exchange for a transport.

use core::fmt;
use core::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Method, Request};

use crate::route_of;

/// One HTTP exchange to carry out: the request and its limits.
///
/// [`Step::Send`](crate::Step::Send) contains it. The URI is absolute, and the headers are complete except for `Host`. The
/// `Authorization` value is marked as sensitive.
#[derive(Clone)]
pub struct Outgoing {
    pub(crate) request: Request<Bytes>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) body_limit: usize,
}

impl Outgoing {
    /// Creates an exchange without time limits, for tests of a transport. Calls create theirs in
    /// [`Call::next`](crate::Call::next).
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
        // Libraries omit the header if the body is empty, and some servers then respond with 411.
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

    /// Limits the whole exchange.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Limits connecting.
    #[must_use]
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Limits the body of the response, in bytes after decompression.
    #[must_use]
    pub const fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Returns the request to send.
    #[must_use]
    pub const fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// Returns the request to send, and consumes the rest.
    #[must_use]
    pub fn into_request(self) -> Request<Bytes> {
        self.request
    }

    /// Returns how long the whole exchange may take, from connecting to the last byte of the response.
    ///
    /// It is never longer than the time left until the deadline of the call.
    #[must_use]
    pub const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Returns how long connecting may take, including TLS.
    #[must_use]
    pub const fn connect_timeout(&self) -> Option<Duration> {
        self.connect_timeout
    }

    /// Returns the limit of a successful response's body, in bytes after decompression.
    ///
    /// A transport reads only the first MiB of an error's body.
    #[must_use]
    pub const fn body_limit(&self) -> usize {
        self.body_limit
    }
}

/// Shows the host, the route and the limits, which contain no personal data.
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
