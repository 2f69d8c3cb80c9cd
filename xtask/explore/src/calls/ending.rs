//! Fair endings: from any state, a prompt driver and a server that decides at once, or never, lead every call to its end.

use super::server::Outcome;
use super::slot::{Phase, Slot};
use super::step::Step;
use super::world::{PASS, World};
use crate::search::Broken;

/// How many endings there are.
pub(super) const ENDINGS: usize = 2;

/// More steps than any ending needs.
const MOST_STEPS: usize = 2000;

/// Pauses shorter than this are lengthened to it, in milliseconds. A head that waits for a response asks every 20 ms.
const SHORTEST_PAUSE: u64 = 250;

impl World {
    /// Ends every call: with successes, or with silence from the server.
    pub(super) fn end(&mut self, ending: usize) -> Result<(), Broken> {
        let is_silent = ending > 0;
        let begin = self.now();
        for _ in 0..MOST_STEPS {
            if self.slots.iter().all(Slot::is_ended) {
                return self.check_end();
            }
            if let Some(step) =
                (0..self.slots.len()).find_map(|index| self.prompt_step(index, is_silent))
            {
                self.take(step)?;
                self.check()?;
                self.check_in_time(begin)?;
                continue;
            }
            let timers = self.slots.iter().filter_map(|slot| self.timer(slot));
            let Some(next) = timers.min() else {
                return Err(Broken::new("no deadlock", self.waiting()));
            };
            self.clock.pass(next.saturating_sub(self.now()));
        }
        Err(Broken::new("every call ends", self.waiting()))
    }

    /// What a prompt driver does now, if anything.
    fn prompt_step(&self, index: usize, is_silent: bool) -> Option<Step> {
        let call = index as u8;
        match &self.slots.get(index)?.phase {
            Phase::New => Some(Step::Start(call)),
            Phase::Queued(queued) => self.may_ask(queued).then_some(Step::Ask(call)),
            Phase::Admitted(..) => Some(Step::Depart(call)),
            Phase::InFlight(arrived, until) => {
                let is_over = until.is_some_and(|until| self.now() >= until);
                let outcome = match arrived.is_refused() {
                    _ if is_over => Some(Outcome::Timeout),
                    _ if is_silent => None,
                    true => Some(Outcome::Limited),
                    false => Some(Outcome::Ok),
                };
                Some(Step::End(call, outcome?))
            }
            Phase::Sleeping(until) => (self.now() >= *until).then_some(Step::Wake(call)),
            Phase::Ended => None,
        }
    }

    /// When a call goes on by itself.
    fn timer(&self, slot: &Slot) -> Option<u64> {
        match &slot.phase {
            Phase::Queued(queued) => {
                let lazy = queued.until?.max(self.now() + SHORTEST_PAUSE);
                let deadline = slot
                    .facts
                    .deadline
                    .filter(|deadline| *deadline > self.now());
                Some(lazy.min(deadline.unwrap_or(lazy)).max(queued.until?))
            }
            Phase::InFlight(_, until) => *until,
            Phase::Sleeping(until) => Some(*until),
            Phase::New | Phase::Admitted(..) | Phase::Ended => None,
        }
    }

    /// A call whose driver is prompt ends by its deadline.
    fn check_in_time(&self, begin: u64) -> Result<(), Broken> {
        for slot in &self.slots {
            let Some(deadline) = slot.facts.deadline else {
                continue;
            };
            if !slot.is_ended() && self.now() > deadline.max(begin) {
                let why = format!("{} goes on at {} ms", slot.plan.name, self.now());
                return Err(Broken::new("a call ends by its deadline", why));
            }
        }
        Ok(())
    }

    fn check_end(&self) -> Result<(), Broken> {
        self.check()?;
        // Requests of unknown outcome keep their slots for two turns.
        self.clock.pass(60 * PASS);
        self.gate.check_end()
    }

    fn waiting(&self) -> String {
        let going = self.slots.iter().filter(|slot| !slot.is_ended());
        let names: Vec<_> = going.map(|slot| slot.plan.name).collect();
        format!("{} cannot go on", names.join(" and "))
    }
}
