//! One request's life, as a machine: ask to be admitted, send, wait, end.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri};
use intercom_errors::{Category, Fault, Phase, RateLimit, Resend};
use intercom_pace::{Admission, Answer, Ask, Permit, Refusal};
use intercom_retry::{
    Decision, Failure, Moment, Replay, RetrySession, Stop, StopReason, Tick, Wait,
};

use crate::error::Ending;
use crate::observe::{Done, EventKind, Progress, Received, Watch};
use crate::wire::{incoming, reply};
use crate::{ApiRequest, Connection, Error, Outgoing, Reply};

/// A wait at the gate that is shorter is not worth an event.
const PACED_AT_LEAST: Duration = Duration::from_millis(1);

/// What a driver does next for a [`Call`].
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver that misses a step must not compile"
)]
#[derive(Debug)]
#[must_use = "nothing happens unless it is acted on"]
pub enum Step {
    /// Ask the gate, then say [`Call::admitted`]. Where nobody paces: `call.admitted(ask.free())`.
    Admit(Ask),
    /// Carry out this exchange, then say [`Call::received`].
    Send(Outgoing),
    /// Sleep that long, then ask [`Call::next`] again.
    Sleep(Duration),
    /// The call is over.
    Done(Result<Reply, Error>),
}

/// One call: a request, its attempts and the waits between them.
///
/// A call neither sends nor sleeps nor reads a clock: [`next`](Self::next) says what to do, and the driver reports back.
/// Asked out of order, `next` gives the same step again. Dropping a call at any point gives back what it holds of
/// a quota. The crate's first page shows a whole driver.
pub struct Call {
    connection: Connection,
    request: ApiRequest,
    uri: Uri,
    /// The first attempt's request; further ones are made when they are needed, for most calls need none.
    ready: Option<Request<Bytes>>,
    session: RetrySession,
    limits: Limits,
    /// The failure of the latest attempt, while another one is ahead.
    failure: Option<Failure>,
    /// Whether an earlier attempt than the one under way may have been carried out.
    applied_before: bool,
    clock_offset: Option<i64>,
    /// When the gate was first asked for the attempt that is next.
    asked: Option<Tick>,
    /// The observer, unless it has been told of the end before the first step.
    watch: Option<Arc<Watch>>,
    /// The moment of the latest step.
    latest: Moment,
    state: State,
}

#[derive(Debug)]
struct Limits {
    attempt: Duration,
    connect: Duration,
    body: usize,
}

#[derive(Debug)]
enum State {
    /// Wants the gate's word.
    Asking,
    /// Has asked: the driver owes the gate's word.
    Asked,
    /// Admitted, or already on its way: the driver owes an answer.
    Sending(Permit, bool),
    /// Refused by the gate.
    Refused(Refusal),
    /// The gate would let it go this much later, past its deadline.
    TooLate(Duration),
    /// Answered or failed; to be judged at the next moment.
    Answered(Result<Box<Reply>, Failure>),
    /// Waits until this tick, then asks again.
    Waiting(Tick),
    /// Ended; `None` once the driver has the result.
    Ended(Option<Result<Box<Reply>, Error>>),
}

impl Call {
    /// Begins a call at `now`; its deadline, if any, counts from here.
    ///
    /// A request that cannot be sent ends at once with an error of kind `invalid`.
    #[must_use]
    pub fn new(connection: &Connection, request: ApiRequest, now: Moment) -> Self {
        let settings = connection.settings();
        let policy = request.own_policy().unwrap_or(&settings.policy).clone();
        let policy = if settings.paced {
            policy.with_spread(Duration::ZERO)
        } else {
            policy
        };
        let deadline = request
            .deadline_from(now.tick())
            .or_else(|| Some(now.tick().after(settings.total_timeout?)));
        let observer = settings.observer.as_ref();
        let (ready, state) = match connection.http_request(&request) {
            Ok(http) => (Some(http), State::Asking),
            Err(error) => {
                if let Some(observer) = observer {
                    observer.invalid(request.method(), request.path(), &error);
                }
                (None, State::Ended(Some(Err(error))))
            }
        };
        let uri = ready
            .as_ref()
            .map(|http| http.uri().clone())
            .unwrap_or_default();
        let watch = observer.filter(|_| ready.is_some());
        Self {
            connection: connection.clone(),
            watch: watch.map(|observer| observer.watch(request.method(), &uri)),
            uri,
            ready,
            session: RetrySession::new(policy, request.replay(), &now)
                .with_deadline(deadline)
                .with_budget(settings.budget.clone()),
            limits: Limits {
                attempt: settings.attempt_timeout,
                connect: settings.connect_timeout,
                body: settings.body_limit,
            },
            failure: None,
            applied_before: false,
            clock_offset: None,
            asked: None,
            latest: now,
            state,
            request,
        }
    }

