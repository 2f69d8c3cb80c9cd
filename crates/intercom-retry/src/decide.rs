//! The decision: a failed attempt and its circumstances give a wait or a stop.

use core::time::Duration;

use intercom_errors::{Category, Class, Hint, Resend};

use crate::failure::Failure;
use crate::moment::{Moment, Tick};
use crate::policy::RetryPolicy;
use crate::replay::Replay;
use crate::stop::{Stop, StopReason};
use crate::wait::{Wait, WaitCause};

/// Decides what follows a failed attempt; pure, and the only place where it is decided.
///
/// The first row that applies wins:
///
/// | # | circumstance | decision |
/// |---|---|---|
/// | 1 | the class says that a repeat never helps | stop: [`NotRetryable`](StopReason::NotRetryable) |
/// | 2 | the fate is unknown and the request must not be applied twice | stop: [`NotReplayable`](StopReason::NotReplayable) |
/// | 3 | no attempt is left | stop: [`AttemptsExhausted`](StopReason::AttemptsExhausted) |
/// | 4 | the server asked for more than [`max_wait`](RetryPolicy::max_wait) | stop: [`WaitTooLong`](StopReason::WaitTooLong) |
/// | 5 | the wait would last until the deadline or beyond | stop: [`DeadlineExceeded`](StopReason::DeadlineExceeded) |
/// | 6 | anything else | retry after the wait |
///
/// The wait is our own back-off (its cap holds before and after jitter), unless the server said when to come back or
/// its rate limit was hit. Then it is the longest of what the server said, the back-off and, for a rate limit, the
/// policy's floor, plus a spread: never less than the server asked for, and never cut short to fit. What the server
/// asked for is compared with `max_wait` before the spread is added.
///
/// ```
/// use core::time::Duration;
/// use intercom_errors::ApiError;
/// use intercom_retry::{Decision, Failure, Moment, Question, Replay, RetryPolicy, Tick, decide};
///
/// let policy = RetryPolicy::default();
/// let now = Moment::new(Tick::default());
/// let failure = Failure::from(ApiError::from_parts(429, [("Retry-After", &b"7"[..])], b""));
/// // A limit refuses before anything is done, so even a write may go again.
/// let Decision::Retry(wait) = decide(&Question::new(&policy, &failure, Replay::No, &now)) else {
///     panic!("a rate limit is waited for");
/// };
/// assert_eq!(wait.duration(), Duration::from_secs(7));
/// ```
pub fn decide(question: &Question<'_>) -> Decision {
    let wait = question.wait();
    match question.obstacle(wait) {
        Some(reason) => Decision::Stop(question.stop(reason, wait)),
        None => Decision::Retry(wait),
    }
}

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every driver must say what it does with each decision"
)]
#[must_use = "nothing happens unless it is acted on"]
pub enum Decision {
    /// Wait this long, then send the same request again.
    Retry(Wait),
    /// Give up; it says why.
    Stop(Stop),
}

/// All that [`decide()`] looks at.
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
    /// Asks what follows the `failure` of a call's first attempt, without a deadline.
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

    /// Sets how many attempts were made, the failed one included; 0 counts as 1.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Sets the tick by which the call must have ended; none for no limit.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Option<Tick>) -> Self {
        self.deadline = deadline;
        self
    }

    /// The first row of the table that forbids a retry after this wait.
    fn obstacle(&self, wait: Wait) -> Option<StopReason> {
        match self.class.resend() {
            Resend::Never => return Some(StopReason::NotRetryable),
            Resend::IfReplayable if !self.replay.is_replayable() => {
                return Some(StopReason::NotReplayable);
            }
            Resend::IfReplayable | Resend::Safe => {}
        }
        if self.attempts >= self.policy.max_attempts() {
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
            // No wait makes it right to apply it twice.
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

    /// The wait that the server asked for; zero if it did not.
    fn asked_for(&self) -> Duration {
        self.hint.map_or(Duration::ZERO, |hint| hint.wait())
    }
}
