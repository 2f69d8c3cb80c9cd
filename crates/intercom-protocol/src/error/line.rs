//! An error on one line: the request, what went wrong, what to do, how the call ended.

use core::fmt;

use intercom_errors::OneLine;
use intercom_retry::Failure;

use super::{Cause, Error, ErrorKind};

/// What to do about a write whose outcome is unknown.
pub(super) const CHECK: &str =
    "the request may have been applied, so check before sending it again";

/// What to do about a call that its own deadline ended.
pub(super) const MORE_TIME: &str =
    "no response arrived before the deadline, so allow the call more time";

/// What to do about a download that cannot be continued.
pub(super) const DOWNLOAD_AGAIN: &str =
    "the rest cannot be requested, so download the whole file again into an empty writer";

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
            Cause::Configuration(_) | Cause::Invalid(_) => self.fmt_invalid(f)?,
            Cause::Decode(decode) => {
                match decode.status {
                    Some(status) => write!(f, "the response ({})", status.as_u16())?,
                    None => f.write_str("the value")?,
                }
                f.write_str(" does not match the requested type")?;
                // A dot stands for the whole value.
                match decode.path.as_str() {
                    "." => f.write_str(" at the top level")?,
                    path if more => write!(f, " at {}", OneLine(path, 200))?,
                    path => write!(f, " at {}", Place(path))?,
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
            Cause::Archived { id } => write!(
                f,
                "the contact {} exists, but it is archived; unarchive it, or accept it as it is",
                OneLine(id, 64)
            )?,
            Cause::Mismatch { id, field } => {
                let (id, field) = (OneLine(id, 64), OneLine(field, 64));
                write!(f, "the contact {id} exists, but its {field} does not match")?;
                if self.may_have_been_applied() {
                    f.write_str("; it has already been unarchived")?;
                }
            }
            Cause::Writer(why) => write!(
                f,
                "the response could not be written: {}; fix the writer and download again",
                OneLine(why, 100)
            )?,
            Cause::NotStarted(why) => write!(f, "nothing was sent: {}", OneLine(why, 300))?,
        }
        write!(f, "{}", self.ending())
    }
}

impl Error {
    fn fmt_invalid(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_setting = self.kind() == ErrorKind::Configuration;
        write!(
            f,
            "invalid {}",
            if is_setting {
                "configuration"
            } else {
                "request"
            }
        )?;
        for (n, item) in self.errors().iter().enumerate() {
            let before = if n == 0 { ": " } else { "; " };
            let message = item.message().unwrap_or("no reason given");
            write!(f, "{before}{}", OneLine(message, 300))?;
            if let Some(field) = item.field().filter(|_| f.alternate()) {
                write!(f, " (field {})", OneLine(field, 200))?;
            }
        }
        Ok(())
    }
}

/// A place in a JSON value, in which keys that can hold personal data are not shown.
struct Place<'p>(&'p str);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, part) in self.0.split('.').enumerate() {
            if n == LONGEST_PLACE {
                return f.write_str("...");
            }
            let dot = if n == 0 { "" } else { "." };
            let (name, indices) = part.split_at(part.find('[').unwrap_or(part.len()));
            let is_index = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'[' | b']');
            if is_name(name) && indices.bytes().all(is_index) {
                write!(f, "{dot}{part}")?;
            } else {
                write!(f, "{dot}{{key}}")?;
            }
        }
        Ok(())
    }
}

/// How many parts of a place are shown.
const LONGEST_PLACE: usize = 16;

/// Whether this is the name of a member as programs declare it.
fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
