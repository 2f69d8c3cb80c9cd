//! The requests that the server has received.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

/// A request that the server received, with the status of its response.
///
/// ```
/// use intercom_mock::MockServer;
///
/// let server = MockServer::start()?;
/// assert!(server.requests().is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Recorded {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) at: Duration,
    pub(crate) server_time: Duration,
    pub(crate) status: Option<u16>,
    pub(crate) request_id: String,
}

impl Recorded {
    /// Returns the method, like `POST`.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Returns the path as it was sent, percent-encoded and without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the query as it was sent, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Returns all headers. Their names are in lower case.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the first value of a header, or `None` if it is missing or not visible ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the body, byte for byte.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body as JSON, or `None` if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Returns when the whole request had arrived, as the time since the server started. This clock is never skewed.
    #[must_use]
    pub fn at(&self) -> Duration {
        self.at
    }

    /// Returns when the whole request had arrived, as Unix time on the server's clock, which may be skewed.
    #[must_use]
    pub fn server_time(&self) -> Duration {
        self.server_time
    }

    /// Returns the status of the response, or `None` if the server closed the connection without one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns the request id that the server sent in `X-Request-Id`.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }
}
