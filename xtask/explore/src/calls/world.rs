//! The world: three calls, their drivers, the gate, the server and the clocks.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use intercom_pace::{Admission, Ask, Permit};
use intercom_protocol::{Call, Connection, Error, Outgoing, Reply, Step as Next};
use intercom_retry::{Moment, Replay, RetryBudget, RetryPolicy, RetrySession, StopReason};

use super::account::Account;
use super::bug::Bug;
use super::clock::{Clock, millis};
use super::gate::{Gate, Turned};
use super::plan::{self, BUDGET};
use super::scene::Scene;
use super::server::{self, LIMIT, Outcome};
use super::slot::{Phase, Queued, Slot};
use super::step::Step;
use crate::key::Key;
use crate::quota::{self, Arrived, Quota, WINDOW};
use crate::search::Broken;

/// The length of a step of time, in milliseconds.
pub(super) const PASS: u64 = 1000;

/// How long the machine can be suspended, in milliseconds.
const SUSPENDED: u64 = 5000;

/// A state of the model.
pub(crate) struct World {
    pub(super) clock: Arc<Clock>,
    pub(super) gate: Arc<Gate>,
    pub(super) slots: Vec<Slot>,
    pub(super) account: Account,
    pub(super) bug: Option<Bug>,
    scene: &'static Scene,
    quota: Quota,
    connection: Option<Connection>,
    budget: RetryBudget,
    arrivals: u32,
    is_suspended: bool,
    pub(super) log: Option<Vec<String>>,
}

impl World {
    pub(super) fn new(scene: &'static Scene, bug: Option<Bug>, has_log: bool) -> Self {
        let clock = Arc::new(Clock::default());
        let budget = RetryBudget::new(BUDGET);
        Self {
            gate: Arc::new(Gate::new(Arc::clone(&clock), bug)),
            clock,
            slots: Slot::first(scene.calls),
            account: Account::default(),
            bug,
            scene,
            quota: Quota::new(LIMIT),
            connection: plan::connection(budget.clone()),
            budget,
            arrivals: 0,
            is_suspended: false,
            log: has_log.then(Vec::new),
        }
    }

    pub(super) fn now(&self) -> u64 {
        self.clock.now()
    }

    /// The time that drivers read.
    fn moment(&self) -> Moment {
        match self.bug {
            Some(Bug::WallClockIsMonotonic) => self.clock.moment_of_wall(),
            _ => self.clock.moment(),
        }
    }

    fn note(&mut self, text: impl FnOnce() -> String) {
        if let Some(line) = self.log.as_mut().and_then(|log| log.last_mut()) {
            line.push_str("; ");
            line.push_str(&text());
        }
    }

    pub(super) fn steps(&self, steps: &mut Vec<Step>) {
        if self.slots.iter().all(Slot::is_ended) {
            return;
        }
        for index in 0..self.slots.len() {
            self.steps_of(index, steps);
        }
        let is_prompt =
            |step: &Step| matches!(step, Step::Ask(_) | Step::Depart(_) | Step::Wake(_));
        let is_fresh = self
            .slots
            .iter()
            .all(|slot| matches!(slot.phase, Phase::New));
        // A first call that starts a window later does the same.
        let horizon = if is_fresh {
            WINDOW - PASS
        } else {
            self.scene.horizon
        };
        if self.now() >= horizon || self.scene.is_prompt && steps.iter().any(is_prompt) {
            return;
        }
        steps.extend([Step::Pass(false), Step::Pass(true)]);
        if self.scene.has_oddities {
            steps.extend((!self.is_suspended).then_some(Step::Suspend));
            steps.extend((!self.clock.is_set_forward()).then_some(Step::SetClock));
        }
    }

