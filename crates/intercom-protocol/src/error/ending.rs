//! How a call ended, besides why it failed.

use core::fmt;
use core::time::Duration;

use intercom_errors::Phase;
use intercom_retry::{Attempt, History, Stop, StopReason};

use super::line::{CHECK, MORE_TIME};
use super::{Error, ErrorKind};

/// How a call ended.
#[derive(Default)]
pub(crate) struct Ending {
    pub(crate) attempts: History,
    pub(crate) elapsed: Duration,
    pub(crate) stop: Option<Stop>,
    pub(crate) maybe_applied: bool,
    /// Whether the call ended with a conflict that an earlier attempt of its own may have caused.
    pub(crate) clashes_with_itself: bool,
    /// Whether the request may be applied twice.
    pub(crate) replayable: bool,
    pub(crate) clock_offset: Option<i64>,
}

/// What [`Error::ending`] shows.
pub(super) struct EndingLine<'e>(pub(super) &'e Error);

impl fmt::Display for EndingLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.0;
        let sent = error.attempts().len();
        if sent > 1 {
            let reached = error.attempts().iter().any(was_sent);
            let verb = if reached { "sent" } else { "tried" };
            write!(f, "; {verb} {sent} times")?;
        }
        let Some(stop) = error.stop() else {
            return Ok(());
        };
        // What was never sent says itself why.
        let is_told = error.advice() == Some(MORE_TIME);
        if is_telling(stop.reason(), sent) && error.kind() != ErrorKind::NotStarted && !is_told {
            write!(f, "; gave up: {}", stop.reason().meaning())?;
        }
        if let Some(after) = stop.retry_after() {
            // Rounded up: who comes back early meets the same again.
            let tenths = after.as_millis().div_ceil(100);
            write!(
                f,
                "; worth trying again in {}.{} s",
                tenths / 10,
                tenths % 10
            )?;
        }
        let is_told = error.0.ending.clashes_with_itself || error.advice() == Some(CHECK);
        if error.may_have_been_applied() && error.class().is_some() && !is_told {
            f.write_str(if sent > 1 {
                "; an earlier attempt may have been carried out"
            } else {
                "; it may have been carried out"
            })?;
        }
        Ok(())
    }
}

fn was_sent(attempt: &Attempt) -> bool {
    !matches!(attempt.fault(), Some((Phase::NotSent, _)))
}

/// Whether the reason says more than the error and the number of attempts do.
const fn is_telling(reason: StopReason, sent: usize) -> bool {
    match reason {
        StopReason::NotRetryable | StopReason::NotReplayable => false,
        StopReason::AttemptsExhausted => sent > 1,
        _ => true,
    }
}
