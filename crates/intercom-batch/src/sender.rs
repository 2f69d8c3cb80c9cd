//! Sends one line: the loop of the async client, with a callback before the first request is sent.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use intercom_async::gate::{Admission, Gate, Refusal};
use intercom_async::transport::{Timer, Transport};
use intercom_protocol::{
    ApiRequest, Call, Class, Connection, Error as CallError, ErrorKind, Moment, Reply, Step,
    StopReason, Tick,
};
use tokio::sync::watch;

use crate::{Error, Stopped};

/// Sends all lines, with one connection, one gate and one retry budget.
pub(crate) struct Sender {
    pub(crate) connection: Connection,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) timer: Box<dyn Timer>,
    pub(crate) gate: Option<Box<dyn Gate>>,
    /// When everything has to end.
    pub(crate) until: Option<Tick>,
    /// How many attempts in a row a firewall or proxy blocked.
    pub(crate) blocked: AtomicU32,
}

/// How many blocked attempts in a row stop a run.
const MOST_BLOCKED: u32 = 3;

/// Why a request was not sent.
#[derive(Debug)]
pub(crate) enum Unsent {
    /// The request was cancelled, there was no time left, or the gate refused it.
    Stopped(Stopped),
    /// The line could not be written to the journal.
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

    /// Sleeps until everything has to end, or for ever without a deadline.
    pub(crate) async fn deadline(&self) {
        match self.until {
            Some(until) => {
                self.timer.sleep(until.since(self.now().tick())).await;
            }
            None => std::future::pending().await,
        }
    }

    /// Whether a firewall or proxy blocks everything.
    pub(crate) fn is_blocked(&self) -> bool {
        self.blocked.load(Ordering::Relaxed) >= MOST_BLOCKED
    }

    fn count_blocked(&self, call: &Call) {
        if call.failure_class().is_some_and(Class::is_blocked) {
            self.blocked.fetch_add(1, Ordering::Relaxed);
        } else {
            self.blocked.store(0, Ordering::Relaxed);
        }
    }

    /// Waits before the next attempt. A call that is blocked gives up once the run stops, because it was not applied and
    /// the next run continues with it.
    async fn wait(&self, call: &mut Call, wait: Duration, halt: &mut watch::Receiver<bool>) {
        let is_blocked = call.failure_class().is_some_and(Class::is_blocked);
        tokio::select! {
            biased;
            _ = halt.wait_for(|&halted| halted || self.is_blocked()), if is_blocked => {
                call.admitted(Admission::Refused(Refusal::new()), self.now());
            }
            () = self.timer.sleep(wait) => {}
        }
    }

    /// Carries out one call. Runs `begin` right before it sends the first request, and never if it is cancelled or out
    /// of time before that. Without `begin`, the call belongs to a line that has begun, and is not cancelled.
    pub(crate) async fn send(
        &self,
        request: ApiRequest,
        mut halt: watch::Receiver<bool>,
        mut begin: Option<impl FnOnce() -> Result<(), Error>>,
    ) -> Result<Result<Reply, CallError>, Unsent> {
        // Always set a deadline: it replaces the configuration's total time-out, which would include the wait at the
        // gate.
        let request = request.deadline_at(self.until.unwrap_or(Tick::new(Duration::MAX)));
        let begins = begin.is_some();
        let mut call = Call::new(&self.connection, request, self.now());
        loop {
            match call.next(self.now()) {
                Step::Authorize(_) => {
                    call.authorized(Err("a batch has no token provider".into()), self.now());
                }
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
                    self.count_blocked(&call);
                }
                Step::Sleep(duration) => self.wait(&mut call, duration, &mut halt).await,
                Step::Done(Err(error))
                    if begin.is_some() == begins && error.kind() == ErrorKind::NotStarted =>
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
