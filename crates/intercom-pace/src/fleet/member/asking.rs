//! When a member speaks to the ledger, and what it says.

use core::time::Duration;

use intercom_retry::Moment;

use super::demand::millis;
use super::{Change, Member, Next, Pending, TIMEOUT, Watch};
use crate::fleet::Part;
use crate::fleet::message::{LeaseRequest, Slack};
use crate::pacer::Lease;

/// In the last part of a window, this many seconds of a ten-second window, there is no use in more slots.
const TOO_LATE: f64 = 0.3;

/// Before this phase nothing is returned.
const EARLIEST_RETURN: f64 = 0.12;

/// For how many windows a share is granted at most: fewer if windows are long.
const KEEP: i64 = 3;
const LONG_WINDOW: f64 = 30.0;

/// What to do, and from when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) at: f64,
    /// How many slots to give back with the request.
    back: f64,
}

impl Plan {
    const NEVER: Self = Self {
        at: f64::INFINITY,
        back: 0.0,
    };

    fn at(at: f64) -> Self {
        Self { at, back: 0.0 }
    }

    fn earlier(self, other: Self) -> Self {
        if other.at < self.at { other } else { self }
    }
}

impl Member {
    /// Returns what the driver has to do next, if this many calls wait. At most one request is out at a time.
    pub fn next(&mut self, waiting: usize, now: &Moment) -> Next {
        let at = self.advance(now);
        self.watch.stirred = None;
        // What refused calls wanted is forgotten with them.
        self.here.refused &= waiting > 0;
        if let Some(pending) = self.talk.pending {
            let over = pending.sent_at + TIMEOUT;
            if at < over {
                return self.rest(over, at);
            }
            self.failed(now);
        }
        self.watch.returns_from = if waiting > 0 {
            self.pacer.at_phase(EARLIEST_RETURN)
        } else {
            f64::INFINITY
        };
        let waiting = waiting as f64;
        let plan = self.plan(waiting, at);
        if plan.at.max(self.talk.next_try) <= at {
            return Next::Ask(self.ask(waiting, plan.back, at));
        }
        let turn = self.pacer.turns_at().filter(|_| self.is_active());
        let wake = plan
            .at
            .max(self.talk.next_try)
            .min(turn.unwrap_or(f64::INFINITY));
        self.rest(wake, at)
    }

    /// Returns the request that gives the lease back when the process ends. No reply is needed.
    pub fn bye(&mut self, now: &Moment) -> LeaseRequest {
        let at = self.advance(now);
        // Whatever becomes of the message, other members may use these slots from now on.
        self.pacer.give_back(f64::INFINITY);
        self.pacer.limit_share(0.0);
        let request = self.ask(0.0, 0.0, at);
        // No reply is awaited, and no driver.
        self.talk.pending = None;
        self.watch = Watch::default();
        LeaseRequest {
            bye: true,
            need: 0,
            hungry: false,
            ..request
        }
    }

    fn rest(&mut self, until: f64, at: f64) -> Next {
        self.watch.at = until;
        // Rounded up, so that the time has come when the driver is back.
        let wait = Duration::try_from_secs_f64((until - at).max(0.0)).ok();
        Next::Rest(wait.map(|wait| wait.saturating_add(Duration::from_micros(1))))
    }

    /// Whether the coming turn matters: an unused share is returned then.
    fn is_active(&self) -> bool {
        let own = self.pacer.own() + self.demand.own_last;
        own > 0.0 || self.lease().is_some_and(|(hold, share)| hold + share > 0)
    }

    /// The next request that is due.
    fn plan(&self, waiting: f64, at: f64) -> Plan {
        let Some(end) = self.pacer.window_end() else {
            let looks = self.probing && self.pacer.in_flight() > 0;
            return if waiting > 0.0 && !looks {
                Plan::at(at)
            } else {
                Plan::NEVER
            };
        };
        if !self.pacer.can_share() {
            return Plan::NEVER;
        }
        let Some(lease) = self.pacer.lease() else {
            let idle = waiting == 0.0 && self.pacer.own() == 0.0;
            return if self.later.is_some() || idle {
                Plan::NEVER
            } else {
                Plan::at(at)
            };
        };
        let mut plan = self.renewal(&lease, end, waiting);
        if self.pacer.limit() != self.talk.told_limit {
            plan = Plan::at(at);
        }
        if waiting > 0.0 {
            plan.earlier(self.loan(&lease, waiting, at))
        } else {
            plan.earlier(self.returning(&lease, at))
        }
    }

