//! A client's settings.

use std::sync::Arc;

use intercom_protocol::{Config, Error, MaybeSend, MaybeSync, PacerSettings, client_settings};

use crate::Client;
use crate::driver::{BoxError, Inner, Shared, Tokens};
use crate::gate::{Gate, PacedGate};
use crate::transport::{Timer, Transport};

/// The settings of a [`Client`], checked together when it is built.
#[must_use = "call build() or build_with() to make a client"]
pub struct ClientBuilder {
    config: Config,
    gate: Option<Box<dyn Gate>>,
    tokens: Option<Box<dyn Tokens>>,
}

client_settings!(ClientBuilder {
    gate: None,
    tokens: None
});

impl Client {
    /// Starts building a client with this access token, which comes from Intercom's Developer Hub.
    pub fn builder(token: impl Into<String>) -> ClientBuilder {
        ClientBuilder::of_this_crate(Config::new(token))
    }

    /// Makes a client from `INTERCOM_ACCESS_TOKEN`, and `INTERCOM_BASE_URL` or `INTERCOM_REGION` if set, like
    /// [`ClientBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` that names the variable; it never contains the token.
    #[cfg(feature = "hyper")]
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }
}

impl ClientBuilder {
    /// Asks this gate before every attempt, instead of the client's own gate.
    pub fn gate(self, gate: impl Gate + 'static) -> Self {
        let gate: Option<Box<dyn Gate>> = Some(Box::new(gate));
        Self { gate, ..self }
    }

    /// Asks this function for an access token: before the first call, if the builder has no token, and whenever the API refuses the
    /// token with a 401. The call is then repeated with the new token. That does not count as an attempt of the policy.
    ///
    /// Each call asks at most once after a 401. Several calls can ask at the same time; each uses the newest token when it is
    /// sent. If the function fails, or returns the refused token again, the call ends: with the 401 if there was one, otherwise
    /// with an error of kind `not_started`.
    ///
    /// ```
    /// use intercom_async::ClientBuilder;
    /// use intercom_async::protocol::Config;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let mock = intercom_mock::MockServer::builder().token("dG9rOjEyMw==").start()?;
    /// # let base_url = mock.base_url();
    /// async fn read_token() -> Result<String, std::io::Error> {
    ///     // Here a program asks its store of secrets.
    ///     Ok("dG9rOjEyMw==".to_owned())
    /// }
    ///
    /// let client = ClientBuilder::from(Config::anonymous())
    ///     .base_url(base_url)
    ///     .token_provider(read_token)
    ///     .build()?;
    /// assert_eq!(client.me().await?.status(), 200);
    /// # Ok(()) }
    /// ```
    pub fn token_provider<A, E>(
        self,
        provider: impl Fn() -> A + MaybeSend + MaybeSync + 'static,
    ) -> Self
    where
        A: Future<Output = Result<String, E>> + MaybeSend + 'static,
        E: Into<BoxError>,
    {
        Self {
            tokens: Some(Box::new(provider)),
            config: self.config.renewable_token(),
            ..self
        }
    }

    /// Checks the settings and makes a client on hyper and tokio. Sends nothing.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` that names the setting and says how to fix it; it never contains the token.
    #[cfg(feature = "hyper")]
    pub fn build(self) -> Result<Client, Error> {
        self.build_with(
            crate::transport::HyperTransport::new(),
            crate::transport::TokioTimer::default(),
        )
    }

    /// Checks the settings and makes a client with this transport and this timer. Sends nothing.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` that names the setting and says how to fix it; it never contains the token.
    ///
    /// ```
    /// use intercom_async::{Client, Fault, FaultKind};
    /// use intercom_async::transport::{TokioTimer, transport_fn};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// // What does the program do when it cannot reach Intercom?
    /// let transport = transport_fn(|_| async { Err(Fault::not_sent(FaultKind::Connect)) });
    /// let builder = Client::builder("dG9rOjEyMw==");
    /// let client = builder.build_with(transport, TokioTimer::default())?;
    /// # tokio::time::pause();
    /// assert!(client.me().await.unwrap_err().fault().is_some());
    /// # Ok(()) }
    /// ```
    pub fn build_with(
        self,
        transport: impl Transport + 'static,
        timer: impl Timer + 'static,
    ) -> Result<Client, Error> {
        Ok(Client(Arc::new(Inner {
            shared: self.shared(Arc::new(timer))?,
            transport: Box::new(transport),
        })))
    }

    /// Checks the settings and makes a layer for a [`tower`](crate::tower) stack of services, which carries out the exchanges.
    /// Sends nothing.
    ///
    /// The requests that pass the layer carry their own credentials. The builder therefore needs no access token, and the layer
    /// never sends the builder's token.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` that names the setting and says how to fix it.
    #[cfg(feature = "tower")]
    pub fn build_layer(
        self,
        timer: impl Timer + 'static,
    ) -> Result<crate::tower::CallLayer, Error> {
        let shared = self.shared(Arc::new(timer))?;
        Ok(crate::tower::CallLayer::new(shared))
    }

    fn shared(self, timer: Arc<dyn Timer>) -> Result<Shared, Error> {
        let own = |settings: &PacerSettings| -> Box<dyn Gate> {
            Box::new(PacedGate::with_timer(settings.clone(), Arc::clone(&timer)))
        };
        let gate = self.gate.or_else(|| self.config.pacer().map(own));
        let connection = self.config.build()?;
        if let Some(gate) = &gate {
            gate.attach(&connection);
        }
        Ok(Shared {
            connection,
            timer,
            gate,
            tokens: self.tokens,
        })
    }
}