    fn steps_of(&self, index: usize, steps: &mut Vec<Step>) {
        let (call, now) = (index as u8, self.now());
        match &self.slots[index].phase {
            Phase::New => return steps.push(Step::Start(call)),
            Phase::Queued(queued) => {
                let may_ask = self.may_ask(queued) || self.scene.has_oddities;
                steps.extend(may_ask.then_some(Step::Ask(call)));
            }
            Phase::Admitted(..) => steps.push(Step::Depart(call)),
            Phase::InFlight(arrived, until) => {
                if until.is_none_or(|until| now <= until) {
                    let choices = self.scene.outcomes.iter();
                    let possible = choices.filter(|outcome| outcome.may_end(*arrived));
                    steps.extend(possible.map(|outcome| Step::End(call, *outcome)));
                }
                if until.is_some_and(|until| now >= until) {
                    steps.push(Step::End(call, Outcome::Timeout));
                }
            }
            Phase::Sleeping(until) => {
                let may_wake = now >= *until || self.scene.has_oddities;
                steps.extend(may_wake.then_some(Step::Wake(call)));
            }
            Phase::Ended => return,
        }
        steps.extend(self.scene.has_cancelling.then_some(Step::Cancel(call)));
    }

    pub(super) fn may_ask(&self, queued: &Queued) -> bool {
        !queued.has_asked
            || queued.until.is_some_and(|until| self.now() >= until)
            || self.gate.woken_at(queued.place).is_some()
    }

    pub(super) fn take(&mut self, step: Step) -> Result<(), Broken> {
        let now = self.now();
        if let Some(log) = &mut self.log {
            log.push(format!("{now:>6} ms  {step}"));
        }
        match step {
            Step::Start(call) => self.start(call.into()),
            Step::Ask(call) => self.ask(call.into()),
            Step::Depart(call) => self.depart(call.into()),
            Step::End(call, outcome) => self.finish(call.into(), outcome),
            Step::Wake(call) => self.follow(call.into(), self.moment()),
            Step::Cancel(call) => {
                self.cancel(call.into());
                Ok(())
            }
            Step::Pass(is_high) => {
                self.clock.roll(is_high);
                self.clock.pass(PASS);
                Ok(())
            }
            Step::Suspend => {
                self.is_suspended = true;
                self.clock.pass(SUSPENDED);
                Ok(())
            }
            Step::SetClock => {
                self.clock.set_forward();
                Ok(())
            }
        }
    }

    fn start(&mut self, index: usize) -> Result<(), Broken> {
        let deadline = self.slots[index].plan.deadline;
        self.slots[index].facts.deadline = deadline.map(|deadline| self.now() + deadline);
        self.begin(index)
    }

    /// Begins the call, or begins it again because of a seeded bug.
    fn begin(&mut self, index: usize) -> Result<(), Broken> {
        let own = match self.bug {
            Some(Bug::BudgetOfItsOwn) if index == 2 => plan::connection(RetryBudget::new(BUDGET)),
            _ => None,
        };
        let Some(connection) = own.as_ref().or(self.connection.as_ref()) else {
            return Err(Broken::new("the settings are valid", "no connection"));
        };
        let moment = self.moment();
        let slot = &mut self.slots[index];
        slot.call = Some(Call::new(connection, slot.plan.request(), moment));
        self.follow(index, moment)
    }

    /// Drives the call up to its next wait, like the loop of a client.
    fn follow(&mut self, index: usize, moment: Moment) -> Result<(), Broken> {
        let mut moment = moment;
        loop {
            let Some(call) = self.slots[index].call.as_mut() else {
                return Err(Broken::new("a driver has a call", "it has none"));
            };
            match call.next(moment) {
                Next::Admit(ask) => {
                    self.enter(index, ask);
                    return Ok(());
                }
                Next::Sleep(wait) if self.bug == Some(Bug::SleepIsSkipped) => {
                    moment = self.clock.moment_at(self.now() + millis(wait));
                }
                Next::Sleep(wait) => {
                    self.note(|| format!("sleeps for {} ms", millis(wait)));
                    self.slots[index].phase = Phase::Sleeping(self.now() + millis(wait));
                    return Ok(());
                }
                Next::Send(outgoing) => return self.send(index, &outgoing),
                Next::Done(result) => return self.done(index, result),
                Next::Authorize(_) => {
                    return Err(Broken::new(
                        "a fixed token is enough",
                        "it asks for another",
                    ));
                }
            }
        }
    }