    fn renewal(&self, lease: &Lease, end: f64, waiting: f64) -> Plan {
        let active = waiting + self.pacer.own() + self.demand.own_last > 0.0;
        let next = end + self.pacer.window_length();
        if lease.share < 1.0 || lease.covers(next) || !active {
            return Plan::NEVER;
        }
        let late = self.demand.is_hungry() && self.word.slack == Slack::Late;
        let phase = if late {
            self.rhythm.late()
        } else {
            self.rhythm.renew
        };
        Plan::at(self.pacer.at_phase(phase))
    }

    /// The request for more slots of this window.
    pub(super) fn loan(&self, lease: &Lease, waiting: f64, at: f64) -> Plan {
        let left = self.left();
        let scarce = left < 1.0 || (left < 0.02 * lease.hold && self.word.free >= 1.0);
        if !scarce
            || waiting <= left
            || self.is_too_late(at)
            || self.pacer.is_exhausted()
            || self.looks()
        {
            return Plan::NEVER;
        }
        let (rhythm, pacer) = (&self.rhythm, &self.pacer);
        let time = if lease.hold < 1.0 && !self.here.heard {
            if self.demand.was_hungry() {
                pacer.at_phase(rhythm.zero(self.demand.own_last < 1.0))
            } else {
                at
            }
        } else {
            let late = [rhythm.late(), rhythm.last()].map(|phase| pacer.at_phase(phase));
            match self.word.slack {
                Slack::Now => at,
                Slack::Late if self.talk.asked_at < late[0] => late[0],
                Slack::Late if self.talk.asked_at < late[1] => late[1],
                Slack::None if self.is_sentinel(lease) && self.talk.asked_at < late[1] => late[1],
                _ => f64::INFINITY,
            }
        };
        Plan::at(time.max(self.talk.next_loan))
    }

    /// Whether so little of the window is left that more slots are of no use.
    fn is_too_late(&self, at: f64) -> bool {
        let length = self.pacer.window_length();
        (1.0 - self.pacer.phase(at)) * length <= TOO_LATE.min(0.03 * length)
    }

    /// Whether this member, of all that have used up their shares, looks for what others leave.
    fn is_sentinel(&self, lease: &Lease) -> bool {
        let is_drawn = self.rhythm.lot < 4.0 / self.word.members.max(1.0);
        is_drawn && lease.hold >= 1.0 && self.pacer.parts().has(Part::Sentinels)
    }

    /// Whether the slot that was given to look has not told anything yet.
    fn looks(&self) -> bool {
        let seen = self.pacer.used().1;
        self.here.looked_at.is_some_and(|phase| seen <= phase) && self.pacer.in_flight() > 0
    }

    /// The return of slots that will not be used.
    fn returning(&self, lease: &Lease, at: f64) -> Plan {
        let left = libm::floor(self.left());
        if left < 1.0 || !self.pacer.parts().has(Part::Returns) {
            return Plan::NEVER;
        }
        let mut plan = Plan::NEVER;
        if !self.here.returned {
            let excess = self.excess(at);
            if excess >= early_excess(lease) {
                plan = Plan {
                    at: self.pacer.at_phase(EARLIEST_RETURN).max(at),
                    back: excess,
                };
            }
            if self.word.others_hungry {
                let rest = self.demand.expected() * (1.0 - self.rhythm.give);
                let kept = if rest < 2.0 || self.pacer.own() == 0.0 {
                    0.0
                } else {
                    libm::ceil(rest)
                };
                if left - kept >= 1.0 {
                    plan = plan.earlier(Plan {
                        at: self.pacer.at_phase(self.rhythm.give),
                        back: left - kept,
                    });
                }
            }
        }
        if !self.here.returned_late && self.pacer.parts().has(Part::LastReturn) {
            plan = plan.earlier(Plan {
                at: self.pacer.at_phase(self.rhythm.last_return()),
                back: left,
            });
        }
        plan
    }

