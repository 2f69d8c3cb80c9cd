//! The parts that a client runs on: a transport that sends requests, and a timer that reads the time and sleeps.

mod adapters;
#[cfg(feature = "http-body")]
mod exchange;
#[cfg(feature = "http-body")]
mod limits;
#[cfg(feature = "http-body")]
mod marked_body;
#[cfg(all(feature = "http-body", feature = "tokio"))]
mod turn;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use intercom_protocol::{Fault, MaybeSend, MaybeSync};

#[cfg(feature = "async-io")]
pub use self::adapters::AsyncIoTimer;
#[cfg(feature = "_adapter")]
pub use self::adapters::ConnectLimit;
#[cfg(feature = "hyper")]
pub use self::adapters::HyperTransport;
#[cfg(feature = "tower")]
pub(crate) use self::adapters::Interim;
#[cfg(feature = "reqwest-0-12")]
pub use self::adapters::Reqwest012Transport;
#[cfg(feature = "reqwest")]
pub use self::adapters::ReqwestTransport;
#[cfg(feature = "tokio")]
pub use self::adapters::TokioTimer;
#[cfg(feature = "http-body")]
pub use self::exchange::{Exchange, ExchangeError};
#[cfg(feature = "http-body")]
pub use self::marked_body::{MarkedBody, Withdrawn};
#[cfg(feature = "tokio")]
pub use crate::sink::TokioSink;
pub use crate::timer::Timer;
pub use intercom_protocol::{Incoming, Moment, Outgoing, Reception, Tick};

/// Sends one request and returns the whole response.
///
/// A response may have any status. A [`Fault`] means that no response arrived, or only a part of one. An implementation
///
/// - follows no redirects and retries nothing by itself;
/// - enforces [`Outgoing::timeout`] for the whole exchange, and [`Outgoing::body_limit`] for the body (with [`Incoming`]);
/// - enforces [`Outgoing::head_timeout`] and [`Outgoing::idle_timeout`], and awaits [`Incoming::poll_ready`] after each piece of the
///   body. Only a download needs these three;
/// - returns [`Fault::not_sent`] only if the server cannot have seen the request, because such a request is retried, even a
///   write. If the transport cannot know, it returns [`Fault::outcome_unknown`];
/// - keeps the part of a response that arrived before the connection broke, with [`Incoming::cut`];
/// - never uses a connection again on which something arrived between two exchanges, because it would belong to no request. In
///   many HTTP libraries, the task of the connection notices it. It can only do so if it runs before the next request is sent, also
///   on a runtime that was blocked or that runs only inside `block_on`. `Exchange::run` takes care of this on tokio.
///
/// The feature `hyper` adds `HyperTransport`, `reqwest` adds `ReqwestTransport`, and `reqwest-0-12` adds `Reqwest012Transport`.
///
/// On wasm32, a transport and its futures need not be `Send`: the implementation there writes `#[async_trait(?Send)]`.
///
/// # Was it sent?
///
/// The errors of HTTP libraries rarely say whether a request was sent. A connection that is closed during the handshake can look
/// like one that is closed before the response, and a time-out can come at any point. The body is better evidence: a library
/// reads it after it has begun to send the head, so if it never began to read the body, the complete request was never on the
/// wire. A transport on a library therefore wraps the body that it passes on, and records whether the library began to read it.
/// If the transport gives up before that, it makes later reads of the body fail, because the library may still be running on
/// another thread. The feature `http-body` adds `Exchange`, which does all of this for a library that takes a body of the crate
/// `http-body`. Over HTTP/1.1:
///
/// | body | error | fault |
/// |---|---|---|
/// | not read, and reads now fail | any | not sent |
/// | read, at least in part | any | outcome unknown |
/// | no body | one that occurs only while connecting: name, address or certificate | not sent |
/// | no body | any other | outcome unknown |
///
/// A library that retries by itself may do so only if it has written no part of the request.
///
/// [`Incoming`]: intercom_protocol::Incoming
/// [`Incoming::cut`]: intercom_protocol::Incoming::cut
#[cfg_attr(not(target_arch = "wasm32"), async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait(?Send))]
pub trait Transport: MaybeSend + MaybeSync {
    /// Sends `outgoing` and waits for the whole response.
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault>;
}

/// Makes a transport from a closure, for tests or to wrap your own HTTP client.
///
/// ```
/// use bytes::Bytes;
/// use intercom_async::transport::transport_fn;
///
/// let transport = transport_fn(|_outgoing| async { Ok(http::Response::new(Bytes::from_static(b"{}"))) });
/// ```
pub const fn transport_fn<F, A>(send: F) -> TransportFn<F>
where
    F: Fn(Outgoing) -> A + MaybeSend + MaybeSync,
    A: Future<Output = Result<Response<Bytes>, Fault>> + MaybeSend,
{
    TransportFn(send)
}

/// A closure as a transport, made by [`transport_fn`].
#[derive(Clone, Copy)]
pub struct TransportFn<F>(F);

impl<F> fmt::Debug for TransportFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransportFn")
    }
}

#[cfg_attr(not(target_arch = "wasm32"), async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait(?Send))]
impl<F, A> Transport for TransportFn<F>
where
    F: Fn(Outgoing) -> A + MaybeSend + MaybeSync,
    A: Future<Output = Result<Response<Bytes>, Fault>> + MaybeSend,
{
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        (self.0)(outgoing).await
    }
}

#[rustfmt::skip]
#[cfg_attr(not(target_arch = "wasm32"), async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait(?Send))]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> { (**self).send(outgoing).await }
}

#[rustfmt::skip]
#[cfg_attr(not(target_arch = "wasm32"), async_trait)]
#[cfg_attr(target_arch = "wasm32", async_trait(?Send))]
impl<T: Transport + ?Sized> Transport for Box<T> {
    async fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> { (**self).send(outgoing).await }
}
