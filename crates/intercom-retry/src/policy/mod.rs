//! How long to wait and how often to try: validated settings.

mod builder;
mod error;

use core::time::Duration;

pub use self::builder::RetryPolicyBuilder;
pub use self::error::PolicyError;
use crate::backoff::{self, Backoff};
use crate::moment::Moment;

/// How often to try and how long to wait in between.
///
/// A policy is plain data: immutable, cheap to clone, without any state of a call. The default suits Intercom's
/// per-minute limits:
///
/// | setting | default | bounds |
/// |---|---|---|
/// | [`max_attempts`](Self::max_attempts) | 4, so 3 retries | how often a request is sent |
/// | [`base`](Self::base), [`multiplier`](Self::multiplier), [`cap`](Self::cap) | 1 s, 2, 30 s | the back-off after attempt *n*: `min(cap, base * multiplier^(n-1))` |
/// | [`jitter`](Self::jitter) | 0.5 | how much of that back-off chance may take away |
/// | [`spread`](Self::spread) | 1 s | how much chance adds to a wait the server asked for |
/// | [`rate_limit_floor`](Self::rate_limit_floor) | 1 s | the least wait after a rate limit |
/// | [`max_wait`](Self::max_wait) | 90 s | the longest wait that a server may ask for |
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
    backoff: Backoff,
    spread: Duration,
    rate_limit_floor: Duration,
    max_wait: Duration,
}

impl RetryPolicy {
    /// A policy that sends once and never again.
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

    /// Starts from the defaults.
    pub fn builder() -> RetryPolicyBuilder {
        RetryPolicyBuilder::default()
    }

    /// How often a request is sent at most, the first time included; at least 1.
    pub fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// How often a request is sent *again* at most: one less than [`max_attempts`](Self::max_attempts).
    pub fn max_retries(&self) -> u32 {
        self.max_attempts.saturating_sub(1)
    }

    /// The back-off after the first attempt, before jitter.
    pub fn base(&self) -> Duration {
        self.backoff.base
    }

    /// The longest back-off. It binds our own back-off alone, never a wait that the server asked for.
    pub fn cap(&self) -> Duration {
        self.backoff.cap
    }

    /// By how much the back-off grows from attempt to attempt; finite and at least 1.
    pub fn multiplier(&self) -> f64 {
        self.backoff.multiplier
    }

    /// The part of a back-off that chance may take away, from 0 (none) to 1 (all).
    pub fn jitter(&self) -> f64 {
        self.backoff.jitter
    }

    /// The most that chance adds to a wait the server asked for, so that clients do not all return at once.
    pub fn spread(&self) -> Duration {
        self.spread
    }

    /// The least wait after a rate limit, before spread.
    pub fn rate_limit_floor(&self) -> Duration {
        self.rate_limit_floor
    }

    /// The longest wait that a server may ask for; a longer one stops the call and says when to come back.
    pub fn max_wait(&self) -> Duration {
        self.max_wait
    }

    /// Our own back-off after `attempt` (from 1) failed, for the roll of `now`; never above the cap.
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

    /// What chance adds to a wait that the server asked for.
    pub(crate) fn spread_for(&self, now: &Moment) -> Duration {
        backoff::spread(self.spread, now.roll())
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 4,
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
