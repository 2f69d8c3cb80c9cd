//! A client's settings.

use std::sync::Arc;

use intercom_protocol::{Config, Connection, Error, PacerSettings, client_settings};

use crate::Client;
use crate::clock::{Clock, SystemClock};
use crate::driver::{BoxError, Inner, Tokens};
use crate::gate::{Gate, PacedGate};
use crate::transport::Transport;
#[cfg(feature = "ureq")]
use crate::transport::{Limits, TransportSettings, UreqTransport};

/// The settings of a [`Client`], checked together when it is built.
#[must_use = "call build() to make a client"]
pub struct ClientBuilder {
    config: Config,
    #[cfg(feature = "ureq")]
    transport: TransportSettings,
    clock: Option<Box<dyn Clock>>,
    gate: Option<Box<dyn Gate>>,
    tokens: Option<Tokens>,
}

client_settings!(ClientBuilder {
    #[cfg(feature = "ureq")]
    transport: TransportSettings::default(),
    clock: None,
    gate: None,
    tokens: None
});

impl Client {
    /// Starts building a client with this access token, which comes from Intercom's Developer Hub.
    ///
    /// ```
    /// use intercom_blocking::{Client, Region};
    ///
    /// let client = Client::builder("dG9rOjEyMw==").region(Region::Eu).build()?;
    /// assert_eq!(client.base_url(), "https://api.eu.intercom.io");
    /// # Ok::<(), intercom_blocking::Error>(())
    /// ```
    pub fn builder(token: impl Into<String>) -> ClientBuilder {
        ClientBuilder::of_this_crate(Config::new(token))
    }

    /// Makes a client from `INTERCOM_ACCESS_TOKEN`, and `INTERCOM_BASE_URL` or `INTERCOM_REGION` if set, like
    /// [`ClientBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` that names the variable; it never contains the token.
    #[cfg(feature = "rustls")]
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }
}

