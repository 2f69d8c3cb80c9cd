//! An error of a call, without the words of the server.

use std::error::Error as _;

use intercom_errors::Entry;
use intercom_protocol::{Class, Error};

use super::super::collected::Failure;
use crate::{log, safe};

impl Failure {
    /// A failure that is not an error of a call.
    pub(super) fn of_text(summary: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            ..Self::default()
        }
    }

    pub(super) fn of(error: &Error) -> Self {
        let class = error.class();
        let entry = error.code().and_then(Entry::of);
        Self {
            summary: summary(error),
            code: error
                .code()
                .map(|code| safe::code(code.as_str()).into_owned()),
            category: class.map(|class| class.category().as_str()),
            resend: class.map(|class| class.resend().as_str()),
            action: class.map(|class| class.action().as_str()),
            fault: error.fault().map(|fault| fault.kind().as_str()),
            meaning: entry.map(Entry::meaning),
            causes: entry.map_or(&[], Entry::causes),
            fixes: fixes(entry, class),
        }
    }
}

/// The steps of the catalog, or the one for the class.
fn fixes(entry: Option<&'static Entry>, class: Option<Class>) -> Vec<&'static str> {
    match (entry, class) {
        (Some(entry), _) => entry.fixes().to_vec(),
        (None, Some(class)) => vec![class.action().meaning()],
        (None, None) => Vec::new(),
    }
}

/// The status and the code of a response, or the fault and its cause.
fn summary(error: &Error) -> String {
    if let Some(fault) = error.fault() {
        let line = fault.line();
        // For a time-out, the libraries only name one of their settings.
        return match cause(error).filter(|_| !fault.is_timeout()) {
            Some(cause) => format!("{line} ({})", log::redact(&cause)),
            None => line.to_string(),
        };
    }
    let Some(status) = error.status() else {
        return log::redact(&error.to_string());
    };
    let code = error.code().map(|code| safe::code(code.as_str()));
    let sender = if error.is_blocked() {
        ", sent by a firewall or proxy"
    } else {
        ""
    };
    match code {
        Some(code) => format!("{} {code}{sender}", status.as_u16()),
        None => format!("{status}{sender}"),
    }
}

/// The innermost of the error's sources.
fn cause(error: &Error) -> Option<String> {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.last().map(ToString::to_string)
}
