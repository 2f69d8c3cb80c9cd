//! An error on one line: the request, what went wrong, what to do, how the call ended.

use core::fmt;

use intercom_errors::{ErrorItem, OneLine};
use intercom_retry::Failure;

use super::{Cause, Error};

/// What to do about a write whose outcome is unknown.
pub(super) const CHECK: &str = "the write may have been applied, so check before sending it again";

/// What to do about a call that its own deadline ended.
pub(super) const MORE_TIME: &str =
    "no response arrived before the deadline, so allow the call more time";

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let more = f.alternate();
        if let Some(target) = &self.0.target {
            write!(f, "{} ", target.method)?;
            if more {
                write!(f, "{}: ", OneLine(&target.path, 200))?;
            } else {
                write!(f, "{}: ", target.route())?;
            }
        }
        if self.0.ending.conflicts_with_itself {
            f.write_str(
                "an earlier attempt may have been applied, and the retry failed with a conflict: ",
            )?;
        }
        match &self.0.cause {
            Cause::Ambiguous(ids) => write!(
                f,
                "{} contacts match, and none has the requested external id; choose one of them or merge them",
                ids.len()
            )?,
            Cause::Failed(Failure::Api(error)) if more => {
                write!(f, "{}", self.advised(error.line()).with_message())?;
            }
            Cause::Failed(Failure::Api(error)) => write!(f, "{}", self.advised(error.line()))?,
            Cause::Configuration(_) => invalid(f, "configuration", self.errors())?,
            Cause::Decode(decode) => {
                match decode.status {
                    Some(status) => write!(f, "the response ({})", status.as_u16())?,
                    None => f.write_str("the value")?,
                }
                f.write_str(" does not match the requested type")?;
                // A dot stands for the whole value.
                match decode.path.as_str() {
                    "." => f.write_str(" at the top level")?,
                    path => write!(f, " at {path}")?,
                }
                if decode.status.is_some() {
                    f.write_str("; the request was carried out")?;
                }
            }
            Cause::Failed(Failure::Fault(fault)) => {
                write!(f, "{}", fault.line())?;
                if let Some(advice) = self.advice() {
                    write!(f, ": {advice}")?;
                }
            }
            Cause::Invalid(items) => invalid(f, "request", items)?,
            Cause::Archived { id } => write!(
                f,
                "the contact {id} exists, but it is archived; unarchive it, or accept it as it is"
            )?,
            Cause::Mismatch { id, field } => {
                write!(f, "the contact {id} exists, but its {field} does not match")?;
                if self.may_have_been_applied() {
                    f.write_str("; it has already been unarchived")?;
                }
            }
            Cause::NotStarted(why) => write!(f, "nothing was sent: {why}")?,
        }
        write!(f, "{}", self.ending())
    }
}

fn invalid(f: &mut fmt::Formatter<'_>, what: &str, items: &[ErrorItem]) -> fmt::Result {
    write!(f, "invalid {what}")?;
    for (n, item) in items.iter().enumerate() {
        let before = if n == 0 { ": " } else { "; " };
        let message = item.message().or(item.field());
        write!(f, "{before}{}", message.unwrap_or("no reason given"))?;
    }
    Ok(())
}
