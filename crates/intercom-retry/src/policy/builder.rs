//! The builder of a policy.

use core::time::Duration;

use super::{PolicyError, RetryPolicy};

/// A builder for a [`RetryPolicy`]. Created by [`RetryPolicy::builder`].
///
/// Settings that are not set have their default. [`build`](Self::build) reports invalid values.
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct RetryPolicyBuilder(RetryPolicy);

impl RetryPolicyBuilder {
    /// Sets the maximum number of attempts, including the first one. It must be at least 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.0.max_attempts = attempts;
        self
    }

    /// Sets the maximum number of retries: `max_retries(3)` is `max_attempts(4)`.
    pub fn max_retries(self, retries: u32) -> Self {
        self.max_attempts(retries.saturating_add(1))
    }

    /// Sets the back-off after the first attempt, before jitter. It is limited by the cap.
    pub fn base(mut self, base: Duration) -> Self {
        self.0.backoff.base = base;
        self
    }

    /// Sets the longest back-off. It does not limit a wait that the server asks for.
    pub fn cap(mut self, cap: Duration) -> Self {
        self.0.backoff.cap = cap;
        self
    }

    /// Sets the factor by which the back-off grows with each attempt. It must be finite and at least 1.
    pub fn multiplier(mut self, multiplier: f64) -> Self {
        self.0.backoff.multiplier = multiplier;
        self
    }

    /// Sets the maximum part of a back-off that is randomly taken off, from 0 (nothing) to 1 (all of it).
    pub fn jitter(mut self, jitter: f64) -> Self {
        self.0.backoff.jitter = jitter;
        self
    }

    /// Sets the maximum random time that is added to a wait that the server asks for.
    pub fn spread(mut self, spread: Duration) -> Self {
        self.0.spread = spread;
        self
    }

    /// Sets the minimum wait after a rate limit, before spread.
    pub fn rate_limit_floor(mut self, floor: Duration) -> Self {
        self.0.rate_limit_floor = floor;
        self
    }

    /// Sets the longest wait that a call accepts from the server. If the server asks for a longer one, the call stops.
    pub fn max_wait(mut self, max_wait: Duration) -> Self {
        self.0.max_wait = max_wait;
        self
    }

    /// Checks the settings and builds the policy.
    ///
    /// # Errors
    ///
    /// Returns an error if the number of attempts is 0, if the multiplier is below 1 or not finite, or if the jitter is
    /// outside 0 to 1. The error names the setting and says how to fix it. Every duration is valid.
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
