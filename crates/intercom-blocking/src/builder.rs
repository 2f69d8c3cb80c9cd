//! A client's settings.

use std::fmt;
use std::time::Duration;

use intercom_protocol::{Config, Error, Observer, PacerSettings, Region, RetryBudget, RetryPolicy};

use crate::client::Inner;
use crate::transport::{Limits, TransportSettings, UreqTransport};
use crate::{Client, Clock, Gate, PacedGate, SystemClock};

/// Settings of a [`Client`], checked together by [`build`](Self::build).
pub struct ClientBuilder {
    config: Config,
    transport: TransportSettings,
    clock: Option<Box<dyn Clock>>,
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
                .user_agent(concat!("intercom-blocking/", env!("CARGO_PKG_VERSION"))),
            transport: TransportSettings::default(),
            clock: None,
            gate: None,
        }
    }

    fn map(mut self, change: impl FnOnce(Config) -> Config) -> Self {
        self.config = change(self.config);
        self
    }

    /// Sends requests to the region's host.
    #[must_use]
    pub fn region(self, region: Region) -> Self {
        self.map(|config| config.region(region))
    }

    /// Sends requests to this URL: `https`, or `http` on loopback for a mock server.
    #[must_use]
    pub fn base_url(self, url: impl Into<String>) -> Self {
        self.map(|config| config.base_url(url))
    }

    /// Asks for this API version, like `2.14`.
    #[must_use]
    pub fn api_version(self, version: impl Into<String>) -> Self {
        self.map(|config| config.api_version(version))
    }

    /// Sends this name of your program to Intercom.
    #[must_use]
    pub fn user_agent(self, agent: impl Into<String>) -> Self {
        self.map(|config| config.user_agent(agent))
    }

    /// Reads the status page at this URL.
    #[must_use]
    pub fn status_url(self, url: impl Into<String>) -> Self {
        self.map(|config| config.status_url(url))
    }

    /// Retries by this policy; the default makes up to four attempts.
    #[must_use]
    pub fn policy(self, policy: RetryPolicy) -> Self {
        self.map(|config| config.policy(policy))
    }

    /// Limits one attempt, from connecting to the last byte of the response; the default is 30 s.
    #[must_use]
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.map(|config| config.attempt_timeout(timeout))
    }

    /// Limits the lookup of the host name, and then connecting, TLS included; the default is 10 s each.
    #[must_use]
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.map(|config| config.connect_timeout(timeout))
    }

    /// Limits every call and every flow as a whole; by default there is no limit.
    #[must_use]
    pub fn total_timeout(self, timeout: Duration) -> Self {
        self.map(|config| config.total_timeout(timeout))
    }

    /// Limits the body of a successful response, in bytes; the default is 16 MiB.
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        self.map(|config| config.body_limit(bytes))
    }

    /// Trusts these root certificates (PEM) and no others, such as those of a test server; without it, those of the web.
    #[must_use]
    pub fn root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.transport = self.transport.root_certificates_pem(pem.into());
        self
    }

    /// Sends everything through this proxy: `http://host:port`, with a user name and password where it wants them.
    ///
    /// Without it there is none, whatever the environment says. A proxy is trusted to answer: one that sends its answer to
    /// `CONNECT` byte by byte is waited for beyond any time limit.
    ///
    /// ```
    /// use intercom_blocking::Client;
    ///
    /// let client = Client::builder("dG9rOjEyMw==").proxy("http://localhost:3128").build()?;
    /// # Ok::<(), intercom_blocking::Error>(())
    /// ```
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.transport = self.transport.proxy(url);
        self
    }

    /// Paces calls in this way to stay under the rate limit; by default they are paced steadily.
    #[must_use]
    pub fn pacing(mut self, settings: PacerSettings) -> Self {
        self.gate = None;
        self.map(|config| config.pacing(settings))
    }

    /// Sends every call at once, so that only 429s slow it down.
    #[must_use]
    pub fn without_pacing(mut self) -> Self {
        self.gate = None;
        self.map(Config::without_pacing)
    }

    /// Asks this gate before every attempt, instead of the client's own.
    #[must_use]
    pub fn gate(mut self, gate: impl Gate + 'static) -> Self {
        self.gate = Some(Box::new(gate));
        self
    }

    /// Shares this retry budget with other clients; `None` is no budget.
    #[must_use]
    pub fn budget(self, budget: impl Into<Option<RetryBudget>>) -> Self {
        self.map(|config| config.budget(budget))
    }

    /// Takes time and chance from here; for tests.
    ///
    /// The client's own gate keeps real time all the same, for it waits to be woken: where time is virtual, switch it off
    /// by [`without_pacing`](Self::without_pacing).
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Box::new(clock));
        self
    }

    /// Reports to this observer what every call does: attempts, waits, why it stops.
    ///
    /// ```
    /// use intercom_blocking::{Client, observer_fn};
    ///
    /// let client = Client::builder("dG9rOjEyMw==")
    ///     .observer(observer_fn(|event| eprintln!("{event}")))
    ///     .build()?;
    /// # Ok::<(), intercom_blocking::Error>(())
    /// ```
    #[must_use]
    pub fn observer(self, observer: impl Observer + 'static) -> Self {
        self.map(|config| config.observer(observer))
    }

    /// Checks the settings; nothing is sent.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `invalid` that names the setting and says how to fix it; it never contains the token.
    pub fn build(self) -> Result<Client, Error> {
        let own = || Some(Box::new(PacedGate::new(self.config.pacer()?.clone())) as _);
        let gate: Option<Box<dyn Gate>> = self.gate.or_else(own);
        let paced = gate.as_ref().is_some_and(|gate| gate.paces());
        let connection = self.config.paced(paced).build()?;
        let usual = Limits::of(&connection);
        let transport = UreqTransport::new(&self.transport.usual(usual))?;
        if let Some(gate) = &gate {
            gate.attach(&connection);
        }
        Ok(Client::new(Inner {
            connection,
            transport,
            clock: self
                .clock
                .unwrap_or_else(|| Box::new(SystemClock::default())),
            gate,
        }))
    }
}
