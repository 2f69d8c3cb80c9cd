//! How a call ended, apart from the reason for its failure.

use core::fmt;
use core::time::Duration;

use intercom_errors::Phase;
use intercom_retry::{Attempt, History, Stop, StopReason};

use super::line::{CHECK, DOWNLOAD_AGAIN, MORE_TIME};
use super::{Error, ErrorKind};

/// How a call ended.
#[derive(Default)]
pub(crate) struct Ending {
    pub(crate) attempts: History,
    pub(crate) elapsed: Duration,
    pub(crate) stop: Option<Stop>,
    pub(crate) maybe_applied: bool,
    /// Whether the call ended with a conflict that its own earlier attempt may have caused.
    pub(crate) conflicts_with_itself: bool,
    /// Whether the request may be sent again after an ambiguous failure.
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
        // A call that was not started has already given its reason, and so has the advice about its end.
        let is_stated = error.kind() == ErrorKind::NotStarted
            || [MORE_TIME, DOWNLOAD_AGAIN]
                .map(Some)
                .contains(&error.advice());
        if is_informative(stop.reason(), sent) && !is_stated {
            write!(f, "; gave up: {}", stop.reason().meaning())?;
        }
        if let Some(after) = stop.retry_after() {
            // Rounded up: a caller that comes back too early fails in the same way.
            let tenths = after.as_millis().div_ceil(100);
            write!(
                f,
                "; worth trying again in {}.{} s",
                tenths / 10,
                tenths % 10
            )?;
        }
        let is_stated = error.0.ending.conflicts_with_itself || error.advice() == Some(CHECK);
        if error.may_have_been_applied() && error.class().is_some() && !is_stated {
            f.write_str(if sent > 1 {
                "; an earlier attempt may have been applied"
            } else {
                "; the request may have been applied"
            })?;
        }
        Ok(())
    }
}

fn was_sent(attempt: &Attempt) -> bool {
    !matches!(attempt.fault(), Some((Phase::NotSent, _)))
}

/// Whether the reason adds something to the error and the number of attempts.
const fn is_informative(reason: StopReason, sent: usize) -> bool {
    match reason {
        StopReason::NotRetryable | StopReason::NotReplayable => false,
        StopReason::AttemptsExhausted => sent > 1,
        _ => true,
    }
}
