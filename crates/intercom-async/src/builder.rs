//! A client's settings.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use intercom_protocol::{
    CallSettings, Connection, ConnectionBuilder, Error, ErrorItem, Observer, PacerSettings, Region,
    RetryBudget, RetryPolicy,
};

use crate::client::Inner;
use crate::{Client, Gate, PacedGate, Timer, Transport};

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
    transport: Option<Box<dyn Transport>>,
    timer: Option<Arc<dyn Timer>>,
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
                .user_agent(concat!("intercom-async/", env!("CARGO_PKG_VERSION"))),
            settings: CallSettings::default(),
            transport: None,
            timer: None,
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

    /// Sends with this transport; with the feature `hyper` there is one already.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Box::new(transport));
        self
    }

    /// Takes time and chance from here, and sleeps there; with the feature `tokio` there is one already.
    #[must_use]
    pub fn timer(mut self, timer: impl Timer + 'static) -> Self {
        self.timer = Some(Arc::new(timer));
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

    /// Tells this observer what every call does: attempts, waits, why it stops.
    ///
    /// [`observer_fn`](crate::observer_fn) makes one of a closure; with the feature `tracing` there is one that writes log
    /// lines. Several clients share one in an `Arc`.
    /// A later one takes its place; a pair of two tells both.
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
        let timer = self
            .timer
            .or_else(default_timer)
            .ok_or_else(|| missing("timer", "tokio"))?;
        let gate: Option<Box<dyn Gate>> = match self.gate {
            Chosen::None => None,
            Chosen::Own(gate) => Some(gate),
            Chosen::Paced(settings) => Some(Box::new(PacedGate::with_timer(
                settings,
                Arc::clone(&timer),
            ))),
        };
        let paced = gate.as_ref().is_some_and(|gate| gate.paces());
        Ok(Client::new(Inner {
            connection: self.connection.build()?,
            settings: self.settings.paced(paced),
            transport: self
                .transport
                .or_else(default_transport)
                .ok_or_else(|| missing("transport", "hyper"))?,
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
