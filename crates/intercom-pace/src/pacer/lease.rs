//! The lease: a part of every window that a fleet's ledger has granted to this process.
//!
//! With a lease, the pacer paces as if it were alone and its lease were the limit. No other member may use those slots, so it no
//! longer matters what other clients do, unless they use up the window.

use super::Pacer;
use crate::fleet::{Part, Parts};

/// In the last second of a window, requests may reach the server after the turn. Then they must fit into the next window's share.
const GUARD: f64 = 1.0;

/// A process without a share of the next window sends late requests only as long as it has sent no more than this in the window,
/// the late ones included.
const GUARDED: f64 = 2.0;

/// The highest rate at which the rest of a lease is spent, as a factor on the even rate.
const MOST_SPREAD: f64 = 8.0;

/// The rate if a client outside the fleet has to find its part of the window, as a factor on the even rate.
const GENTLE_SPREAD: f64 = 1.3;

/// How much later than a process believes the server's clock may be, in seconds, as seen by another process.
const EARLY: f64 = 2.5;

/// Windows whose ends differ by less than this many seconds are the same.
pub(crate) const SAME: f64 = 0.001;

/// What the ledger has granted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lease {
    /// Slots of the current window, used ones included.
    pub(crate) hold: f64,
    /// Slots of every later window, up to the one that ends at `until`.
    pub(crate) share: f64,
    pub(crate) until: f64,
    /// Whether the grant ended one window ago.
    pub(crate) is_extended: bool,
}

/// This process's part of a window that has closed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed {
    pub(crate) end: f64,
    /// `None` if there was no lease.
    pub(crate) hold: Option<f64>,
    pub(crate) own: f64,
    /// The least that all clients used.
    pub(crate) used: f64,
    /// How many windows ended at once.
    pub(crate) turns: f64,
}

/// What the pacer knows of its fleet.
#[derive(Clone, Debug, Default)]
pub(super) struct Leasing {
    pub(super) lease: Option<Lease>,
    /// Whether the ledger cannot be reached, so that a lease that ends is not renewed.
    pub(super) is_cut_off: bool,
    /// Whether the ledger keeps the share for one window after its end.
    is_kept: bool,
    /// How many members there are, as far as known.
    pub(super) members: f64,
    pub(super) is_gentle: bool,
    /// The end of the window whose response reported the limit.
    pub(super) limit_end: f64,
    /// The requests that the current window had accepted when it refused one below its limit.
    pub(super) hidden: Option<f64>,
    /// The latest window that has closed, until it is taken.
    closed: Option<Closed>,
    /// What was held and used of the window before.
    before: (f64, f64),
    /// Whether a window has closed since this process knows one.
    has_turned: bool,
    pub(super) parts: Parts,
}

impl Lease {
    /// Whether the share covers the window that ends at `end`.
    pub(crate) fn covers(&self, end: f64) -> bool {
        self.until >= end - SAME
    }

    /// The share of the window that ends at `end`.
    pub(crate) fn share_of(&self, end: f64) -> f64 {
        if self.covers(end) { self.share } else { 0.0 }
    }
}

impl Leasing {
    fn hold(&self) -> Option<f64> {
        Some(self.lease?.hold)
    }
}

/// Pacing with a lease.
impl Pacer {
    /// How many requests may go at once.
    pub(super) fn leased_burst(&self) -> Option<f64> {
        let hold = self.leasing.hold()?;
        Some((hold / 16.0).max(hold.min(8.0)).max(1.0))
    }

    /// Permits per second, with so many `slots` for the `left` seconds.
    pub(super) fn leased_rate(&self, slots: f64, left: f64) -> Option<f64> {
        let even = self.leasing.hold()? / self.window.length;
        let spread = if self.leasing.is_gentle {
            GENTLE_SPREAD
        } else {
            self.spread_factor
        };
        let in_time = (slots / (left - 0.3).max(0.3)).min(MOST_SPREAD.max(spread) * even);
        Some(in_time.max(spread * even))
    }

