//! A request that is being built.

use core::fmt;
use core::future::IntoFuture;
use core::marker::PhantomData;
use core::time::Duration;

use bytes::Bytes;
use intercom_pace::Priority;
use intercom_retry::{RetryPolicy, Tick};
use serde::Serialize;

use super::{Async, Blocking};
use crate::{ApiRequest, BoxFuture, Caller, Error, Reply, ready};

/// A request and the client that sends it.
///
/// A client's `get`, `post`, `put`, `patch`, `delete` and `request` return it. Setters never fail: [`send`](RequestBuilder::send)
/// reports an invalid request before anything is sent.
#[must_use = "a request does nothing until it is sent"]
pub struct RequestBuilder<C, M> {
    caller: C,
    request: ApiRequest,
    mode: PhantomData<fn() -> M>,
}

impl<C, M> RequestBuilder<C, M> {
    /// Creates a builder for a request that `caller` sends.
    pub const fn new(caller: C, request: ApiRequest) -> Self {
        Self {
            caller,
            request,
            mode: PhantomData,
        }
    }

    pub(super) fn into_parts(self) -> (C, ApiRequest) {
        (self.caller, self.request)
    }

    fn map(self, change: impl FnOnce(ApiRequest) -> ApiRequest) -> Self {
        Self::new(self.caller, change(self.request))
    }

    /// Adds one segment to the path, percent-encoded. Use it for ids.
    pub fn segment(self, segment: &str) -> Self {
        self.map(|request| request.segment(segment))
    }

    /// Adds one parameter to the query, percent-encoded.
    pub fn query(self, name: &str, value: impl ToString) -> Self {
        self.map(|request| request.query(name, value))
    }

    /// Adds a header. [`send`](RequestBuilder::send) refuses those that the connection sets: `Authorization`, `Host`, and the length of the
    /// body.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.map(|request| request.header(name, value))
    }

    /// Sends this value as JSON.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        self.map(|request| request.json(value))
    }

    /// Sends these bytes, which must already be JSON.
    pub fn json_bytes(self, body: impl Into<Bytes>) -> Self {
        self.map(|request| request.json_bytes(body))
    }

    /// Sends these bytes with this content type, like `text/csv`. Every attempt sends the same bytes.
    ///
    /// [`ApiRequest::body_bytes`] shows how a `multipart/form-data` body is built.
    pub fn body_bytes(self, body: impl Into<Bytes>, content_type: &str) -> Self {
        self.map(|request| request.body_bytes(body, content_type))
    }

    /// Retries this call by this policy instead of the client's.
    pub fn policy(self, policy: RetryPolicy) -> Self {
        self.map(|request| request.policy(policy))
    }

    /// Limits this call to this duration, including waits and retries. It replaces the client's total time-out.
    pub fn deadline(self, duration: Duration) -> Self {
        self.map(|request| request.deadline(duration))
    }

    /// Ends this call at this tick of the client's clock, unless an earlier deadline is set. The tick replaces the client's
    /// total time-out.
    ///
    /// With it, several calls can share one deadline. `client.deadline(Some(duration))` returns the tick that is `duration` from now:
    ///
    /// ```
    /// use core::time::Duration;
    /// use intercom_protocol::client::{Blocking, RequestBuilder};
    /// use intercom_protocol::{ApiRequest, Caller};
    ///
    /// fn two<C: Caller>(client: &C) -> [RequestBuilder<&C, Blocking>; 2] {
    ///     let deadline = client.deadline(Some(Duration::from_secs(10)));
    ///     ["/me", "/admins"].map(|path| {
    ///         let request = RequestBuilder::new(client, ApiRequest::get(path));
    ///         deadline.map_or(request.clone(), |tick| request.deadline_at(tick))
    ///     })
    /// }
    /// ```
    pub fn deadline_at(self, tick: Tick) -> Self {
        self.map(|request| request.deadline_at(tick))
    }

    /// Sets whether this request may be sent again if the outcome of an attempt is unknown.
    pub fn replayable(self, yes: bool) -> Self {
        self.map(|request| request.replayable(yes))
    }

    /// Sets how urgent this call is, compared with the others that wait for the rate limit.
    pub fn priority(self, priority: Priority) -> Self {
        self.map(|request| request.priority(priority))
    }

    /// Accepts any response, not only JSON.
    pub fn expect_any(self) -> Self {
        self.map(ApiRequest::expect_any)
    }

    /// Returns the request without sending it.
    #[must_use]
    pub fn into_request(self) -> ApiRequest {
        self.request
    }
}

impl<C: Caller> RequestBuilder<C, Blocking> {
    /// Sends the request and returns the response. [`Reply::json`] decodes it into your type.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call. A response that is not JSON is an error too, unless [`expect_any`](Self::expect_any) accepts it.
    pub fn send(self) -> Result<Reply, Error> {
        ready(self.caller.call(self.request))?
    }
}

impl<C: Caller> RequestBuilder<C, Async> {
    /// Sends the request and returns the response. [`Reply::json`] decodes it into your type.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call. A response that is not JSON is an error too, unless [`expect_any`](Self::expect_any) accepts it.
    pub async fn send(self) -> Result<Reply, Error> {
        // Otherwise the future stores the request twice, here and in the call.
        let Self {
            caller, request, ..
        } = self;
        caller.call(request).await
    }
}

/// Sends the request when it is awaited.
impl<'c, C: Caller> IntoFuture for RequestBuilder<&'c C, Async> {
    type Output = Result<Reply, Error>;
    type IntoFuture = BoxFuture<'c, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<C: Clone, M> Clone for RequestBuilder<C, M> {
    fn clone(&self) -> Self {
        Self::new(self.caller.clone(), self.request.clone())
    }
}

impl<C, M> fmt::Debug for RequestBuilder<C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBuilder")
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}
