//! How the program ends, and what it says when it ends badly.

use std::error::Error as _;
use std::fmt::Write as _;
use std::io;
use std::process::ExitCode;

use intercom_protocol::{Action, ApiError, Error, ErrorItem, ErrorKind, Fault, Resend, StopReason};

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

/// What to do about a write that may have been carried out; nothing else that could be said is as important.
const LOOK: &str = "it may have been carried out, so check before sending it again";

/// The whole error on one line: what came back, what to do, how the call ended.
pub(crate) fn describe(error: &Error) -> String {
    let mut line = match (error.api(), error.fault()) {
        (Some(api), None) => answered(error, api),
        (_, Some(fault)) => broken_off(error, fault),
        _ if error.kind() == ErrorKind::Invalid => invalid(error.errors()),
        _ => plain(error),
    };
    end(&mut line, error);
    clean(&line)
}

fn answered(error: &Error, api: &ApiError) -> String {
    let line = api.display_with_message().to_string();
    let class = api.class();
    if error.kind() == ErrorKind::MaybeApplied {
        return format!("an earlier attempt may have done it, and its repeat met {line}");
    }
    if error.may_have_been_applied() && class.resend() != Resend::Never {
        return line.replace(class.action().meaning(), LOOK);
    }
    line
}

fn broken_off(error: &Error, fault: &Fault) -> String {
    let class = fault.class();
    let advice = match (error.may_have_been_applied(), class.resend()) {
        (true, _) => LOOK,
        (false, Resend::Never) if class.action() == Action::RetryAndCheckStatus => {
            "the same request can only fail again"
        }
        (false, _) => class.action().meaning(),
    };
    // Of a read that is of no interest, and of a write the advice says it.
    let what = fault.to_string();
    let what = what
        .strip_suffix("; the request may have been carried out")
        .unwrap_or(&what);
    // The libraries' own words for a timeout are names of their settings.
    match root(error).filter(|_| !fault.is_timeout()) {
        Some(cause) => format!("{what} ({cause}): {advice}"),
        None => format!("{what}: {advice}"),
    }
}

/// The HTTP library's own word for it, such as "Connection refused".
fn root(error: &Error) -> Option<String> {
    let mut cause = error.source()?;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Some(cause.to_string())
}

/// The fields are named where the messages do not name them.
fn invalid(items: &[ErrorItem]) -> String {
    let complaint = |item: &ErrorItem| {
        let message = item.message().unwrap_or("no reason given");
        match item.field().filter(|field| !message.contains(field)) {
            Some(field) => format!("invalid {field}: {message}"),
            None => message.to_owned(),
        }
    };
    items.iter().map(complaint).collect::<Vec<_>>().join("; ")
}

/// The error's own line without its ending, which is told in other words.
fn plain(error: &Error) -> String {
    let line = error.to_string();
    let line = line.split("; stopped: ").next().unwrap_or_default();
    let attempts = format!("; {} attempts", error.attempts().len());
    let mut line = line.strip_suffix(&attempts).unwrap_or(line).to_owned();
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
        // What was never sent says itself why.
        if error.kind() != ErrorKind::NotStarted {
            let _ = write!(line, "; gave up: {}", stop.reason().meaning());
        }
        if let Some(after) = stop.retry_after() {
            let seconds = after.as_secs_f64();
            let _ = write!(line, "; worth trying again in {seconds:.1} s");
        }
    }
    let is_told = matches!(error.kind(), ErrorKind::Decode | ErrorKind::MaybeApplied);
    if error.may_have_been_applied() && !is_told && !line.contains(LOOK) {
        let _ = write!(line, "; {LOOK}");
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
