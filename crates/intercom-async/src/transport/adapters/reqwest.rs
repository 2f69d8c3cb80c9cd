//! A transport on a reqwest client.

use core::time::Duration;

use ::reqwest::{Body, Client, ClientBuilder, Error, Proxy, Request, Url, redirect, retry};
use async_trait::async_trait;
use bytes::Bytes;
use http_body::Body as _;
use intercom_protocol::{Fault, FaultKind, Outgoing};
use tower_layer::layer_fn;

use super::connect_limit::ConnectLimit;
use super::fault::{Stage, kind};
use crate::transport::exchange::HEADER_LINES;
use crate::transport::{Exchange, ExchangeError, Transport};

/// How long a connection may be idle and still be used again.
const IDLE: Duration = Duration::from_secs(15);

/// A transport on your reqwest client.
///
/// [`ReqwestTransport::build`] takes your client builder and changes the settings that could send a request twice or elsewhere:
///
/// ```no_run
/// use intercom_async::transport::{ReqwestTransport, TokioTimer};
/// use intercom_async::{ClientBuilder, reqwest};
///
/// # fn client() -> Result<intercom_async::Client, Box<dyn std::error::Error>> {
/// let transport = ReqwestTransport::build(reqwest::Client::builder().https_only(true))?;
/// let client = ClientBuilder::from_env()?.build_with(transport, TokioTimer::default())?;
/// # Ok(client) }
/// ```
///
/// The feature `reqwest` enables no TLS library of reqwest. Depend on reqwest 0.13 yourself, with its feature `rustls` or another one
/// for TLS: without it, every call to an `https` URL fails to connect. With reqwest's `rustls-no-provider`, install a provider of
/// rustls before the client is made, or reqwest panics.
///
/// The client must come from reqwest 0.13, which is exported as [`intercom_async::reqwest`](crate::reqwest). A client from 0.12
/// has another type of the same name, and the compiler says *expected `intercom_async::reqwest::Client`, found
/// `reqwest::Client`*. In that case depend on reqwest 0.13, or make the client with `intercom_async::reqwest`: a program can
/// contain both versions.
///
/// Two limits of `HyperTransport` cannot be set on a reqwest client. The head of a response may be about 400 KiB long. Interim
/// (1xx) responses are not counted, so only the time-out stops a server that sends them endlessly. Such a server keeps a thread
/// of the runtime busy for long stretches, in which other tasks on that thread wait and the time-out is late. Without TLS a
/// stretch can last seconds; with TLS it is much shorter.
///
/// The reqwest client resolves host names. Its default resolver runs on tokio's blocking threads. A call ends at its time limit,
/// but dropping the runtime waits for running lookups, which takes many seconds if the name server does not respond. The same
/// happens at the end of `#[tokio::main]`. To avoid this, shut the runtime down with `shutdown_background` or
/// `shutdown_timeout`, or give the client another resolver ([`ClientBuilder::dns_resolver`], or reqwest's feature
/// `hickory-dns`). `HyperTransport` does not have this problem.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: Client,
}

impl ReqwestTransport {
    /// Makes a transport on a client as it is.
    ///
    /// The client keeps its settings for redirects, retries, proxies and the connect time-out, but not its user agent, which is that
    /// of [`ClientBuilder::user_agent`](crate::ClientBuilder::user_agent). If it follows a redirect, the
    /// exchange ends with a fault, but the request has already been sent to the other address. Prefer
    /// [`ReqwestTransport::build`], which rules this out.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Makes a transport on a client from this builder, with safe settings.
    ///
    /// The client follows no redirects, retries nothing and ignores the environment's proxies (proxies that you added stay).
    /// Each request has its own connect time-out. Idle connections are kept for 15 s, and a response may have at most 128 header
    /// lines. The user agent is that of [`ClientBuilder::user_agent`](crate::ClientBuilder::user_agent).
    ///
    /// # Errors
    ///
    /// If reqwest cannot make the client.
    pub fn build(builder: ClientBuilder) -> Result<Self, Error> {
        let client = builder
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            // A proxy that is never used. Once a proxy is set, reqwest ignores the environment's, and it keeps yours.
            .proxy(Proxy::custom(|_| None::<Url>))
            .referer(false)
            .pool_idle_timeout(IDLE)
            .http1_max_headers(HEADER_LINES)
            .connector_layer(layer_fn(ConnectLimit::new))
            .build()?;
        Ok(Self::new(client))
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, Fault> {
        let (exchange, request) = Exchange::begin(outgoing);
        let https = request.uri().scheme() == Some(&http::uri::Scheme::HTTPS);
        let has_body = !request.body().is_end_stream();
        let mut request = Request::try_from(request.map(Body::wrap))
            .map_err(|error| Fault::not_sent(FaultKind::BadUri).with_source(error.without_url()))?;
        if !has_body {
            *request.body_mut() = None;
        }
        let sending = async {
            let requested = request.url().clone();
            let response = self
                .client
                .execute(request)
                .await
                .map_err(|error| without_response(error, https))?;
            if *response.url() == requested {
                Ok(http::Response::from(response))
            } else {
                Err(redirected())
            }
        };
        exchange.run(sending, cut_off).await
    }
}

fn without_response(error: Error, https: bool) -> ExchangeError {
    let (connecting, error) = (error.is_connect(), error.without_url());
    let stage = if connecting {
        Stage::Connecting { https }
    } else {
        Stage::Exchanging
    };
    let kind = match kind(&error, stage) {
        _ if error.is_builder() => FaultKind::BadUri,
        _ if error.is_dns() => FaultKind::Dns,
        _ if error.is_timeout() => FaultKind::Timeout,
        kind => kind,
    };
    ExchangeError {
        kind,
        known_unsent: connecting || error.is_builder(),
        source: Some(error.into()),
    }
}

fn cut_off(error: Error) -> ExchangeError {
    let error = error.without_url();
    let kind = if error.is_timeout() {
        FaultKind::Timeout
    } else {
        kind(&error, Stage::Exchanging)
    };
    ExchangeError::new(kind, error)
}

fn redirected() -> ExchangeError {
    let source = "the reqwest client followed a redirect; make it with redirect::Policy::none()";
    ExchangeError::new(FaultKind::Other, source)
}
