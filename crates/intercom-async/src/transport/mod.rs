//! What a client stands on: a transport that sends requests, and a timer that tells the time and sleeps.

mod adapters;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use intercom_protocol::Fault;

#[cfg(feature = "hyper")]
pub use self::adapters::HyperTransport;
#[cfg(feature = "reqwest")]
pub use self::adapters::ReqwestTransport;
#[cfg(feature = "tokio")]
pub use self::adapters::TokioTimer;
pub use crate::timer::Timer;
pub use intercom_protocol::{Incoming, Moment, Outgoing, Tick};

/// Sends one request and brings its whole answer.
///
/// Every status is an answer; a [`Fault`] says that none came, or only a part of one. An implementation
///
/// - follows no redirect and repeats nothing by itself;
/// - keeps to [`Outgoing::timeout`] for the whole exchange, and to [`Outgoing::body_limit`] for the body, for which
///   there is [`Incoming`];
/// - says [`Fault::not_sent`] only when the server cannot have seen the request: such a request is sent again, even a
///   write. In doubt it says [`Fault::outcome_unknown`];
/// - of an answer that is cut off, hands over what arrived by [`Incoming::cut`].
///
/// With the feature `hyper` there is `HyperTransport`, with `reqwest` there is `ReqwestTransport`.
///
/// # Whether it was sent
///
/// Errors of HTTP libraries rarely tell: a connection that is closed during the handshake can look like one that is
/// closed before the answer, and a time-out can come at any point. The body tells: a library reads it once the head is on
/// its way, so a request whose body was never begun was never whole on the wire. A transport over a library therefore
/// wraps the body that it hands over, notes whether the library began to read it, and, when it gives up before that,
/// makes the body fail from then on, for the library may still be at it on another thread. Over HTTP/1.1
///
/// | body | error | fault |
/// |---|---|---|
/// | not begun, and cannot be any more | any | not sent |
/// | begun | any | fate unknown |
/// | there is none | one that can only come before there is a connection: name, address, certificate | not sent |
/// | there is none | any other | fate unknown |
///
/// A library that repeats requests by itself may do so only while none of the request was written.
///
/// [`Incoming`]: intercom_protocol::Incoming
/// [`Incoming::cut`]: intercom_protocol::Incoming::cut
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `outgoing` and waits for the whole answer.
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault>;
}

/// A transport made of a closure: for tests, or around a client of yours.
///
/// ```
/// use bytes::Bytes;
/// use intercom_async::transport::transport_fn;
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

#[rustfmt::skip]
#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> { (**self).send(outgoing).await }
}

#[rustfmt::skip]
#[async_trait]
impl<T: Transport + ?Sized> Transport for Box<T> {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> { (**self).send(outgoing).await }
}
