//! One client process: the calls of its workers, and their gate.

use std::collections::BTreeSet;
use std::time::Duration;

use intercom_pace::{Admit, Pacer, PacerSettings};
use intercom_retry::{Moment, Replay, RetryPolicy, RetrySession, Tick};

use super::policy::Policy;

/// A process.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) gate: Gate,
    /// Its monotonic clock when the simulation starts.
    origin: f64,
    /// The number of the current wake-up; earlier ones are ignored.
    pub(super) alarm: u64,
    pub(super) unstarted: usize,
    pub(super) unfinished: usize,
    pub(super) done: usize,
}

/// The gate that admits calls.
#[derive(Debug)]
pub(super) enum Gate {
    Open,
    /// A token bucket that takes reservations.
    Bucket {
        rate: f64,
        burst: f64,
        tokens: f64,
        at: f64,
    },
    /// The pacer and its queue. The oldest call is first, so a refused call goes to the front.
    Paced {
        pacer: Box<Pacer>,
        queue: BTreeSet<usize>,
    },
}

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) client: usize,
    pub(super) began: f64,
    pub(super) attempt: u32,
    pub(super) place: u64,
    /// The retry decisions of our client.
    pub(super) session: Option<Box<RetrySession>>,
}

impl Client {
    pub(super) fn new(policy: Policy, limit: u32, window: f64, calls: usize, origin: f64) -> Self {
        let limit = f64::from(limit);
        let gate = match policy {
            Policy::Ours(pacing) => Gate::Paced {
                pacer: Box::new(Pacer::new(PacerSettings::new().with_pacing(pacing))),
                queue: BTreeSet::new(),
            },
            Policy::Bucket => Gate::Bucket {
                rate: limit / window,
                burst: (limit / 10.0).max(1.0),
                tokens: (limit / 10.0).max(1.0),
                at: 0.0,
            },
            _ => Gate::Open,
        };
        Self {
            gate,
            origin,
            alarm: 0,
            unstarted: calls,
            unfinished: calls,
            done: 0,
        }
    }

    /// The time on the clock of this process.
    pub(super) fn moment(&self, time: f64, roll: u64) -> Moment {
        Moment::new(Tick::new(Duration::from_secs_f64(self.origin + time))).with_roll(roll)
    }
}

impl Gate {
    /// When a call that asks now may go, if the gate takes reservations; `None` if the call has to queue.
    pub(super) fn reserve(&mut self, time: f64) -> Option<f64> {
        match self {
            Self::Open => Some(time),
            Self::Bucket {
                rate,
                burst,
                tokens,
                at,
            } => {
                *tokens = (*tokens + *rate * (time - *at)).min(*burst) - 1.0;
                *at = time;
                Some(time + (-*tokens / *rate).max(0.0))
            }
            Self::Paced { .. } => None,
        }
    }

    /// Admits the head of the queue: returns the call and its permit, or how long it has to wait.
    pub(super) fn ask(&mut self, now: &Moment) -> Option<Result<(usize, u64), f64>> {
        let Self::Paced { pacer, queue } = self else {
            return None;
        };
        let head = *queue.first()?;
        Some(match pacer.admit(now) {
            Admit::Go(place) => {
                queue.remove(&head);
                pacer.sent(place, now);
                Ok((head, place))
            }
            Admit::Wait(wait) => Err(wait.as_secs_f64()),
        })
    }
}

impl Call {
    pub(super) fn new(client: usize, policy: Policy, time: f64, now: &Moment) -> Self {
        let session = policy.is_ours().then(|| {
            let retry = RetryPolicy::builder()
                .spread(Duration::ZERO)
                .build()
                .unwrap_or_default();
            Box::new(RetrySession::new(retry, Replay::Read, now))
        });
        Self {
            client,
            began: time,
            attempt: 0,
            place: 0,
            session,
        }
    }
}