    /// How many more requests the lease allows in this window.
    pub(super) fn leased_slots(&self, now: f64) -> Option<f64> {
        let lease = self.leasing.lease?;
        let in_flight = f64::from(self.counts.in_flight);
        let own = lease.hold - self.counts.own;
        let reported = self.counts.allowed()? - self.counts.certainly_used();
        let slots = own.min(reported) - in_flight;
        let is_late = match (self.window.end, self.clock.bounds(now)) {
            (Some(end), Some(bounds)) => end - (now + bounds.high) < self.guard(),
            _ => false,
        };
        if is_late && self.leasing.parts.has(Part::Guard) {
            return Some(slots.min(self.next_share().max(self.guarded()) - in_flight));
        }
        Some(slots)
    }

    /// How many late requests may be in flight without a share of the next window. Those that arrive after the turn use slots
    /// of other members, so only processes that call rarely may send them. A new one might be part of a whole fleet that starts.
    fn guarded(&self) -> f64 {
        if self.leasing.has_turned {
            GUARDED - self.counts.own
        } else {
            0.0
        }
    }

    fn guard(&self) -> f64 {
        GUARD.min(self.window.length / 10.0)
    }

    fn next_share(&self) -> f64 {
        match (self.leasing.lease, self.window.end) {
            (Some(lease), Some(end)) => lease.share_of(end + self.window.length),
            _ => 0.0,
        }
    }

    /// Notes the window that closes, and takes the share of the one that ends at `end`.
    pub(super) fn turn_lease(&mut self, end: f64, turns: f64, roll: f64) {
        if let Some(closing) = self.window.end {
            self.leasing.has_turned = true;
            self.leasing.closed = Some(Closed {
                end: closing,
                hold: self.leasing.hold(),
                own: self.counts.own,
                used: self.counts.certainly_used(),
                turns,
            });
        }
        self.leasing.hidden = None;
        self.leasing.before = (self.leasing.hold().unwrap_or(0.0), self.counts.own);
        let Some(lease) = &mut self.leasing.lease else {
            return;
        };
        let is_over = !lease.covers(end);
        lease.hold = lease.share_of(end);
        if is_over && self.leasing.is_cut_off && !self.extend_lease(end) {
            self.fall_back(roll);
        }
    }

    /// Goes back into the window before, which was left too early.
    pub(super) fn turn_lease_back(&mut self) {
        let (hold, own) = self.leasing.before;
        if let Some(lease) = &mut self.leasing.lease {
            lease.hold = hold;
            self.counts.own += own;
        }
    }

    /// Learns that the limit has changed while there is a lease. If it fell, the lease falls with it.
    pub(super) fn scale_lease(&mut self, from: f64, to: f64, roll: f64) {
        let least = self.taken();
        if let Some(lease) = self.leasing.lease.as_mut().filter(|_| to < from) {
            // Rounded at random, so that the leases of a fleet add up to the new limit.
            let scaled = |slots: f64| libm::floor(slots * to / from + roll);
            lease.share = scaled(lease.share);
            lease.hold = scaled(lease.hold).max(least);
        }
    }
}

/// What a member of a fleet asks of its pacer, and tells it.
impl Pacer {
    pub(crate) fn lease(&self) -> Option<Lease> {
        self.leasing.lease
    }

    /// Starts or replaces the lease. A hold that grew by a loan may be used at once.
    pub(crate) fn set_lease(&mut self, lease: Lease, now: f64) {
        self.bucket.refill(self.rate(now), self.burst(), now);
        let before = self.leasing.lease.replace(lease);
        let held = before.map_or(0.0, |before| before.hold);
        let more = lease.hold - held.max(self.taken());
        if more >= 1.0 {
            let tokens = if held < 1.0 {
                more.min(self.burst())
            } else {
                1.0
            };
            self.bucket.fill_to(tokens);
        }
    }

    #[cfg(feature = "ledger")]
    pub(crate) fn set_parts(&mut self, parts: Parts) {
        self.leasing.parts = parts;
    }

    pub(crate) fn parts(&self) -> Parts {
        self.leasing.parts
    }

    /// Gives back so many slots of this window.
    pub(crate) fn give_back(&mut self, slots: f64) {
        let least = self.taken();
        if let Some(lease) = &mut self.leasing.lease {
            lease.hold = (lease.hold - slots).max(least);
        }
    }

