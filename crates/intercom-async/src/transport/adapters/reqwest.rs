//! A transport on a reqwest client.

use core::time::Duration;

use ::reqwest::{Body, Client, ClientBuilder, Error, Proxy, Request, Url, redirect, retry};
use async_trait::async_trait;
use bytes::Bytes;
use http_body::Body as _;
use intercom_protocol::{Fault, FaultKind, Outgoing};
use tower_layer::layer_fn;

use super::connect_limit::ConnectLimit;
use super::exchange::{Exchange, Failure, HEADER_LINES};
use super::fault::{Stage, kind};
use crate::transport::Transport;

/// How long a connection may lie idle before it is not used again.
const IDLE: Duration = Duration::from_secs(15);

/// Sends requests with your reqwest client.
///
/// [`ReqwestTransport::build`] makes the client of your builder and sets what our promises need:
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
/// The client is one of reqwest 0.13, which is exported as [`intercom_async::reqwest`](crate::reqwest). A client of 0.12 has
/// another type of the same name, and the compiler says *expected `intercom_async::reqwest::Client`, found
/// `reqwest::Client`*. Depend on reqwest 0.13 then, or make the client with `intercom_async::reqwest`: a program can contain
/// both versions.
///
/// A reqwest client does not let us set two limits of `HyperTransport`. The head of a response may be about 400 KiB long.
/// Interim (1xx) responses are not counted: only the time-out stops a server that sends them without end. Such a server
/// keeps a thread of the runtime busy for long stretches, in which other tasks on that thread wait and the time-out is
/// overrun. Without TLS a stretch can last seconds, over TLS it is much shorter.
///
/// Host names are resolved by the reqwest client. Its default resolver runs on tokio's blocking threads: a call ends at its
/// time limit, but dropping the runtime, also at the end of `#[tokio::main]`, waits for lookups under way, for many seconds
/// if the name server does not respond. To end earlier, shut the runtime down with its `shutdown_background` or
/// `shutdown_timeout`, or give the client another resolver ([`ClientBuilder::dns_resolver`], or reqwest's feature
/// `hickory-dns`). `HyperTransport` needs neither.
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: Client,
}

impl ReqwestTransport {
    /// A transport on a client as it is.
    ///
    /// Its own settings hold: redirects, retries, proxies, connect time-out. A redirect it follows is reported as a
    /// fault, but the request was sent on by then. Prefer [`ReqwestTransport::build`], which rules that out.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// A transport on the client that this builder makes, with no redirect followed, nothing sent twice, no proxy from
    /// the environment (proxies you added stay), connecting bounded request by request, connections kept idle for
    /// 15 s, and at most 128 header lines in a response.
    ///
    /// # Errors
    ///
    /// When reqwest cannot make the client.
    pub fn build(builder: ClientBuilder) -> Result<Self, Error> {
        let client = builder
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            // A proxy that is never taken: having one keeps those of the environment out, and yours in.
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
            let asked = request.url().clone();
            let response = self
                .client
                .execute(request)
                .await
                .map_err(|error| not_answered(error, https))?;
            if *response.url() == asked {
                Ok(http::Response::from(response))
            } else {
                Err(redirected())
            }
        };
        exchange.run(sending, cut_off).await
    }
}

fn not_answered(error: Error, https: bool) -> Failure {
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
    Failure {
        kind,
        known_unsent: connecting || error.is_builder(),
        source: Some(error.into()),
    }
}

fn cut_off(error: Error) -> Failure {
    let error = error.without_url();
    let kind = if error.is_timeout() {
        FaultKind::Timeout
    } else {
        kind(&error, Stage::Exchanging)
    };
    Failure::new(kind, error)
}

fn redirected() -> Failure {
    let source = "the reqwest client followed a redirect; make it with redirect::Policy::none()";
    Failure::new(FaultKind::Other, source)
}
