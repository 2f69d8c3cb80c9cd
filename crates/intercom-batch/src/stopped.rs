//! Why a run stops early.

use intercom_protocol::{Error as CallError, Phase, names};

names! {
    /// Why a run starts no more lines before the input ends.
    #[non_exhaustive]
    pub enum Stopped {
        /// A firewall or proxy blocked three requests in a row. The next run sends them again.
        Blocked = "blocked",
        /// [`Run::stop`](crate::Run::stop) was called.
        ByCaller = "by_caller",
        /// The deadline leaves no time for another request.
        Deadline = "deadline",
        /// The input or a file failed. [`Run::next`](crate::Run::next) returns the error once the requests in flight
        /// are done.
        Failed = "failed",
        /// The gate refused a request.
        Refused = "refused",
        /// The token was refused ten times in a row, so the other lines would fail, too.
        TokenRefused = "token_refused",
        /// The API could not be reached ten times in a row, so the other lines would fail, too.
        Unreachable = "unreachable",
    }
}

/// How many failures in a row stop a run if the lines did not cause them.
const LIMIT: u32 = 10;

/// Counts failures in a row that the lines did not cause.
#[derive(Debug, Default)]
pub(crate) struct FailureStreak {
    unauthorized: u32,
    unreachable: u32,
}

impl FailureStreak {
    /// Counts an outcome. Returns why the run has to stop, or `None` if it can continue.
    pub(crate) fn count<T>(&mut self, outcome: &Result<T, CallError>) -> Option<Stopped> {
        let error = outcome.as_ref().err();
        let fault = error.and_then(CallError::fault);
        let in_a_row = |count: u32, yes: bool| if yes { count + 1 } else { 0 };
        self.unauthorized = in_a_row(
            self.unauthorized,
            error.is_some_and(CallError::is_unauthorized),
        );
        self.unreachable = in_a_row(
            self.unreachable,
            fault.is_some_and(|fault| fault.phase() == Phase::NotSent),
        );
        match (self.unauthorized >= LIMIT, self.unreachable >= LIMIT) {
            (true, _) => Some(Stopped::TokenRefused),
            (_, true) => Some(Stopped::Unreachable),
            _ => None,
        }
    }
}
