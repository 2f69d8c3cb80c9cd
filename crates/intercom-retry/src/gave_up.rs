//! The end of a call that failed.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

use crate::attempt::Attempt;
use crate::failure::Failure;
use crate::history::History;
use crate::stop::{Stop, StopReason};

/// The failure of the last attempt, the reason why there was no further one, and all attempts.
///
/// ```
/// use core::time::Duration;
/// use intercom_errors::ApiError;
/// use intercom_retry::{Moment, Replay, RetryPolicy, StopReason, Tick, retry};
///
/// let attempt = || Err::<(), _>(ApiError::from_parts(404, [], b"").into());
/// let sleep = |wait| Moment::new(Tick::new(wait));
/// let error = retry(RetryPolicy::default(), Replay::Read, attempt, sleep).unwrap_err();
///
/// assert_eq!(error.failure().status(), Some(404));
/// assert_eq!(error.stop().reason(), StopReason::NotRetryable);
/// assert_eq!(error.attempts().len(), 1);
/// assert_eq!(error.to_string(), "404: check the id; the same request can only fail again");
/// ```
pub struct GaveUp(Box<Inner>);

struct Inner {
    failure: Failure,
    stop: Stop,
    attempts: History,
    maybe_applied: bool,
}

impl GaveUp {
    pub(crate) fn new(
        failure: Failure,
        stop: Stop,
        attempts: History,
        maybe_applied: bool,
    ) -> Self {
        Self(Box::new(Inner {
            failure,
            stop,
            attempts,
            maybe_applied,
        }))
    }

    /// Returns the failure of the last attempt.
    pub fn failure(&self) -> &Failure {
        &self.0.failure
    }

    /// Returns the failure of the last attempt, and drops the rest.
    pub fn into_failure(self) -> Failure {
        self.0.failure
    }

    /// Returns the reason why there was no further attempt, and when to come back.
    pub fn stop(&self) -> Stop {
        self.0.stop
    }

    /// Returns all attempts, oldest first.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// Returns `true` if the server may have applied the request. Always `false` for a read.
    pub fn maybe_applied(&self) -> bool {
        self.0.maybe_applied
    }
}

/// Leaves out personal data, as the parts do.
impl fmt::Debug for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GaveUp")
            .field("failure", &self.0.failure)
            .field("stop", &self.0.stop)
            .field("attempts", &self.0.attempts.len())
            .field("maybe_applied", &self.0.maybe_applied)
            .finish()
    }
}

/// Writes the failure and the stop. `{:#}` includes the server's message, which can contain personal data.
impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.failure {
            Failure::Api(error) => error.fmt(f)?,
            Failure::Fault(fault) => write!(f, "{}", fault.line())?,
        }
        write!(f, "; {}", self.0.stop)?;
        let is_stated = self.0.stop.reason() == StopReason::NotReplayable;
        if self.0.maybe_applied && !is_stated {
            f.write_str("; the request may have been applied")?;
        }
        Ok(())
    }
}

impl Error for GaveUp {
    /// Returns the source of the failure. `{}` already shows the failure itself.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self.failure() {
            Failure::Api(error) => error.source(),
            Failure::Fault(fault) => fault.source(),
        }
    }
}
