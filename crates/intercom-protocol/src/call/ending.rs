//! How a call ends: with a reply, or with an error that says why no attempt follows.

use core::mem;
use core::time::Duration;

use intercom_errors::{Category, Resend};
use intercom_pace::{Permit, Refusal};
use intercom_retry::{Moment, Replay, Stop, StopReason};

use super::{Call, State, clock_offset};
use crate::error::Ending;
use crate::observe::{Done, EventKind};
use crate::{Error, Reply};

impl Call {
    pub(super) fn succeed(&mut self, mut reply: Reply, now: Moment) -> State {
        self.failure_class = None;
        self.session
            .succeeded(reply.status().as_u16(), reply.request_id(), &now);
        self.report_received(Some(&reply), None, now);
        reply.attempts = self.session.take_attempts();
        reply.target = mem::take(&mut self.target);
        reply.elapsed = now.tick().since(self.session.began());
        reply.clock_offset = clock_offset(reply.rate_limit(), &now).or(self.clock_offset);
        reply.wrote = self.session.replay() != Replay::Read;
        self.end(Ok(reply))
    }

    /// Gives up a request that was admitted too late, and returns its permit to the gate.
    pub(super) fn expire(&mut self, permit: Permit, now: Moment) -> State {
        permit.never_sent(now);
        self.give_up(Stop::new(StopReason::DeadlineExceeded), now)
    }

    pub(super) fn give_up(&mut self, stop: Stop, now: Moment) -> State {
        self.report(EventKind::Stopped(stop), now);
        let conflicts_with_itself = self.conflicts_with_itself();
        let error = match self.failure.take() {
            Some(failure) => Error::failed(failure),
            None => Error::not_started(match stop.reason() {
                StopReason::Refused => "the gate refused the request",
                StopReason::NoToken => "the token provider returned no usable access token",
                _ => "the deadline left no time for the request",
            }),
        };
        let error = match self.no_token.take() {
            Some(source) => error.with_source(source),
            None => error,
        };
        let ending = Ending {
            stop: Some(stop),
            conflicts_with_itself,
            ..Ending::default()
        };
        self.fail_with(error, ending, now)
    }

    /// Ends the call with this error. Completes the ending, which says why no attempt follows.
    pub(super) fn fail_with(&mut self, error: Error, ending: Ending, now: Moment) -> State {
        let target = mem::take(&mut self.target);
        let error = error.with_target(target).ended(Ending {
            attempts: self.session.take_attempts(),
            elapsed: now.tick().since(self.session.began()),
            maybe_applied: self.session.maybe_applied(),
            replayable: self.session.replay().is_replayable(),
            clock_offset: self.clock_offset,
            ..ending
        });
        self.end(Err(error))
    }

    fn end(&mut self, result: Result<Reply, Error>) -> State {
        self.result = Some(result);
        State::Ended
    }

    pub(super) fn take_result(&mut self, now: Moment) -> Result<Reply, Error> {
        let Some(result) = self.result.take() else {
            return Err(Error::not_started(
                "this call has already ended and returned its result",
            ));
        };
        let done = match &result {
            Ok(reply) => Done::succeeded(reply.status()),
            Err(error) => Done::failed(error),
        };
        self.end_reported = true;
        self.report(EventKind::Done(done), now);
        result
    }

    /// Whether the call ends with a conflict that its own earlier attempt may have caused.
    ///
    /// A temporary conflict does not count: it means that another request is in progress, and that this one did nothing.
    fn conflicts_with_itself(&self) -> bool {
        self.applied_before
            && self.failure.as_ref().is_some_and(|failed| {
                let class = failed.class();
                class.category() == Category::Conflict && class.resend() == Resend::Never
            })
    }
}

/// Reports a call that is dropped before the driver has taken its result, also while it panics.
impl Drop for Call {
    fn drop(&mut self) {
        if !self.end_reported {
            self.report(EventKind::Dropped, self.latest);
        }
    }
}

pub(super) fn refused(refusal: &Refusal, now: &Moment) -> Stop {
    let stop = Stop::new(StopReason::Refused);
    refusal
        .retry_after()
        .map_or(stop, |after| stop.with_retry_after(after, now))
}

pub(super) fn too_late(wait: Duration, now: &Moment) -> Stop {
    let stop = Stop::new(StopReason::DeadlineExceeded);
    if wait.is_zero() {
        stop
    } else {
        stop.with_retry_after(wait, now)
    }
}
