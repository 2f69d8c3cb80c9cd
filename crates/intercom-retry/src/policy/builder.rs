//! The settings of a policy on their way to being checked.

use core::time::Duration;

use super::{PolicyError, RetryPolicy};

/// Collects the settings of a [`RetryPolicy`]; made by [`RetryPolicy::builder`].
///
/// What is not set keeps its default. A number that makes no sense is reported by [`build`](Self::build).
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct RetryPolicyBuilder(RetryPolicy);

impl RetryPolicyBuilder {
    /// Sets how often a request is sent at most, the first time included; at least 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.0.max_attempts = attempts;
        self
    }

    /// Sets how often a request is sent *again* at most: `max_retries(3)` is `max_attempts(4)`.
    pub fn max_retries(self, retries: u32) -> Self {
        self.max_attempts(retries.saturating_add(1))
    }

    /// Sets the back-off after the first attempt, before jitter. A base above the cap waits the cap.
    pub fn base(mut self, base: Duration) -> Self {
        self.0.backoff.base = base;
        self
    }

    /// Sets the longest back-off. It does not bind a wait that the server asked for.
    pub fn cap(mut self, cap: Duration) -> Self {
        self.0.backoff.cap = cap;
        self
    }

    /// Sets by how much the back-off grows from attempt to attempt; finite and at least 1.
    pub fn multiplier(mut self, multiplier: f64) -> Self {
        self.0.backoff.multiplier = multiplier;
        self
    }

    /// Sets the part of a back-off that chance may take away, from 0 (none) to 1 (all).
    pub fn jitter(mut self, jitter: f64) -> Self {
        self.0.backoff.jitter = jitter;
        self
    }

    /// Sets the most that chance adds to a wait the server asked for.
    pub fn spread(mut self, spread: Duration) -> Self {
        self.0.spread = spread;
        self
    }

    /// Sets the least wait after a rate limit, before spread.
    pub fn rate_limit_floor(mut self, floor: Duration) -> Self {
        self.0.rate_limit_floor = floor;
        self
    }

    /// Sets the longest wait that a server may ask for; a longer one stops the call.
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.0.max_wait = max_wait;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// For no attempts at all, a multiplier that is not finite or below 1, and a jitter outside 0 to 1. The error
    /// says which setting it is and how to mend it. Durations are never refused.
    pub fn build(self) -> Result<RetryPolicy, PolicyError> {
        let policy = self.0;
        if policy.max_attempts == 0 {
            return Err(PolicyError::no_attempts());
        }
        if !policy.multiplier().is_finite() || policy.multiplier() < 1.0 {
            return Err(PolicyError::multiplier(policy.multiplier()));
        }
        if !(0.0..=1.0).contains(&policy.jitter()) {
            return Err(PolicyError::jitter(policy.jitter()));
        }
        Ok(policy)
    }
}
