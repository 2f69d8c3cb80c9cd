//! Why a run stops before its end.

use intercom_protocol::{Error as CallError, Phase, Reply, names};

names! {
    /// Why a run begins no more lines although there are some.
    #[non_exhaustive]
    pub enum Stopped {
        /// [`Run::stop`](crate::Run::stop) was called.
        ByCaller = "by_caller",
        /// The deadline leaves no time for more.
        Deadline = "deadline",
        /// Something is wrong with the input or the files. [`Run::next`](crate::Run::next) returns the error once the requests
        /// under way are done.
        Failed = "failed",
        /// The gate refuses requests.
        Refused = "refused",
        /// The token was refused ten times in a row, so the rest would fail as well.
        TokenRefused = "token_refused",
        /// The API could not be reached ten times in a row, so the rest would fail as well.
        Unreachable = "unreachable",
    }
}

/// So many failures in a row that no line is to blame for stop a run.
const HOPELESS: u32 = 10;

/// Counts failures in a row that no line is to blame for.
#[derive(Debug, Default)]
pub(crate) struct Hopelessness {
    unauthorized: u32,
    unreachable: u32,
}

impl Hopelessness {
    /// Counts an outcome. Returns why continuing makes no sense, if it makes none.
    pub(crate) fn count(&mut self, outcome: &Result<Reply, CallError>) -> Option<Stopped> {
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
        match (self.unauthorized >= HOPELESS, self.unreachable >= HOPELESS) {
            (true, _) => Some(Stopped::TokenRefused),
            (_, true) => Some(Stopped::Unreachable),
            _ => None,
        }
    }
}
