//! The decision to retry or to stop after a failed attempt.

use core::time::Duration;

use intercom_errors::{Category, Class, Hint, Resend};

use crate::failure::Failure;
use crate::moment::{Moment, Tick};
use crate::policy::RetryPolicy;
use crate::replay::Replay;
use crate::stop::{Stop, StopReason};
use crate::wait::{Wait, WaitCause};

/// Decides whether to retry after a failed attempt. It is a pure function.
///
/// The first row that applies wins:
///
/// | # | condition | decision |
/// |---|---|---|
/// | 1 | according to the class, a retry never helps | stop: [`NotRetryable`](StopReason::NotRetryable) |
/// | 2 | the outcome is unknown, and the request must not be applied twice | stop: [`NotReplayable`](StopReason::NotReplayable) |
/// | 3 | it was the last attempt | stop: [`AttemptsExhausted`](StopReason::AttemptsExhausted) |
/// | 4 | the server asks for a wait longer than [`max_wait`](RetryPolicy::max_wait) | stop: [`WaitTooLong`](StopReason::WaitTooLong) |
/// | 5 | the wait would end at the deadline or later | stop: [`DeadlineExceeded`](StopReason::DeadlineExceeded) |
/// | 6 | anything else | retry after the wait |
///
/// Usually the wait is the back-off, which never exceeds its cap. If the server gives a hint or the rate limit was
/// reached, the wait is the hint or the back-off, whichever is longer, plus a spread. After a rate limit, it is at
/// least the policy's floor plus a spread. The wait is never shorter than the hint, and is never shortened to fit the
/// deadline. `max_wait` limits the hint without the spread.
///
/// ```
/// use core::time::Duration;
/// use intercom_errors::ApiError;
/// use intercom_retry::{Decision, Failure, Moment, Question, Replay, RetryPolicy, Tick, decide};
///
/// let policy = RetryPolicy::default();
/// let now = Moment::new(Tick::default());
/// let failure = Failure::from(ApiError::from_parts(429, [("Retry-After", &b"7"[..])], b""));
/// // The server refuses a rate-limited request before it does anything, so even a write can be sent again.
/// let Decision::Retry(wait) = decide(&Question::new(&policy, &failure, Replay::No, &now)) else {
///     panic!("a rate limit is retried");
/// };
/// assert_eq!(wait.duration(), Duration::from_secs(7));
/// ```
pub fn decide(question: &Question<'_>) -> Decision {
    let wait = question.wait();
    match question.reason_to_stop(wait) {
        Some(reason) => Decision::Stop(question.stop(reason, wait)),
        None => Decision::Retry(wait),
    }
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every driver must handle each decision"
)]
#[must_use = "a decision does nothing by itself"]
pub enum Decision {
    /// Wait this long, then send the same request again.
    Retry(Wait),
    /// Give up for this reason.
    Stop(Stop),
}

/// The input of [`decide()`].
#[derive(Clone, Debug)]
pub struct Question<'a> {
    policy: &'a RetryPolicy,
    class: Class,
    hint: Option<Hint>,
    replay: Replay,
    attempts: u32,
    deadline: Option<Tick>,
    now: Moment,
}

impl<'a> Question<'a> {
    /// Creates the question for the `failure` of a call's first attempt, without a deadline.
    pub fn new(policy: &'a RetryPolicy, failure: &Failure, replay: Replay, now: &Moment) -> Self {
        Self {
            policy,
            class: failure.class(),
            hint: failure.hint(now.wall()),
            replay,
            attempts: 1,
            deadline: None,
            now: *now,
        }
    }

    /// Sets how many attempts were made, including the failed one. 0 counts as 1.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Sets the tick by which the call must have ended, or `None` for no limit.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Option<Tick>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Returns the reason of the first row that forbids a retry after this wait.
    fn reason_to_stop(&self, wait: Wait) -> Option<StopReason> {
        match self.class.resend() {
            Resend::Never => return Some(StopReason::NotRetryable),
            Resend::IfReplayable if !self.replay.is_replayable() => {
                return Some(StopReason::NotReplayable);
            }
            Resend::IfReplayable | Resend::Safe => {}
        }
        if self.attempts >= self.policy.max_attempts_after(self.class.category()) {
            return Some(StopReason::AttemptsExhausted);
        }
        if self.asked_for() > self.policy.max_wait() {
            return Some(StopReason::WaitTooLong);
        }
        let back = self.now.tick().after(wait.duration());
        if self.deadline.is_some_and(|deadline| back >= deadline) {
            return Some(StopReason::DeadlineExceeded);
        }
        None
    }

    fn stop(&self, reason: StopReason, wait: Wait) -> Stop {
        let wait = match reason {
            StopReason::NotRetryable => self.hint.map(|hint| hint.wait()),
            // After any wait, the request could still be applied twice.
            StopReason::NotReplayable => None,
            _ => Some(wait.duration()),
        };
        match wait {
            Some(wait) => Stop::new(reason).with_retry_after(wait, &self.now),
            None => Stop::new(reason),
        }
    }

    fn wait(&self) -> Wait {
        let backoff = self.policy.backoff(self.attempts, &self.now);
        let rate_limited = self.class.category() == Category::RateLimit;
        if self.hint.is_none() && !rate_limited {
            return Wait::new(backoff, WaitCause::Backoff);
        }
        let floor = if rate_limited {
            self.policy.rate_limit_floor()
        } else {
            Duration::ZERO
        };
        let duration = self
            .asked_for()
            .max(backoff)
            .max(floor)
            .saturating_add(self.policy.spread_for(&self.now));
        let cause = match self.hint {
            Some(hint) if hint.wait() >= backoff => hint.cause().into(),
            _ => WaitCause::Backoff,
        };
        Wait::new(duration, cause)
    }

    /// Returns the wait that the server asks for, or zero.
    fn asked_for(&self) -> Duration {
        self.hint.map_or(Duration::ZERO, |hint| hint.wait())
    }
}
