//! An error on one line: what came, what to do, how the call ended.

use core::fmt;

use intercom_errors::{ErrorItem, Phase};
use intercom_retry::{Attempt, StopReason};

use super::{Cause, Error, ErrorKind};

/// What to do about a write of unknown fate.
pub(super) const CHECK: &str = "it may have been carried out, so check before sending it again";

/// What to do about a call that its own deadline ended.
pub(super) const MORE_TIME: &str =
    "no answer came before the deadline, so allow the call more time";

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.clashes_with_itself {
            f.write_str("an earlier attempt may have done this; the repeat met a conflict: ")?;
        }
        match &self.0.cause {
            Cause::Ambiguous(ids) => write!(
                f,
                "{} contacts match and none has the external id asked for; choose one of them or merge them",
                ids.len()
            )?,
            Cause::Api(error) => write!(f, "{}", self.advised(error.line()))?,
            Cause::Decode(decode) => {
                match decode.status {
                    Some(status) => write!(f, "the answer ({status})")?,
                    None => f.write_str("the value")?,
                }
                f.write_str(" does not fit the type asked for")?;
                // A dot stands for the whole.
                if decode.path != "." {
                    write!(f, ", at {}", decode.path)?;
                }
                if decode.status.is_some() {
                    f.write_str("; the call was done")?;
                }
            }
            Cause::Fault(fault) => {
                write!(f, "{}", fault.line())?;
                if let Some(advice) = self.advice() {
                    write!(f, ": {advice}")?;
                }
            }
            Cause::Invalid(items) => invalid(f, items)?,
            Cause::Archived { id } => write!(
                f,
                "the contact {id} exists, but is archived; unarchive it, or ask for it as it is"
            )?,
            Cause::Mismatch { id, field } => {
                write!(
                    f,
                    "the contact {id} exists, but its {field} is another one than was asked for"
                )?;
                if self.may_have_been_applied() {
                    f.write_str("; it was unarchived before that was known")?;
                }
            }
            Cause::NotStarted(why) => write!(f, "nothing was sent: {why}")?,
        }
        write!(f, "{}", self.ending())
    }
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
        let is_told = error.0.clashes_with_itself || error.advice() == Some(CHECK);
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

fn invalid(f: &mut fmt::Formatter<'_>, items: &[ErrorItem]) -> fmt::Result {
    for (n, item) in items.iter().enumerate() {
        let comma = if n == 0 { "" } else { "; " };
        write!(
            f,
            "{comma}invalid {}: {}",
            item.field().unwrap_or("request"),
            item.message().unwrap_or("no reason given")
        )?;
    }
    Ok(())
}
