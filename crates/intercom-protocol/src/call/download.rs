//! What is different in a call whose body is written to a sink.

use std::io;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{Method, Response};
use intercom_errors::{Fault, FaultKind};
use intercom_retry::{Decision, Failure, Moment, StopReason};

use super::{Call, State};
use crate::error::Ending;
use crate::wire::download::Receiver;
use crate::wire::{incoming, reply};
use crate::{Error, Reply};

impl Call {
    /// Decides whether another attempt follows. A download continues where the failed attempt stopped, if the server offers that.
    pub(super) fn decide(&mut self, failed: &Failure, now: Moment) -> Decision {
        if let Some(receiver) = &self.receiver {
            // A deadline is the more useful reason, and leaves no time for another attempt either.
            if receiver.is_stuck() && !self.session.expired(&now) {
                let reason = StopReason::NotResumable;
                return Decision::Stop(self.session.stopped(reason, failed, &now));
            }
            if receiver.has_progressed() {
                self.session.progressed();
            }
        }
        self.session.failed(failed, &now)
    }

    /// Returns why the sink failed, if it did.
    pub(super) fn writer_failure(&self) -> Option<io::Error> {
        self.receiver.as_ref()?.take_failure()
    }

    /// Ends the call because its sink failed. The response is not to blame.
    pub(super) fn fail_to_write(
        &mut self,
        error: io::Error,
        outcome: Result<Reply, Failure>,
        now: Moment,
    ) -> State {
        match outcome {
            Ok(reply) => {
                let status = reply.status().as_u16();
                self.session.succeeded(status, reply.request_id(), &now);
                self.report_received(Some(&reply), None, now);
            }
            Err(failed) => {
                let reason = StopReason::NotResumable;
                self.session.stopped(reason, &failed, &now);
                self.failure = Some(failed);
                self.report_received(None, None, now);
            }
        }
        self.fail_with(Error::writer(error), Ending::default(), now)
    }
}

/// Checks that a body which went to the sink was received completely.
pub(super) fn written(
    receiver: &Receiver,
    response: Response<Bytes>,
) -> Result<Response<Bytes>, Fault> {
    match receiver.finish() {
        Ok(()) => Ok(response),
        Err(kind) => Err(Fault::cut(kind, reply::error_of(&response, None))),
    }
}

/// Writes a body that did not go to the sink: it is short, or the transport returns whole bodies.
pub(super) fn write(receiver: &Receiver, method: &Method, reply: Reply) -> Result<Reply, Fault> {
    if !reply.status().is_success() {
        return Ok(reply);
    }
    let mut head = reply.head();
    if !incoming::has_body(method, reply.status()) {
        head.headers_mut().remove(CONTENT_LENGTH);
    }
    let cut = |kind| Fault::cut(kind, reply::error_of(&head.clone().map(|()| b""), None));
    receiver
        .begin(&head, false)
        .map_err(|unfit| cut(FaultKind::Protocol).with_source(unfit))?;
    receiver.push(reply.body());
    receiver.finish().map_err(cut)?;
    Ok(reply)
}
