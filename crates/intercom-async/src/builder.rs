//! A client's settings.

use std::sync::Arc;

use intercom_protocol::{Config, Error, PacerSettings, client_settings};

use crate::driver::Inner;
use crate::gate::{Gate, PacedGate};
use crate::{Client, Timer, Transport};

/// Settings of a [`Client`], checked together by [`build`](Self::build).
#[must_use = "a client is made by build()"]
pub struct ClientBuilder {
    config: Config,
    transport: Option<Box<dyn Transport>>,
    timer: Option<Arc<dyn Timer>>,
    gate: Option<Box<dyn Gate>>,
}

client_settings!(ClientBuilder {
    transport: None,
    timer: None,
    gate: None
});

impl Client {
    /// Starts a client with an access token from the Developer Hub.
    pub fn builder(token: impl Into<String>) -> ClientBuilder {
        let agent = concat!("intercom-async/", env!("CARGO_PKG_VERSION"));
        Config::new(token).user_agent(agent).into()
    }
}

#[rustfmt::skip]
impl ClientBuilder {
    /// Sends with this transport; the feature `hyper` brings a default.
    pub fn transport(self, transport: impl Transport + 'static) -> Self { Self { transport: Some(Box::new(transport)), ..self } }
    /// Takes time and chance from here, and sleeps there; the feature `tokio` brings a default.
    pub fn timer(self, timer: impl Timer + 'static) -> Self { Self { timer: Some(Arc::new(timer)), ..self } }
    /// Asks this gate before every attempt, instead of the client's own.
    pub fn gate(self, gate: impl Gate + 'static) -> Self { Self { gate: Some(Box::new(gate)), ..self } }
}

impl ClientBuilder {
    /// Checks the settings; nothing is sent.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `configuration` that names the setting and says how to fix it, such as a transport or a timer that
    /// was not given and that no feature brings. It never contains the token.
    pub fn build(self) -> Result<Client, Error> {
        let (timer, transport) = (self.timer, self.transport);
        #[cfg(feature = "tokio")]
        let timer = timer.or_else(|| Some(Arc::new(crate::TokioTimer::default())));
        let timer = timer.ok_or_else(|| missing("timer", "tokio"))?;
        let own = |settings: &PacerSettings| -> Box<dyn Gate> {
            Box::new(PacedGate::with_timer(settings.clone(), Arc::clone(&timer)))
        };
        let gate = self.gate.or_else(|| self.config.pacer().map(own));
        let connection = self.config.build()?;
        #[cfg(feature = "hyper")]
        let transport = transport.or_else(|| Some(Box::new(crate::HyperTransport::new())));
        let transport = transport.ok_or_else(|| missing("transport", "hyper"))?;
        if let Some(gate) = &gate {
            gate.attach(&connection);
        }
        Ok(Client(Arc::new(Inner {
            connection,
            transport,
            timer,
            gate,
        })))
    }
}

fn missing(what: &'static str, feature: &'static str) -> Error {
    let message = format!(
        "no {what} was given; give one, or switch on the feature {feature:?} of intercom-async"
    );
    Error::configuration(what, message)
}
