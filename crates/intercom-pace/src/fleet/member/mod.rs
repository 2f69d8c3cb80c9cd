//! A member of a fleet: the pacer of one process, and what it says to the ledger.
//!
//! ```text
//!  calls ──admit, settle──▶ Member ──next──▶ LeaseRequest ──▶ ledger
//!                             ▲─── replied, failed ◀───────────┘
//! ```

mod asking;
mod changes;
mod demand;
mod replying;
mod rhythm;
mod talk;

use core::time::Duration;

use intercom_retry::Moment;

pub use self::changes::Change;
use self::changes::Changes;
use self::demand::Demand;
use self::rhythm::Rhythm;
use self::talk::{Here, Pending, Talk, Watch, Word};
use super::Part;
use super::message::{ClosedWindow, LeaseRequest, Slack};
use crate::pacer::{Admit, Admitter, Gauge, Pacer, PacerSettings, SAME, roll};
use crate::seam::Seen;

/// How long a member waits for a reply, in seconds.
const TIMEOUT: f64 = 0.25;

/// How long a call waits for the ledger's word before it asks again, in seconds.
const WORD: f64 = 0.02;

/// How long a call waits in all, while the ledger replies that another member learns the window, in seconds.
const PATIENCE: f64 = 2.0;

/// How late a driver may be, in seconds.
const LATE: f64 = 1.0;

/// For how long the ledger's word counts for a call that waits, in seconds.
const OLD: f64 = 1.0;

/// How many closed windows a request can tell of.
const CLOSED: usize = 4;

/// One process of a fleet that shares a quota.
///
/// It is a [`Pacer`] whose limit is a *lease*: a part of every window, granted by the fleet's ledger, which all members share.
/// The member decides what to tell the ledger and when; its driver carries the messages. No request waits for the ledger while a
/// lease lasts. If the ledger cannot be reached, the member uses its lease to the end and then paces on its own, at a rate that
/// leaves the other members theirs.
///
/// Like the pacer, it is a plain state machine. Besides [`admit`](Admitter::admit) and [`settle`](Admitter::settle), which
/// the queue calls, its driver
///
/// 1. calls [`next`](Self::next), and again whenever the time it returned has passed or the member
///    [wants attention](Admitter::wants_attention);
/// 2. sends the request that `next` returned, and passes the reply to [`replied`](Self::replied) or says that there was none,
///    with [`failed`](Self::failed);
/// 3. sends [`bye`](Self::bye) when the process ends.
///
/// ```
/// use core::time::Duration;
/// use intercom_pace::fleet::{LeaseReply, LeaseStatus, Member, Next};
/// use intercom_pace::{Admit, Admitter, PacerSettings};
/// use intercom_retry::{Moment, Tick};
///
/// let at = |millis| Moment::new(Tick::new(Duration::from_millis(millis)));
/// let mut member = Member::new(PacerSettings::default(), 0x5eed);
///
/// // A call waits. The member asks the ledger what it knows.
/// assert!(matches!(member.admit(&at(0)), Admit::Wait(_)));
/// let Next::Ask(request) = member.next(1, &at(0)) else { unreachable!() };
/// assert_eq!((request.seq, request.window), (1, 0));
///
/// // The ledger knows nothing either, so this member sends one request to learn the window.
/// let mut reply = LeaseReply::default();
/// (reply.seq, reply.status) = (1, LeaseStatus::Probe);
/// member.replied(&reply, &at(2));
/// assert!(matches!(member.admit(&at(2)), Admit::Go(_)));
/// assert!(matches!(member.admit(&at(2)), Admit::Wait(_)));
/// ```
#[derive(Clone, Debug)]
pub struct Member {
    pacer: Pacer,
    id: u64,
    /// The part of the limit left to others, in thousandths.
    reserve: i64,
    rhythm: Rhythm,
    demand: Demand,
    talk: Talk,
    word: Word,
    watch: Watch,
    /// Whether this member may send the request that learns the window.
    probing: bool,
    /// Whether this member has sent without a lease since its last one.
    expired: bool,
    /// The share and its end, from the next turn on: until then, other members go without leases.
    later: Option<(f64, f64)>,
    here: Here,
    closed: [ClosedWindow; CLOSED],
    /// Since when a call waits for the ledger's word.
    waits_since: Option<f64>,
    changes: Changes,
}

