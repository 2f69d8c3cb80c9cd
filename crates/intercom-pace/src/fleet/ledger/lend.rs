//! Loans: slots of this window that are lent on top of a member's hold.

use super::visit::Visit;
use crate::fleet::Part;
use crate::fleet::message::Slack;

/// At most so many members that wait get a quarter of what is left each.
const FEW_WAITING: i64 = 8;

/// At most so many hungry members leave a base reserve to those that call rarely.
const FEW_HUNGRY: i64 = 8;

/// From this phase on, a quarter is given to anyone.
const LATE: i64 = 650;

/// Before this phase, a member whose turn it is not gets nothing.
const TURN: i64 = 700;

/// What a member saw of the window is old after this part of it.
const OLD_SIGHT: i64 = 100;

/// The phase that divides the early look of a window from the late one.
const LATE_LOOK: i64 = 800;

/// What came of a request for more slots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loan {
    /// How many more slots it could have.
    pub(super) free: i64,
    /// Whether the grant is one slot to see whether the window has any left.
    pub(super) look: bool,
    pub(super) slack: Slack,
}

/// The slots of the window that no member holds, seen by one of them.
#[derive(Clone, Copy, Debug)]
struct Offer {
    /// Slots that neither the fleet nor its neighbours have, and that are not kept for other members.
    free: i64,
    /// The part of them that this member may have.
    open: i64,
    /// What `open` would be if no neighbour had used more since the member looked at the window.
    seen: i64,
}

impl Visit<'_> {
    /// Lends what the member wants, as far as it is free and others do not wait for it.
    pub(super) fn lend(&mut self) -> Loan {
        let cap = self.cap();
        let small = !self.me.is_hungry() && self.me.hold < cap;
        let offer = self.offer(small.then_some(cap));
        let want = if self.behind || self.ask.bye {
            0
        } else {
            self.ask.want
        };
        let mut open = offer.open;
        if self.account.is_quiet() || !self.has_its_turn() {
            open = 0;
        }
        let look = want > 0 && open > 0 && offer.seen < 1 && self.may_look();
        open = open.min(offer.seen.max(0));
        let grant = if look { 1 } else { want.min(self.part(open)) };
        if small && !self.me.asked {
            let small = self.account.small + want.min(cap);
            self.account.small = small.min(self.account.quota());
        }
        let left = Offer {
            free: offer.free - grant,
            open: (open - grant).max(0),
            ..offer
        };
        if !self.behind {
            self.me.asked |= want > 0;
            self.me.unsatisfied = grant < want;
            self.me.hold += grant;
        }
        Loan {
            free: left.open,
            look,
            slack: self.slack(&left, look),
        }
    }

    /// How many slots of a window a member that is not hungry may have, even if the reserve is all that is left.
    fn cap(&self) -> i64 {
        let (quota, needing) = (self.account.quota(), self.with_me().needing.max(1));
        (quota / (2 * needing)).clamp(2, quota / 16 + 2)
    }

    /// What is free for a member, up to this cap if it is not hungry.
    fn offer(&self, cap: Option<i64>) -> Offer {
        let (quota, ghost, phase) = (self.account.quota(), self.account.ghost(), self.phase());
        let holds = self.others.holds + self.me.hold;
        let neighbours = (self.account.used - holds).max(0);
        // What the neighbours have not taken yet stays theirs, until the window ends or they lag behind.
        let lags = 10_000 * neighbours < 7 * ghost * phase;
        let stays = if lags {
            (4 * (1000 - phase)).min(1000)
        } else {
            1000
        };
        let coming = ceil_div((ghost - neighbours).max(0) * stays, 1000);
        let free = quota - holds - neighbours - coming;

        let kept = if self.me.reserve > 0 { self.kept() } else { 0 };
        let reserved = kept.max(self.reserve(phase));
        let small = cap.map_or(0, |cap| (free - kept).min(cap - self.me.hold));
        let sees = ghost == 0 || phase - self.ask.used_phase < OLD_SIGHT;
        let spared = if cap.is_some() { kept } else { reserved };
        Offer {
            free: free - kept,
            open: (free - reserved).max(small).max(0),
            seen: if sees {
                i64::MAX
            } else {
                quota - holds - ghost.max(neighbours) - spared
            },
        }
    }

    /// How many slots are left to members that call rarely. Towards the end of the window, the hungry get them.
    pub(super) fn reserve(&self, phase: i64) -> i64 {
        if !self.account.parts.has(Part::Reserve) {
            return 0;
        }
        let (quota, rest) = (self.account.quota(), 1000 - phase);
        let few = self.with_me().hungry <= FEW_HUNGRY;
        let base = if few { (quota / 64).max(1) } else { 0 };
        let usual = self.account.small_usual * rest / 1000;
        // Twice the root, in thousandths like the rest.
        let spread = (4000 * usual).isqrt();
        ((usual + spread + base * rest) / 1000).min(quota / 2)
    }

    /// How many slots members with a reserve leave to those without.
    pub(super) fn kept(&self) -> i64 {
        self.account.quota() * self.account.reserve / 1000
    }

    /// Whether the member may have slots now: with fewer slots than hungry members, those with a target are first.
    fn has_its_turn(&self) -> bool {
        let level = &self.account.level;
        !level.is_scarce()
            || !self.me.is_hungry()
            || level.target(&self.me) > 0
            || self.phase() >= TURN
    }

    /// Whether no other member has looked in this part of the window.
    fn may_look(&mut self) -> bool {
        let [early, late] = &mut self.account.looked;
        let looked = if self.ask.phase < LATE_LOOK {
            early
        } else {
            late
        };
        !core::mem::replace(looked, true)
    }

    /// How much of what is open one member gets at a time.
    fn part(&self, open: i64) -> i64 {
        let waiting = 1 + self.others.unsatisfied;
        let generous = waiting <= FEW_WAITING || self.phase() > LATE;
        let quarter = if generous { ceil_div(open, 4) } else { 0 };
        ceil_div(open, waiting).max(quarter).min(open)
    }

    /// When it is worth asking again, if this is left.
    fn slack(&self, left: &Offer, look: bool) -> Slack {
        let (quiet, phase) = (self.account.is_quiet(), self.phase());
        if (left.open > 0 || look) && !quiet {
            return Slack::Now;
        }
        let later = self.others.idle > 0
            || self.reserve(phase) > 0
            || self.account.ghost() > 0
            || left.free > 0
            || quiet;
        if later { Slack::Late } else { Slack::None }
    }
}

/// Divides two numbers that are not negative, and rounds up.
fn ceil_div(dividend: i64, divisor: i64) -> i64 {
    (dividend + divisor - 1) / divisor
}
