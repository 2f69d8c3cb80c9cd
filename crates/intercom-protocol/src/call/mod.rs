//! A call as a state machine.
//!
//! ```text
//!  state     next(now) returns      leaves by
//!  Authorizing  Step::Authorize     authorized: a token                  ▶ Asking
//!                                   authorized: none                  ▶ Ended
//!  Asking    Step::Admit            asking                            ▶ Asked
//!  Asked     Step::Admit            admitted: Go                      ▶ Admitted
//!                                   admitted: Refused, TooLate        ▶ Ended
//!  Admitted  Step::Send             sending                           ▶ InFlight
//!  InFlight  Step::Send             received: success, no retry       ▶ Ended
//!                                   received: failure worth a retry   ▶ Waiting
//!  Waiting   Step::Sleep            next, once the wait is over       ▶ Asking
//!                                   admitted: Refused                 ▶ Ended
//!  Ended     Step::Done
//! ```
//!
//! A deadline that passes before the request is in flight leads to Ended.

mod download;
mod ending;
mod token;
mod watch;

use core::fmt;
use core::time::Duration;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::sync::Arc;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use intercom_errors::{Class, Fault, Phase, RateLimit, UnixTime};
use intercom_pace::{Admission, Answer, Ask, Permit, Priority};
use intercom_retry::{Decision, Failure, Moment, RetrySession, Stop, StopReason, Tick, Wait};

use self::token::Renewal;
pub use self::token::TokenAsk;
use self::watch::Watch;
use crate::observe::EventKind;
use crate::target::{Target, method_name};
use crate::wire::download::Receiver;
use crate::wire::{AttemptHeaders, NextAttempt};
use crate::wire::{incoming, reply};
use crate::{ApiRequest, Connection, Error, Expect, Outgoing, Reply};

/// What a driver has to do next for a [`Call`].
#[expect(
    clippy::exhaustive_enums,
    reason = "a driver that misses a step must not compile"
)]
#[derive(Debug)]
#[must_use = "a call makes no progress until its step is carried out"]
pub enum Step {
    /// Get an access token, then call [`Call::authorized`]. A call returns this step only on a connection with
    /// [`renewable_token`](crate::Config::renewable_token).
    Authorize(TokenAsk),
    /// Ask the gate, then call [`Call::admitted`]. Without a gate: `call.admitted(ask.free(), now)`.
    Admit(Ask),
    /// Carry out this exchange, then call [`Call::received`].
    Send(Outgoing),
    /// Sleep for this long, then call [`Call::next`] again.
    Sleep(Duration),
    /// The call has ended.
    Done(Result<Reply, Error>),
}

/// A call: a request, its attempts and the waits between them.
///
/// A call does no I/O, does not sleep and reads no clock. [`next`](Self::next) returns what to do, the driver does it and
/// reports the result, and every method receives the current time. Until the result is reported, `next` returns the same step
/// again. A call can be dropped at any time and then returns its permit. The front page of this crate shows a complete driver.
pub struct Call {
    target: Target,
    route: Cow<'static, str>,
    expect: Expect,
    priority: Priority,
    /// Every attempt sends a clone of it.
    http: Request<Bytes>,
    /// The headers of the current attempt alone.
    attempt_headers: HeaderMap,
    adds_headers: Option<AttemptHeaders>,
    /// `None` if the request keeps its access token.
    renewal: Option<Renewal>,
    /// Why the token provider returned no token.
    no_token: Option<Box<dyn StdError + Send + Sync>>,
    session: RetrySession,
    limits: Limits,
    /// Receives the body, if the call is a download.
    receiver: Option<Receiver>,
    /// The failure of the latest attempt, until the next attempt ends.
    failure: Option<Failure>,
    /// What the failure of the latest attempt means.
    failure_class: Option<Class>,
    /// Whether an attempt before the current one may have been applied.
    applied_before: bool,
    clock_offset: Option<i64>,
    /// When the gate was first asked to admit the next attempt.
    asked: Option<Tick>,
    watch: Option<Arc<Watch>>,
    /// The time of the latest step.
    latest: Moment,
    state: State,
    /// Whether an attempt was sent whose outcome was not reported to the observer.
    in_flight: bool,
    /// Whether the gate ended the call.
    stopped_by_gate: bool,
    /// Whether the end of the call was reported to the observer.
    end_reported: bool,
    /// The result of a call that has ended, until the driver takes it.
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
    /// The driver has to get an access token.
    Authorizing,
    /// The driver has to ask the gate.
    Asking,
    /// The driver has yet to report the gate's admission.
    Asked,
    /// The request may be sent.
    Admitted(Permit),
    /// The driver has yet to report the outcome of the exchange.
    InFlight(Permit),
    /// The next attempt waits until this tick.
    Waiting(Tick),
    /// The call has ended.
    Ended,
}

