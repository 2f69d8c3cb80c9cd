//! One process of the fleet: its calls, its queue and its membership.

use std::collections::VecDeque;
use std::time::Duration;

use intercom_pace::PacerSettings;
use intercom_pace::fleet::{Member, Part};
use intercom_retry::{Moment, Tick};

use super::scenario::Demand;

/// A process.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) demand: Demand,
    pub(super) member: Member,
    without: Option<Part>,
    /// When each waiting call began, oldest first. A refused call goes to the front.
    pub(super) queue: VecDeque<f64>,
    /// Its monotonic clock when the simulation starts.
    origin: f64,
    /// Changes when the process is replaced; events of earlier ones are ignored.
    pub(super) life: u32,
    pub(super) is_alive: bool,
    /// The numbers of the current wake-ups of the queue's head and of the driver.
    pub(super) alarm: u64,
    pub(super) drive: u64,
    /// Whether workers rest.
    pub(super) rests: bool,
    pub(super) is_cut_off: bool,
    pub(super) done: usize,
}

impl Process {
    pub(super) fn new(demand: Demand, without: Option<Part>, id: u64, origin: f64) -> Self {
        Self {
            demand,
            member: member(id, without),
            without,
            queue: VecDeque::new(),
            origin,
            life: 0,
            is_alive: false,
            alarm: 0,
            drive: 0,
            rests: false,
            is_cut_off: false,
            done: 0,
        }
    }

    /// Dies and is replaced by a new process that knows nothing.
    pub(super) fn restart(&mut self, id: u64) {
        self.member = member(id, self.without);
        self.queue.clear();
        self.life += 1;
        self.alarm += 1;
        self.drive += 1;
    }

    /// The time on the clock of this process.
    pub(super) fn moment(&self, time: f64, roll: u64) -> Moment {
        Moment::new(Tick::new(Duration::from_secs_f64(self.origin + time))).with_roll(roll)
    }

    pub(super) fn workers(&self) -> usize {
        match self.demand {
            Demand::Busy(workers) | Demand::Outside(workers) => workers,
            Demand::ComesAndGoes(workers, _) => workers,
            Demand::Rare(_) | Demand::Burst(..) => 0,
        }
    }

    pub(super) fn is_outside(&self) -> bool {
        matches!(self.demand, Demand::Outside(_))
    }
}

fn member(id: u64, without: Option<Part>) -> Member {
    let member = Member::new(PacerSettings::new(), id);
    match without {
        Some(part) => member.without(part),
        None => member,
    }
}
