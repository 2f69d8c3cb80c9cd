//! A client's settings.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use intercom_protocol::{
    Config, Error, ErrorItem, Observer, PacerSettings, Region, RetryBudget, RetryPolicy,
};

use crate::client::Inner;
use crate::{Client, Gate, PacedGate, Timer, Transport};

/// Settings of a [`Client`], checked together by [`build`](Self::build).
#[must_use = "a client is made by build()"]
pub struct ClientBuilder {
    config: Config,
    transport: Option<Box<dyn Transport>>,
    timer: Option<Arc<dyn Timer>>,
    gate: Option<Box<dyn Gate>>,
}

/// Shows where calls go and how, without the token.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    pub(crate) fn new(token: String) -> Self {
        Self {
            config: Config::new(token)
                .user_agent(concat!("intercom-async/", env!("CARGO_PKG_VERSION"))),
            transport: None,
            timer: None,
            gate: None,
        }
    }
}

#[rustfmt::skip]
impl ClientBuilder {
    fn map(self, change: impl FnOnce(Config) -> Config) -> Self { Self { config: change(self.config), ..self } }

    /// Sends requests to the region's host.
    pub fn region(self, region: Region) -> Self { self.map(|config| config.region(region)) }
    /// Sends requests to this URL: `https`, or `http` on loopback for a mock server.
    pub fn base_url(self, url: impl Into<String>) -> Self { self.map(|config| config.base_url(url)) }
    /// Asks for this API version, like `2.14`.
    pub fn api_version(self, version: impl Into<String>) -> Self { self.map(|config| config.api_version(version)) }
    /// Sends this name of your program to Intercom.
    pub fn user_agent(self, agent: impl Into<String>) -> Self { self.map(|config| config.user_agent(agent)) }
    /// Reads the status page at this URL.
    pub fn status_url(self, url: impl Into<String>) -> Self { self.map(|config| config.status_url(url)) }
    /// Retries by this policy; the default makes up to four attempts.
    pub fn policy(self, policy: RetryPolicy) -> Self { self.map(|config| config.policy(policy)) }
    /// Limits one attempt, from connecting to the last byte of the response; the default is 30 s.
    pub fn attempt_timeout(self, timeout: Duration) -> Self { self.map(|config| config.attempt_timeout(timeout)) }
    /// Limits connecting, the lookup of the host name and TLS included; the default is 10 s.
    pub fn connect_timeout(self, timeout: Duration) -> Self { self.map(|config| config.connect_timeout(timeout)) }
    /// Limits every call and every flow as a whole; by default there is no limit.
    pub fn total_timeout(self, timeout: Duration) -> Self { self.map(|config| config.total_timeout(timeout)) }
    /// Limits the body of a successful response, in bytes; the default is 16 MiB.
    pub fn body_limit(self, bytes: usize) -> Self { self.map(|config| config.body_limit(bytes)) }
    /// Shares this retry budget with other clients; `None` is no budget.
    pub fn budget(self, budget: impl Into<Option<RetryBudget>>) -> Self { self.map(|config| config.budget(budget)) }
    /// Paces calls in this way to stay under the rate limit; by default they are paced steadily.
    pub fn pacing(self, settings: PacerSettings) -> Self { self.map(|config| config.pacing(settings)) }
    /// Sends every call at once, so that only 429s slow it down.
    pub fn without_pacing(self) -> Self { self.map(|config| config.without_pacing()) }

    /// Reports to this observer what every call does: attempts, waits, why it stops.
    ///
    /// ```
    /// use intercom_async::{Client, observer_fn};
    ///
    /// # #[cfg(feature = "hyper")] {
    /// let client = Client::builder("dG9rOjEyMw==")
    ///     .observer(observer_fn(|event| eprintln!("{event}")))
    ///     .build()?;
    /// # }
    /// # Ok::<(), intercom_async::Error>(())
    /// ```
    pub fn observer(self, observer: impl Observer + 'static) -> Self { self.map(|config| config.observer(observer)) }
}

impl ClientBuilder {
    /// Sends with this transport; the feature `hyper` brings a default.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Box::new(transport));
        self
    }

    /// Takes time and chance from here, and sleeps there; the feature `tokio` brings a default.
    pub fn timer(mut self, timer: impl Timer + 'static) -> Self {
        self.timer = Some(Arc::new(timer));
        self
    }

    /// Asks this gate before every attempt, instead of the client's own.
    pub fn gate(mut self, gate: impl Gate + 'static) -> Self {
        self.gate = Some(Box::new(gate));
        self
    }

    /// Checks the settings; nothing is sent.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `invalid` that names the setting and says how to fix it; it never contains the token.
    pub fn build(self) -> Result<Client, Error> {
        let timer = self
            .timer
            .or_else(default_timer)
            .ok_or_else(|| missing("timer", "tokio"))?;
        let own = || {
            let settings = self.config.pacer()?.clone();
            Some(Box::new(PacedGate::with_timer(settings, Arc::clone(&timer))) as _)
        };
        let gate: Option<Box<dyn Gate>> = self.gate.or_else(own);
        let paced = gate.as_ref().is_some_and(|gate| gate.paces());
        let connection = self.config.paced(paced).build()?;
        let transport = self
            .transport
            .or_else(default_transport)
            .ok_or_else(|| missing("transport", "hyper"))?;
        if let Some(gate) = &gate {
            gate.attach(&connection);
        }
        Ok(Client::new(Inner {
            connection,
            transport,
            timer,
            gate,
        }))
    }
}

#[cfg(feature = "hyper")]
fn default_transport() -> Option<Box<dyn Transport>> {
    Some(Box::new(crate::HyperTransport::new()))
}

#[cfg(not(feature = "hyper"))]
fn default_transport() -> Option<Box<dyn Transport>> {
    None
}

#[cfg(feature = "tokio")]
fn default_timer() -> Option<Arc<dyn Timer>> {
    Some(Arc::new(crate::TokioTimer::default()))
}

#[cfg(not(feature = "tokio"))]
fn default_timer() -> Option<Arc<dyn Timer>> {
    None
}

fn missing(what: &'static str, feature: &'static str) -> Error {
    let message = format!(
        "no {what} was given; give one, or switch on the feature {feature:?} of intercom-async"
    );
    Error::invalid(vec![
        ErrorItem::new("parameter_missing", message).with_field(what),
    ])
}
