//! Rules about the order of the queue, and about results.

use intercom_protocol::{Error, Reply};

use super::server::Outcome;
use super::slot::{Phase, Slot};
use super::world::World;
use crate::search::Broken;

impl World {
    /// The call that should go first, and since when it can ask.
    pub(super) fn head(&self) -> Option<(usize, Option<u64>)> {
        let queued = |(index, slot): (usize, &Slot)| match slot.phase {
            Phase::Queued(queued) => Some((index, slot.plan.priority, queued)),
            _ => None,
        };
        let (index, _, queued) = self
            .slots
            .iter()
            .enumerate()
            .filter_map(queued)
            .min_by_key(|(_, priority, queued)| {
                (std::cmp::Reverse(*priority), queued.is_new, queued.arrival)
            })?;
        let due = queued.until.filter(|_| queued.has_asked);
        let woken = self.gate.woken_at(queued.place);
        Some((index, [due, woken].into_iter().flatten().min()))
    }

    /// The head of the queue is never left without a wake-up.
    pub(super) fn check_head(&self) -> Result<(), Broken> {
        let Some((index, None)) = self.head() else {
            return Ok(());
        };
        match &self.slots[index].phase {
            Phase::Queued(queued) if queued.has_asked => {
                let why = format!(
                    "{} rests, and nothing wakes it",
                    self.slots[index].plan.name
                );
                Err(Broken::new("the first in the queue is woken", why))
            }
            _ => Ok(()),
        }
    }

    /// A call goes before the head of the queue only if the head could ask for 100 ms and did not.
    pub(super) fn check_order(
        &self,
        index: usize,
        head: Option<(usize, Option<u64>)>,
    ) -> Result<(), Broken> {
        let Some((head, ready)) = head.filter(|(head, _)| *head != index) else {
            return Ok(());
        };
        if ready.is_some_and(|ready| self.now() >= ready + 100) {
            return Ok(());
        }
        let [name, first] = [index, head].map(|index| self.slots[index].plan.name);
        let why = format!("{name} goes before {first}");
        Err(Broken::new("calls go in their order", why))
    }

    /// Checks a result against what has happened.
    pub(super) fn check_result(
        &self,
        index: usize,
        result: &Result<Reply, Error>,
    ) -> Result<(), Broken> {
        let slot = &self.slots[index];
        let (name, facts) = (slot.plan.name, &slot.facts);
        let (attempts, may_be_applied) = match result {
            Ok(reply) => (reply.attempts().len(), facts.may_be_applied),
            Err(error) => (error.attempts().len(), error.may_have_been_applied()),
        };
        if attempts != facts.attempts as usize {
            let why = format!("{name} reports {attempts} attempts of {}", facts.attempts);
            return Err(Broken::new("a result tells of every attempt", why));
        }
        if may_be_applied != facts.may_be_applied {
            let why = format!("{name} reports {may_be_applied} after {:?}", slot.outcomes);
            return Err(Broken::new(
                "an error says whether the write may be applied",
                why,
            ));
        }
        let is_deleted = name == "DELETE" && facts.last == Some(Outcome::Missing);
        let may_succeed = facts.last == Some(Outcome::Ok) || (is_deleted && facts.may_be_applied);
        if result.is_ok() != may_succeed {
            let why = format!("{name} after {:?}: {result:?}", slot.outcomes);
            return Err(Broken::new("a call succeeds after a success", why));
        }
        Ok(())
    }
}
