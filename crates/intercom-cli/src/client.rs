//! One interface to both clients, so that each command is written once.

use std::ffi::OsString;
use std::time::Duration;

use intercom_async::Client as AsyncClient;
use intercom_async::transport::{HyperTransport, TokioTimer};
use intercom_blocking::Client as BlockingClient;
use intercom_debug::Recorder;
use intercom_fleet::{FleetError, FleetSettings, blocking, tokio as fleet_tokio};
use intercom_protocol::{
    ApiRequest, Caller, Config, Connection, Error, PacerSettings, Reply, RetryPolicy, Tick, ready,
};
use tokio::runtime::{self, Runtime};

use crate::args::{Global, Kind};
use crate::error::Failure;
use crate::fleet::Fleet;
use crate::redact::Redactor;
use crate::token::Token;
use crate::waits::WaitAnnouncer;

const USER_AGENT: &str = concat!("intercom-cli/", env!("CARGO_PKG_VERSION"));

/// The settings of a client.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) kind: Kind,
    /// `None` sends requests without a token.
    pub(crate) token: Option<Token>,
    pub(crate) base_url: String,
    pub(crate) api_version: Option<String>,
    pub(crate) status_url: Option<String>,
    pub(crate) policy: RetryPolicy,
    pub(crate) deadline: Option<Duration>,
    /// How to stay within the rate limit. With `None`, only 429 responses slow requests down.
    pub(crate) pacing: Option<PacerSettings>,
    /// The processes that share the quota.
    pub(crate) fleet: Option<Fleet>,
    /// Records the calls.
    pub(crate) recorder: Option<Recorder>,
    /// Whether to announce long waits on stderr.
    pub(crate) announce_waits: bool,
    /// Whether a program reads the output.
    pub(crate) json: bool,
}

impl Settings {
    /// The settings from the arguments and the environment.
    pub(crate) fn new(
        global: &Global,
        token: Option<Token>,
        recorder: Option<Recorder>,
    ) -> Result<Self, Failure> {
        let variable = |name: &str| match name {
            // The variables have to contain a token, but only the base URL is used.
            "INTERCOM_ACCESS_TOKEN" => Some(token.as_ref().map_or("none", Token::reveal).into()),
            name => std::env::var_os(name),
        };
        Ok(Self {
            kind: global.client,
            base_url: base_url(global, variable)?,
            token,
            api_version: global.api_version.clone(),
            status_url: global.status_url.clone(),
            policy: policy(global)?,
            deadline: global.deadline,
            pacing: pacing(global),
            fleet: Fleet::read(global, |name| std::env::var_os(name))?,
            recorder,
            announce_waits: true,
            json: global.json,
        })
    }
}

impl Settings {
    /// The configuration of either client.
    pub(crate) fn config(&self) -> Config {
        let config = self.unobserved();
        match &self.recorder {
            Some(recorder) => config.observer(recorder.clone()),
            None => config,
        }
    }

    /// The configuration of a client that announces long waits.
    fn announcing(&self) -> Config {
        match (self.announcer(), &self.recorder) {
            (Some(announcer), Some(recorder)) => {
                self.unobserved().observer((announcer, recorder.clone()))
            }
            (Some(announcer), None) => self.unobserved().observer(announcer),
            (None, _) => self.config(),
        }
    }

    fn unobserved(&self) -> Config {
        let config = match &self.token {
            Some(token) => Config::new(token.reveal()),
            None => Config::anonymous(),
        };
        let mut config = config
            .base_url(&self.base_url)
            .user_agent(USER_AGENT)
            .policy(self.policy.clone());
        if let Some(version) = &self.api_version {
            config = config.api_version(version);
        }
        if let Some(url) = &self.status_url {
            config = config.status_url(url);
        }
        match &self.pacing {
            Some(pacing) => config.pacing(pacing.clone()),
            None => config.without_pacing(),
        }
    }

