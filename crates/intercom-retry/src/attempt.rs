//! One line of a call's history.

use alloc::boxed::Box;
use core::time::Duration;

use intercom_errors::{ErrorCode, FaultKind, Phase};

use crate::failure::Failure;
use crate::moment::Tick;
use crate::wait::Wait;

/// One attempt of a call, as its history keeps it.
#[derive(Clone, Debug)]
pub struct Attempt {
    number: u32,
    started: Tick,
    took: Duration,
    status: Option<u16>,
    code: Option<ErrorCode>,
    request_id: Option<Box<str>>,
    fault: Option<(Phase, FaultKind)>,
    wait: Option<Wait>,
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

    /// Its number, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// When it went on the wire, or failed to.
    pub fn started(&self) -> Tick {
        self.started
    }

    /// How long it was on its way, until its answer was read or it broke off; zero if it never went.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// The status of its answer; none if not even the head arrived.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The error code of its answer, as the server spelt it; none for a success.
    pub fn code(&self) -> Option<&str> {
        self.code.as_ref().map(ErrorCode::as_str)
    }

    /// The request id of its answer, which Intercom's support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// How far it came and what stopped it; none for a complete answer.
    pub fn fault(&self) -> Option<(Phase, FaultKind)> {
        self.fault
    }

    /// The wait that was decided after it; none for the last attempt.
    pub fn wait(&self) -> Option<Wait> {
        self.wait
    }
}