/// What the driver of a [`Member`] has to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every driver must do each")]
pub enum Next {
    /// Send this to the ledger, and pass its reply to [`Member::replied`] or report its lack with [`Member::failed`].
    Ask(LeaseRequest),
    /// Call [`Member::next`] again after this long, or when the member [wants attention](Admitter::wants_attention). `None` means
    /// only then.
    Rest(Option<Duration>),
}

impl Member {
    /// How long to wait for the ledger's reply. A later reply is ignored.
    pub const TIMEOUT: Duration = Duration::from_millis(250);

    /// Creates a member that knows nothing yet. `id` must be random and new for each member.
    ///
    /// Members whose settings have a [reserve](PacerSettings::with_reserve) leave that part of the limit to the members without.
    #[must_use]
    pub fn new(settings: PacerSettings, id: u64) -> Self {
        Self {
            reserve: (settings.reserve() * 1000.0) as i64,
            pacer: Pacer::new(settings),
            id,
            rhythm: Rhythm::new(id),
            demand: Demand::default(),
            talk: Talk::default(),
            word: Word::default(),
            watch: Watch::default(),
            probing: false,
            expired: false,
            later: None,
            here: Here::default(),
            closed: [ClosedWindow::default(); CLOSED],
            waits_since: None,
            changes: Changes::default(),
        }
    }

    /// Takes a part of the algorithm away, to see what it is worth.
    #[cfg(feature = "ledger")]
    #[must_use]
    pub fn without(mut self, part: Part) -> Self {
        self.pacer.set_parts(super::Parts::without(part));
        self
    }

    /// Takes the oldest change that was not taken yet.
    pub fn take_change(&mut self) -> Option<Change> {
        self.changes.take()
    }

    /// Returns how many slots of the current window the member holds, and how many of the next; `None` without a lease.
    #[must_use]
    pub fn lease(&self) -> Option<(u32, u32)> {
        let lease = self.pacer.lease()?;
        let next = self.pacer.window_end()? + self.pacer.window_length();
        Some((lease.hold as u32, lease.share_of(next) as u32))
    }

    /// Enters the next window if it is time, and does what a turn brings with it.
    fn advance(&mut self, now: &Moment) -> f64 {
        self.pacer.advance(now);
        let at = self.pacer.time(now);
        self.follow(at, roll(now));
        at
    }

    /// Notices what the pacer has learnt by itself: a turn, or another limit.
    fn follow(&mut self, at: f64, roll: f64) {
        if let Some(closed) = self.pacer.take_closed() {
            self.note(&closed);
            self.turned(at, roll);
        }
        if self.pacer.lease().is_none() && self.talk.fails > 0 {
            self.set_expired();
        }
        if self.pacer.limit() != self.talk.told_limit && self.pacer.can_share() {
            self.watch.stir(at);
        }
    }

    /// Begins a new window.
    fn turned(&mut self, at: f64, roll: f64) {
        self.rhythm.turn(roll);
        self.here = Here::default();
        self.watch.stir(at);
        if let Some((share, until)) = self.later.take() {
            let end = self.pacer.window_end().unwrap_or(until);
            let hold = if until >= end - SAME { share } else { 0.0 };
            self.hold(hold, share, until, at);
            self.tell(None, hold, share, 0.0);
        }
    }

    /// Records that this member sends without a lease.
    fn set_expired(&mut self) {
        if !core::mem::replace(&mut self.expired, true) {
            self.changes.add(Change::FellBack);
        }
    }

    /// Whether a call has to wait for the ledger's word, although the ledger may be reachable.
    fn awaits_word(&self) -> bool {
        if self.pacer.lease().is_some() || self.expired {
            return false;
        }
        if self.pacer.window_end().is_none() {
            return !self.probing;
        }
        // The probe's answer must not start a burst that the ledger does not know of.
        self.pacer.can_share() && self.pacer.parts().has(Part::WaitingForWord)
    }

