//! An attempt in the history of a call.

use alloc::boxed::Box;
use core::time::Duration;

use intercom_errors::{ErrorCode, FaultKind, Phase};

use crate::failure::Failure;
use crate::moment::Tick;
use crate::wait::Wait;

/// An attempt in the history of a call.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub(crate) number: u32,
    pub(crate) started: Tick,
    pub(crate) took: Duration,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<ErrorCode>,
    pub(crate) request_id: Option<Box<str>>,
    pub(crate) fault: Option<(Phase, FaultKind)>,
    pub(crate) wait: Option<Wait>,
}

impl Attempt {
    pub(crate) fn succeeded(
        number: u32,
        (started, ended): (Tick, Tick),
        status: u16,
        request_id: Option<&str>,
    ) -> Self {
        Self {
            number,
            started,
            took: ended.since(started),
            status: Some(status),
            code: None,
            request_id: request_id.map(Box::from),
            fault: None,
            wait: None,
        }
    }

    pub(crate) fn failed(
        number: u32,
        (started, ended): (Tick, Tick),
        failure: &Failure,
        wait: Option<Wait>,
    ) -> Self {
        Self {
            number,
            started,
            took: ended.since(started),
            status: failure.status(),
            code: failure.code().cloned(),
            request_id: failure.request_id().map(Box::from),
            fault: failure.fault().map(|fault| (fault.phase(), fault.kind())),
            wait,
        }
    }

    /// Returns the number of the attempt, starting at 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns when the attempt was sent. If it failed before that, returns when it failed.
    pub fn started(&self) -> Tick {
        self.started
    }

    /// Returns how long the attempt took, until its response was read or it failed. Zero if it was never sent.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// Returns the status of the response, or `None` if the head of the response did not arrive.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Returns the error code of the response, or `None` if it has none.
    pub fn code(&self) -> Option<&str> {
        self.code.as_ref().map(ErrorCode::as_str)
    }

    /// Returns the request id of the response, which Intercom's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns how far the attempt got and what failed, or `None` for a complete response.
    pub fn fault(&self) -> Option<(Phase, FaultKind)> {
        self.fault
    }

    /// Returns the wait after the attempt, or `None` for the last attempt.
    pub fn wait(&self) -> Option<Wait> {
        self.wait
    }
}