    /// Gives up all of the share but so many slots.
    pub(crate) fn limit_share(&mut self, most: f64) {
        if let Some(lease) = &mut self.leasing.lease {
            lease.share = lease.share.min(most);
        }
    }

    /// Records whether the ledger keeps the share for one window after its end.
    pub(crate) fn set_kept(&mut self, is_kept: bool) {
        self.leasing.is_kept = is_kept;
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.leasing.is_kept
    }

    /// Uses a share that ended with the window before in the one that ends at `end` too, if the ledger keeps it that long.
    /// Returns whether there is one.
    ///
    /// A request without a reply may have moved one slot to another member: those that do not divide evenly change hands.
    pub(crate) fn extend_lease(&mut self, end: f64) -> bool {
        let ended = end - self.window.length;
        let Some(lease) = &mut self.leasing.lease else {
            return false;
        };
        let has_just_ended = lease.covers(ended) && !lease.covers(end) && !lease.is_extended;
        let is_kept = self.leasing.is_kept && self.leasing.parts.has(Part::Grace);
        let share = lease.share - 1.0;
        if !has_just_ended || !is_kept || share < 1.0 {
            return false;
        }
        lease.share = share;
        (lease.until, lease.is_extended) = (end, true);
        lease.hold = lease.hold.max(share);
        true
    }

    /// Goes on without a lease, beside clients that do the same: together they want what the fleet had.
    pub(crate) fn fall_back(&mut self, roll: f64) {
        let share = self.leasing.lease.take().map_or(0.0, |lease| lease.share);
        let allowed = self.counts.allowed().unwrap_or(1.0);
        let members = self.leasing.members;
        let part = if share > 0.0 {
            share / allowed
        } else {
            1.0 / members.max(1.0)
        };
        if members <= 1.0 {
            self.gain.reset();
        } else {
            self.gain.take_part(part.max(1.0 / allowed));
        }
        self.bucket.reset(roll, self.latest);
    }

    /// Records whether the ledger can be reached.
    pub(crate) fn set_cut_off(&mut self, is_cut_off: bool) {
        self.leasing.is_cut_off = is_cut_off;
    }

    /// Records how many members the fleet has, and whether a client outside it has to be spared.
    pub(crate) fn set_company(&mut self, members: f64, is_gentle: bool) {
        self.leasing.members = members;
        self.leasing.is_gentle = is_gentle;
    }

    /// Takes over a limit that another member has seen, if it is newer.
    pub(crate) fn adopt_limit(&mut self, limit: f64, end: f64, roll: f64) {
        if end > self.leasing.limit_end + SAME {
            let known = self.counts.limit.replace(limit);
            self.leasing.limit_end = end;
            self.scale_lease(known.unwrap_or(limit), limit, roll);
        }
    }

    /// Takes over what other members know about the server's clock, as long as this process has seen no response.
    pub(crate) fn adopt_time(&mut self, server: f64, now: f64) {
        let known = self.clock.at_least(now);
        if !self.clock.is_seen() && known.is_none_or(|known| server > known) {
            self.clock.hear(server - now, now);
        }
    }

    /// Takes over the window that other members are in, if the time is known. This process knows no window yet.
    pub(crate) fn adopt_window(&mut self, end: f64, length: f64, now: f64) {
        if self.clock.is_known() {
            self.window.length = length;
            self.open(end, false, 1.0, now, 0.0);
        }
    }

    /// Enters the window that ends at `end`, because another member is certain that it is open.
    pub(crate) fn turn_with(&mut self, end: f64, now: f64, roll: f64) {
        let Some(current) = self.window.end else {
            return;
        };
        let turns = libm::round((end - current) / self.window.length);
        if turns >= 1.0 {
            self.open(current + turns * self.window.length, true, turns, now, roll);
        }
    }

    /// Takes the window that has closed, if it was not taken yet.
    pub(crate) fn take_closed(&mut self) -> Option<Closed> {
        self.leasing.closed.take()
    }

