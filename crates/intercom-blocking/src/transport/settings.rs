//! What a transport is made with, and how ureq is told.

use std::fmt;
use std::time::Duration;

use intercom_protocol::{Error, ErrorItem};
use ureq::Agent;
use ureq::config::{AutoHeaderValue, ConfigBuilder};
use ureq::typestate::AgentScope;

/// How long a connection may lie idle before it is not used again.
///
/// Servers close theirs after some tens of seconds; a request sent on one that is just being closed has an unknown fate.
const IDLE: Duration = Duration::from_secs(15);

/// What a [`UreqTransport`](crate::UreqTransport) is made with.
#[derive(Clone, Default)]
pub struct TransportSettings {
    roots_pem: Option<Vec<u8>>,
}

impl TransportSettings {
    /// Trusts these certificate authorities (PEM) and no others; without it, those of the web.
    #[must_use]
    pub fn root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots_pem = Some(pem.into());
        self
    }

    /// The agent of these settings.
    pub(super) fn agent(&self) -> Result<Agent, Error> {
        let config = match &self.roots_pem {
            None => config(),
            Some(pem) => trusting(config(), pem)?,
        };
        Ok(config.build().new_agent())
    }
}

impl fmt::Debug for TransportSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportSettings")
            .field("own_roots", &self.roots_pem.is_some())
            .finish()
    }
}

fn config() -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(AutoHeaderValue::None)
        .max_idle_age(IDLE)
}

#[cfg(feature = "rustls")]
fn trusting(
    config: ConfigBuilder<AgentScope>,
    pem: &[u8],
) -> Result<ConfigBuilder<AgentScope>, Error> {
    use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

    let mut roots = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) =
            item.map_err(|error| invalid(error.to_string()))?
        {
            roots.push(certificate);
        }
    }
    if roots.is_empty() {
        return Err(invalid(
            "there is no certificate in the text; give one in PEM",
        ));
    }
    Ok(config.tls_config(
        TlsConfig::builder()
            .root_certs(RootCerts::from(roots))
            .build(),
    ))
}

#[cfg(not(feature = "rustls"))]
fn trusting(_: ConfigBuilder<AgentScope>, _: &[u8]) -> Result<ConfigBuilder<AgentScope>, Error> {
    Err(invalid(
        "there is no TLS to trust anybody with; switch on the feature `rustls`",
    ))
}

fn invalid(message: impl Into<String>) -> Error {
    let item =
        ErrorItem::new("parameter_invalid", message.into()).with_field("root_certificates_pem");
    Error::invalid(vec![item])
}