    /// What to do at this moment.
    pub fn next(&mut self, now: Moment) -> Step {
        self.latest = now;
        loop {
            match core::mem::replace(&mut self.state, State::Ended(None)) {
                State::Answered(answer) => self.state = self.judge(answer, now),
                State::Refused(refusal) => self.state = self.give_up(refused(&refusal, &now), now),
                State::TooLate(wait) => self.state = self.give_up(too_late(wait, &now), now),
                State::Asking | State::Asked | State::Sending(_, false)
                    if self.session.expired(&now) =>
                {
                    self.state = self.give_up(Stop::new(StopReason::DeadlineExceeded), now);
                }
                State::Asking | State::Asked => {
                    self.asked = self.asked.or(Some(now.tick()));
                    self.state = State::Asked;
                    return Step::Admit(self.ask(now));
                }
                State::Sending(permit, under_way) => return self.send(permit, under_way, now),
                State::Waiting(until) if now.tick() >= until => self.state = State::Asking,
                State::Waiting(until) => {
                    self.state = State::Waiting(until);
                    return Step::Sleep(until.since(now.tick()));
                }
                State::Ended(Some(result)) => {
                    self.tell(EventKind::Done(Done::of(&result)), now);
                    return Step::Done(result.map(|reply| *reply));
                }
                State::Ended(None) => return Step::Done(taken()),
            }
        }
    }

    /// The gate's answer to [`Step::Admit`]; ignored when none was asked for.
    pub fn admitted(&mut self, admission: Admission) {
        if matches!(self.state, State::Asked) {
            self.state = match admission {
                Admission::Go(permit) => State::Sending(permit, false),
                Admission::Refused(refusal) => State::Refused(refusal),
                Admission::TooLate(wait) => State::TooLate(wait),
            };
        }
    }

    /// The outcome of [`Step::Send`]: a response of any status, or why there is none; ignored when none was asked for.
    ///
    /// `now` is the moment it came back, which the gate learns.
    pub fn received(&mut self, outcome: Result<Response<Bytes>, Fault>, now: Moment) {
        match core::mem::replace(&mut self.state, State::Ended(None)) {
            State::Sending(permit, true) => {
                let (method, limit) = (self.request.method(), self.limits.body);
                let outcome =
                    outcome.and_then(|response| incoming::checked(method, response, limit));
                let answer = match outcome {
                    Ok(response) if self.was_deleted_before(&response) => Ok(Reply::new(response)),
                    Ok(response) => reply::read(response, &self.request).map_err(Failure::Api),
                    Err(fault) => Err(Failure::Fault(fault)),
                };
                settle(permit, &answer, now);
                self.state = State::Answered(answer.map(Box::new));
            }
            other => self.state = other,
        }
    }

    fn ask(&self, now: Moment) -> Ask {
        let mut ask = Ask::new(now, self.session.began(), self.session.attempt());
        if let Some(watch) = &self.watch {
            ask = ask.with_wait_observer(Arc::clone(watch) as _);
        }
        match self.session.deadline() {
            Some(deadline) => ask.with_give_up_at(deadline),
            None => ask,
        }
    }

    fn send(&mut self, mut permit: Permit, under_way: bool, now: Moment) -> Step {
        if !under_way {
            self.applied_before = self.session.maybe_applied();
            self.tell_of_the_gate(now);
            self.session.sending(&now);
            permit.sent();
            self.tell(EventKind::Sent, now);
        }
        self.state = State::Sending(permit, true);
        let left = self
            .session
            .deadline()
            .map(|deadline| deadline.since(now.tick()));
        let timeout = left.map_or(self.limits.attempt, |left| left.min(self.limits.attempt));
        Step::Send(
            Outgoing::new(self.http_request())
                .with_timeout(timeout)
                .with_connect_timeout(self.limits.connect.min(timeout))
                .with_body_limit(self.limits.body),
        )
    }

    /// The request for one attempt.
    fn http_request(&mut self) -> Request<Bytes> {
        // It was checked when the call began, and nothing of it has changed since.
        let again = || self.connection.http_request(&self.request);
        let ready = self.ready.take();
        ready.unwrap_or_else(|| again().unwrap_or_default())
    }

    fn tell_of_the_gate(&mut self, now: Moment) {
        let waited = self.asked.take().map(|asked| now.tick().since(asked));
        if let Some(waited) = waited.filter(|waited| *waited >= PACED_AT_LEAST) {
            self.tell(EventKind::Paced(waited), now);
        }
    }

    fn tell_of_the_answer(&self, now: Moment) {
        if let Some(attempt) = self.session.attempts().last() {
            self.tell(EventKind::Received(Received::new(attempt)), now);
        }
    }

    /// Tells the observer, if there is one; no lock is held here.
    fn tell(&self, kind: EventKind<'_>, now: Moment) {
        let Some(watch) = &self.watch else {
            return;
        };
        let attempt = match kind {
            EventKind::Dropped | EventKind::Paced(_) | EventKind::Sent => self.session.attempt(),
            _ => self.session.attempt().saturating_sub(1),
        };
        let progress = Progress {
            attempt,
            elapsed: now.tick().since(self.session.began()),
            latest: self.session.attempts().last(),
        };
        watch.tell(progress, kind);
    }

