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
/// Its driver does what [`next`](Self::next) says, and passes each outcome to [`completed`](Self::completed).
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

    /// Takes in the outcome of [`Step::Run`].
    pub(crate) fn completed(&self, outcome: Result<Vec<i64>, Trouble>) {
        let taken_in = self.take_in(outcome);
        let Ok((status, now)) = taken_in.map_err(|trouble| self.reporter.trouble(trouble)) else {
            return;
        };
        if status == LeaseStatus::Conflict {
            self.reporter.trouble(Trouble::Conflict);
        } else {
            self.reporter.replied();
        }
        if let Some(asked_at) = self.asked_at {
            let time = now.since(asked_at);
            self.reporter.report(&FleetEvent::RoundTrip(time));
        }
    }

    /// Takes in the outcome of [`bye`](Self::bye). A failure is not reported: the ledger finds out by itself.
    pub(crate) fn said_bye(&self, outcome: Result<Vec<i64>, Trouble>) {
        if outcome.is_ok() {
            let _ = self.take_in(outcome);
        }
    }

    fn take_in(&self, outcome: Result<Vec<i64>, Trouble>) -> Result<(LeaseStatus, Tick), Trouble> {
        let reply = outcome.and_then(|numbers| wire::reply(&numbers).ok_or(Trouble::Unreadable));
        let now = self.drive(|member, _, now| {
            match &reply {
                Ok(reply) => member.replied(reply, now),
                Err(_) => member.failed(now),
            }
            now.tick()
        });
        Ok((reply?.status, now))
    }

    /// Reports that the script panicked. It is not used again.
    pub(crate) fn broke(&self) {
        self.reporter.trouble(Trouble::Driver);
    }

    /// Carries no more messages: the member goes on alone.
    pub(crate) fn stop(&self) {
        self.queue.drive(|member, _, now| {
            member.failed(now);
            while member.take_change().is_some() {}
        });
        self.reporter.ended();
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
            self.reporter.change(change);
        }
        result
    }
}
