//! Sending one line: the client's loop, with a word before the first request leaves.

use std::fmt;
use std::time::Duration;

use intercom_async::gate::Gate;
use intercom_async::{Timer, Transport};
use intercom_protocol::{
    ApiRequest, Call, Connection, Error as CallError, ErrorKind, Moment, Reply, Step, StopReason,
    Tick,
};
use tokio::sync::watch;

use crate::{Error, Stopped};

/// What all lines are sent with: one connection, one gate, one retry budget.
pub(crate) struct Sender {
    pub(crate) connection: Connection,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) timer: Box<dyn Timer>,
    pub(crate) gate: Option<Box<dyn Gate>>,
    /// When everything has to end.
    pub(crate) until: Option<Tick>,
}

/// Why nothing left for a line.
#[derive(Debug)]
pub(crate) enum Unsent {
    /// It was called back, or there is no time or no permission for it. It was not begun.
    Stopped(Stopped),
    /// It could not be noted in the journal.
    Failed(Error),
}

impl From<Error> for Unsent {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Sender {
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

    /// Carries out one call. `begin` is called right before its first request leaves, and never if it is called back
    /// before, or its time is over.
    pub(crate) async fn send(
        &self,
        request: ApiRequest,
        mut halt: watch::Receiver<bool>,
        begin: impl FnOnce() -> Result<(), Error>,
    ) -> Result<Result<Reply, CallError>, Unsent> {
        // In any case, because the total time-out of the configuration would count the wait at the gate.
        let request = request.deadline_at(self.until.unwrap_or(Tick::new(Duration::MAX)));
        let mut begin = Some(begin);
        let mut call = Call::new(&self.connection, request, self.now());
        loop {
            match call.next(self.now()) {
                Step::Admit(ask) => {
                    let admission = match &self.gate {
                        None if begin.is_some() && *halt.borrow() => {
                            return Err(Unsent::Stopped(Stopped::ByCaller));
                        }
                        None => ask.free(),
                        Some(gate) if begin.is_none() => gate.admit(ask).await,
                        Some(gate) => tokio::select! {
                            biased;
                            _ = halt.wait_for(|&halted| halted) => {
                                return Err(Unsent::Stopped(Stopped::ByCaller));
                            }
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
                    let reason = error.stop().map(|stop| stop.reason());
                    return Err(Unsent::Stopped(match reason {
                        Some(StopReason::Refused) => Stopped::Refused,
                        _ => Stopped::Deadline,
                    }));
                }
                Step::Done(result) => {
                    if let Some(begin) = begin.take() {
                        begin()?;
                    }
                    return Ok(result);
                }
            }
        }
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("connection", &self.connection)
            .field("until", &self.until)
            .finish_non_exhaustive()
    }
}
