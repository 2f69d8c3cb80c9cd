//! How the program ends, and what it says when it ends badly.

use std::error::Error as _;
use std::fmt::Write as _;
use std::io;
use std::process::ExitCode;

use intercom_protocol::{Error, ErrorKind, StopReason};

use crate::words::clean;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Refused = 1,
    Usage = 2,
    NotFound = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not give its answer: an exit status and one line.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    /// `None` ends the program without a word, as when nobody reads its output any more.
    line: Option<String>,
}

impl Failure {
    /// Arguments or settings that cannot work; the line says how to mend them.
    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            line: Some(line.into()),
        }
    }

    /// Something that was asked for rightly, and went wrong all the same.
    pub(crate) fn refused(line: impl Into<String>) -> Self {
        Self {
            exit: Exit::Refused,
            line: Some(line.into()),
        }
    }

    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn line(&self) -> Option<&str> {
        self.line.as_deref()
    }
}

/// Only writing to stdout fails this way; what is read is named by [`Failure::usage`].
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self {
                exit: Exit::Done,
                line: None,
            };
        }
        Self {
            exit: Exit::Refused,
            line: Some(format!("the output cannot be written: {error}")),
        }
    }
}

/// Settings that the clients refuse.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            exit: exit_of(&error),
            line: Some(describe(&error)),
        }
    }
}

/// Wrong usage where nothing was sent because of what was asked for; else the API or the network refused.
pub(crate) fn exit_of(error: &Error) -> Exit {
    match error.kind() {
        ErrorKind::Invalid => Exit::Usage,
        _ => Exit::Refused,
    }
}

/// The whole error on one line: what came back, what to do, how the call ended.
pub(crate) fn describe(error: &Error) -> String {
    let mut line = match (error.api(), error.fault()) {
        (Some(api), None) => api.display_with_message().to_string(),
        (_, Some(fault)) => {
            let advice = fault.class().action().meaning();
            match root(error) {
                Some(cause) => format!("{fault} ({cause}): {advice}"),
                None => format!("{fault}: {advice}"),
            }
        }
        _ => plain(error),
    };
    end(&mut line, error);
    clean(&line)
}

/// The HTTP library's own word for it, such as "Connection refused".
fn root(error: &Error) -> Option<String> {
    let mut cause = error.source()?;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Some(cause.to_string())
}

fn plain(error: &Error) -> String {
    let mut line = error.to_string();
    if !error.candidates().is_empty() {
        let _ = write!(line, " ({})", error.candidates().join(", "));
    }
    line
}

fn end(line: &mut String, error: &Error) {
    let sent = error.attempts().len();
    if sent > 1 {
        let _ = write!(line, "; sent {sent} times");
    }
    if let Some(stop) = error.stop().filter(|stop| is_telling(stop.reason(), sent)) {
        let _ = write!(line, "; gave up: {}", stop.reason().meaning());
        if let Some(after) = stop.retry_after() {
            let seconds = after.as_secs_f64();
            let _ = write!(line, ", worth trying again in {seconds:.1} s");
        }
    }
    if error.may_have_been_applied() {
        line.push_str("; it may have been carried out: look before sending it again");
    }
}

/// Whether the reason says more than the error and the number of attempts do.
const fn is_telling(reason: StopReason, sent: usize) -> bool {
    match reason {
        StopReason::NotRetryable | StopReason::NotReplayable => false,
        StopReason::AttemptsExhausted => sent > 1,
        _ => true,
    }
}
