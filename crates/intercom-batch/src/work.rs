//! Carries out the task of one line.

use std::sync::{Mutex, PoisonError};

use intercom_protocol::flows::{self, OnArchived, Upserted};
use intercom_protocol::{ApiRequest, Caller, Error as CallError, RateLimit, Reply};
use tokio::sync::watch;

use crate::Error;
use crate::sender::{Sender, Unsent};
use crate::source::Task;

/// What became of a task whose first request was sent.
#[derive(Debug)]
pub(crate) struct Carried {
    pub(crate) outcome: Result<Success, CallError>,
    pub(crate) spent: Spent,
}

/// The result of a task.
#[derive(Debug)]
pub(crate) enum Success {
    Sent(Box<Reply>),
    Upserted(Upserted),
}

/// What the requests of a task have cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    pub(crate) attempts: usize,
    pub(crate) rate_limited: usize,
    /// The rate limit headers of the latest response; empty if there are none.
    pub(crate) rate_limit: RateLimit,
}

/// Carries out a task. Runs `begin` right before the first request is sent, and never if the task is cancelled or out of time before
/// that.
pub(crate) async fn carry_out<B>(
    sender: &Sender,
    task: Task,
    halt: watch::Receiver<bool>,
    begin: B,
) -> Result<Carried, Unsent>
where
    B: FnOnce() -> Result<(), Error> + Send,
{
    let worker = Worker {
        sender,
        halt,
        state: Mutex::new(State {
            begin: Some(begin),
            unsent: None,
            spent: Spent::default(),
        }),
    };
    let outcome = match task {
        Task::Send(request) => {
            let reply = worker.call(*request).await;
            reply.map(|reply| Success::Sent(Box::new(reply)))
        }
        Task::Upsert(contact) => {
            let upserted = flows::upsert(&worker, &contact, OnArchived::Unarchive).await;
            upserted.map(Success::Upserted)
        }
    };
    let state = worker.state.into_inner();
    let state = state.unwrap_or_else(PoisonError::into_inner);
    match state.unsent {
        Some(unsent) => Err(unsent),
        None => Ok(Carried {
            outcome,
            spent: state.spent,
        }),
    }
}

/// Makes the calls of one task.
struct Worker<'s, B> {
    sender: &'s Sender,
    halt: watch::Receiver<bool>,
    state: Mutex<State<B>>,
}

struct State<B> {
    /// Runs before the first request.
    begin: Option<B>,
    /// Why the task was not carried out to its end.
    unsent: Option<Unsent>,
    spent: Spent,
}

impl<B> Worker<'_, B> {
    fn with<T>(&self, work: impl FnOnce(&mut State<B>) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<B: FnOnce() -> Result<(), Error> + Send> Caller for Worker<'_, B> {
    async fn call(&self, request: ApiRequest) -> Result<Reply, CallError> {
        let begin = self.with(|state| state.begin.take());
        match self.sender.send(request, self.halt.clone(), begin).await {
            Ok(outcome) => {
                self.with(|state| state.spent.add(&outcome));
                outcome
            }
            Err(unsent) => {
                self.with(|state| state.unsent = Some(unsent));
                // It ends the flow, and is dropped.
                Err(CallError::configuration("run", "it has stopped"))
            }
        }
    }
}

impl Spent {
    fn add(&mut self, outcome: &Result<Reply, CallError>) {
        let (attempts, rate_limit) = match outcome {
            Ok(reply) => (reply.attempts(), reply.rate_limit()),
            Err(error) => (error.attempts(), error.rate_limit().unwrap_or_default()),
        };
        let limited = attempts
            .iter()
            .filter(|attempt| attempt.status() == Some(429));
        self.attempts += attempts.len();
        self.rate_limited += limited.count();
        self.rate_limit = rate_limit;
    }
}

impl Success {
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Sent(reply) => reply.status().as_u16(),
            Self::Upserted(_) => 200,
        }
    }

    /// The response, or the contact, as bytes.
    pub(crate) fn body(&self) -> &[u8] {
        match self {
            Self::Sent(reply) => reply.body(),
            Self::Upserted(upserted) => upserted.contact().as_json().as_bytes(),
        }
    }

    pub(crate) const fn upserted(&self) -> Option<&Upserted> {
        match self {
            Self::Sent(_) => None,
            Self::Upserted(upserted) => Some(upserted),
        }
    }
}
