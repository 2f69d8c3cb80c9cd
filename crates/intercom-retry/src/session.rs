//! The state of one call: its counters and its history.

use core::time::Duration;

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
use crate::wait::{Wait, WaitCause};

/// One call from its first attempt to its end.
///
/// It counts and records the attempts, and calls [`decide()`] after each failure. The crate's front page shows a whole
/// call.
#[derive(Debug)]
pub struct RetrySession {
    policy: RetryPolicy,
    replay: Replay,
    began: Tick,
    deadline: Option<Tick>,
    /// When the current attempt was sent.
    on_wire: Option<Tick>,
    attempts: History,
    /// How many attempts have ended, including those that were taken out.
    ended: u32,
    /// How many of them do not count as attempts of the policy.
    uncounted: u32,
    maybe_applied: bool,
    budget: Option<RetryBudget>,
    /// The cost of a retry that was not sent yet.
    debit: Option<Debit>,
    /// The number of sent retries that the budget has paid for.
    spent: u32,
}

impl RetrySession {
    /// Creates a session for a call that starts now, without a deadline.
    pub fn new(policy: RetryPolicy, replay: Replay, now: &Moment) -> Self {
        Self {
            policy,
            replay,
            began: now.tick(),
            deadline: None,
            on_wire: None,
            attempts: History::default(),
            ended: 0,
            uncounted: 0,
            maybe_applied: false,
            budget: None,
            debit: None,
            spent: 0,
        }
    }

    /// Sets the tick by which the call must have ended, or `None` for no limit.
    ///
    /// It is absolute, so that several calls of one task can share it.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Option<Tick>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets the budget that the call shares with other calls. Without a budget, only the policy limits the retries.
    #[must_use]
    pub fn with_budget(mut self, budget: Option<RetryBudget>) -> Self {
        self.budget = budget;
        self
    }

    /// Sets the policy's [`spread`](RetryPolicy::spread) to zero. Use it if something else spreads the calls.
    pub fn without_spread(&mut self) {
        self.policy.leave_out_spread();
    }

    /// Returns the policy, without its spread if that was [left out](Self::without_spread).
    pub fn policy(&self) -> &RetryPolicy {
        &self.policy
    }

    /// Returns when the call started.
    pub fn began(&self) -> Tick {
        self.began
    }

    /// Returns the tick by which the call must have ended, if there is one.
    pub fn deadline(&self) -> Option<Tick> {
        self.deadline
    }

    /// Returns whether the request may be applied twice.
    pub fn replay(&self) -> Replay {
        self.replay
    }

    /// Returns the number of the current or next attempt, starting at 1.
    pub fn attempt(&self) -> u32 {
        self.ended.saturating_add(1)
    }

    /// Returns `true` if the deadline has passed.
    pub fn expired(&self, now: &Moment) -> bool {
        self.deadline.is_some_and(|deadline| now.tick() >= deadline)
    }

    /// Records that the attempt is sent. [`succeeded`](Self::succeeded) or [`failed`](Self::failed) ends it.
    pub fn sending(&mut self, now: &Moment) {
        self.on_wire = Some(now.tick());
        if let Some(debit) = self.debit.take() {
            debit.spend();
            self.spent = self.spent.saturating_add(1);
        }
    }

    /// Records that the current attempt succeeded.
    pub fn succeeded(&mut self, status: u16, request_id: Option<&str>, now: &Moment) {
        let started = self.on_wire.take().unwrap_or(now.tick());
        let times = (started, now.tick());
        let attempt = Attempt::succeeded(self.attempt(), times, status, request_id);
        self.keep(attempt);
        self.refund();
    }

    /// Records that the current attempt succeeded, when its response is not known.
    pub(crate) fn finished(&mut self) {
        self.on_wire = None;
        self.ended = self.ended.saturating_add(1);
        self.refund();
    }

    /// Records that the current attempt has done a part of the work, which the next attempt continues.
    ///
    /// Call it before [`failed`](Self::failed). The policy then counts this attempt as the first one. A long
    /// download can therefore be continued more often than a request can be retried. The budget still pays for each
    /// retry.
    ///
    /// ```
    /// use intercom_errors::{Fault, FaultKind};
    /// use intercom_retry::{Decision, Failure, Moment, Replay, RetryPolicy, RetrySession, Tick};
    ///
    /// let now = Moment::new(Tick::default());
    /// let mut session = RetrySession::new(RetryPolicy::default(), Replay::Read, &now);
    /// let broken = Failure::from(Fault::outcome_unknown(FaultKind::Closed));
    /// for _ in 0..9 {
    ///     session.sending(&now);
    ///     session.progressed();
    ///     assert!(matches!(session.failed(&broken, &now), Decision::Retry(_)));
    /// }
    /// ```
    pub fn progressed(&mut self) {
        self.uncounted = self.ended;
    }

    /// Records that the current attempt failed, and decides whether to retry.
    pub fn failed(&mut self, failure: &Failure, now: &Moment) -> Decision {
        let question = Question::new(&self.policy, failure, self.replay, now)
            .with_attempts(self.attempt().saturating_sub(self.uncounted))
            .with_deadline(self.deadline);
        let decision = decide(&question);
        if failure.is_conclusive() {
            self.refund();
        }
        let decision = self.charge(decision, failure, now);
        self.record(failure, &decision, now);
        decision
    }

    /// Records that the current attempt failed only because its access token was refused, and that it will be sent again
    /// at once with another token. It does not count as an attempt of the policy and costs no budget.
    pub fn renewed_token(&mut self, failure: &Failure, now: &Moment) -> Wait {
        let wait = Wait::new(Duration::ZERO, WaitCause::NewToken);
        self.record(failure, &Decision::Retry(wait), now);
        self.uncounted = self.uncounted.saturating_add(1);
        wait
    }

    /// Records that the current attempt failed, and stops the call for this reason without a [decision](Self::failed).
    /// A driver uses it if it knows that no further attempt can help.
    pub fn stopped(&mut self, reason: StopReason, failure: &Failure, now: &Moment) -> Stop {
        let stop = Stop::new(reason);
        self.record(failure, &Decision::Stop(stop), now);
        stop
    }

    /// Returns the finished attempts, oldest first.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Takes out the finished attempts. The count of attempts does not change.
    pub fn take_attempts(&mut self) -> History {
        core::mem::take(&mut self.attempts)
    }

    /// Returns `true` if the server may have applied the request, although no response confirms it. Always `false`
    /// for a read.
    ///
    /// A request may have been applied if the outcome of any attempt is unknown, if the response to an attempt was cut
    /// off after a success or a server error, or while an attempt is in flight. Later failures do not change that. For
    /// example, a delete whose first response was lost and whose retry got a 404 has most likely been applied.
    pub fn maybe_applied(&self) -> bool {
        self.replay != Replay::Read && (self.maybe_applied || self.on_wire.is_some())
    }

    /// Puts back what this call has spent on retries, because the server works.
    fn refund(&mut self) {
        if let Some(budget) = &self.budget {
            budget.refund(core::mem::take(&mut self.spent));
        }
    }

    /// Charges the budget for a retry. Called last, so that a call that stops for another reason costs nothing.
    fn charge(&mut self, decision: Decision, failure: &Failure, now: &Moment) -> Decision {
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
            None => Decision::Stop(budget_exhausted(wait, now)),
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

fn budget_exhausted(wait: Wait, now: &Moment) -> Stop {
    Stop::new(StopReason::BudgetExhausted).with_retry_after(wait.duration(), now)
}
