//! Calls as a layer for tower: retries and pacing around any HTTP service.
//!
//! A [`CallLayer`] wraps a service that takes `http::Request`s, like a client of hyper-util. Each request that passes it becomes a
//! call: it waits for the rate limit, and is sent again where that is safe. Programs that build their requests themselves, like
//! generated API clients, need nothing else. It comes from [`ClientBuilder::build_layer`](crate::ClientBuilder::build_layer).
//!
//! ```
//! use http_body_util::{BodyExt, Full};
//! use hyper_util::client::legacy::Client;
//! use hyper_util::rt::TokioExecutor;
//! use intercom_async::tower::Called;
//! use intercom_async::transport::TokioTimer;
//! use intercom_async::{ClientBuilder, bytes::Bytes, http::Request, protocol::Config};
//! use tower::{Layer, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! # let mock = intercom_mock::MockServer::start()?;
//! # let (base_url, token) = (mock.base_url(), mock.token());
//! # mock.script(intercom_mock::Method::GET, "/me", [intercom_mock::Scripted::status(500)]);
//! let builder = ClientBuilder::from(Config::anonymous());
//! # let policy = intercom_async::RetryPolicy::builder().base(std::time::Duration::from_millis(1));
//! # let builder = builder.policy(policy.build()?);
//! let layer = builder.build_layer(TokioTimer::default())?;
//! let service = layer.layer(Client::builder(TokioExecutor::new()).build_http());
//!
//! let request = Request::get(format!("{base_url}/me"))
//!     .header("authorization", format!("Bearer {token}"))
//!     .body(Full::<Bytes>::default())?;
//! let response = service.oneshot(request).await?;
//! assert_eq!(response.status(), 200);
//! // The first attempt failed.
//! assert_eq!(response.extensions().get::<Called>().unwrap().attempts().len(), 2);
//! println!("{:?}", response.into_body().collect().await?.to_bytes());
//! # Ok(()) }
//! ```
//!
//! # What passes the layer
//!
//! - A request whose body is at most 16 MiB long, according to its `size_hint`, is buffered and becomes a call. Other requests pass
//!   the layer unchanged: they are neither paced nor retried.
//! - A request is sent as it is, with its own host and headers. Settings for a single call are a [`CallOptions`] in its extensions.
//! - The response is the one of the last attempt, of any status, with a [`Called`] in its extensions. Its body has been read,
//!   and gzip is decoded. Only the first MiB of an error's body is kept.
//! - A request whose `Accept` is `application/json` expects JSON: another body of a success is an error of the call, and a GET is
//!   then sent again. Its response is returned like any other; [`Called::result`] has the error.
//! - Without a complete response, the error is an [`Error`](crate::Error) in a box. Errors of the inner service are its source.
//!
//! The inner service must not follow redirects, retry, or send a request to several servers. Whether a request was sent is read
//! from its [body](crate::transport::MarkedBody), so a write on a connection that was never made is sent again.

mod body;
mod options;
mod service;

use std::fmt;
use std::sync::Arc;

use tower_layer::Layer;

pub use self::body::{RequestBody, ResponseBody};
pub use self::options::{CallOptions, Called};
pub use self::service::CallService;
use crate::driver::Shared;

/// Wraps services in [`CallService`]s. All of them share one gate, one retry budget and one observer.
#[derive(Clone)]
pub struct CallLayer(Arc<Shared>);

impl CallLayer {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl<S> Layer<S> for CallLayer {
    type Service = CallService<S>;

    fn layer(&self, inner: S) -> CallService<S> {
        CallService::new(Arc::clone(&self.0), inner)
    }
}

impl fmt::Debug for CallLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallLayer")
            .field("connection", &self.0.connection)
            .finish_non_exhaustive()
    }
}