    fn announcer(&self) -> Option<WaitAnnouncer> {
        let announcer =
            || WaitAnnouncer::new(self.redactor(), self.policy.max_attempts(), self.json);
        self.announce_waits.then(announcer)
    }

    fn redactor(&self) -> Redactor {
        self.token.as_ref().map(Token::redactor).unwrap_or_default()
    }

    /// The gate that shares the quota, if there is a fleet: made by this function from a URL and settings.
    pub(crate) fn fleet_gate<G>(
        &self,
        connect: impl FnOnce(&str, FleetSettings) -> Result<G, FleetError>,
    ) -> Result<Option<G>, Error> {
        let (Some(fleet), Some(pacing)) = (&self.fleet, &self.pacing) else {
            return Ok(None);
        };
        connect(fleet.url(), fleet.settings(pacing, self.redactor()))
            .map(Some)
            .map_err(|error| Error::configuration("fleet", error.to_string()))
    }
}

/// A URL or region in the arguments takes precedence over the environment.
fn base_url(
    global: &Global,
    variable: impl FnMut(&str) -> Option<OsString>,
) -> Result<String, Failure> {
    if let Some(url) = &global.base_url {
        return Ok(url.clone());
    }
    if let Some(region) = global.region {
        return Ok(region.base_url().to_owned());
    }
    let connection = Config::from_vars(variable)?.build()?;
    Ok(connection.base_url().to_owned())
}

fn policy(global: &Global) -> Result<RetryPolicy, Error> {
    let mut policy = RetryPolicy::builder();
    if let Some(attempts) = global.max_attempts {
        policy = policy.max_attempts(attempts);
    }
    if let Some(wait) = global.max_wait {
        policy = policy.max_wait(wait);
    }
    Ok(policy.build()?)
}

fn pacing(global: &Global) -> Option<PacerSettings> {
    let pacing = global.pacing.unwrap_or_default();
    (!global.no_pacing).then(|| PacerSettings::new().with_pacing(pacing))
}

/// Either client. One deadline, which starts when the client is created, limits everything it does.
#[derive(Debug)]
pub(crate) struct Client {
    driver: Driver,
    until: Option<Tick>,
}

#[derive(Debug)]
enum Driver {
    Async(AsyncDriver),
    Blocking(BlockingClient),
}

/// The async client with its runtime. When it is dropped, it leaves the fleet; the gate of threads does that by itself.
#[derive(Debug)]
pub(crate) struct AsyncDriver {
    client: AsyncClient,
    runtime: Runtime,
    gate: Option<fleet_tokio::FleetGate>,
}

impl Drop for AsyncDriver {
    fn drop(&mut self) {
        if let Some(gate) = &self.gate {
            self.runtime.block_on(gate.leave());
        }
    }
}

impl AsyncDriver {
    /// Creates the client from checked settings. Sends nothing.
    ///
    /// # Errors
    ///
    /// An error of kind `invalid` that names the setting.
    pub(crate) fn connect(settings: &Settings) -> Result<Self, Error> {
        let mut builder = intercom_async::ClientBuilder::from(settings.announcing());
        let gate = settings.fleet_gate(fleet_tokio::FleetGate::connect)?;
        if let Some(gate) = &gate {
            builder = builder.gate(gate.clone());
        }
        let client = builder.build_with(HyperTransport::new(), TokioTimer::default())?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| {
            let why = format!("the async runtime did not start: {error}");
            Error::configuration("client", why)
        })?;
        Ok(Self {
            client,
            runtime,
            gate,
        })
    }

    pub(crate) const fn client(&self) -> &AsyncClient {
        &self.client
    }

    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

