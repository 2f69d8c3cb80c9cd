//! What an attempt meant, and what followed it.

use core::fmt;
use intercom_protocol::{Action, Category, Resend};

use intercom_protocol::{Class, Decision, StopReason, WaitCause, observe};
use serde::{Deserialize, Serialize};

use super::Nanos;
use crate::text::Short;

/// The class of a failure, and the decision. A replay compares it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) class: Option<Meaning>,
    #[serde(flatten)]
    pub(crate) then: Then,
}

/// A class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Meaning {
    pub(crate) category: Category,
    pub(crate) resend: Resend,
    pub(crate) action: Action,
}

/// What followed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "then", rename_all = "snake_case")]
pub(crate) enum Then {
    /// The call succeeded.
    Done,
    /// The writer of a download failed.
    WriterFailed,
    /// Another attempt.
    Retry { wait_ns: Nanos, cause: WaitCause },
    /// The end of a call that failed.
    Stop {
        reason: StopReason,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ns: Option<Nanos>,
    },
}

/// Writes what followed, in a few words.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.then {
            Then::Done => f.write_str("done"),
            Then::WriterFailed => f.write_str("the writer failed"),
            Then::Retry { wait_ns, cause } => {
                write!(f, "wait {}: {cause}", Short(wait_ns.duration()))
            }
            Then::Stop {
                reason,
                retry_after_ns,
            } => {
                write!(f, "stop: {reason}")?;
                let wait = retry_after_ns.map(|wait| Short(wait.duration()));
                wait.map_or(Ok(()), |wait| write!(f, ", back in {wait}"))
            }
        }
    }
}

impl Outcome {
    pub(crate) fn of(received: &observe::Received<'_>) -> Self {
        let then = match (received.decision(), received.reply()) {
            (Some(Decision::Retry(wait)), _) => Then::Retry {
                wait_ns: wait.duration().into(),
                cause: wait.cause(),
            },
            (Some(Decision::Stop(stop)), _) => Then::Stop {
                reason: stop.reason(),
                retry_after_ns: stop.retry_after().map(Nanos::from),
            },
            (None, Some(_)) => Then::Done,
            (None, None) => Then::WriterFailed,
        };
        Self {
            class: received.class().map(Meaning::of),
            then,
        }
    }
}

impl Meaning {
    fn of(class: Class) -> Self {
        Self {
            category: class.category(),
            resend: class.resend(),
            action: class.action(),
        }
    }
}
