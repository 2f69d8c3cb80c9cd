//! What a member learns from the ledger's reply, or from its lack.

use intercom_retry::Moment;

use super::{Change, Member};
use crate::fleet::message::{LeaseReply, LeaseStatus};
use crate::pacer::{Lease, SAME, roll};

/// The first pause after a request without a reply, and the longest, in seconds.
const BACK_OFF: (f64, f64) = (0.1, 5.0);

/// The pause before a member with other windows than the ledger tries again, in seconds.
const CONFLICT: f64 = 2.0;

/// The pause while another member learns the window, in seconds.
const ANOTHER_PROBES: (f64, f64) = (0.2, 0.3);

/// The pause after a request that came too late, and the shortest between two requests for slots, in seconds.
const STALE: f64 = 0.01;
const LOAN: f64 = 0.005;

/// The pause after a grant of less than a quarter of what was wanted, as a part of the window.
const SCARCE: f64 = 0.02;

impl Member {
    /// Takes in the ledger's reply to the latest request. A reply to an earlier one is ignored.
    pub fn replied(&mut self, reply: &LeaseReply, now: &Moment) {
        let at = self.advance(now);
        if reply.seq != self.talk.seq {
            return;
        }
        let Some(pending) = self.talk.pending.take() else {
            return;
        };
        self.rhythm.replied();
        self.watch.stir(at);
        match reply.status {
            LeaseStatus::Ok => {
                self.waits_since = None;
                self.forget_closed(pending.closed);
                if !self.accept(reply, pending.want, at, roll(now)) {
                    return self.lose(at, roll(now));
                }
                self.pacer.set_kept(pending.is_hungry);
            }
            LeaseStatus::Probe => self.probing = true,
            LeaseStatus::Wait => self.talk.next_try = at + self.rhythm.between(ANOTHER_PROBES),
            LeaseStatus::Stale => self.talk.next_try = at + STALE,
            LeaseStatus::Conflict => {
                self.lose(at, roll(now));
                self.talk.next_try += CONFLICT;
                return;
            }
        }
        self.talk.fails = 0;
        self.pacer.set_cut_off(false);
    }

    /// Records that the ledger did not reply to the latest request: the connection failed, or the time-out has passed.
    pub fn failed(&mut self, now: &Moment) {
        let at = self.advance(now);
        self.talk.pending = None;
        self.waits_since = None;
        if self.talk.fails == 0 {
            self.changes.add(Change::LostLedger);
        }
        self.lose(at, roll(now));
    }

    /// Does without the ledger until it is asked again.
    fn lose(&mut self, at: f64, roll: f64) {
        self.talk.fails = self.talk.fails.saturating_add(1);
        self.pacer.set_cut_off(true);
        self.watch.stir(at);
        let (first, most) = BACK_OFF;
        let doubled = first * libm::exp2(f64::from(self.talk.fails.min(30) - 1));
        self.talk.next_try = at + doubled.min(most) * (0.5 + roll);
        let holds = self.pacer.lease().is_some_and(|lease| lease.hold >= 1.0);
        if !holds && !self.expired && self.later.is_none() && !self.extend() {
            self.go_alone(roll);
        }
    }

    /// Uses the share of a lease that has just ended for one window more.
    fn extend(&mut self) -> bool {
        let end = self.pacer.window_end();
        end.is_some_and(|end| self.pacer.extend_lease(end))
    }

    /// Goes on without a lease.
    pub(super) fn go_alone(&mut self, roll: f64) {
        self.pacer.fall_back(roll);
        self.set_expired();
    }

    /// Takes in a reply that says what the member holds. Returns whether the reply makes sense to this member.
    fn accept(&mut self, reply: &LeaseReply, want: f64, at: f64, roll: f64) -> bool {
        let (window, length) = (seconds(reply.window), seconds(reply.length));
        self.probing = false;
        if !self.pacer.can_be_open(window, length, at) {
            return false;
        }
        if reply.limit > 0 {
            let (limit, end) = (reply.limit as f64, seconds(reply.limit_window));
            self.pacer.adopt_limit(limit, end, roll);
            if limit == self.pacer.limit() {
                self.talk.told_limit = limit;
            }
        }
        if reply.server_at_least > 0 {
            self.pacer
                .adopt_time(reply.server_at_least as f64 / 1e6, at);
        }
        if self.pacer.window_end().is_some() {
            self.pacer.turn_with(window, at, roll);
        } else if reply.window > 0 {
            self.pacer.adopt_window(window, length, at);
        }
        self.follow(at, roll);
        self.word.members = reply.members as f64;
        self.pacer.set_company(self.word.members, reply.gentle);
        self.word.others_hungry = reply.others_hungry;
        self.word.free = reply.free as f64;
        self.word.slack = reply.slack;
        self.here.looked_at = reply.look.then(|| self.pacer.used().1);
        (self.here.heard, self.here.refused) = (true, false);
        let Some(granted) = self.take_lease(reply, window, at, roll) else {
            return false;
        };
        let scarce = want > 8.0 && granted < want / 4.0;
        let pause = if scarce {
            SCARCE * self.pacer.window_length()
        } else {
            LOAN
        };
        self.talk.next_loan = at + pause;
        true
    }

    /// Takes over the lease of a reply. Returns by how many slots the hold grew; `None` if the member still knows no window.
    fn take_lease(&mut self, reply: &LeaseReply, window: f64, at: f64, roll: f64) -> Option<f64> {
        let end = self.pacer.window_end()?;
        let (hold, share, until) = (reply.hold as f64, reply.share as f64, seconds(reply.until));
        let taken = self.pacer.taken();
        let same_window = (window - end).abs() < SAME;
        let held = self.pacer.lease().map(|lease| lease.hold);
        if held.is_none() && same_window && hold <= taken && reply.quiet {
            self.later = Some((share, until));
            if !self.expired {
                // The others go without leases too, until the turn.
                self.go_alone(roll);
            }
            return Some(0.0);
        }
        let covered = if until >= end - SAME { share } else { 0.0 };
        let hold = if same_window { hold } else { covered };
        self.hold(hold, share, until, at);
        let hold = hold.max(taken);
        let granted = (hold - held.unwrap_or(0.0).max(taken)).max(0.0);
        self.tell(held, hold, share, granted);
        Some(granted)
    }

    /// Takes so many slots of this window and of the later ones.
    pub(super) fn hold(&mut self, hold: f64, share: f64, until: f64, at: f64) {
        let hold = hold.max(self.pacer.taken());
        let lease = Lease {
            hold,
            share,
            until,
            is_extended: false,
        };
        self.pacer.set_lease(lease, at);
        self.later = None;
    }

    pub(super) fn tell(&mut self, held: Option<f64>, hold: f64, share: f64, granted: f64) {
        let rejoins = core::mem::take(&mut self.expired);
        let change = match held {
            None if rejoins => Change::Rejoined {
                hold: hold as u32,
                share: share as u32,
            },
            None => Change::Joined {
                hold: hold as u32,
                share: share as u32,
            },
            Some(_) if granted >= 1.0 => Change::Granted {
                slots: granted as u32,
            },
            Some(_) => Change::Renewed {
                share: share as u32,
            },
        };
        self.changes.add(change);
    }
}

/// Milliseconds as seconds.
fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}