    /// Own requests of this window, and those in flight.
    pub(crate) fn taken(&self) -> f64 {
        self.counts.own + f64::from(self.counts.in_flight)
    }

    pub(crate) fn own(&self) -> f64 {
        self.counts.own
    }

    pub(crate) fn in_flight(&self) -> u32 {
        self.counts.in_flight
    }

    pub(crate) fn is_exhausted(&self) -> bool {
        self.counts.exhausted
    }

    /// Whether the server reports a limit and the time. Without a limit there is nothing to share, and without the time other
    /// processes do not know which window is meant.
    pub(crate) fn can_share(&self) -> bool {
        self.quota_is_reported() && self.clock.is_known()
    }

    /// The end of the window, if it is one of the server's clock.
    pub(crate) fn shared_window(&self) -> Option<f64> {
        self.window.end.filter(|_| self.clock.is_known())
    }

    /// Whether a window that another process is in can be open already, as far as this process has seen the server's clock.
    pub(crate) fn can_be_open(&self, end: f64, length: f64, now: f64) -> bool {
        match self.clock.bounds(now).filter(|_| self.clock.is_seen()) {
            Some(bounds) => end - length <= now + bounds.high + EARLY,
            None => true,
        }
    }

    pub(crate) fn limit(&self) -> f64 {
        self.counts.limit.unwrap_or(0.0)
    }

    pub(crate) fn limit_end(&self) -> f64 {
        self.leasing.limit_end
    }

    /// The requests that the window had accepted when it refused one below its limit; 0 if it did not.
    pub(crate) fn hidden(&self) -> f64 {
        self.leasing.hidden.unwrap_or(0.0)
    }

    pub(crate) fn window_end(&self) -> Option<f64> {
        self.window.end
    }

    pub(crate) fn window_length(&self) -> f64 {
        self.window.length
    }

    /// The least that all clients have used of this window, and the phase at which that was seen.
    pub(crate) fn used(&self) -> (f64, f64) {
        (
            self.counts.certainly_used(),
            self.phase(self.counts.used_at),
        )
    }

    /// The part of the window that has certainly passed at a local time.
    pub(crate) fn phase(&self, local: f64) -> f64 {
        match (self.window.end, self.clock.at_least(local)) {
            (Some(end), Some(server)) => {
                (1.0 - (end - server) / self.window.length).clamp(0.0, 1.0)
            }
            _ => 0.0,
        }
    }

    /// The local time at which this part of the window has certainly passed.
    pub(crate) fn at_phase(&self, phase: f64) -> f64 {
        match (self.window.end, self.clock.at_least(0.0)) {
            (Some(end), Some(offset)) => end - (1.0 - phase) * self.window.length - offset,
            _ => f64::INFINITY,
        }
    }

    /// The local time at which the window turns.
    pub(crate) fn turns_at(&self) -> Option<f64> {
        self.window.turn(&self.clock)
    }

    /// The least that the server's clock can show, as far as this process has seen it.
    pub(crate) fn server_at_least(&self, now: f64) -> Option<f64> {
        let bounds = self.clock.bounds(now).filter(|_| self.clock.is_seen())?;
        Some(now + bounds.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PacerSettings;

    #[test]
    fn kept_share_lasts_one_window_more_and_loses_a_slot() {
        let kept = |share| {
            let mut pacer = Pacer::new(PacerSettings::default());
            pacer.set_kept(true);
            let lease = Lease {
                hold: 0.0,
                share,
                until: 100.0,
                is_extended: false,
            };
            pacer.set_lease(lease, 0.0);
            assert!(!pacer.extend_lease(100.0) && !pacer.extend_lease(120.0));
            let kept = pacer.extend_lease(110.0);
            assert!(!pacer.extend_lease(110.0) && !pacer.extend_lease(120.0));
            kept.then(|| {
                pacer
                    .lease()
                    .map(|lease| (lease.hold, lease.share, lease.until))
            })
        };
        assert_eq!(kept(3.0), Some(Some((2.0, 2.0, 110.0))));
        assert_eq!(kept(2.0), Some(Some((1.0, 1.0, 110.0))));
        assert_eq!(kept(1.0), None);
    }
}
