//! One HTTP exchange for a transport.

use core::fmt;
use core::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Method, Request, Response};

use super::download::Receiver;
use super::incoming::Incoming;
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
    pub(crate) head_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) body_limit: usize,
    /// Boxed, because few calls have one.
    receiver: Option<Box<Receiver>>,
}

/// Receives the response of an exchange: turns its head into an [`Incoming`].
///
/// [`Outgoing::into_parts`] returns it.
pub struct Reception {
    method: Method,
    body_limit: usize,
    receiver: Option<Box<Receiver>>,
}

impl Reception {
    /// Begins to receive a response whose head has arrived.
    ///
    /// The body of a success or redirect is limited to [`Outgoing::body_limit`], in bytes after decompression, unless it is a
    /// download. Only the first MiB of an error (status 400 and above) is read.
    #[must_use]
    pub fn head(&self, head: Response<()>) -> Incoming {
        Incoming::new(
            &self.method,
            head,
            self.body_limit,
            self.receiver.as_deref().cloned(),
        )
    }
}

impl fmt::Debug for Reception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reception")
            .field("body_limit", &self.body_limit)
            .field("is_download", &self.receiver.is_some())
            .finish_non_exhaustive()
    }
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
        } else {
            // The caller's own length would be wrong.
            request.headers_mut().remove(CONTENT_LENGTH);
        }
        Self {
            request,
            timeout: None,
            connect_timeout: None,
            head_timeout: None,
            idle_timeout: None,
            body_limit: super::BODY_LIMIT,
            receiver: None,
        }
    }

    /// Limits the whole exchange.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Limits the time until the head of the response has arrived.
    #[must_use]
    pub const fn with_head_timeout(mut self, timeout: Duration) -> Self {
        self.head_timeout = Some(timeout);
        self
    }

    /// Limits the time between two pieces of the body.
    #[must_use]
    pub const fn with_idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = Some(timeout);
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

    /// Makes the exchange a part of a download: asks only for what is missing, and limits the time without progress instead of
    /// the whole exchange. `left` is the time until the deadline.
    pub(crate) fn for_download(
        mut self,
        receiver: &Receiver,
        left: Option<Duration>,
        head_timeout: Duration,
        idle_timeout: Duration,
    ) -> Self {
        receiver.ask_for_rest(self.request.headers_mut());
        Self {
            timeout: left,
            head_timeout: Some(head_timeout),
            idle_timeout: Some(idle_timeout),
            receiver: Some(Box::new(receiver.clone())),
            ..self
        }
    }

    /// Returns the request to send.
    #[must_use]
    pub const fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// Returns the request to send, and consumes the rest. For a transport that returns whole responses.
    #[must_use]
    pub fn into_request(self) -> Request<Bytes> {
        self.request
    }

    /// Returns the request to send, and what receives its response.
    ///
    /// ```
    /// use intercom_protocol::{Outgoing, bytes::Bytes, http};
    ///
    /// let (request, reception) = Outgoing::new(http::Request::new(Bytes::new())).into_parts();
    /// // Here the request is sent, and the head of its response arrives.
    /// let incoming = reception.head(http::Response::new(()));
    /// assert_eq!(incoming.finish().unwrap().status(), 200);
    /// # let _ = request;
    /// ```
    #[must_use]
    pub fn into_parts(self) -> (Request<Bytes>, Reception) {
        let reception = Reception {
            method: self.request.method().clone(),
            body_limit: self.body_limit,
            receiver: self.receiver,
        };
        (self.request, reception)
    }

    /// Returns how long the whole exchange may take, from connecting to the last byte of the response.
    ///
    /// It is never longer than the time left until the deadline of the call. A download may take until that
    /// deadline, so this is `None` for a download without a deadline. [`head_timeout`](Self::head_timeout) and
    /// [`idle_timeout`](Self::idle_timeout) end a download that makes no progress.
    #[must_use]
    pub const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Returns how long it may take until the head of the response has arrived. `None` except in a download.
    #[must_use]
    pub const fn head_timeout(&self) -> Option<Duration> {
        self.head_timeout
    }

    /// Returns how long the transport may wait for the next piece of the body. `None` except in a download.
    #[must_use]
    pub const fn idle_timeout(&self) -> Option<Duration> {
        self.idle_timeout
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
