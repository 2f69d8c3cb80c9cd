//! The end of a call that ended without an exchange.

use core::fmt;

use intercom_protocol::{StopReason, UnixTime};
use serde::{Deserialize, Serialize};

use super::exchange::Request;
use super::{Nanos, Terms, is_default};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct End {
    #[serde(flatten)]
    pub(crate) request: Request,
    /// How many attempts were made.
    pub(crate) attempts: u32,
    pub(crate) why: Why,
    /// When the gate or the call said to come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after_ns: Option<Nanos>,
    /// Whether the gate ended the call.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) by_gate: bool,
    /// Whether a request was in flight.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) in_flight: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) terms: Option<Terms>,
    pub(crate) began_ns: Nanos,
    pub(crate) ended_ns: Nanos,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<UnixTime>,
}

impl End {
    /// Returns the end with only values that a recorder writes.
    pub(super) fn checked(mut self) -> Self {
        self.request = self.request.checked();
        self.terms = self.terms.map(Terms::checked);
        self
    }
}

/// Why a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Why {
    Dropped,
    Invalid,
    #[serde(untagged)]
    Stopped(StopReason),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped => f.pad("dropped"),
            Self::Invalid => f.pad("invalid"),
            Self::Stopped(reason) => fmt::Display::fmt(reason, f),
        }
    }
}
