//! Sending one line: the client's loop, with a word before the first request leaves.

use std::io;

use intercom_async::gate::{Gate as _, PacedGate};
use intercom_async::{HyperTransport, Timer as _, TokioTimer, Transport as _};
use intercom_protocol::{
    ApiRequest, Call, Config, Connection, Error, ErrorKind, Moment, Reply, Step, Tick,
};
use tokio::sync::watch;

use crate::client::Settings;

/// What all lines are sent with: one connection, one pacer, one retry budget.
#[derive(Debug)]
pub(crate) struct Sender {
    connection: Connection,
    transport: HyperTransport,
    timer: TokioTimer,
    gate: Option<PacedGate>,
    until: Option<Tick>,
}

impl Sender {
    /// Checks the settings; nothing is sent. The deadline counts from here.
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let mut config = Config::new(settings.token.reveal())
            .base_url(&settings.base_url)
            .user_agent(concat!("intercom-cli/", env!("CARGO_PKG_VERSION")));
        if let Some(version) = &settings.api_version {
            config = config.api_version(version);
        }
        let timer = TokioTimer::default();
        let gate = settings.pacing.clone();
        Ok(Self {
            connection: config
                .policy(settings.policy.clone())
                .paced(gate.is_some())
                .build()?,
            transport: HyperTransport::new(),
            timer,
            gate: gate.map(|pacing| PacedGate::new(pacing, timer)),
            until: settings
                .deadline
                .map(|deadline| timer.now().tick().after(deadline)),
        })
    }

    pub(crate) fn now(&self) -> Moment {
        self.timer.now()
    }

    /// Sleeps until everything has to end; for ever if nothing said when.
    pub(crate) async fn deadline(&self) {
        match self.until {
            Some(until) => {
                self.timer.sleep(until.since(self.now().tick())).await;
            }
            None => std::future::pending().await,
        }
    }

    /// Carries out one call. `begin` is called right before its first request leaves.
    ///
    /// `None` if it was stopped, or its time was over, before anything left; then `begin` was not called.
    pub(crate) async fn send(
        &self,
        request: ApiRequest,
        mut stop: watch::Receiver<bool>,
        begin: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<Option<Result<Reply, Error>>> {
        let request = match self.until {
            Some(until) => request.deadline_at(until),
            None => request,
        };
        let mut begin = Some(begin);
        let mut call = Call::new(&self.connection, request, self.now());
        loop {
            match call.next(self.now()) {
                Step::Admit(ask) => {
                    let admission = match &self.gate {
                        None if begin.is_some() && *stop.borrow() => return Ok(None),
                        None => ask.free(),
                        Some(gate) if begin.is_none() => gate.admit(ask).await,
                        Some(gate) => tokio::select! {
                            biased;
                            _ = stop.wait_for(|&stopped| stopped) => return Ok(None),
                            admission = gate.admit(ask) => admission,
                        },
                    };
                    call.admitted(admission, self.now());
                }
                Step::Send(outgoing) => {
                    if let Some(begin) = begin.take() {
                        begin()?;
                    }
                    call.received(self.transport.send(outgoing).await, self.now());
                }
                Step::Sleep(duration) => self.timer.sleep(duration).await,
                Step::Done(Err(error))
                    if begin.is_some() && error.kind() == ErrorKind::NotStarted =>
                {
                    return Ok(None);
                }
                Step::Done(result) => {
                    if let Some(begin) = begin.take() {
                        begin()?;
                    }
                    return Ok(Some(result));
                }
            }
        }
    }
}
