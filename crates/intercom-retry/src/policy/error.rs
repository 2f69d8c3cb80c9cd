//! The error of building a policy.

use core::fmt;

/// The error of an invalid setting. `Display` says how to fix it.
///
/// ```
/// let error = intercom_retry::RetryPolicy::builder().jitter(1.5).build().unwrap_err();
/// assert_eq!(error.setting(), "jitter");
/// assert_eq!(error.to_string(), "jitter is 1.5; it must be between 0 (no jitter) and 1 (a wait can be as short as zero)");
/// ```
#[derive(Clone, Debug)]
pub struct PolicyError(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Jitter(f64),
    Multiplier(f64),
    NoAttempts,
}

impl PolicyError {
    pub(super) fn jitter(given: f64) -> Self {
        Self(Kind::Jitter(given))
    }

    pub(super) fn multiplier(given: f64) -> Self {
        Self(Kind::Multiplier(given))
    }

    pub(super) fn no_attempts() -> Self {
        Self(Kind::NoAttempts)
    }

    /// Returns the name of the builder's method that received the value.
    pub fn setting(&self) -> &'static str {
        match self.0 {
            Kind::Jitter(_) => "jitter",
            Kind::Multiplier(_) => "multiplier",
            Kind::NoAttempts => "max_attempts",
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Jitter(given) => write!(
                f,
                "jitter is {given}; it must be between 0 (no jitter) and 1 (a wait can be as short as zero)"
            ),
            Kind::Multiplier(given) => write!(
                f,
                "multiplier is {given}; it must be finite and at least 1 (1 keeps all back-offs equal)"
            ),
            Kind::NoAttempts => f.write_str("max_attempts must be at least 1 (1 means no retries)"),
        }
    }
}

impl core::error::Error for PolicyError {}