impl Call {
    /// Begins a call at `now`, which is also when its deadline starts to count.
    ///
    /// A call with an invalid request ends at once with an error of kind `invalid`.
    #[must_use]
    pub fn new(connection: &Connection, request: ApiRequest, now: Moment) -> Self {
        let settings = connection.settings();
        let policy = request.own_policy().unwrap_or(&settings.policy).clone();
        let deadline = request
            .deadline_from(now.tick())
            .or_else(|| Some(now.tick().after(settings.total_timeout?)));
        let observer = settings.observer.as_ref();
        let route = request.target.route();
        let (http, watch, invalid) = match connection.http_request(&request) {
            Ok(http) => {
                let watch =
                    observer.map(|observer| Watch::begin(observer, &request, route.clone(), &http));
                (http, watch, None)
            }
            Err(error) => {
                if let Some(observer) = observer {
                    watch::report_invalid(observer, &request, &error, now);
                }
                // The call has already ended, so this request is never sent.
                (Request::default(), None, Some(Err(error)))
            }
        };
        let tokens = connection.tokens().filter(|_| !request.is_complete());
        let has_token = tokens.is_none() || http.headers().contains_key(AUTHORIZATION);
        Self {
            http,
            attempt_headers: HeaderMap::new(),
            adds_headers: settings.attempt_headers.clone(),
            renewal: tokens.cloned().map(Renewal::new),
            no_token: None,
            session: RetrySession::new(policy, request.replay(), &now)
                .with_deadline(deadline)
                .with_budget(settings.budget.clone()),
            limits: Limits {
                attempt: settings.attempt_timeout,
                connect: settings.connect_timeout,
                body: settings.body_limit,
            },
            receiver: request.receiver().cloned(),
            failure: None,
            failure_class: None,
            applied_before: false,
            clock_offset: None,
            asked: None,
            watch,
            latest: now,
            state: match invalid {
                Some(_) => State::Ended,
                None if !has_token => State::Authorizing,
                None => State::Asking,
            },
            in_flight: false,
            stopped_by_gate: false,
            end_reported: invalid.is_some(),
            result: invalid,
            expect: request.expect(),
            priority: request.own_priority(),
            route,
            target: request.target,
        }
    }

