//! A call of the model, and what the rules know of it.

use intercom_pace::{Permit, Place};
use intercom_protocol::Call;
use intercom_retry::Tick;

use super::plan::{ATTEMPTS, PLANS, Plan};
use super::server::Outcome;
use crate::key::Key;
use crate::quota::Arrived;
use crate::search::Broken;

/// A call and its driver.
pub(super) struct Slot {
    pub(super) plan: &'static Plan,
    pub(super) phase: Phase,
    pub(super) call: Option<Call>,
    pub(super) facts: Facts,
    /// The outcomes so far. Only a counterexample shows them.
    pub(super) outcomes: Vec<Outcome>,
}

/// Where the driver of a call is.
pub(super) enum Phase {
    New,
    Queued(Queued),
    /// Since when it is admitted.
    Admitted(Permit, u64),
    /// When the transport gives up; `None` if it does not.
    InFlight(Arrived, Option<u64>),
    /// Until when it sleeps.
    Sleeping(u64),
    Ended,
}

/// A call in the gate's queue.
#[derive(Clone, Copy, Hash)]
pub(super) struct Queued {
    pub(super) place: Place,
    pub(super) give_up_at: Option<Tick>,
    /// How many came before it.
    pub(super) arrival: u32,
    pub(super) is_new: bool,
    pub(super) has_asked: bool,
    /// When its pause ends.
    pub(super) until: Option<u64>,
}

/// What the rules know of a call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    pub(super) attempts: u32,
    pub(super) may_be_applied: bool,
    /// Until when the server has asked it to wait.
    pub(super) hint_until: u64,
    pub(super) holds_debit: bool,
    pub(super) spent: u32,
    pub(super) last: Option<Outcome>,
    pub(super) deadline: Option<u64>,
}

impl Slot {
    fn new(plan: &'static Plan) -> Self {
        Self {
            plan,
            phase: Phase::New,
            call: None,
            facts: Facts::default(),
            outcomes: Vec::new(),
        }
    }

    /// So many of the calls.
    pub(super) fn first(calls: usize) -> Vec<Self> {
        PLANS.iter().take(calls).map(Self::new).collect()
    }

    pub(super) fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended)
    }

    pub(super) fn holds_permit(&self) -> bool {
        matches!(self.phase, Phase::Admitted(..) | Phase::InFlight(..))
    }

    /// Checks that the call may send now. `timeout` is that of the exchange, in milliseconds.
    pub(super) fn check_departure(&self, now: u64, timeout: u64) -> Result<(), Broken> {
        let Facts {
            attempts,
            may_be_applied,
            hint_until,
            deadline,
            ..
        } = self.facts;
        let name = self.plan.name;
        if may_be_applied && !self.plan.replay.is_replayable() {
            let why = format!("{name} may have been applied, and is sent again");
            return Err(Broken::new("no write twice", why));
        }
        if attempts >= ATTEMPTS {
            let why = format!("{name} is sent for the {}th time", attempts + 1);
            return Err(Broken::new("at most four attempts", why));
        }
        if now < hint_until {
            let why = format!("{name} is sent at {now} ms, and should wait until {hint_until} ms");
            return Err(Broken::new("nothing before a hint", why));
        }
        if deadline.is_some_and(|deadline| now >= deadline) {
            return Err(Broken::new(
                "nothing past a deadline",
                format!("{name} is sent at {now} ms"),
            ));
        }
        if deadline.is_some_and(|deadline| now + timeout > deadline) {
            let why = format!("{name} is sent at {now} ms with a time-out of {timeout} ms");
            return Err(Broken::new("nothing past a deadline", why));
        }
        Ok(())
    }

    pub(super) fn add_to(&self, key: &mut Key, now: u64) {
        match &self.phase {
            Phase::New => key.add(0_u8),
            Phase::Queued(queued) => key.add((1_u8, queued)),
            Phase::Admitted(permit, since) => key.add((2_u8, permit.place(), now - since)),
            Phase::InFlight(arrived, until) => key.add((3_u8, arrived, until)),
            Phase::Sleeping(until) => key.add((4_u8, until)),
            // Nothing depends on how a call ended.
            Phase::Ended => return key.add(5_u8),
        }
        let facts = &self.facts;
        key.add((facts.attempts, facts.may_be_applied, facts.last));
        key.add((facts.hint_until.saturating_sub(now), facts.deadline));
        key.add((facts.holds_debit, facts.spent));
    }
}