    /// How many slots are left over, if the rest of the window takes what the first part or the last windows took.
    fn excess(&self, at: f64) -> f64 {
        let phase = self.pacer.phase(at);
        let usual = self.demand.expected().min(self.demand.own_last);
        let pace = (self.pacer.own() / phase.max(0.01)).max(usual);
        let kept = libm::ceil(1.2 * pace * (1.0 - phase)) + 2.0;
        libm::floor(self.left()) - kept
    }

    /// Whether so much is left over that it is worth a message of its own.
    pub(super) fn can_return_early(&self, at: f64) -> bool {
        let Some(lease) = self.pacer.lease().filter(|_| self.left() >= 8.0) else {
            return false;
        };
        self.excess(at) >= early_excess(&lease)
    }

    /// Makes the request, and gives back so many slots with it.
    fn ask(&mut self, waiting: f64, back: f64, at: f64) -> LeaseRequest {
        if back >= 1.0 {
            self.pacer.give_back(back);
            self.changes.add(Change::Returned { slots: back as u32 });
            let last = self.pacer.at_phase(self.rhythm.last_return());
            self.here.returned = true;
            self.here.returned_late = at >= last;
        }
        self.talk.seq += 1;
        let want = self.want_now(waiting, at);
        let (hungry, need) = self.need(waiting);
        if !hungry && waiting == 0.0 {
            // What it does not need is free for others at once, not only when the share ends.
            self.pacer.limit_share(need);
        }
        let lease = self.pacer.lease();
        let (used, used_phase) = self.pacer.used();
        let closed = self.closed.into_iter().filter(|closed| closed.window > 0);
        let thousandths = |part: f64| libm::round(1000.0 * part) as i64;
        let length = self.pacer.window_length();
        let request = LeaseRequest {
            id: self.id,
            seq: self.talk.seq,
            // Windows of a clock of its own mean nothing to others.
            window: self.pacer.shared_window().map_or(0, millis),
            length: millis(length),
            limit: self.pacer.limit() as i64,
            limit_window: millis(self.pacer.limit_end()),
            hold: lease
                .map_or(0.0, |lease| lease.hold)
                .max(self.pacer.taken()) as i64,
            want: want as i64,
            need: need as i64,
            hungry,
            claim: lease.map_or(0.0, |lease| lease.share) as i64,
            claim_until: lease.map_or(0, |lease| millis(lease.until)),
            fallback: self.expired && self.pacer.taken() > 0.0,
            used: used as i64,
            used_phase: thousandths(used_phase),
            phase: thousandths(self.pacer.phase(at)),
            server_at_least: self
                .pacer
                .server_at_least(at)
                .map_or(0, |seconds| libm::floor(seconds * 1e6) as i64),
            hidden: self.pacer.hidden() as i64,
            reserve: self.reserve,
            bye: false,
            keep_max: self.keep_max(),
            closed: closed.collect(),
        };
        // The ledger keeps the expired share of a hungry member. It may get this request and the reply be lost.
        self.pacer.set_kept(self.pacer.is_kept() && hungry);
        self.talk.told_limit = self.pacer.limit();
        self.talk.asked_at = at;
        self.watch.at = at + TIMEOUT;
        self.talk.pending = Some(Pending {
            sent_at: at,
            want,
            is_hungry: hungry,
            closed: request.closed.last().map_or(0, |closed| closed.window),
        });
        request
    }

    fn keep_max(&self) -> i64 {
        let stands = self.pacer.parts().has(Part::StandingShares);
        if stands && self.pacer.window_length() < LONG_WINDOW {
            KEEP
        } else {
            1
        }
    }

    /// How many more slots to ask for now.
    fn want_now(&self, waiting: f64, at: f64) -> f64 {
        let known = self.pacer.window_end().is_some();
        if (known && self.is_too_late(at)) || self.later.is_some() {
            return 0.0;
        }
        self.want(waiting)
    }
}

/// The least excess that is returned early.
fn early_excess(lease: &Lease) -> f64 {
    (lease.hold / 4.0).max(8.0)
}
