//! The model of Redis: one ledger that can stop, die and forget.

use intercom_pace::fleet::{LeaseReply, LeaseRequest, Ledger, Part};

use super::scenario::Scenario;

/// How far Redis's clock is from the simulation's, in seconds.
const OFF: f64 = 1_700_000_077.0;

/// How much of its latest data a replica lacks, in seconds.
const LAG: f64 = 1.0;

/// What happens to the ledger, for those who follow it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Seen<'a> {
    /// It was asked at this time, in microseconds of its clock, and replied.
    Asked(&'a LeaseRequest, i64, &'a LeaseReply),
    /// It lost its data.
    Forgot,
    /// Its data are those of some time before; a follower cannot do the same.
    WentBack,
}

/// Redis, as the processes meet it.
pub(super) struct Redis<'w> {
    ledger: Ledger,
    without: Option<Part>,
    /// Earlier states with their times: what a replica may have.
    backups: Vec<(f64, Ledger)>,
    off: f64,
    pub(super) is_down: bool,
    /// Until when it is stopped.
    pub(super) stopped_until: f64,
    witness: &'w mut dyn FnMut(Seen<'_>),
}

impl<'w> Redis<'w> {
    pub(super) fn new(scenario: &Scenario, witness: &'w mut dyn FnMut(Seen<'_>)) -> Self {
        Self {
            ledger: ledger(scenario.without),
            without: scenario.without,
            backups: Vec::new(),
            off: OFF,
            is_down: !scenario.has_ledger,
            stopped_until: 0.0,
            witness,
        }
    }

    pub(super) fn ask(&mut self, request: &LeaseRequest, time: f64) -> LeaseReply {
        let micros = ((time + self.off) * 1e6) as i64;
        let reply = self.ledger.ask(request, micros);
        (self.witness)(Seen::Asked(request, micros, &reply));
        reply
    }

    pub(super) fn forget(&mut self) {
        self.ledger = ledger(self.without);
        (self.witness)(Seen::Forgot);
    }

    /// Keeps the present state, which a failover may go back to.
    pub(super) fn back_up(&mut self, time: f64) {
        self.backups.push((time, self.ledger.clone()));
    }

    /// Goes back to the state of a second ago, on a machine with another clock.
    pub(super) fn fail_over(&mut self, time: f64, clock: f64) {
        let old = self
            .backups
            .iter()
            .rev()
            .find(|(at, _)| *at <= time - LAG + 1e-9);
        let empty = ledger(self.without);
        self.ledger = old.map_or(empty, |(_, ledger)| ledger.clone());
        self.off += clock;
        self.backups.clear();
        (self.witness)(Seen::WentBack);
    }

    /// The time at which a message that would arrive at `arrival` is handled.
    pub(super) fn handles_at(&self, arrival: f64) -> f64 {
        arrival.max(self.stopped_until)
    }
}

fn ledger(without: Option<Part>) -> Ledger {
    match without {
        Some(part) => Ledger::new().without(part),
        None => Ledger::new(),
    }
}
