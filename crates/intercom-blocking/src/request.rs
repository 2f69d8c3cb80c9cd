//! One request on its way to being sent.

use std::time::Duration;

use bytes::Bytes;
use intercom_protocol::{ApiRequest, Error, Reply, RetryPolicy, Tick};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Client;

/// A request and the client to send it with.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct RequestBuilder<'c> {
    client: &'c Client,
    request: ApiRequest,
}

impl<'c> RequestBuilder<'c> {
    pub(crate) const fn new(client: &'c Client, request: ApiRequest) -> Self {
        Self { client, request }
    }

    fn map(mut self, change: impl FnOnce(ApiRequest) -> ApiRequest) -> Self {
        self.request = change(self.request);
        self
    }

    /// Adds one segment to the path, percent-encoded: how an id from outside enters a path.
    pub fn segment(self, segment: &str) -> Self {
        self.map(|request| request.segment(segment))
    }

    /// Adds one parameter to the query, percent-encoded.
    pub fn query(self, name: &str, value: impl ToString) -> Self {
        self.map(|request| request.query(name, value))
    }

    /// Adds a header; those a connection owns are refused.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.map(|request| request.header(name, value))
    }

    /// Sends this value as JSON.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Self {
        self.map(|request| request.json(value))
    }

    /// Sends these bytes, which are JSON already.
    pub fn json_bytes(self, body: impl Into<Bytes>) -> Self {
        self.map(|request| request.json_bytes(body))
    }

    /// Retries this call by another policy than the client's.
    pub fn policy(self, policy: RetryPolicy) -> Self {
        self.map(|request| request.policy(policy))
    }

    /// Ends this call this long after its beginning, waits and repeats included.
    pub fn deadline(self, duration: Duration) -> Self {
        self.map(|request| request.deadline(duration))
    }

    /// Ends this call at a fixed moment of the client's clock, unless it has to end earlier already; how several calls of one
    /// task share a deadline.
    pub fn deadline_at(self, tick: Tick) -> Self {
        self.map(|request| request.deadline_at(tick))
    }

    /// Says whether this request may be sent twice when the fate of the first is unknown.
    pub fn replayable(self, yes: bool) -> Self {
        self.map(|request| request.replayable(yes))
    }

    /// Accepts any answer, not only JSON.
    pub fn expect_any(self) -> Self {
        self.map(ApiRequest::expect_any)
    }

    /// The request itself.
    #[must_use]
    pub fn into_request(self) -> ApiRequest {
        self.request
    }

    /// Sends the request and reads the answer as a value of yours; `()` accepts any JSON,
    /// and `Option` an empty answer too. What is no JSON needs [`expect_any`](Self::expect_any) and [`send_raw`](Self::send_raw).
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call; kind `decode` when it was done, but the answer does not fit.
    pub fn send<T: DeserializeOwned>(self) -> Result<T, Error> {
        self.send_raw()?.json()
    }

    /// Sends the request and gives the answer as it came.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call.
    pub fn send_raw(self) -> Result<Reply, Error> {
        self.client.execute(self.request)
    }
}
