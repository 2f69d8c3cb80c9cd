//! An exchange: one attempt of a call, and what was decided after it.

use std::borrow::Cow;

use intercom_protocol::UnixTime;
use serde::{Deserialize, Serialize};

use super::{Broken, Nanos, Outcome, Response, Roll, Terms, is_default};
use crate::safe;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Exchange {
    #[serde(flatten)]
    pub(crate) request: Request,
    /// The number of the attempt, from 1.
    pub(crate) n: u32,
    pub(crate) terms: Terms,
    #[serde(flatten)]
    pub(crate) times: Times,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<Broken>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<Response>,
    pub(crate) outcome: Outcome,
}

/// Which call a line is about, and its request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// Tells runs apart that were written to one file.
    pub(crate) run: Cow<'static, str>,
    /// The number of the call in its run.
    pub(crate) call: u64,
    pub(crate) method: Cow<'static, str>,
    pub(crate) route: Cow<'static, str>,
    /// The names of the query parameters.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) query: Vec<Cow<'static, str>>,
    /// `us`, `eu`, `au`, `loopback` or `other`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) server: Cow<'static, str>,
    /// The length of the body.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) size: u64,
}

/// When an attempt happened, on the clock of its program, and the random number of its decision.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) began_ns: Nanos,
    pub(crate) sent_ns: Nanos,
    pub(crate) received_ns: Nanos,
    /// The time of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<UnixTime>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) roll: Roll,
}

impl Request {
    /// Returns the request with only values that a recorder writes.
    pub(super) fn checked(mut self) -> Self {
        let is_run = self.run.len() == 8 && self.run.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_run {
            self.run = Cow::Borrowed(safe::HIDDEN);
        }
        self.method = Cow::Borrowed(safe::method(&self.method));
        self.route = safe::route(&self.route);
        self.query.retain(|name| safe::is_member(name));
        self.server = Cow::Borrowed(safe::server(&self.server));
        self
    }
}

impl Exchange {
    /// Returns the exchange with only values that a recorder writes.
    pub(super) fn checked(mut self) -> Self {
        self.request = self.request.checked();
        self.terms = self.terms.checked();
        self.response = self.response.map(Response::checked);
        self
    }

    /// Returns the id of the request, if the response has one.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.response.as_ref()?.request_id.as_deref()
    }

    /// Returns the first code of the response, if it has one.
    pub(crate) fn code(&self) -> Option<&str> {
        let mut errors = self.response.as_ref()?.errors.iter();
        errors.find_map(|item| item.code.as_deref())
    }

    /// Returns how the exchange broke off, like `outcome_unknown closed`.
    pub(crate) fn broke_off(&self) -> Option<String> {
        let broken = self.fault.as_ref()?;
        Some(format!("{} {}", broken.phase, broken.kind))
    }
}
