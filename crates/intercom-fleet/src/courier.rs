//! What the thread or the task that talks to Redis does next. It does no I/O and does not wait.

use std::iter;
use std::sync::Arc;
use std::time::Duration;

use intercom_pace::SharedQueue;
use intercom_pace::fleet::{LeaseStatus, Member, Next};
use intercom_retry::{Moment, Tick};

use crate::event::{FleetEvent, Trouble};
use crate::reporter::Reporter;
use crate::wire;

/// Carries the messages of a member to the ledger.
///
/// Its driver does what [`next`](Self::next) says, and passes each outcome to [`came`](Self::came).
pub(crate) struct Courier {
    queue: Arc<SharedQueue<Member>>,
    reporter: Arc<Reporter>,
    key: String,
    /// When it asked last.
    asked_at: Option<Tick>,
}

/// What the driver of a [`Courier`] does next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Run the script with these arguments.
    Run(Vec<Vec<u8>>),
    /// Rest this long, or until the bell rings. `None` means only then.
    Rest(Option<Duration>),
}

impl Courier {
    pub(crate) fn new(
        queue: Arc<SharedQueue<Member>>,
        reporter: Arc<Reporter>,
        key: String,
    ) -> Self {
        Self {
            queue,
            reporter,
            key,
            asked_at: None,
        }
    }

    /// The key that the script works on.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn next(&mut self) -> Step {
        let (next, now) =
            self.drive(|member, waiting, now| (member.next(waiting, now), now.tick()));
        match next {
            Next::Ask(request) => {
                self.asked_at = Some(now);
                Step::Run(wire::arguments(&request))
            }
            Next::Rest(pause) => Step::Rest(pause),
        }
    }

    /// Returns the arguments with which the script takes the lease back, if there can be one.
    pub(crate) fn bye(&self) -> Option<Vec<Vec<u8>>> {
        self.asked_at?;
        let request = self.drive(|member, _, now| member.bye(now));
        Some(wire::arguments(&request))
    }

    /// Takes in what came of [`Step::Run`].
    pub(crate) fn came(&mut self, outcome: Result<Vec<i64>, Trouble>) {
        let reply =
            outcome.and_then(|numbers| wire::reply(&numbers).map_err(|_| Trouble::Unreadable));
        let now = self.drive(|member, _, now| {
            match &reply {
                Ok(reply) => member.replied(reply, now),
                Err(_) => member.failed(now),
            }
            now.tick()
        });
        let Ok(reply) = reply.map_err(|trouble| self.reporter.trouble(trouble)) else {
            return;
        };
        if reply.status == LeaseStatus::Conflict {
            self.reporter.trouble(Trouble::Conflict);
        } else {
            self.reporter.replied();
        }
        if let Some(asked_at) = self.asked_at {
            let time = now.since(asked_at);
            self.reporter.report(&FleetEvent::RoundTrip(time));
        }
    }

    /// Carries no more messages: the member goes on alone. No event is reported, because this can follow a panic of the observer.
    pub(crate) fn stop(&self) {
        self.queue.drive(|member, _, now| {
            member.failed(now);
            while member.take_change().is_some() {}
        });
    }

    /// Does something with the member, and then reports what has changed, without the lock.
    fn drive<R>(&self, act: impl FnOnce(&mut Member, usize, &Moment) -> R) -> R {
        let mut changes = Vec::new();
        let result = self.queue.drive(|member, waiting, now| {
            let result = act(member, waiting, now);
            changes.extend(iter::from_fn(|| member.take_change()));
            result
        });
        for change in changes {
            self.reporter.report(&FleetEvent::Lease(change));
        }
        result
    }
}