#[rustfmt::skip]
impl ClientBuilder {
    /// Sets how connections are made: through a proxy, or with other certificate authorities.
    ///
    /// ```
    /// use intercom_blocking::transport::TransportSettings;
    /// use intercom_blocking::Client;
    ///
    /// let through_proxy = TransportSettings::default().proxy("http://localhost:3128");
    /// let client = Client::builder("dG9rOjEyMw==").transport(through_proxy).build()?;
    /// # Ok::<(), intercom_blocking::Error>(())
    /// ```
    #[cfg(feature = "ureq")]
    pub fn transport(self, settings: TransportSettings) -> Self { Self { transport: settings, ..self } }
    /// Takes the time and random numbers from this clock instead of the system. For tests.
    ///
    /// The client's own gate still uses real time, because its waiting threads sleep in real time. With a virtual clock, turn
    /// that gate off with [`without_pacing`](Self::without_pacing).
    pub fn clock(self, clock: impl Clock + 'static) -> Self { Self { clock: Some(Box::new(clock)), ..self } }
    /// Asks this gate before every attempt, instead of the client's own gate.
    pub fn gate(self, gate: impl Gate + 'static) -> Self { Self { gate: Some(Box::new(gate)), ..self } }
}

impl ClientBuilder {
    /// Asks this function for an access token: before the first call, if the builder has no token, and whenever the API refuses the
    /// token with a 401. The call is then repeated with the new token. That does not count as an attempt of the policy.
    ///
    /// The function runs on the thread of the call, and a deadline does not interrupt it. Each call asks at most once after a
    /// 401. Several calls can ask at the same time; each uses the newest token when it is sent. If the function fails, or returns
    /// the refused token again, the call ends: with the 401 if there was one, otherwise with an error of kind `not_started`.
    ///
    /// ```
    /// use intercom_blocking::ClientBuilder;
    /// use intercom_blocking::protocol::Config;
    ///
    /// # let mock = intercom_mock::MockServer::builder().token("dG9rOjEyMw==").start()?;
    /// # let base_url = mock.base_url();
    /// let client = ClientBuilder::from(Config::anonymous())
    ///     .base_url(base_url)
    ///     .token_provider(|| std::fs::read_to_string("token.txt").or(Ok::<_, std::io::Error>("dG9rOjEyMw==".into())))
    ///     .build()?;
    /// assert_eq!(client.me()?.status(), 200);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn token_provider<E: Into<BoxError>>(
        self,
        provider: impl Fn() -> Result<String, E> + Send + Sync + 'static,
    ) -> Self {
        let tokens: Tokens = Box::new(move || provider().map_err(Into::into));
        Self {
            tokens: Some(tokens),
            config: self.config.renewable_token(),
            ..self
        }
    }

    /// Checks the settings and makes the client. Sends nothing.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` that names the setting and says how to fix it; it never contains the token.
    #[cfg(feature = "rustls")]
    pub fn build(self) -> Result<Client, Error> {
        self.checked(true)
    }

    /// Checks the settings and makes a client without TLS, which calls a server on loopback. Sends nothing.
    ///
    /// Without TLS, [`diagnose`](Client::diagnose) cannot read Intercom's status page.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` that names the setting and says how to fix it. The base URL must be set, and must not
    /// be `https`.
    ///
    /// ```
    /// use intercom_blocking::Client;
    ///
    /// let client = Client::builder("dG9rOjEyMw==").base_url("http://localhost:8080");
    /// assert!(client.build_without_tls().is_ok());
    /// assert!(Client::builder("dG9rOjEyMw==").build_without_tls().is_err());
    /// ```
    #[cfg(feature = "ureq")]
    pub fn build_without_tls(self) -> Result<Client, Error> {
        self.checked(false)
    }

    #[cfg(feature = "ureq")]
    fn checked(self, tls: bool) -> Result<Client, Error> {
        let settings = self.transport.clone();
        self.with(|connection| {
            if !tls && !is_plain(connection.base_url()) {
                let why = "base_url is https, which needs TLS: enable the feature \"rustls\" and use build()";
                return Err(Error::configuration("base_url", why));
            }
            let usual = Limits::of(connection);
            Ok(Box::new(UreqTransport::new(&settings.usual(usual))?))
        })
    }

    /// Checks the settings and makes a client on this transport. Sends nothing.
    ///
    /// The transport brings its own TLS and proxies: the settings of [`transport`](Self::transport) do not apply to it.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` that names the setting and says how to fix it; it never contains the token.
    ///
    /// ```
    /// use intercom_blocking::Client;
    /// use intercom_blocking::transport::transport_fn;
    /// use intercom_blocking::http::Response;
    ///
    /// let transport = transport_fn(|_outgoing| Ok(Response::new(r#"{"type":"admin"}"#.into())));
    /// let client = Client::builder("dG9rOjEyMw==").build_with(transport)?;
    /// assert_eq!(client.me()?.status(), 200);
    /// # Ok::<(), intercom_blocking::Error>(())
    /// ```
    pub fn build_with(self, transport: impl Transport + 'static) -> Result<Client, Error> {
        self.with(|_| Ok(Box::new(transport)))
    }

    fn with(
        self,
        transport: impl FnOnce(&Connection) -> Result<Box<dyn Transport>, Error>,
    ) -> Result<Client, Error> {
        let own = |pacer: &PacerSettings| Box::new(PacedGate::new(pacer.clone())) as _;
        let gate = self.gate.or_else(|| self.config.pacer().map(own));
        let connection = self.config.build()?;
        let transport = transport(&connection)?;
        if let Some(gate) = &gate {
            gate.attach(&connection);
        }
        Ok(Client(Arc::new(Inner {
            connection,
            transport,
            clock: self
                .clock
                .unwrap_or_else(|| Box::new(SystemClock::default())),
            gate,
            tokens: self.tokens,
        })))
    }
}

#[cfg(feature = "ureq")]
fn is_plain(url: &str) -> bool {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"))
}