    /// Returns what to do now.
    pub fn next(&mut self, now: Moment) -> Step {
        self.latest = now;
        loop {
            self.state = match self.take_state() {
                State::Waiting(until) if now.tick() < until => {
                    self.state = State::Waiting(until);
                    return Step::Sleep(until.since(now.tick()));
                }
                State::Waiting(_) => State::Asking,
                State::Authorizing | State::Asking | State::Asked if self.session.expired(&now) => {
                    self.give_up(Stop::new(StopReason::DeadlineExceeded), now)
                }
                State::Authorizing => match self.newer_token() {
                    Some(token) => self.carry(token),
                    None => {
                        self.state = State::Authorizing;
                        return Step::Authorize(self.token_ask(now));
                    }
                },
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

    /// Reports at `now` what the gate decided about [`Step::Admit`].
    ///
    /// If the call does not wait for an admission, the report is ignored, with one exception: a refusal also ends a call that
    /// waits for its next attempt ([`Step::Sleep`]). The error of the call is then the failure of its latest attempt.
    pub fn admitted(&mut self, admission: Admission, now: Moment) {
        match (&self.state, &admission) {
            (State::Asked, _) | (State::Waiting(_), Admission::Refused(_)) => {}
            _ => return,
        }
        self.latest = now;
        self.stopped_by_gate = !matches!(admission, Admission::Go(_));
        self.state = match admission {
            Admission::Go(permit) if self.session.expired(&now) => self.expire(permit, now),
            Admission::Go(permit) => {
                if permit.is_spread() {
                    self.session.without_spread();
                }
                self.report_paced(now);
                State::Admitted(permit)
            }
            Admission::Refused(refusal) => self.give_up(ending::refused(&refusal, &now), now),
            Admission::TooLate(wait) => self.give_up(ending::too_late(wait, &now), now),
        };
    }

    /// Reports the outcome of [`Step::Send`] at `now`: a response with any status, or the reason why there is none. If the
    /// call does not wait for an outcome, the report is ignored.
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
        self.state = match (self.writer_failure(), outcome) {
            (Some(error), outcome) => self.fail_to_write(error, outcome, now),
            (None, Ok(reply)) => self.succeed(reply, now),
            (None, Err(failed)) => self.fail(failed, now),
        };
    }

    /// Returns what the failure of the latest attempt means; `None` if no attempt has ended, or the latest one succeeded.
    #[must_use]
    pub fn failure_class(&self) -> Option<Class> {
        self.failure_class
    }

    /// Takes the state. The caller puts a new one in its place.
    fn take_state(&mut self) -> State {
        core::mem::replace(&mut self.state, State::Ended)
    }

    fn ask(&self, now: Moment) -> Ask {
        let mut ask = Ask::new(now, self.session.began(), self.session.attempt())
            .with_request(method_name(&self.target.method), self.route.clone())
            .with_priority(self.priority);
        if let Some(watch) = &self.watch {
            ask = ask.with_wait_observer(Arc::clone(watch) as _);
        }
        match self.session.deadline() {
            Some(deadline) => ask.with_give_up_at(deadline),
            None => ask,
        }
    }

    fn depart(&mut self, mut permit: Permit, now: Moment) -> State {
        if let Some(token) = self.newer_token() {
            self.carry(token);
        }
        if let Some(add) = &self.adds_headers {
            self.attempt_headers = add.of(&NextAttempt {
                number: self.session.attempt(),
                method: &self.target.method,
                route: &self.route,
                call: self.watch.as_ref().map(|watch| watch.call()),
            });
        }
        self.applied_before = self.session.maybe_applied();
        if let Some(receiver) = &mut self.receiver {
            receiver.next_attempt();
        }
        self.session.sending(&now);
        permit.sent();
        self.in_flight = true;
        self.report(EventKind::Sent, now);
        State::InFlight(permit)
    }

    fn outgoing(&self, now: Moment) -> Outgoing {
        let left = self
            .session
            .deadline()
            .map(|deadline| deadline.since(now.tick()));
        let timeout = left.map_or(self.limits.attempt, |left| left.min(self.limits.attempt));
        let mut http = self.http.clone();
        http.headers_mut().extend(self.attempt_headers.clone());
        let outgoing = Outgoing::new(http)
            .with_connect_timeout(self.limits.connect.min(timeout))
            .with_body_limit(self.limits.body);
        match &self.receiver {
            Some(receiver) => outgoing.for_download(receiver, left, timeout, self.limits.attempt),
            None => outgoing.with_timeout(timeout),
        }
    }

    fn read(&self, outcome: Result<Response<Bytes>, Fault>) -> Result<Reply, Failure> {
        if let Some(receiver) = self.receiver.as_ref().filter(|it| it.has_begun()) {
            return Ok(Reply::new(download::written(receiver, outcome?)?));
        }
        let outcome = outcome?;
        if let Some(receiver) = self.receiver.as_ref().filter(|it| it.is_end(&outcome)) {
            return Ok(Reply::new(download::written(receiver, outcome)?));
        }
        let limit = match &self.receiver {
            // The body of a download is limited only when it is decompressed in memory.
            Some(_) => self.limits.body.max(outcome.body().len()),
            None => self.limits.body,
        };
        let response = incoming::checked(&self.target.method, outcome, limit)?;
        if self.was_deleted_before(&response) {
            return Ok(Reply::new(response));
        }
        let reply = reply::read(response, self.expect, &self.target)?;
        match &self.receiver {
            Some(receiver) => Ok(download::write(receiver, &self.target.method, reply)?),
            None => Ok(reply),
        }
    }

    /// Whether this DELETE found no resource, and an earlier attempt of the call may have deleted it. The call then succeeds.
    fn was_deleted_before(&self, response: &Response<Bytes>) -> bool {
        self.applied_before
            && self.target.method == Method::DELETE
            && matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::GONE)
            && reply::error_of(response, Some(&self.target)).is_gone()
    }

    fn fail(&mut self, failed: Failure, now: Moment) -> State {
        let renews = self.may_renew(&failed);
        let decision = match renews {
            true => Decision::Retry(self.session.renewed_token(&failed, &now)),
            false => self.decide(&failed, now),
        };
        self.failure_class = Some(failed.class());
        self.clock_offset = failed
            .response()
            .and_then(|response| clock_offset(response.rate_limit(), &now))
            .or(self.clock_offset);
        self.failure = Some(failed);
        self.report_received(None, Some(decision), now);
        match decision {
            Decision::Retry(wait) if renews => self.renew(wait, now),
            Decision::Retry(wait) => self.wait(wait, now),
            Decision::Stop(stop) => self.give_up(stop, now),
        }
    }

    fn wait(&self, wait: Wait, now: Moment) -> State {
        self.report(EventKind::Waiting(wait), now);
        State::Waiting(now.tick().after(wait.duration()))
    }
}

/// Shows the method, the route and the attempt, but no body, query or header.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", self.http.method())
            .field("route", &self.route)
            .field("attempt", &self.session.attempt())
            .finish_non_exhaustive()
    }
}

/// Reports the outcome to the gate.
fn settle(permit: Permit, outcome: &Result<Reply, Failure>, now: Moment) {
    match outcome {
        Ok(reply) => {
            let answer = Answer::new(reply.rate_limit(), reply.status().as_u16());
            permit.responded(&answer, now);
        }
        Err(Failure::Api(error)) => permit.responded(&error.into(), now),
        Err(Failure::Fault(fault)) => match (fault.response(), fault.phase()) {
            (Some(response), _) => permit.responded(&response.into(), now),
            (None, Phase::NotSent) => permit.never_sent(now),
            (None, _) => permit.unknown(now),
        },
    }
}

/// Returns the server's time minus the local time, in milliseconds.
///
/// `Date` is cut to whole seconds, so half a second is added.
fn clock_offset(limit: RateLimit, now: &Moment) -> Option<i64> {
    let millis = |time: UnixTime| i64::try_from(time.since_epoch().as_millis()).ok();
    Some(millis(limit.date()?)? + 500 - millis(now.wall()?)?)
}
