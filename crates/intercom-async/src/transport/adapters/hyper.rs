//! A transport on hyper and rustls.

use core::pin::pin;
use core::time::Duration;
use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error, ResponseFuture};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use intercom_protocol::{Fault, FaultKind, Outgoing};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

use super::HEADER_LINES;
use super::connect_limit::ConnectLimit;
use super::fault::{Stage, kind};
use super::interim::Interim;
use super::lookup::Lookup;
use crate::transport::{Exchange, ExchangeError, MarkedBody, Transport};

/// How long a connection may be idle and still be used again.
///
/// Servers close idle connections after some tens of seconds. If a request is sent just as the server closes its connection,
/// the outcome is unknown.
const IDLE: Duration = Duration::from_secs(15);

/// How many bytes are read at once. This also limits the head of a response, to about as much as ureq accepts.
const BUFFER: usize = 64 * 1024;

type Connector = ConnectLimit<HttpsConnector<HttpConnector<Lookup>>>;

/// A transport on hyper: HTTP/1.1, rustls with ring, idle connections kept for 15 s.
///
/// It follows no redirects, uses no proxy and sends no request twice. It needs a tokio runtime with I/O and time.
///
/// A connection on which the server has sent something unasked is closed and not used again. Before each request, the transport lets
/// tokio look at its sockets, so this also holds for a runtime that was blocked or that runs only inside `block_on`.
///
/// A response may have up to 128 header lines, a head of about 64 KiB, and 100 interim (1xx) responses before it. More is a
/// fault of kind [`Protocol`](FaultKind::Protocol), outcome unknown, and the connection is closed.
///
/// The system resolves host names, at most 64 at once, each on a thread outside the runtime. A lookup cannot be cancelled, but
/// nothing waits for it: a call ends at its time limit, and a name server that does not respond delays neither dropping the
/// runtime nor the end of `#[tokio::main]`. The connect time-out includes the lookup.
///
/// ```no_run
/// use intercom_async::transport::{HyperTransport, Outgoing, Transport};
/// use intercom_async::{bytes::Bytes, http};
///
/// # async fn example() -> Result<(), http::Error> {
/// let request = http::Request::get("https://api.intercom.io/me").body(Bytes::new())?;
/// match HyperTransport::new().send(Outgoing::new(request)).await {
///     Ok(response) => println!("a response, of any status: {}", response.status()),
///     Err(fault) => println!("no complete response: {}", fault.phase().as_str()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct HyperTransport {
    client: Client<Connector, MarkedBody>,
}

impl HyperTransport {
    /// Makes a transport that trusts the web's certificate authorities.
    #[must_use]
    pub fn new() -> Self {
        Self::with_tls_config(tls().with_webpki_roots().with_no_client_auth())
    }

    /// Makes a transport that trusts only these certificate authorities (PEM).
    ///
    /// # Errors
    ///
    /// If the PEM text contains no certificate, or one that cannot be read.
    pub fn with_root_certificates(pem: &[u8]) -> io::Result<Self> {
        let invalid = |error: Box<dyn std::error::Error + Send + Sync>| {
            io::Error::new(io::ErrorKind::InvalidData, error)
        };
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| invalid(error.into()))?;
            roots
                .add(certificate)
                .map_err(|error| invalid(error.into()))?;
        }
        if roots.is_empty() {
            return Err(invalid("no certificate in the PEM text".into()));
        }
        Ok(Self::with_tls_config(
            tls().with_root_certificates(roots).with_no_client_auth(),
        ))
    }

    /// Makes a transport with your own TLS settings.
    ///
    /// Their list of protocols (ALPN) is cleared, because the transport speaks only HTTP/1.1.
    #[must_use]
    pub fn with_tls_config(config: ClientConfig) -> Self {
        Self::connecting(config, Lookup::system())
    }

    /// Makes a transport with a resolver other than the system's.
    #[cfg(test)]
    pub(super) fn with_lookup(lookup: Lookup) -> Self {
        Self::connecting(tls().with_webpki_roots().with_no_client_auth(), lookup)
    }

    /// Passes the request to the library, which does nothing until its future is polled.
    ///
    /// It is separate from `send`, whose future would otherwise reserve space for the request.
    fn begin(&self, outgoing: Outgoing) -> Result<Begun, Fault> {
        let uri = outgoing.request().uri();
        if uri.scheme().is_none() || uri.host().is_none_or(str::is_empty) {
            return Err(Fault::not_sent(FaultKind::BadUri));
        }
        let https = uri.scheme() == Some(&http::uri::Scheme::HTTPS);
        let (exchange, mut request) = Exchange::begin(outgoing);
        let interim = Interim::counting(&mut request);
        Ok(Begun {
            exchange,
            interim,
            sending: self.client.request(request),
            https,
        })
    }

    fn connecting(mut config: ClientConfig, lookup: Lookup) -> Self {
        config.alpn_protocols.clear();
        let mut tcp = HttpConnector::new_with_resolver(lookup);
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(config)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        // If a reused connection closes before any of the request is written, hyper-util sends it on a new connection.
        // Turning this off would lose such requests and prevent no duplicates.
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .http1_max_buf_size(BUFFER)
            .http1_max_headers(HEADER_LINES)
            .build(ConnectLimit::new(https));
        Self { client }
    }
}

impl Default for HyperTransport {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Transport for HyperTransport {
    async fn send(&self, outgoing: Outgoing) -> Result<http::Response<Bytes>, Fault> {
        let Begun {
            exchange,
            interim,
            sending,
            https,
        } = self.begin(outgoing)?;
        let sending = pin!(async {
            sending
                .await
                .map_err(|error| without_response(error, https))
        });
        let sending = pin!(interim.bound(sending));
        exchange.run(sending, cut_off).await
    }
}

/// An exchange whose request has been passed to the library.
struct Begun {
    exchange: Exchange,
    interim: Arc<Interim>,
    sending: ResponseFuture,
    https: bool,
}

fn without_response(error: Error, https: bool) -> ExchangeError {
    let stage = if error.is_connect() {
        Stage::Connecting { https }
    } else {
        Stage::Exchanging
    };
    ExchangeError {
        kind: kind(&error, stage),
        known_unsent: error.is_connect(),
        source: Some(error.into()),
    }
}

fn cut_off(error: ::hyper::Error) -> ExchangeError {
    ExchangeError::new(kind(&error, Stage::Exchanging), error)
}

/// Starts the TLS settings, without the certificate authorities.
///
/// The provider is set explicitly: if a program enables more than one, rustls panics instead of choosing.
fn tls() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    #[expect(
        clippy::expect_used,
        reason = "ring has cipher suites for every version of TLS that rustls speaks"
    )]
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS 1.2 and 1.3")
}