    fn judge(&mut self, answer: Result<Box<Reply>, Failure>, now: Moment) -> State {
        let failed = match answer {
            Ok(reply) => return self.succeed(reply, now),
            Err(failed) => failed,
        };
        let decision = self.session.failed(&failed, &now);
        self.clock_offset = failed
            .response()
            .and_then(|response| clock_offset(response.rate_limit(), &now))
            .or(self.clock_offset);
        self.tell_of_the_answer(now);
        match decision {
            Decision::Retry(wait) => self.wait(failed, wait, now),
            Decision::Stop(stop) => {
                self.failure = Some(failed);
                self.give_up(stop, now)
            }
        }
    }

    /// Whether an earlier DELETE of this call may have worked, so that this one finds nothing: just what was wanted.
    fn was_deleted_before(&self, response: &Response<Bytes>) -> bool {
        self.applied_before
            && *self.request.method() == Method::DELETE
            && matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::GONE)
            && reply::error_of(response, Some(&self.request)).is_gone()
    }

    fn wait(&mut self, failed: Failure, wait: Wait, now: Moment) -> State {
        self.failure = Some(failed);
        self.tell(EventKind::Waiting(wait), now);
        State::Waiting(now.tick().after(wait.duration()))
    }

    fn succeed(&mut self, mut reply: Box<Reply>, now: Moment) -> State {
        self.session
            .succeeded(reply.status().as_u16(), reply.request_id(), &now);
        self.tell_of_the_answer(now);
        reply.attempts = self.session.take_attempts();
        reply.elapsed = now.tick().since(self.session.began());
        reply.clock_offset = clock_offset(&reply.rate_limit(), &now).or(self.clock_offset);
        reply.wrote = self.session.replay() != Replay::Read;
        State::Ended(Some(Ok(reply)))
    }

    /// Whether a conflict ends the call that an earlier attempt of its own may have caused.
    ///
    /// A conflict that may pass says that others are busy, and that nothing was done.
    fn clashes_with_itself(&self) -> bool {
        self.applied_before
            && self.failure.as_ref().is_some_and(|failed| {
                let class = failed.class();
                class.category() == Category::Conflict && class.resend() == Resend::Never
            })
    }

    fn give_up(&mut self, stop: Stop, now: Moment) -> State {
        self.tell(EventKind::Stopped(stop), now);
        let clashes_with_itself = self.clashes_with_itself();
        let error = match self.failure.take() {
            Some(failure) => Error::failed(failure),
            None if stop.reason() == StopReason::Refused => {
                Error::not_started("the gate refused it")
            }
            None => Error::not_started("the deadline left no time for it"),
        };
        State::Ended(Some(Err(error.ended(Ending {
            attempts: self.session.take_attempts(),
            elapsed: now.tick().since(self.session.began()),
            stop: Some(stop),
            maybe_applied: self.session.maybe_applied(),
            clashes_with_itself,
            replayable: self.session.replay().is_replayable(),
            clock_offset: self.clock_offset,
        }))))
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !matches!(self.state, State::Ended(None)) {
            self.tell(EventKind::Dropped, self.latest);
        }
    }
}

/// Shows what is called and how far it is, not what it carries.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", self.request.method())
            .field("path", &self.uri.path())
            .field("attempt", &self.session.attempt())
            .finish_non_exhaustive()
    }
}

/// Reports the outcome to the gate.
fn settle(permit: Permit, outcome: &Result<Reply, Failure>, now: Moment) {
    match outcome {
        Ok(reply) => permit.answered(
            &Answer::new(reply.rate_limit(), reply.status().as_u16()),
            now,
        ),
        Err(Failure::Api(error)) => permit.answered(&error.into(), now),
        Err(Failure::Fault(fault)) => match (fault.answer(), fault.phase()) {
            (Some(answer), _) => permit.answered(&answer.into(), now),
            (None, Phase::NotSent) => permit.never_sent(now),
            (None, _) => permit.unknown(now),
        },
    }
}

/// The server's clock minus ours in milliseconds; `Date` is cut to whole seconds, so its middle is meant.
fn clock_offset(limit: &RateLimit, now: &Moment) -> Option<i64> {
    let server = i64::try_from(limit.date()?.checked_mul(1000)?.checked_add(500)?).ok()?;
    let local = i64::try_from(now.wall()?.as_millis()).ok()?;
    server.checked_sub(local)
}

fn refused(refusal: &Refusal, now: &Moment) -> Stop {
    let stop = Stop::new(StopReason::Refused);
    refusal
        .retry_after()
        .map_or(stop, |after| stop.with_retry_after(after, now))
}

fn too_late(wait: Duration, now: &Moment) -> Stop {
    let stop = Stop::new(StopReason::DeadlineExceeded);
    if wait.is_zero() {
        stop
    } else {
        stop.with_retry_after(wait, now)
    }
}

fn taken() -> Result<Reply, Error> {
    Err(Error::not_started(
        "this call had ended and its result was taken",
    ))
}
