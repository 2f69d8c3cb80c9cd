//! Exit statuses, and the lines that report failures.

use std::error::Error as _;
use std::io;
use std::process::ExitCode;

use intercom_protocol::walk::WalkError;
use intercom_protocol::{Error, ErrorItem, ErrorKind, Fault};

/// The exit status of the program.
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

/// Why a command failed: an exit status and one line.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    /// `None` ends the program silently, for example when the reader of endless output is gone.
    line: Option<String>,
}

impl Failure {
    /// Invalid arguments or settings. The line says how to fix them.
    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            line: Some(line.into()),
        }
    }

    /// A failure despite valid arguments.
    pub(crate) fn refused(line: impl Into<String>) -> Self {
        Self {
            exit: Exit::Refused,
            line: Some(line.into()),
        }
    }

    /// Appends more to the line, after a semicolon.
    pub(crate) fn and(self, more: &str) -> Self {
        Self {
            line: self.line.map(|line| format!("{line}; {more}")),
            ..self
        }
    }

    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn line(&self) -> Option<&str> {
        self.line.as_deref()
    }
}

/// Only errors of writing to stdout are converted; errors of reading become [`Failure::usage`] with the name of the file.
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

/// Settings that the clients reject.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            exit: exit_of(&error),
            line: Some(describe(&error)),
        }
    }
}

/// `Usage` if the request or settings were invalid and nothing was sent, else `Refused`.
pub(crate) fn exit_of(error: &Error) -> Exit {
    match error.kind() {
        ErrorKind::Configuration | ErrorKind::Invalid => Exit::Usage,
        _ => Exit::Refused,
    }
}

/// The error on one line, with the server's message: what happened, what to do, how the call ended.
pub(crate) fn describe(error: &Error) -> String {
    let ending = error.ending();
    match (error.line(), error.fault(), error.advice()) {
        (Some(line), ..) if error.kind() == ErrorKind::MaybeApplied => {
            let line = line.with_message();
            format!(
                "an earlier attempt may have been applied; its retry failed with {line}{ending}"
            )
        }
        (Some(line), ..) => format!("{}{ending}", line.with_message()),
        (_, Some(fault), Some(advice)) => format!("{}: {advice}{ending}", broken_off(error, fault)),
        _ if exit_of(error) == Exit::Usage => invalid(error.errors()),
        _ if !error.candidates().is_empty() => {
            format!("{error} ({})", error.candidates().join(", "))
        }
        _ => error.to_string(),
    }
}

/// The error of a walk on one line, with the error of the call or the store that caused it.
pub(crate) fn describe_walk(error: &WalkError) -> String {
    let cause = error.error().map(describe);
    let cause = cause.or_else(|| error.source().map(ToString::to_string));
    cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// The fault, with the message of the HTTP library, like "Connection refused".
fn broken_off(error: &Error, fault: &Fault) -> String {
    // For a time-out, the libraries only name one of their settings.
    match root(error).filter(|_| !fault.is_timeout()) {
        Some(cause) => format!("{} ({cause})", fault.line()),
        None => fault.line().to_string(),
    }
}

/// The innermost of the error's sources.
fn root(error: &Error) -> Option<String> {
    let mut cause = error.source()?;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Some(cause.to_string())
}

/// Where the token comes from.
const SOURCE: &str = "; the token comes from INTERCOM_ACCESS_TOKEN or --token-file";

/// Where the name of a custom attribute is in the field at fault.
const ATTRIBUTES: &str = "custom_attributes.";

fn invalid(items: &[ErrorItem]) -> String {
    let complaint = |item: &ErrorItem| {
        let message = item.message().unwrap_or("no reason given");
        let holds_the_token = item.field() == Some(http::header::AUTHORIZATION.as_str());
        let source = if holds_the_token { SOURCE } else { "" };
        match item.field() {
            Some(field) if field.starts_with(ATTRIBUTES) => format!("{message} ({field})"),
            _ => format!("{message}{source}"),
        }
    };
    items.iter().map(complaint).collect::<Vec<_>>().join("; ")
}