    /// How long a call waits for the ledger's word before it asks again. If no driver carries the messages, or if it does not come
    /// back with a reply, the ledger counts as unreachable.
    fn await_word(&mut self, at: f64, now: &Moment) -> Option<Duration> {
        let first = *self.waits_since.get_or_insert(at);
        // The reply to a call that has left says nothing about now.
        let is_old = at - self.talk.asked_at >= OLD;
        if !is_old && at - first >= PATIENCE {
            // The server may report no limit, so that there is nothing to share.
            self.go_alone(roll(now));
            return None;
        }
        let since = match self.talk.pending {
            Some(pending) => pending.sent_at,
            None => self.watch.stir(at).max(self.talk.next_try),
        };
        let left = since + TIMEOUT - at;
        if left <= 0.0 {
            self.failed(now);
            return None;
        }
        // A long wait would end a call whose deadline comes before it, although the word may come much sooner.
        Duration::try_from_secs_f64(left.min(WORD)).ok()
    }

    /// Notes that the pacer refused a call. Returns the time at which a loan can change that, if one can.
    fn refuse(&mut self, at: f64) -> Option<f64> {
        let lease = self.pacer.lease().filter(|_| self.left() < 1.0)?;
        if !core::mem::replace(&mut self.here.refused, true) {
            self.watch.stir(at);
        }
        let asked = self.talk.pending.is_none() && self.here.heard && self.word.slack != Slack::Now;
        let in_vain =
            self.word.slack == Slack::None && (lease.share >= 3.0 || self.demand.was_hungry());
        if asked || in_vain {
            self.demand.set_hungry();
        }
        if self.talk.pending.is_some_and(|pending| pending.want > 0.0) {
            return Some(at);
        }
        let due = self.loan(&lease, 1.0, at).at.max(self.talk.next_try);
        due.is_finite().then_some(due)
    }

    /// Whether the driver has not come although it should have: then there is none, or it hangs.
    fn is_left_alone(&self, at: f64) -> bool {
        match self.talk.pending {
            Some(pending) => at - pending.sent_at >= TIMEOUT,
            None => at - self.watch.due(self.talk.next_try) >= LATE,
        }
    }

    /// How long a refused call waits: less than the pacer says if a loan may come earlier. A call whose deadline comes before the
    /// end of its wait is refused at once.
    fn wait_for_loan(&mut self, wait: Duration, at: f64) -> Duration {
        let Some(due) = self.refuse(at) else {
            return wait;
        };
        let soon = Duration::try_from_secs_f64((due - at).max(WORD));
        soon.unwrap_or(wait).min(wait)
    }

    /// Slots of the lease that are neither used nor in flight.
    fn left(&self) -> f64 {
        let hold = self.pacer.lease().map_or(0.0, |lease| lease.hold);
        hold - self.pacer.taken()
    }
}

impl Admitter for Member {
    fn admit(&mut self, now: &Moment) -> Admit {
        let at = self.pacer.time(now);
        if self.is_left_alone(at) {
            // A lease that ends before the driver is back would leave nothing.
            let next_try = self.talk.next_try;
            self.failed(now);
            // The ledger may be well: a driver that comes back asks at once.
            self.talk.next_try = next_try;
            self.watch.at = f64::INFINITY;
        }
        if self.pacer.lease().is_none() {
            let at = self.advance(now);
            if self.awaits_word() {
                if let Some(wait) = self.await_word(at, now) {
                    return Admit::Wait(wait);
                }
            }
        }
        let admit = self.pacer.admit(now);
        let at = self.pacer.time(now);
        self.follow(at, roll(now));
        match admit {
            Admit::Wait(wait) => Admit::Wait(self.wait_for_loan(wait, at)),
            Admit::Go(place) => Admit::Go(place),
        }
    }

    fn settle(&mut self, place: u64, seen: Seen<'_>, now: &Moment) {
        self.pacer.settle(place, seen, now);
        let at = self.pacer.time(now);
        self.follow(at, roll(now));
        // Without a lease, the member looks for one as soon as it has sent something.
        if self.pacer.lease().is_none() && self.watch.at > at + TIMEOUT {
            self.watch.stir(at);
        }
    }

    fn gauge(&self, now: &Moment) -> Gauge {
        self.pacer.gauge(now)
    }

    fn wants_attention(&mut self, waiting: usize, now: &Moment) -> bool {
        if self.talk.pending.is_some() {
            return false;
        }
        let at = self.pacer.time(now);
        let may_return = at >= self.watch.returns_from && !self.here.returned;
        if waiting == 0 && may_return && self.can_return_early(at) {
            self.watch.stir(at);
        }
        self.watch.stirred.is_some() && self.watch.at > self.talk.next_try.max(at)
    }
}
