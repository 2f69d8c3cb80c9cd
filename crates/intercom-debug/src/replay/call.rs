//! Replays one call.

use core::time::Duration;
use std::sync::{Arc, Mutex, PoisonError};

use intercom_protocol::gate::{Admission, Permit, Refusal};
use intercom_protocol::http::Method;
use intercom_protocol::observe::{Event, observer_fn};
use intercom_protocol::{
    ApiRequest, Call, Category, Config, Moment, Resend, RetryBudget, RetryPolicy, Step, StopReason,
    Tick, UnixTime, WaitCause,
};

use super::compared::{Ended, ReplayedAttempt, ReplayedCall};
use super::response::{Exchanged, result};
use crate::recorder::Writer;
use crate::recording::{
    End, Exchange, Line, Nanos, Outcome, Recorded, Request, Roll, Terms, Then, Why,
};

/// Replays a call, and compares what follows each attempt.
pub(super) fn replay(call: &Recorded<'_>) -> ReplayedCall {
    match Replay::prepare(call) {
        Ok(replay) => replay.run(call),
        Err(reason) => ReplayedCall::not_replayed(call, reason),
    }
}

/// A call that is being replayed.
struct Replay {
    call: Call,
    lines: Arc<Mutex<Vec<Line>>>,
    results: Vec<Exchanged>,
    /// How much later than recorded the replay is, because it waits longer.
    shift: Duration,
    /// The spread of the policy, which a gate can take away.
    spread: Duration,
}

impl Replay {
    /// Returns why the call cannot be replayed, if it cannot.
    fn prepare(recorded: &Recorded<'_>) -> Result<Self, String> {
        let (request, terms) = subject(recorded)?;
        for (exchange, number) in recorded.exchanges.iter().zip(1..) {
            if exchange.n != number {
                return Err(format!("attempt {number} is not in the recording"));
            }
        }
        let lines = u32::try_from(recorded.exchanges.len()).unwrap_or(u32::MAX);
        if let Some(end) = recorded.end.filter(|end| end.attempts != lines) {
            let attempts = end.attempts;
            return Err(format!(
                "{lines} of its {attempts} attempts are in the recording"
            ));
        }
        let results = recorded.exchanges.iter().map(|exchange| result(exchange));
        let results = results.collect::<Result<Vec<_>, _>>()?;
        let policy = terms.policy().map_err(|error| error.to_string())?;
        let lines = Arc::new(Mutex::new(Vec::new()));
        let began = Moment::new(Tick::new(began(recorded).duration()));
        let connection = config(recorded)
            .without_pacing()
            .budget(budget(recorded))
            .observer(watch(Arc::clone(&lines)))
            .build()
            .map_err(|error| error.to_string())?;
        let spread = policy.spread();
        let request = api_request(request, terms, policy, began.tick())?;
        Ok(Self {
            call: Call::new(&connection, request, began),
            lines,
            results,
            shift: Duration::ZERO,
            spread,
        })
    }

    fn run(mut self, recorded: &Recorded<'_>) -> ReplayedCall {
        let mut attempts = Vec::new();
        let results = core::mem::take(&mut self.results);
        for (exchange, result) in recorded.exchanges.iter().zip(results) {
            let now = self.attempt(exchange, result);
            attempts.push(ReplayedAttempt::new(exchange, now));
        }
        let end = recorded.end.map(|end| Ended::new(end, self.end(end)));
        ReplayedCall::new(recorded, attempts, end)
    }

    /// Replays an attempt. Returns `None` if the call has ended before it.
    fn attempt(&mut self, exchange: &Exchange, result: Exchanged) -> Option<Outcome> {
        let times = &exchange.times;
        let took = times.received_ns.since(times.sent_ns);
        let spread = self.takes_spread(&exchange.terms);
        if !self.send(times.sent_ns, before(times.time, took), spread) {
            return None;
        }
        let now = self.moment(times.received_ns, times.time, times.roll);
        self.call.received(result, now);
        self.take().into_iter().find_map(|line| match line {
            Line::Exchange(exchange) => Some(exchange.outcome),
            _ => None,
        })
    }

    /// Leads the call to the next attempt. Returns `false` if it has ended.
    fn send(&mut self, at: Nanos, wall: Option<UnixTime>, spread: bool) -> bool {
        // Authorizing, asking, sleeping, asking and sending. A wait to the end of the clock never ends.
        for _ in 0..6 {
            let now = self.moment(at, wall, Roll::default());
            match self.call.next(now) {
                Step::Authorize(_) => self.call.authorized(Ok("replayed-again".to_owned()), now),
                Step::Admit(_) => {
                    let permit = Permit::free();
                    let permit = if spread { permit.spread() } else { permit };
                    self.call.admitted(Admission::Go(permit), now);
                }
                Step::Send(_) => return true,
                Step::Sleep(longer) => self.shift = self.shift.saturating_add(longer),
                Step::Done(_) => return false,
            }
        }
        false
    }

