//! One call's counters and history: the only thing in this crate that changes.

use intercom_errors::{Category, Resend};

use crate::attempt::Attempt;
use crate::budget::{Debit, RetryBudget};
use crate::decide::{Decision, Question, decide};
use crate::failure::Failure;
use crate::history::History;
use crate::moment::{Moment, Tick};
use crate::policy::RetryPolicy;
use crate::replay::Replay;
use crate::stop::{Stop, StopReason};
use crate::wait::Wait;

/// One call from its first attempt to its end.
///
/// It counts the attempts, remembers each, and asks [`decide()`] after each failure. The crate's front page works a
/// whole call through.
#[derive(Debug)]
pub struct RetrySession {
    policy: RetryPolicy,
    replay: Replay,
    began: Tick,
    deadline: Option<Tick>,
    /// When the attempt under way went on the wire.
    on_wire: Option<Tick>,
    attempts: History,
    /// How many have ended, those included that were taken out.
    ended: u32,
    maybe_applied: bool,
    budget: Option<RetryBudget>,
    /// The retry that was granted and has not gone out yet.
    debit: Option<Debit>,
    /// Retries that went out at the budget's cost.
    spent: u32,
}

impl RetrySession {
    /// A call that begins now, without a deadline.
    pub fn new(policy: RetryPolicy, replay: Replay, now: &Moment) -> Self {
        Self {
            policy,
            replay,
            began: now.tick(),
            deadline: None,
            on_wire: None,
            attempts: History::default(),
            ended: 0,
            maybe_applied: false,
            budget: None,
            debit: None,
            spent: 0,
        }
    }

    /// Sets the tick by which the call must have ended; none for no limit.
    ///
    /// It is absolute so that several calls of one task can share it.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Option<Tick>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Shares this budget with other calls; without one every call retries as if it were alone.
    #[must_use]
    pub fn with_budget(mut self, budget: Option<RetryBudget>) -> Self {
        self.budget = budget;
        self
    }

    /// Leaves out the policy's [`spread`](RetryPolicy::spread) from here on, because something else spreads the calls.
    pub fn without_spread(&mut self) {
        self.policy.leave_out_spread();
    }

    /// When the call began.
    pub fn began(&self) -> Tick {
        self.began
    }

    /// The tick by which the call must have ended, if there is one.
    pub fn deadline(&self) -> Option<Tick> {
        self.deadline
    }

    /// What happens if the request is applied twice.
    pub fn replay(&self) -> Replay {
        self.replay
    }

    /// The number of the attempt that is next or under way, from 1.
    pub fn attempt(&self) -> u32 {
        self.ended.saturating_add(1)
    }

    /// Whether the deadline has passed.
    pub fn expired(&self, now: &Moment) -> bool {
        self.deadline.is_some_and(|deadline| now.tick() >= deadline)
    }

    /// Marks the attempt as going on the wire; [`succeeded`](Self::succeeded) or [`failed`](Self::failed) ends it.
    pub fn sending(&mut self, now: &Moment) {
        self.on_wire = Some(now.tick());
        if let Some(debit) = self.debit.take() {
            debit.spend();
            self.spent = self.spent.saturating_add(1);
        }
    }

    /// Records that the attempt under way succeeded.
    pub fn succeeded(&mut self, status: u16, request_id: Option<&str>, now: &Moment) {
        let started = self.on_wire.take().unwrap_or(now.tick());
        let times = (started, now.tick());
        let attempt = Attempt::succeeded(self.attempt(), times, status, request_id);
        self.keep(attempt);
        self.refund();
    }

    /// Records that the attempt under way failed, and decides what follows.
    pub fn failed(&mut self, failure: &Failure, now: &Moment) -> Decision {
        let question = Question::new(&self.policy, failure, self.replay, now)
            .with_attempts(self.attempt())
            .with_deadline(self.deadline);
        let decision = decide(&question);
        if failure.is_conclusive() {
            self.refund();
        }
        let decision = self.afford(decision, failure, now);
        self.record(failure, &decision, now);
        decision
    }

    /// The attempts that have ended, oldest first.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The attempts that have ended, taken out; the session goes on counting from where it is.
    pub fn take_attempts(&mut self) -> History {
        core::mem::take(&mut self.attempts)
    }

    /// Whether the server may have done what was asked although no answer says so; never for a read.
    ///
    /// So it is if some attempt ended with its fate unknown, or broke off after a success or a server error, or is
    /// on the wire right now. A later failure does not take it back: after a 404 that follows a lost answer, a
    /// delete was most likely done.
    pub fn maybe_applied(&self) -> bool {
        self.replay != Replay::Read && (self.maybe_applied || self.on_wire.is_some())
    }

    /// The server works: what this call spent on retries goes back to the budget.
    fn refund(&mut self) {
        if let Some(budget) = &self.budget {
            budget.refund(core::mem::take(&mut self.spent));
        }
    }

    /// Asks the budget last, so that a retry which is refused for another reason costs nothing.
    fn afford(&mut self, decision: Decision, failure: &Failure, now: &Moment) -> Decision {
        let (Decision::Retry(wait), Some(budget)) = (decision, &self.budget) else {
            return decision;
        };
        let class = failure.class();
        if class.category() == Category::RateLimit && class.resend() == Resend::Safe {
            return decision;
        }
        self.debit = budget.debit();
        match self.debit {
            Some(_) => decision,
            None => Decision::Stop(too_poor(wait, now)),
        }
    }

    fn keep(&mut self, attempt: Attempt) {
        self.ended = self.ended.saturating_add(1);
        self.attempts.push(attempt);
    }

    fn record(&mut self, failure: &Failure, decision: &Decision, now: &Moment) {
        let wait = match decision {
            Decision::Retry(wait) => Some(*wait),
            Decision::Stop(_) => None,
        };
        let started = self.on_wire.take().unwrap_or(now.tick());
        let attempt = Attempt::failed(self.attempt(), (started, now.tick()), failure, wait);
        self.keep(attempt);
        self.maybe_applied |= failure.maybe_applied();
    }
}

fn too_poor(wait: Wait, now: &Moment) -> Stop {
    Stop::new(StopReason::BudgetExhausted).with_retry_after(wait.duration(), now)
}