impl Client {
    /// Creates the client from checked settings. Sends nothing.
    ///
    /// # Errors
    ///
    /// An error of kind `invalid` that names the setting.
    pub(crate) fn connect(settings: &Settings) -> Result<Self, Error> {
        let driver = match settings.kind {
            Kind::Async => Driver::Async(AsyncDriver::connect(settings)?),
            Kind::Blocking => {
                let mut builder = intercom_blocking::ClientBuilder::from(settings.announcing());
                if let Some(gate) = settings.fleet_gate(blocking::FleetGate::connect)? {
                    builder = builder.gate(gate);
                }
                Driver::Blocking(builder.build()?)
            }
        };
        let mut client = Self {
            driver,
            until: None,
        };
        let ends = |deadline| Some(client.now()?.after(deadline));
        client.until = settings.deadline.and_then(ends);
        Ok(client)
    }

    /// Executes one call.
    pub(crate) fn execute(&self, request: ApiRequest) -> Result<Reply, Error> {
        self.drive(self.call(request))
    }

    /// Runs a flow with this client to its end.
    pub(crate) fn drive<T, E: From<Error>>(
        &self,
        flow: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        match &self.driver {
            Driver::Async(driver) => driver.block_on(flow),
            Driver::Blocking(_) => ready(flow)?,
        }
    }
}

impl Client {
    fn bounded(&self, request: ApiRequest) -> ApiRequest {
        match self.until {
            Some(tick) => request.deadline_at(tick),
            None => request,
        }
    }
}

impl Caller for Client {
    async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
        let request = self.bounded(request);
        match &self.driver {
            Driver::Async(driver) => driver.client.execute(request).await,
            Driver::Blocking(client) => client.execute(request),
        }
    }

    async fn call_elsewhere(
        &self,
        connection: &Connection,
        request: ApiRequest,
    ) -> Result<Reply, Error> {
        let request = self.bounded(request);
        match &self.driver {
            Driver::Async(driver) => driver.client.call_elsewhere(connection, request).await,
            Driver::Blocking(client) => client.call_elsewhere(connection, request).await,
        }
    }

    fn connection(&self) -> Option<&Connection> {
        match &self.driver {
            Driver::Async(driver) => driver.client.connection(),
            Driver::Blocking(client) => client.connection(),
        }
    }

    fn now(&self) -> Option<Tick> {
        match &self.driver {
            Driver::Async(driver) => Caller::now(&driver.client),
            Driver::Blocking(client) => Caller::now(client),
        }
    }

    async fn sleep_until(&self, tick: Tick) {
        match &self.driver {
            Driver::Async(driver) => driver.client.sleep_until(tick).await,
            Driver::Blocking(client) => client.sleep_until(tick).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Parser as _;

    use super::base_url;
    use crate::args::Args;

    #[test]
    fn arguments_take_precedence_over_the_environment() {
        let chosen = |args: &[&str], url: Option<&str>, region: Option<&str>| {
            let args = [&["intercom", "demo"], args].concat();
            let global = Args::try_parse_from(args).unwrap().global;
            let variable = |name: &str| match name {
                "INTERCOM_ACCESS_TOKEN" => Some(OsString::from("token")),
                "INTERCOM_BASE_URL" => url.map(OsString::from),
                "INTERCOM_REGION" => region.map(OsString::from),
                _ => None,
            };
            base_url(&global, variable).ok()
        };
        let local = Some("http://127.0.0.1:1");
        let some = |url: &str| Some(url.to_owned());
        assert_eq!(chosen(&[], None, None), some("https://api.intercom.io"));
        assert_eq!(chosen(&[], Some(""), None), None);
        assert_eq!(chosen(&[], local, None), some("http://127.0.0.1:1"));
        assert_eq!(
            chosen(&[], None, Some("au")),
            some("https://api.au.intercom.io")
        );
        assert_eq!(chosen(&[], local, Some("au")), None);
        for (url, region) in [(local, None), (Some(""), None), (local, Some("mars"))] {
            assert_eq!(
                chosen(&["--region", "EU"], url, region),
                some("https://api.eu.intercom.io")
            );
            assert_eq!(
                chosen(&["--base-url", "https://x.example"], url, region),
                some("https://x.example")
            );
        }
    }
}