    fn enter(&mut self, index: usize, ask: Ask) {
        let now = self.now();
        if self.bug == Some(Bug::RetryIsUngated) && ask.attempt() > 1 {
            self.slots[index].phase = Phase::Admitted(Permit::free(), now);
            return;
        }
        let left = ask.time_left();
        self.arrivals += 1;
        self.slots[index].phase = Phase::Queued(Queued {
            place: self.gate.enter(&ask),
            give_up_at: left.map(|left| self.clock.moment().tick().after(left)),
            arrival: self.arrivals,
            is_new: ask.attempt() <= 1,
            has_asked: false,
            until: None,
        });
    }

    fn ask(&mut self, index: usize) -> Result<(), Broken> {
        let Phase::Queued(mut queued) = self.slots[index].phase else {
            return Ok(());
        };
        let head = self.head();
        let now = self.now();
        let is_over = queued.has_asked && queued.until.is_some_and(|until| now >= until);
        if self.bug == Some(Bug::PauseEndsWithoutAsking) && is_over {
            self.gate.leave(queued.place);
            self.slots[index].phase = Phase::Admitted(self.gate.forged(), now);
            return Ok(());
        }
        match self.gate.ask(queued.place, queued.give_up_at) {
            Turned::Go(permit) => {
                self.note(|| "admitted".to_owned());
                self.slots[index].phase = Phase::Admitted(permit, now);
                self.check_order(index, head)
            }
            Turned::TooLate(wait) => {
                let moment = self.moment();
                if let Some(call) = &mut self.slots[index].call {
                    call.admitted(Admission::TooLate(wait), moment);
                }
                self.follow(index, moment)
            }
            Turned::Rest(until) => {
                (queued.has_asked, queued.until) = (true, until);
                self.note(|| match until {
                    Some(until) => format!("rests until {until} ms"),
                    None => "rests until woken".to_owned(),
                });
                self.slots[index].phase = Phase::Queued(queued);
                Ok(())
            }
        }
    }

    fn depart(&mut self, index: usize) -> Result<(), Broken> {
        let phase = mem::replace(&mut self.slots[index].phase, Phase::New);
        let Phase::Admitted(permit, since) = phase else {
            return Ok(());
        };
        if !self.gate.has_given(permit.place()) {
            let why = format!("{} goes without one", self.slots[index].plan.name);
            return Err(Broken::new("no attempt without a permit", why));
        }
        let moment = match self.bug {
            Some(Bug::StaleClock) => self.clock.moment_at(since),
            _ => self.moment(),
        };
        if let Some(call) = &mut self.slots[index].call {
            call.admitted(Admission::Go(permit), moment);
        }
        self.follow(index, moment)
    }

    fn send(&mut self, index: usize, outgoing: &Outgoing) -> Result<(), Broken> {
        let now = self.now();
        let timeout = millis(outgoing.timeout().unwrap_or(Duration::MAX));
        let slot = &mut self.slots[index];
        slot.check_departure(now, timeout)?;
        slot.facts.attempts += 1;
        self.account.spend(&mut slot.facts);
        let until = match self.bug {
            Some(Bug::TimeoutIsNotReported) => None,
            Some(Bug::TimeoutIsIgnored) => Some(now + 3000),
            _ => Some(now + timeout),
        };
        slot.phase = Phase::InFlight(self.quota.arrive(now), until);
        Ok(())
    }

