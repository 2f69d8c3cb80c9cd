//! Transports on a reqwest client, one for each version of reqwest in use, from one text.

use core::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http_body::Body as _;
use intercom_protocol::{Fault, FaultKind, Outgoing};
use tower_layer::layer_fn;

use super::connect_limit::ConnectLimit;
use super::fault::{Stage, kind};
use crate::transport::{Exchange, ExchangeError, Transport};

/// How long a connection may be idle and still be used again.
const IDLE: Duration = Duration::from_secs(15);

/// Defines a transport on the reqwest that `$reqwest` names. `$build` sets and `$is_dns` sees what only one version can.
macro_rules! reqwest_transport {
    ($reqwest:ident, $(#[$docs:meta])* $name:ident, $build:expr, $is_dns:expr) => {
        $(#[$docs])*
        #[derive(Clone, Debug)]
        pub struct $name {
            client: ::$reqwest::Client,
        }

        impl $name {
            /// Makes a transport on a client as it is.
            ///
            /// The client keeps its settings for redirects, retries, proxies and the connect time-out. Its user agent is replaced
            /// by that of [`ClientBuilder::user_agent`](crate::ClientBuilder::user_agent). If the client follows a redirect, the
            /// exchange ends with a fault, but the request has already been sent to the other address. Prefer
            /// [`build`](Self::build), which rules this out.
            #[must_use]
            pub fn new(client: ::$reqwest::Client) -> Self {
                Self { client }
            }

            /// Makes a transport on a client from this builder, with safe settings.
            ///
            /// The client follows no redirects, retries nothing and ignores the environment's proxies (proxies that you added
            /// stay). Each request has its own connect time-out. Idle connections are kept for 15 s. The user agent is that of
            /// [`ClientBuilder::user_agent`](crate::ClientBuilder::user_agent).
            ///
            /// # Errors
            ///
            /// If reqwest cannot make the client.
            pub fn build(builder: ::$reqwest::ClientBuilder) -> Result<Self, ::$reqwest::Error> {
                let builder = builder
                    .redirect(::$reqwest::redirect::Policy::none())
                    .retry(::$reqwest::retry::never())
                    // A proxy that is never used. Once a proxy is set, reqwest ignores the environment's, and it keeps yours.
                    .proxy(::$reqwest::Proxy::custom(|_| None::<::$reqwest::Url>))
                    .referer(false)
                    .pool_idle_timeout(IDLE)
                    .connector_layer(layer_fn(ConnectLimit::new));
                let client = $build(builder).build()?;
                Ok(Self::new(client))
            }

            fn without_response(error: ::$reqwest::Error, https: bool) -> ExchangeError {
                let (connecting, error) = (error.is_connect(), error.without_url());
                let stage = if connecting {
                    Stage::Connecting { https }
                } else {
                    Stage::Exchanging
                };
                let kind = match kind(&error, stage) {
                    _ if error.is_builder() => FaultKind::BadUri,
                    _ if $is_dns(&error) => FaultKind::Dns,
                    _ if error.is_timeout() => FaultKind::Timeout,
                    kind => kind,
                };
                ExchangeError {
                    kind,
                    known_unsent: connecting || error.is_builder(),
                    source: Some(error.into()),
                }
            }

            fn cut_off(error: ::$reqwest::Error) -> ExchangeError {
                let error = error.without_url();
                let kind = if error.is_timeout() {
                    FaultKind::Timeout
                } else {
                    kind(&error, Stage::Exchanging)
                };
                ExchangeError::new(kind, error)
            }
        }

        #[async_trait]
        impl Transport for $name {
            async fn send(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, Fault> {
                let (exchange, request) = Exchange::begin(outgoing);
                let https = request.uri().scheme() == Some(&http::uri::Scheme::HTTPS);
                let has_body = !request.body().is_end_stream();
                let mut request = ::$reqwest::Request::try_from(request.map(::$reqwest::Body::wrap)).map_err(|error| {
                    Fault::not_sent(FaultKind::BadUri).with_source(error.without_url())
                })?;
                if !has_body {
                    *request.body_mut() = None;
                }
                let sending = async {
                    let requested = request.url().clone();
                    let executing = self.client.execute(request).await;
                    let response = executing.map_err(|error| Self::without_response(error, https))?;
                    if *response.url() == requested {
                        Ok(http::Response::from(response))
                    } else {
                        Err(redirected())
                    }
                };
                exchange.run(sending, Self::cut_off).await
            }
        }
    };
}

#[cfg(feature = "reqwest")]
reqwest_transport!(
    reqwest,
    /// A transport on your reqwest client, of reqwest 0.13.
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
    /// The feature `reqwest` enables no TLS library of reqwest. Depend on reqwest 0.13 yourself, with its feature `rustls` or
    /// another one for TLS: without it, every call to an `https` URL fails to connect. With reqwest's `rustls-no-provider`,
    /// install a provider of rustls before the client is made, or reqwest panics.
    ///
    /// The client must come from reqwest 0.13, which is exported as [`intercom_async::reqwest`](crate::reqwest). A client from
    /// 0.12 has another type of the same name, and the compiler says *expected `intercom_async::reqwest::Client`, found
    /// `reqwest::Client`*. For such a client, the feature `reqwest-0-12` adds `Reqwest012Transport`.
    ///
    /// As with `HyperTransport`, a connection on which the server has sent something unasked is closed and not used again.
    ///
    /// Two limits of `HyperTransport` cannot be set on a reqwest client. The head of a response may be about 400 KiB long.
    /// Interim (1xx) responses are not counted, so only the time-out stops a server that sends them endlessly. Such a server
    /// keeps a thread of the runtime busy for long stretches, in which other tasks on that thread wait and the time-out is late.
    /// Without TLS a stretch can last seconds; with TLS it is much shorter. As with `HyperTransport`, a response may have at most
    /// 128 header lines.
    ///
    /// The reqwest client resolves host names. Its default resolver runs on tokio's blocking threads. A call ends at its time
    /// limit, but dropping the runtime waits for running lookups, which takes many seconds if the name server does not respond.
    /// The same happens at the end of `#[tokio::main]`. To avoid this, shut the runtime down with `shutdown_background` or
    /// `shutdown_timeout`, or give the client another resolver (`ClientBuilder::dns_resolver` of reqwest, or its feature
    /// `hickory-dns`). `HyperTransport` does not have this problem.
    ReqwestTransport,
    |builder: ::reqwest::ClientBuilder| builder
        .http1_max_headers(super::HEADER_LINES),
    ::reqwest::Error::is_dns
);

#[cfg(feature = "reqwest-0-12")]
reqwest_transport!(
    reqwest_0_12,
    /// A transport on your client of reqwest 0.12, for programs that have not moved to 0.13.
    ///
    /// ```no_run
    /// use intercom_async::transport::{Reqwest012Transport, TokioTimer};
    /// use intercom_async::{ClientBuilder, reqwest_0_12 as reqwest};
    ///
    /// # fn client() -> Result<intercom_async::Client, Box<dyn std::error::Error>> {
    /// let transport = Reqwest012Transport::build(reqwest::Client::builder().https_only(true))?;
    /// let client = ClientBuilder::from_env()?.build_with(transport, TokioTimer::default())?;
    /// # Ok(client) }
    /// ```
    ///
    /// It behaves like `ReqwestTransport`, and reports the same faults. It also shares the limits that the documentation of
    /// `ReqwestTransport` names, and a response may have at most 100 header lines.
    ///
    /// The feature `reqwest-0-12` enables no TLS library of reqwest. Depend on reqwest 0.12 yourself, with its feature
    /// `rustls-tls` or another one for TLS: without it, every call to an `https` URL fails to connect. The client must come from
    /// reqwest 0.12.23 or later, which is exported as [`intercom_async::reqwest_0_12`](crate::reqwest_0_12).
    Reqwest012Transport,
    |builder| builder,
    |_| false
);

fn redirected() -> ExchangeError {
    let source = "the reqwest client followed a redirect; make it with redirect::Policy::none()";
    ExchangeError::new(FaultKind::Other, source)
}
