//! The parts that a client runs on: a transport that carries out one exchange, and a clock.

mod marked_body;
#[cfg(feature = "ureq")]
mod ureq;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use intercom_protocol::Fault;

pub use self::marked_body::MarkedBody;
#[cfg(feature = "ureq")]
pub(crate) use self::ureq::Limits;
#[cfg(feature = "ureq")]
pub use self::ureq::{TransportSettings, UreqTransport};
pub use crate::clock::{Clock, SystemClock};
pub use intercom_protocol::{Incoming, Moment, Outgoing, Reception, Tick};

/// Sends one request and returns the whole response.
///
/// A response may have any status. A [`Fault`] means that no response arrived, or only a part of one. An implementation
///
/// - follows no redirects and retries nothing by itself;
/// - enforces [`Outgoing::timeout`] for the whole exchange, and [`Outgoing::body_limit`] for the body (with [`Incoming`]);
/// - enforces [`Outgoing::head_timeout`] and [`Outgoing::idle_timeout`], which only a download has;
/// - returns [`Fault::not_sent`] only if the server cannot have seen the request, because such a request is retried, even a
///   write. If the transport cannot know, it returns [`Fault::outcome_unknown`]. [`MarkedBody`] shows which of the two applies;
/// - keeps the part of a response that arrived before the connection broke, with [`Incoming::cut`];
/// - never uses a connection again on which something arrived between two exchanges, because it would belong to no request.
///
/// The feature `ureq` adds `UreqTransport`. [`ClientBuilder::build_with`](crate::ClientBuilder::build_with) makes a client on
/// any transport.
pub trait Transport: Send + Sync {
    /// Sends `outgoing` and waits for the whole response.
    ///
    /// # Errors
    ///
    /// A [`Fault`] if no complete response arrived. Its phase says whether the server may have acted on the request.
    fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault>;
}

/// Makes a transport from a closure, for tests or to wrap your own HTTP client.
///
/// ```
/// use intercom_blocking::{Client, Fault, FaultKind, transport::transport_fn};
///
/// // What does the program do when it cannot reach Intercom?
/// let transport = transport_fn(|_outgoing| Err(Fault::not_sent(FaultKind::Connect)));
/// let policy = intercom_blocking::RetryPolicy::none();
/// let client = Client::builder("dG9rOjEyMw==").policy(policy).build_with(transport)?;
/// assert!(client.me().unwrap_err().fault().is_some());
/// # Ok::<(), intercom_blocking::Error>(())
/// ```
pub const fn transport_fn<F>(send: F) -> TransportFn<F>
where
    F: Fn(Outgoing) -> Result<Response<Bytes>, Fault> + Send + Sync,
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

impl<F> Transport for TransportFn<F>
where
    F: Fn(Outgoing) -> Result<Response<Bytes>, Fault> + Send + Sync,
{
    fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
        (self.0)(outgoing)
    }
}

#[rustfmt::skip]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> { (**self).send(outgoing) }
}

#[rustfmt::skip]
impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send(&self, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> { (**self).send(outgoing) }
}
