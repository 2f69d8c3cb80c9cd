//! The settings of the retries.

mod builder;
mod error;

use core::time::Duration;

use intercom_errors::Category;

pub use self::builder::RetryPolicyBuilder;
pub use self::error::PolicyError;
use crate::backoff::{self, Backoff};
use crate::moment::Moment;

/// How often to retry, and how long to wait.
///
/// A policy is immutable, cheap to clone, and does not contain the state of a call. The default suits Intercom's limits
/// per minute:
///
/// | setting | default | meaning |
/// |---|---|---|
/// | [`max_attempts`](Self::max_attempts) | 4, so 3 retries | the maximum number of attempts |
/// | [`base`](Self::base), [`multiplier`](Self::multiplier), [`cap`](Self::cap) | 1 s, 2, 30 s | the back-off after attempt *n*: `min(cap, base * multiplier^(n-1))` |
/// | [`jitter`](Self::jitter) | 0.5 | the maximum part of that back-off that is randomly taken off |
/// | [`spread`](Self::spread) | 1 s | the maximum random time that is added to a wait that the server asks for |
/// | [`rate_limit_floor`](Self::rate_limit_floor) | 1 s | the minimum wait after a rate limit |
/// | [`max_wait`](Self::max_wait) | 90 s | the longest wait that a call accepts from the server |
///
/// ```
/// use core::time::Duration;
/// use intercom_retry::RetryPolicy;
///
/// let policy = RetryPolicy::builder()
///     .max_retries(5)
///     .cap(Duration::from_secs(10))
///     .build()?;
/// assert_eq!(policy.max_attempts(), 6);
/// # Ok::<(), intercom_retry::PolicyError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    max_attempts: u32,
    /// The limit after a failure of the server or a time-out; `None` if it is not a separate one.
    server_attempts: Option<u32>,
    backoff: Backoff,
    spread: Duration,
    rate_limit_floor: Duration,
    max_wait: Duration,
}

impl RetryPolicy {
    /// Returns a policy that never retries.
    ///
    /// ```
    /// assert_eq!(intercom_retry::RetryPolicy::none().max_attempts(), 1);
    /// ```
    pub fn none() -> Self {
        Self {
            max_attempts: 1,
            ..Self::default()
        }
    }

    /// Returns a builder with the default settings.
    pub fn builder() -> RetryPolicyBuilder {
        RetryPolicyBuilder::default()
    }

    /// Returns the maximum number of attempts, including the first one. It is at least 1.
    pub fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// Returns the maximum number of retries, which is one less than [`max_attempts`](Self::max_attempts).
    pub fn max_retries(&self) -> u32 {
        self.max_attempts.saturating_sub(1)
    }

    /// Limits the attempts of a call to this number after a failure of the server (5xx) or a time-out. 0 counts as 1.
    ///
    /// For a request that can ask for less: if the same request fails for the second time, a smaller one can succeed.
    ///
    /// ```
    /// use intercom_errors::Category;
    /// use intercom_retry::RetryPolicy;
    ///
    /// let policy = RetryPolicy::default().with_max_server_attempts(2);
    /// assert_eq!(policy.max_attempts_after(Category::Server), 2);
    /// assert_eq!(policy.max_attempts_after(Category::RateLimit), 4);
    /// ```
    #[must_use]
    pub fn with_max_server_attempts(mut self, attempts: u32) -> Self {
        self.server_attempts = Some(attempts.max(1));
        self
    }

    /// Limits the longest wait that a call accepts from the server to this duration, or to [`max_wait`](Self::max_wait) if that is
    /// less.
    ///
    /// For a request whose longer waits your program does itself.
    ///
    /// ```
    /// use core::time::Duration;
    /// use intercom_retry::RetryPolicy;
    ///
    /// let policy = RetryPolicy::default().with_max_wait(Duration::from_secs(30));
    /// assert_eq!(policy.max_wait(), Duration::from_secs(30));
    /// assert_eq!(policy.with_max_wait(Duration::MAX).max_wait(), Duration::from_secs(30));
    /// ```
    #[must_use]
    pub fn with_max_wait(mut self, longest: Duration) -> Self {
        self.max_wait = self.max_wait.min(longest);
        self
    }

    /// Returns the maximum number of attempts if the latest one failed with this category.
    pub fn max_attempts_after(&self, category: Category) -> u32 {
        let own = match category {
            Category::Server | Category::Timeout => self.server_attempts,
            _ => None,
        };
        own.map_or(self.max_attempts, |own| own.min(self.max_attempts))
    }

    /// Returns the back-off after the first attempt, before jitter.
    pub fn base(&self) -> Duration {
        self.backoff.base
    }

    /// Returns the longest back-off. It does not limit a wait that the server asks for.
    pub fn cap(&self) -> Duration {
        self.backoff.cap
    }

    /// Returns the factor by which the back-off grows with each attempt. It is finite and at least 1.
    pub fn multiplier(&self) -> f64 {
        self.backoff.multiplier
    }

    /// Returns the maximum part of a back-off that is randomly taken off, from 0 (nothing) to 1 (all of it).
    pub fn jitter(&self) -> f64 {
        self.backoff.jitter
    }

    /// Returns the maximum random time that is added to a wait that the server asks for, so that clients do not all
    /// return at the same time.
    pub fn spread(&self) -> Duration {
        self.spread
    }

    /// Returns the minimum wait after a rate limit, before spread.
    pub fn rate_limit_floor(&self) -> Duration {
        self.rate_limit_floor
    }

    /// Returns the longest wait that a call accepts from the server. If the server asks for a longer one, the call stops,
    /// and the stop says when to come back.
    pub fn max_wait(&self) -> Duration {
        self.max_wait
    }

    /// Returns the back-off after a failed `attempt`, counted from 1, with the random number of `now`. It is never above
    /// the cap.
    ///
    /// ```
    /// use core::time::Duration;
    /// use intercom_retry::{Moment, RetryPolicy, Tick};
    ///
    /// let now = Moment::new(Tick::default());
    /// let policy = RetryPolicy::default();
    /// assert_eq!(policy.backoff(3, &now), Duration::from_secs(2));
    /// assert_eq!(policy.backoff(3, &now.with_roll(u64::MAX)), Duration::from_secs(4));
    /// ```
    pub fn backoff(&self, attempt: u32, now: &Moment) -> Duration {
        self.backoff.delay(attempt, now.roll())
    }

    pub(crate) fn leave_out_spread(&mut self) {
        self.spread = Duration::ZERO;
    }

    /// Returns the random time that is added to a wait that the server asks for.
    pub(crate) fn spread_for(&self, now: &Moment) -> Duration {
        backoff::spread(self.spread, now.roll())
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            server_attempts: None,
            backoff: Backoff {
                base: Duration::from_secs(1),
                cap: Duration::from_secs(30),
                multiplier: 2.0,
                jitter: 0.5,
            },
            spread: Duration::from_secs(1),
            rate_limit_floor: Duration::from_secs(1),
            max_wait: Duration::from_secs(90),
        }
    }
}
