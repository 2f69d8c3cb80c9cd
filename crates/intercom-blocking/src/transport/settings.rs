//! What a transport is made with, and how ureq is told.

use std::fmt;
use std::time::Duration;

use intercom_protocol::{Connection, Error};
use ureq::config::{AutoHeaderValue, ConfigBuilder};
use ureq::typestate::AgentScope;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector as _, DefaultConnector};
use ureq::{Agent, Proxy};

use super::broken::BreakingConnector;

/// How long a connection may lie idle before it is not used again.
///
/// Servers close theirs after some tens of seconds; a request sent on one that is just being closed has an unknown fate.
const IDLE: Duration = Duration::from_secs(15);

/// How many connections may lie idle: as many as threads use one client at once, as a rule.
const IDLE_AT_ONCE: usize = 64;

/// A longer time-out is none: nobody waits for ten years, and clocks cannot be added to without end.
const ENDLESS: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// What a [`UreqTransport`](crate::transport::UreqTransport) is made with.
#[derive(Clone)]
#[must_use = "a transport is made by UreqTransport::new, or by the client that is given the settings"]
pub struct TransportSettings {
    #[cfg(feature = "rustls")]
    roots_pem: Option<Vec<u8>>,
    proxy: Option<String>,
    usual: Limits,
}

/// How long one exchange may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(super) whole: Option<Duration>,
    pub(super) connect: Option<Duration>,
}

impl Limits {
    /// Those of a call that no deadline cuts short.
    pub(crate) fn of(connection: &Connection) -> Self {
        let (attempt, connect) = (connection.attempt_timeout(), connection.connect_timeout());
        Self::new(Some(attempt), Some(connect))
    }

    pub(crate) fn new(whole: Option<Duration>, connect: Option<Duration>) -> Self {
        let bounded = |limit: Option<Duration>| limit.filter(|limit| *limit < ENDLESS);
        Self {
            whole: bounded(whole),
            connect: bounded(connect),
        }
    }
}

impl Default for TransportSettings {
    fn default() -> Self {
        // Those of a call with default settings.
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
    /// Trusts these certificate authorities (PEM) and no others, instead of those of the web.
    #[cfg(feature = "rustls")]
    pub fn root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots_pem = Some(pem.into());
        self
    }

    /// Sends everything through this proxy: `http://host:port`, with a user name and password where it wants them.
    ///
    /// Without it there is none, whatever the environment says. A proxy is trusted to answer: one that sends its answer to
    /// `CONNECT` byte by byte is waited for beyond any time limit.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// The limits of most exchanges; TLS is set up once for all that keep to them.
    pub(crate) const fn usual(mut self, limits: Limits) -> Self {
        self.usual = limits;
        self
    }

    /// The agent of these settings, and the limits that it keeps to by itself.
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

/// The URL may hold a password, so it is not repeated.
fn proxy(url: Option<&str>) -> Result<Option<Proxy>, Error> {
    let example = "proxy is not the URL of a proxy, like http://localhost:3128";
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
