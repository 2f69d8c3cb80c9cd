//! A client's settings.

use std::sync::Arc;

use intercom_protocol::{Config, Error, PacerSettings, client_settings};

use crate::Client;
use crate::driver::Inner;
use crate::gate::{Gate, PacedGate};
use crate::transport::{Timer, Transport};

/// The settings of a [`Client`], checked together when it is built.
#[must_use = "call build() or build_with() to make a client"]
pub struct ClientBuilder {
    config: Config,
    gate: Option<Box<dyn Gate>>,
}

client_settings!(ClientBuilder { gate: None });

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
