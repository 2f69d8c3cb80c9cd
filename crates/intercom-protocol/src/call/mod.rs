//! One call as a state machine.
//!
//! ```text
//!  state     next(now) gives        leaves by
//!  Asking    Step::Admit            asking                            ▶ Asked
//!  Asked     Step::Admit            admitted: Go                      ▶ Admitted
//!                                   admitted: Refused, TooLate        ▶ Ended
//!  Admitted  Step::Send             sending                           ▶ InFlight
//!  InFlight  Step::Send             received: success, no retry       ▶ Ended
//!                                   received: failure worth a retry   ▶ Waiting
//!  Waiting   Step::Sleep            next, once the wait is over       ▶ Asking
//!  Ended     Step::Done
//! ```
//!
//! A deadline that passes before the request is in flight leads to Ended.

mod ending;
mod watch;

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use intercom_errors::{Fault, Phase, RateLimit, UnixTime};
use intercom_pace::{Admission, Answer, Ask, Permit};
use intercom_retry::{Decision, Failure, Moment, RetrySession, Stop, StopReason, Tick, Wait};

use self::watch::Watch;
use crate::observe::EventKind;
use crate::wire::{incoming, reply};
use crate::{ApiRequest, Connection, Error, Outgoing, Reply, route_of};

/// What a driver does next for a [`Call`].
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver that misses a step must not compile"
)]
#[derive(Debug)]
#[must_use = "nothing happens unless it is acted on"]
pub enum Step {
    /// Ask the gate, then call [`Call::admitted`]. Without a gate: `call.admitted(ask.free(), now)`.
    Admit(Ask),
    /// Carry out this exchange, then call [`Call::received`].
    Send(Outgoing),
    /// Sleep that long, then ask [`Call::next`] again.
    Sleep(Duration),
    /// The call is over.
    Done(Result<Reply, Error>),
}

/// One call: a request, its attempts and the waits between them.
///
/// A call neither sends nor sleeps nor reads a clock: [`next`](Self::next) says what to do, and the driver reports back.
/// Time enters with every method. Asked out of order, `next` gives the same step again. Dropping a call at any point
/// gives back what it holds of a quota. The crate's first page shows a whole driver.
pub struct Call {
    request: ApiRequest,
    /// What every attempt sends a clone of.
    http: Request<Bytes>,
    session: RetrySession,
    limits: Limits,
    /// The failure of the latest attempt, while another one is ahead.
    failure: Option<Failure>,
    /// Whether an earlier attempt than the one under way may have been carried out.
    applied_before: bool,
    clock_offset: Option<i64>,
    /// When the gate was first asked for the attempt that is next.
    asked: Option<Tick>,
    watch: Option<Arc<Watch>>,
    /// The moment of the latest step.
    latest: Moment,
    state: State,
    /// The result of a call that has ended, until the driver has it.
    result: Option<Result<Reply, Error>>,
}

#[derive(Debug)]
struct Limits {
    attempt: Duration,
    connect: Duration,
    body: usize,
}

#[derive(Debug)]
enum State {
    /// The gate is to be asked.
    Asking,
    /// The driver owes the gate's admission.
    Asked,
    /// The request may go.
    Admitted(Permit),
    /// The driver owes the outcome.
    InFlight(Permit),
    /// Waits until this tick before it asks again.
    Waiting(Tick),
    /// Over.
    Ended,
}

impl Call {
    /// Begins a call at `now`; its deadline, if any, counts from here.
    ///
    /// A request that cannot be sent ends at once with an error of kind `invalid`.
    #[must_use]
    pub fn new(connection: &Connection, request: ApiRequest, now: Moment) -> Self {
        let settings = connection.settings();
        let policy = request.own_policy().unwrap_or(&settings.policy).clone();
        let deadline = request
            .deadline_from(now.tick())
            .or_else(|| Some(now.tick().after(settings.total_timeout?)));
        let observer = settings.observer.as_ref();
        let (http, watch, invalid) = match connection.http_request(&request) {
            Ok(http) => {
                let watch = observer.map(|observer| Watch::begin(observer, &request, &http));
                (http, watch, None)
            }
            Err(error) => {
                if let Some(observer) = observer {
                    watch::tell_invalid(observer, &request, &error);
                }
                // The call has ended, so this is never sent.
                (Request::default(), None, Some(Err(error)))
            }
        };
        Self {
            http,
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
            watch,
            latest: now,
            state: match invalid {
                Some(_) => State::Ended,
                None => State::Asking,
            },
            result: invalid,
            request,
        }
    }

    /// What to do at this moment.
    pub fn next(&mut self, now: Moment) -> Step {
        self.latest = now;
        loop {
            self.state = match self.take_state() {
                State::Waiting(until) if now.tick() < until => {
                    self.state = State::Waiting(until);
                    return Step::Sleep(until.since(now.tick()));
                }
                State::Waiting(_) => State::Asking,
                State::Asking | State::Asked if self.session.expired(&now) => {
                    self.give_up(Stop::new(StopReason::DeadlineExceeded), now)
                }
                State::Asking | State::Asked => {
                    self.asked = self.asked.or(Some(now.tick()));
                    self.state = State::Asked;
                    return Step::Admit(self.ask(now));
                }
                State::Admitted(permit) if self.session.expired(&now) => self.expire(permit, now),
                State::Admitted(permit) => self.depart(permit, now),
                State::InFlight(permit) => {
                    self.state = State::InFlight(permit);
                    return Step::Send(self.outgoing(now));
                }
                State::Ended => return Step::Done(self.take_result(now)),
            };
        }
    }