    fn finish(&mut self, index: usize, outcome: Outcome) -> Result<(), Broken> {
        let now = self.now();
        let Phase::InFlight(arrived, _) = self.slots[index].phase else {
            return Ok(());
        };
        match outcome {
            Outcome::NotSent => self.quota.take_back(arrived),
            Outcome::Limited => self.quota.use_up(arrived.window),
            _ => {}
        }
        let slot = &mut self.slots[index];
        slot.outcomes.push(outcome);
        slot.facts.last = Some(outcome);
        slot.facts.hint_until = server::hint(outcome, arrived, now);
        slot.facts.may_be_applied |= slot.plan.is_write() && outcome.meaning().may_be_applied;
        let response = self.response(outcome, arrived);
        let moment = self.moment();
        if let Some(call) = &mut self.slots[index].call {
            call.received(response, moment);
        }
        self.account.refund(&mut self.slots[index].facts, outcome);
        if self.bug == Some(Bug::DebitIsReturnedTwice) && outcome == Outcome::Ok {
            let session = RetrySession::new(RetryPolicy::default(), Replay::Read, &moment);
            session
                .with_budget(Some(self.budget.clone()))
                .succeeded(200, None, &moment);
        }
        self.follow(index, moment)?;
        let slot = &mut self.slots[index];
        if !slot.is_ended() {
            self.account.debit(&mut slot.facts, outcome);
        }
        Ok(())
    }

    /// What the transport passes on.
    fn response(
        &self,
        outcome: Outcome,
        arrived: Arrived,
    ) -> Result<
        intercom_protocol::http::Response<intercom_protocol::bytes::Bytes>,
        intercom_errors::Fault,
    > {
        let outcome = match (self.bug, outcome) {
            (Some(Bug::CutIsComplete), Outcome::Cut) => Outcome::Missing,
            (Some(Bug::SentAgainAfterTimeout), Outcome::Timeout) => Outcome::NotSent,
            (_, outcome) => outcome,
        };
        let mut response = server::response(outcome, arrived, self.now());
        if self.bug == Some(Bug::HintIsLost) {
            if let Ok(response) = &mut response {
                response.headers_mut().remove("retry-after");
            }
        }
        response
    }

    fn done(&mut self, index: usize, result: Result<Reply, Error>) -> Result<(), Broken> {
        let restarts = |reason| {
            result
                .as_ref()
                .err()
                .and_then(Error::stop)
                .is_some_and(|stop| stop.reason() == reason)
        };
        let again = match self.bug {
            Some(Bug::RestartsWhenExhausted) => restarts(StopReason::AttemptsExhausted),
            Some(Bug::RestartsWhenUnsafe) => restarts(StopReason::NotReplayable),
            _ => false,
        };
        if again {
            return self.begin(index);
        }
        self.note(|| match &result {
            Ok(reply) => format!("ends with {}", reply.status()),
            Err(error) => format!("ends: {error}"),
        });
        self.check_result(index, &result)?;
        self.leave(index);
        Ok(())
    }

    /// Drops the call, which gives back what it holds.
    fn leave(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        let phase = mem::replace(&mut slot.phase, Phase::Ended);
        let call = slot.call.take();
        self.account.release(&mut slot.facts);
        match (self.bug, phase) {
            (Some(Bug::PermitIsForgotten), Phase::InFlight(..))
            | (Some(Bug::DebitIsForgotten), Phase::Sleeping(_)) => mem::forget(call),
            (_, phase) => {
                drop(call);
                drop(phase);
            }
        }
    }

    fn cancel(&mut self, index: usize) {
        if let Phase::Queued(queued) = self.slots[index].phase {
            self.gate.leave(queued.place);
        }
        self.leave(index);
    }

    pub(super) fn check(&self) -> Result<(), Broken> {
        let held = self.slots.iter().filter(|slot| slot.holds_permit());
        self.gate.check(held.count())?;
        self.check_head()?;
        self.account.check(&self.budget)
    }

    pub(super) fn key(&self) -> u128 {
        let mut key = Key::new();
        let now = self.now();
        key.add((now, self.is_suspended));
        key.add((self.clock.is_set_forward(), self.clock.is_high()));
        for slot in &self.slots {
            slot.add_to(&mut key, now);
        }
        let window = quota::window(now);
        key.add((self.quota.used(window), self.account.units()));
        self.gate.add_to(&mut key);
        key.finish()
    }
}
