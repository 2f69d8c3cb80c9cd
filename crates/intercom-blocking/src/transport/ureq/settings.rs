//! The settings of a transport, and how they are passed to ureq.

use std::fmt;
use std::time::Duration;

use intercom_protocol::{Connection, Error};
use ureq::config::{AutoHeaderValue, ConfigBuilder};
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector as _, DefaultConnector};
use ureq::{Agent, Proxy};

use super::broken::BreakingConnector;

/// How long a connection may be idle and still be used again.
///
/// Servers close idle connections after some tens of seconds. If a request is sent just as the server closes its connection,
/// the outcome is unknown. ureq reads from the socket before it uses a connection again, and closes it if anything has arrived.
const IDLE: Duration = Duration::from_secs(15);

/// How many connections may be idle at once. Programs rarely share one client among more threads.
const IDLE_AT_ONCE: usize = 64;

/// A time-out of this length or more counts as none: no caller waits ten years, and adding it to a clock could overflow.
const ENDLESS: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// The settings of a [`UreqTransport`](crate::transport::UreqTransport).
#[derive(Clone)]
#[must_use = "pass the settings to UreqTransport::new or to ClientBuilder::transport"]
pub struct TransportSettings {
    #[cfg(feature = "rustls")]
    roots_pem: Option<Vec<u8>>,
    proxy: Option<String>,
    usual: Limits,
}

/// The time limits of one exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(super) whole: Option<Duration>,
    pub(super) connect: Option<Duration>,
    /// From the connection to the head of the response, in a download.
    pub(super) head: Option<Duration>,
    /// Between two pieces of the body, in a download.
    pub(super) idle: Option<Duration>,
}

impl Limits {
    /// The limits of a call without a deadline.
    pub(crate) fn of(connection: &Connection) -> Self {
        let (attempt, connect) = (connection.attempt_timeout(), connection.connect_timeout());
        Self::new(Some(attempt), Some(connect))
    }

    pub(crate) fn new(whole: Option<Duration>, connect: Option<Duration>) -> Self {
        Self {
            whole: bounded(whole),
            connect: bounded(connect),
            head: None,
            idle: None,
        }
    }

    pub(super) fn of_download(self, head: Option<Duration>, idle: Option<Duration>) -> Self {
        Self {
            head: bounded(head),
            idle: bounded(idle),
            ..self
        }
    }
}

fn bounded(limit: Option<Duration>) -> Option<Duration> {
    limit.filter(|limit| *limit < ENDLESS)
}

impl Default for TransportSettings {
    fn default() -> Self {
        // The limits of a call with default settings.
        let [attempt, connect] = [30, 10].map(|seconds| Some(Duration::from_secs(seconds)));
        Self {
            #[cfg(feature = "rustls")]
            roots_pem: None,
            proxy: None,
            usual: Limits::new(attempt, connect),
        }
    }
}

impl TransportSettings {
    /// Trusts only these certificate authorities (PEM), instead of the web's.
    #[cfg(feature = "rustls")]
    pub fn root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots_pem = Some(pem.into());
        self
    }

    /// Sends every request through this proxy: `http://host:port`, with a user name and password if the proxy needs them.
    ///
    /// By default no proxy is used, whatever the environment says. Use a proxy that you trust: if it sends its response to
    /// `CONNECT` byte by byte, no time limit ends the exchange.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Sets the limits of most exchanges. TLS is set up once for all exchanges with these limits.
    pub(crate) const fn usual(mut self, limits: Limits) -> Self {
        self.usual = limits;
        self
    }

    /// Makes an agent with these settings, and returns it with the limits that it enforces by itself.
    pub(super) fn agent(&self) -> Result<(Agent, Limits), Error> {
        let config = config(self.usual).proxy(proxy(self.proxy.as_deref())?);
        #[cfg(feature = "rustls")]
        let config = match &self.roots_pem {
            Some(pem) => trusting(config, pem)?,
            None => config,
        };
        let connector = DefaultConnector::new().chain(BreakingConnector);
        let agent = Agent::with_parts(config.build(), connector, DefaultResolver::default());
        Ok((agent, self.usual))
    }
}

impl fmt::Debug for TransportSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportSettings")
            .field("proxy", &self.proxy.is_some())
            .finish_non_exhaustive()
    }
}

/// Parses the URL of a proxy. The error leaves the URL out, because it may contain a password.
fn proxy(url: Option<&str>) -> Result<Option<Proxy>, Error> {
    let example = "proxy must be the URL of a proxy, like http://localhost:3128";
    let proxy = url.map(Proxy::new).transpose();
    proxy.map_err(|_| Error::configuration("proxy", example))
}

fn config(usual: Limits) -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(AutoHeaderValue::None)
        .max_idle_age(IDLE)
        .max_idle_connections(IDLE_AT_ONCE)
        .max_idle_connections_per_host(IDLE_AT_ONCE)
        .timeout_global(usual.whole)
        .timeout_resolve(usual.connect)
        .timeout_connect(usual.connect)
}

#[cfg(feature = "rustls")]
fn trusting(
    config: ConfigBuilder<AgentScope>,
    pem: &[u8],
) -> Result<ConfigBuilder<AgentScope>, Error> {
    use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

    let invalid = |message: String| Error::configuration("root_certificates_pem", message);
    let mut roots = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(root) =
            item.map_err(|error| invalid(format!("root_certificates_pem is not PEM: {error}")))?
        {
            roots.push(root);
        }
    }
    if roots.is_empty() {
        return Err(invalid(
            "root_certificates_pem contains no certificate".to_owned(),
        ));
    }
    let tls = TlsConfig::builder().root_certs(RootCerts::from(roots));
    Ok(config.tls_config(tls.build()))
}
