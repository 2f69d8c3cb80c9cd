//! A client's settings.

use std::sync::Arc;

use intercom_protocol::{Config, Error, PacerSettings, client_settings};

use crate::Client;
use crate::driver::Inner;
use crate::gate::{Gate, PacedGate};
use crate::transport::{Timer, Transport};

/// Settings of a [`Client`], checked together when it is built.
#[must_use = "a client is made by build() or build_with()"]
pub struct ClientBuilder {
    config: Config,
    gate: Option<Box<dyn Gate>>,
}

client_settings!(ClientBuilder { gate: None });

impl Client {
    /// Starts a client with an access token from the Developer Hub.
    pub fn builder(token: impl Into<String>) -> ClientBuilder {
        ClientBuilder::of_this_crate(Config::new(token))
    }

    /// Makes a client from `INTERCOM_ACCESS_TOKEN`, `INTERCOM_BASE_URL` and `INTERCOM_REGION`, like [`ClientBuilder::from_env`].
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
    /// Asks this gate before every attempt, instead of the client's own.
    pub fn gate(self, gate: impl Gate + 'static) -> Self {
        let gate: Option<Box<dyn Gate>> = Some(Box::new(gate));
        Self { gate, ..self }
    }

    /// Checks the settings, and makes a client on hyper and tokio; nothing is sent.
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

    /// Checks the settings, and makes a client that sends with this transport, and takes time and chance from this timer;
    /// nothing is sent.
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
    /// // How does the program take it when Intercom cannot be reached?
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
        let timer: Arc<dyn Timer> = Arc::new(timer);
        let own = |settings: &PacerSettings| -> Box<dyn Gate> {
            Box::new(PacedGate::with_timer(settings.clone(), Arc::clone(&timer)))
        };
        let gate = self.gate.or_else(|| self.config.pacer().map(own));
        let connection = self.config.build()?;
        if let Some(gate) = &gate {
            gate.attach(&connection);
        }
        Ok(Client(Arc::new(Inner {
            connection,
            transport: Box::new(transport),
            timer,
            gate,
        })))
    }
}
