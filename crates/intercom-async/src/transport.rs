//! What sends one request and brings its answer.

use std::fmt;
use std::future::Future;

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use intercom_protocol::{Fault, Outgoing};

/// Sends one request and brings its whole answer.
///
/// Every status is an answer; a [`Fault`] says that none came, or only a part of one. An implementation
///
/// - follows no redirect and repeats nothing by itself;
/// - keeps to [`Outgoing::timeout`] for the whole exchange, and to [`Outgoing::body_limit`] for the body;
/// - says [`Fault::not_sent`] only when the server cannot have seen the request: such a request is sent again, even a
///   write. In doubt it says [`Fault::fate_unknown`];
/// - of an answer that is cut off, hands over what arrived by [`Fault::cut`].
///
/// With the feature `hyper` there is `HyperTransport`, with `reqwest` there is `ReqwestTransport`.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `outgoing` and waits for the whole answer.
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault>;
}

/// A transport made of a closure: for tests, or around a client of yours.
///
/// ```
/// use bytes::Bytes;
/// use intercom_async::transport_fn;
///
/// let transport = transport_fn(|_outgoing| async { Ok(http::Response::new(Bytes::from_static(b"{}"))) });
/// ```
pub const fn transport_fn<F, A>(send: F) -> TransportFn<F>
where
    F: Fn(Outgoing) -> A + Send + Sync,
    A: Future<Output = Result<Response<Bytes>, Fault>> + Send,
{
    TransportFn(send)
}

/// A closure as a transport; made by [`transport_fn`].
#[derive(Clone, Copy)]
pub struct TransportFn<F>(F);

impl<F> fmt::Debug for TransportFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransportFn")
    }
}

#[async_trait]
impl<F, A> Transport for TransportFn<F>
where
    F: Fn(Outgoing) -> A + Send + Sync,
    A: Future<Output = Result<Response<Bytes>, Fault>> + Send,
{
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        (self.0)(outgoing).await
    }
}