    /// The gate's answer to [`Step::Admit`], given at `now`; ignored when the gate was not to be asked.
    pub fn admitted(&mut self, admission: Admission, now: Moment) {
        if !matches!(self.state, State::Asked) {
            return;
        }
        self.latest = now;
        self.state = match admission {
            Admission::Go(permit) if self.session.expired(&now) => self.expire(permit, now),
            Admission::Go(permit) => {
                if permit.is_spread() {
                    self.session.without_spread();
                }
                self.tell_paced(now);
                State::Admitted(permit)
            }
            Admission::Refused(refusal) => self.give_up(ending::refused(&refusal, &now), now),
            Admission::TooLate(wait) => self.give_up(ending::too_late(wait, &now), now),
        };
    }

    /// The outcome of [`Step::Send`], which came at `now`: a response of any status, or why there is none; ignored when
    /// nothing was to be sent.
    pub fn received(&mut self, outcome: Result<Response<Bytes>, Fault>, now: Moment) {
        let permit = match self.take_state() {
            State::InFlight(permit) => permit,
            other => {
                self.state = other;
                return;
            }
        };
        self.latest = now;
        let outcome = self.read(outcome);
        settle(permit, &outcome, now);
        self.state = match outcome {
            Ok(reply) => self.succeed(reply, now),
            Err(failed) => self.fail(failed, now),
        };
    }

    /// Takes the state out; the caller puts one back.
    fn take_state(&mut self) -> State {
        core::mem::replace(&mut self.state, State::Ended)
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

    fn depart(&mut self, mut permit: Permit, now: Moment) -> State {
        self.applied_before = self.session.maybe_applied();
        self.session.sending(&now);
        permit.sent();
        self.tell(EventKind::Sent, now);
        State::InFlight(permit)
    }

    fn outgoing(&self, now: Moment) -> Outgoing {
        let left = self
            .session
            .deadline()
            .map(|deadline| deadline.since(now.tick()));
        let timeout = left.map_or(self.limits.attempt, |left| left.min(self.limits.attempt));
        Outgoing::new(self.http.clone())
            .with_timeout(timeout)
            .with_connect_timeout(self.limits.connect.min(timeout))
            .with_body_limit(self.limits.body)
    }

    fn read(&self, outcome: Result<Response<Bytes>, Fault>) -> Result<Reply, Failure> {
        let response = incoming::checked(self.request.method(), outcome?, self.limits.body)?;
        if self.was_deleted_before(&response) {
            return Ok(Reply::new(response));
        }
        Ok(reply::read(response, &self.request)?)
    }

    /// Whether an earlier DELETE of this call may have worked, so that this one finds nothing: just what was wanted.
    fn was_deleted_before(&self, response: &Response<Bytes>) -> bool {
        self.applied_before
            && *self.request.method() == Method::DELETE
            && matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::GONE)
            && reply::error_of(response, Some(&self.request)).is_gone()
    }

    fn fail(&mut self, failed: Failure, now: Moment) -> State {
        let decision = self.session.failed(&failed, &now);
        self.clock_offset = failed
            .response()
            .and_then(|response| clock_offset(response.rate_limit(), &now))
            .or(self.clock_offset);
        self.failure = Some(failed);
        self.tell_received(now);
        match decision {
            Decision::Retry(wait) => self.wait(wait, now),
            Decision::Stop(stop) => self.give_up(stop, now),
        }
    }

    fn wait(&self, wait: Wait, now: Moment) -> State {
        self.tell(EventKind::Waiting(wait), now);
        State::Waiting(now.tick().after(wait.duration()))
    }
}

/// Shows what is called and how far it is, not what it carries.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", self.http.method())
            .field("route", &route_of(self.http.uri().path()))
            .field("attempt", &self.session.attempt())
            .finish_non_exhaustive()
    }
}

/// Reports the outcome to the gate.
fn settle(permit: Permit, outcome: &Result<Reply, Failure>, now: Moment) {
    match outcome {
        Ok(reply) => {
            let answer = Answer::new(reply.rate_limit(), reply.status().as_u16());
            permit.answered(&answer, now);
        }
        Err(Failure::Api(error)) => permit.answered(&error.into(), now),
        Err(Failure::Fault(fault)) => match (fault.response(), fault.phase()) {
            (Some(answer), _) => permit.answered(&answer.into(), now),
            (None, Phase::NotSent) => permit.never_sent(now),
            (None, _) => permit.unknown(now),
        },
    }
}

/// The server's clock minus ours in milliseconds; `Date` is cut to whole seconds, so its middle is meant.
fn clock_offset(limit: RateLimit, now: &Moment) -> Option<i64> {
    let millis = |time: UnixTime| i64::try_from(time.since_epoch().as_millis()).ok();
    Some(millis(limit.date()?)? + 500 - millis(now.wall()?)?)
}
