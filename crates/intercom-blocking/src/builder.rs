//! A client's settings.

use std::fmt;
use std::time::Duration;

use intercom_protocol::{
    CallSettings, Connection, ConnectionBuilder, Error, Observer, PacerSettings, Region,
    RetryBudget, RetryPolicy,
};

use crate::client::Inner;
use crate::transport::{Limits, TransportSettings, UreqTransport};
use crate::{Client, Clock, Gate, PacedGate, SystemClock};

/// What is asked before an attempt.
enum Chosen {
    None,
    Own(Box<dyn Gate>),
    Paced(PacerSettings),
}

/// Settings of a [`Client`], checked together by [`build`](Self::build).
pub struct ClientBuilder {
    connection: ConnectionBuilder,
    settings: CallSettings,
    transport: TransportSettings,
    clock: Option<Box<dyn Clock>>,
    gate: Chosen,
}

/// Shows where it calls and how; what it is made of may have nothing to show.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("connection", &self.connection)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    pub(crate) fn new(token: String) -> Self {
        Self {
            connection: Connection::builder(token)
                .user_agent(concat!("intercom-blocking/", env!("CARGO_PKG_VERSION"))),
            settings: CallSettings::default(),
            transport: TransportSettings::default(),
            clock: None,
            gate: Chosen::Paced(PacerSettings::default()),
        }
    }

    /// Sends requests to the region's host.
    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.connection = self.connection.region(region);
        self
    }

    /// Sends requests to this URL instead: `https`, or `http` on loopback for a mock server.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.connection = self.connection.base_url(url);
        self
    }

    /// Asks for this API version, such as `2.14`; without it the version of the app's settings holds.
    #[must_use]
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.connection = self.connection.api_version(version);
        self
    }

    /// Names your program to Intercom.
    #[must_use]
    pub fn user_agent(mut self, agent: impl Into<String>) -> Self {
        self.connection = self.connection.user_agent(agent);
        self
    }

    /// Reads the status page at this URL.
    #[must_use]
    pub fn status_url(mut self, url: impl Into<String>) -> Self {
        self.connection = self.connection.status_url(url);
        self
    }

    /// When and how often to try again; the default makes up to four attempts.
    #[must_use]
    pub fn policy(mut self, policy: RetryPolicy) -> Self {
        self.settings = self.settings.policy(policy);
        self
    }

    /// Bounds one attempt, from connecting to the last byte of the answer: 30 s unless said otherwise.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.settings = self.settings.attempt_timeout(timeout);
        self
    }

    /// Bounds connecting, TLS included: 10 s unless said otherwise.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings = self.settings.connect_timeout(timeout);
        self
    }

    /// Bounds every call and every flow as a whole, waits and repeats included; unbounded unless said otherwise.
    #[must_use]
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.settings = self.settings.total_timeout(timeout);
        self
    }

    /// Bounds the body of a successful answer: 16 MiB unless said otherwise.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings = self.settings.body_limit(bytes);
        self
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

    /// How calls are paced to stay under the rate limit; steadily unless said otherwise.
    ///
    /// Calls go as fast as the server's window admits and draw no 429, as long as they share one client.
    #[must_use]
    pub fn pacing(mut self, settings: PacerSettings) -> Self {
        self.gate = Chosen::Paced(settings);
        self
    }

    /// Lets every call go at once, so that only 429s slow it down.
    #[must_use]
    pub fn without_pacing(mut self) -> Self {
        self.gate = Chosen::None;
        self
    }

    /// Asks this gate before every attempt, in place of the client's own.
    #[must_use]
    pub fn gate(mut self, gate: impl Gate + 'static) -> Self {
        self.gate = Chosen::Own(Box::new(gate));
        self
    }

    /// Shares this retry budget; each client has one of its own unless told otherwise, and none with `None`.
    #[must_use]
    pub fn budget(mut self, budget: impl Into<Option<RetryBudget>>) -> Self {
        self.settings = self.settings.budget(budget.into());
        self
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

    /// Tells this observer what every call does: attempts, waits, why it stops.
    ///
    /// [`observer_fn`](crate::observer_fn) makes one of a closure; with the feature `tracing` there is one that writes log
    /// lines. Several clients share one in an `Arc`.
    /// A later one takes its place; a pair of two tells both.
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
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.settings = self.settings.observer(observer);
        self
    }

    /// Checks the settings; nothing is sent.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `invalid` that names the setting and says how to mend it; it never repeats the token.
    pub fn build(self) -> Result<Client, Error> {
        self.settings.check()?;
        let gate: Option<Box<dyn Gate>> = match self.gate {
            Chosen::None => None,
            Chosen::Own(gate) => Some(gate),
            Chosen::Paced(settings) => Some(Box::new(PacedGate::new(settings))),
        };
        let paced = gate.as_ref().is_some_and(|gate| gate.paces());
        let usual = Limits::of(&self.settings);
        Ok(Client::new(Inner {
            connection: self.connection.build()?,
            settings: self.settings.paced(paced),
            transport: UreqTransport::new(&self.transport.usual(usual))?,
            clock: self
                .clock
                .unwrap_or_else(|| Box::new(SystemClock::default())),
            gate,
        }))
    }
}