    /// Replays the end of a call that ended without an exchange.
    fn end(&mut self, end: &End) -> Option<End> {
        let now = self.moment(end.ended_ns, end.time, Roll::default());
        match (self.call.next(now), end.why) {
            (_, Why::Dropped | Why::Invalid) => return Some(end.clone()),
            (Step::Authorize(_), _) => self.call.authorized(Err("none".into()), now),
            (Step::Admit(_) | Step::Sleep(_), Why::Stopped(reason)) if end.by_gate => {
                let wait = end.retry_after_ns.map(Nanos::duration);
                let admission = match (reason, wait) {
                    (StopReason::Refused, Some(wait)) => {
                        Admission::Refused(Refusal::new().with_retry_after(wait))
                    }
                    (StopReason::Refused, None) => Admission::Refused(Refusal::new()),
                    (_, wait) => Admission::TooLate(wait.unwrap_or_default()),
                };
                self.call.admitted(admission, now);
            }
            _ => {}
        }
        self.take().into_iter().find_map(|line| match line {
            Line::End(end) => Some(*end),
            _ => None,
        })
    }

    /// Whether the gate takes the spread away with this attempt.
    fn takes_spread(&mut self, terms: &Terms) -> bool {
        let spread = terms
            .policy()
            .map_or(Duration::ZERO, |policy| policy.spread());
        let before = core::mem::replace(&mut self.spread, spread);
        spread.is_zero() && !before.is_zero()
    }

    fn moment(&self, at: Nanos, wall: Option<UnixTime>, roll: Roll) -> Moment {
        let tick = at.duration().saturating_add(self.shift);
        let moment = Moment::new(Tick::new(tick)).with_roll(roll.0);
        match wall.and_then(|wall| wall.checked_add(self.shift)) {
            Some(wall) => moment.with_wall(wall),
            None => moment,
        }
    }

    fn take(&self) -> Vec<Line> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        core::mem::take(&mut lines)
    }
}

/// Returns the request and the terms of a call that can be replayed.
fn subject<'r>(recorded: &Recorded<'r>) -> Result<(&'r Request, &'r Terms), String> {
    let of_end = |end: &'r End| Some((&end.request, end.terms.as_ref()?));
    let of_exchange = |exchange: &&'r Exchange| (&exchange.request, &exchange.terms);
    let first = recorded.exchanges.first().map(of_exchange);
    let (request, terms) = first
        .or_else(|| of_end(recorded.end?))
        .ok_or("the request was invalid, so no decision was made")?;
    let is_dropped = recorded.end.is_some_and(|end| end.why == Why::Dropped);
    if recorded.exchanges.is_empty() && is_dropped {
        return Err("it was dropped before its first response".to_owned());
    }
    if terms.download {
        return Err("it is a download, whose body was not recorded".to_owned());
    }
    Ok((request, terms))
}

fn api_request(
    request: &Request,
    terms: &Terms,
    policy: RetryPolicy,
    began: Tick,
) -> Result<ApiRequest, String> {
    let method = Method::from_bytes(request.method.as_bytes());
    let method = method.ok().filter(|_| request.method != "OTHER");
    let method = method.ok_or("its method is not known")?;
    let path = request.route.replace("{id}", "1");
    let mut built = ApiRequest::new(method, &path)
        .with_replay(terms.replay)
        .policy(policy);
    for name in &request.query {
        built = built.query(name, 1);
    }
    if terms.any {
        built = built.expect_any();
    }
    if let Some(deadline) = terms.deadline_ns {
        built = built.deadline_at(began.after(deadline.duration()));
    }
    Ok(built)
}

/// Returns the settings of a client. One that replaces tokens has a first one.
fn config(recorded: &Recorded<'_>) -> Config {
    let renews = |exchange: &&Exchange| {
        matches!(
            exchange.outcome.then,
            Then::Retry {
                cause: WaitCause::NewToken,
                ..
            }
        )
    };
    let is_without = |end: &End| end.why == Why::Stopped(StopReason::NoToken);
    let lacks_token = recorded.end.is_some_and(is_without);
    match (recorded.exchanges.iter().any(renews), lacks_token) {
        (true, _) => Config::new("replayed").renewable_token(),
        (false, true) => Config::anonymous().renewable_token(),
        (false, false) => Config::new("replayed"),
    }
}

/// Returns a budget with as many retries as the call was granted, if it ended because the budget was used up.
fn budget(recorded: &Recorded<'_>) -> Option<RetryBudget> {
    let last = &recorded.exchanges.last()?.outcome.then;
    let is_used_up = matches!(
        last,
        Then::Stop {
            reason: StopReason::BudgetExhausted,
            ..
        }
    );
    let is_paid = |exchange: &&&Exchange| {
        let is_free = exchange.outcome.class.is_some_and(|class| {
            class.category == Category::RateLimit && class.resend == Resend::Safe
        });
        let cause = match exchange.outcome.then {
            Then::Retry { cause, .. } => Some(cause),
            _ => None,
        };
        !is_free && cause.is_some_and(|cause| cause != WaitCause::NewToken)
    };
    let paid = recorded.exchanges.iter().filter(is_paid).count();
    is_used_up.then(|| RetryBudget::new(u32::try_from(paid).unwrap_or(u32::MAX)))
}

fn began(recorded: &Recorded<'_>) -> Nanos {
    let first = recorded.exchanges.first();
    let first = first.map(|exchange| exchange.times.began_ns);
    first
        .or(recorded.end.map(|end| end.began_ns))
        .unwrap_or_default()
}

fn before(time: Option<UnixTime>, took: Duration) -> Option<UnixTime> {
    UnixTime::from_duration(time?.since_epoch().saturating_sub(took))
}

/// Collects the lines that a recorder would write.
fn watch(lines: Arc<Mutex<Vec<Line>>>) -> impl intercom_protocol::observe::Observer {
    let writer = Writer::new("0");
    observer_fn(move |event: &Event<'_>| {
        if let Some(line) = writer.line(event) {
            lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        }
    })
}
