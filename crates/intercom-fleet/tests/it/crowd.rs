//! Requests of a fleet that mostly behaves: windows turn, members come, burst, rest and leave, messages are lost, repeated and
//! late, and now and then a value makes no sense.

use std::collections::VecDeque;

use fastrand::Rng;
use intercom_pace::fleet::{ClosedWindow, LeaseReply, LeaseRequest, LeaseStatus};

/// What happens next.
pub(crate) enum Event {
    /// A request arrives at this time of the ledger's clock, in microseconds.
    Ask(LeaseRequest, i64),
    /// The ledger loses its memory.
    Loss,
}

/// A fleet.
pub(crate) struct Crowd {
    rng: Rng,
    members: Vec<Asker>,
    length: i64,
    limit: i64,
    /// The ledger's clock, and how far the server's is ahead of it, in microseconds.
    now: i64,
    ahead: i64,
    /// What other clients use of a window, in thousandths of the limit.
    others: i64,
    /// How many requests come from members that do not know the window.
    cold: usize,
    /// Requests that may arrive late, or again.
    sent: VecDeque<LeaseRequest>,
}

/// A member of the crowd.
#[derive(Clone, Default)]
struct Asker {
    id: u64,
    seq: i64,
    window: i64,
    hold: i64,
    share: i64,
    until: i64,
    own: i64,
    need: i64,
    reserve: i64,
    closed: Vec<ClosedWindow>,
}

impl Crowd {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let size = [1, 2, 5, 20, 60][rng.usize(0..5)];
        let mut crowd = Self {
            members: Vec::new(),
            length: [1000, 10_000, 10_000, 60_000][rng.usize(0..4)],
            limit: [1, 7, 40, 167, 1667, 100_000][rng.usize(0..6)],
            now: 1_700_000_000_000_000 + rng.i64(0..1_000_000_000),
            ahead: rng.i64(-77_000_000..77_000_000),
            others: [0, 0, 30, 80, 300, 900][rng.usize(0..6)],
            cold: 0,
            sent: VecDeque::new(),
            rng,
        };
        for _ in 0..size {
            let asker = crowd.newcomer();
            crowd.members.push(asker);
        }
        crowd
    }

    /// What happens next.
    pub(crate) fn next(&mut self) -> Event {
        self.pass();
        if self.rng.usize(0..1500) == 0 {
            return Event::Loss;
        }
        if self.rng.usize(0..20) == 0 && !self.sent.is_empty() {
            // An old request, perhaps the latest one again.
            let which = self.rng.usize(0..self.sent.len());
            return Event::Ask(self.sent[which].clone(), self.now);
        }
        let which = self.rng.usize(0..self.members.len());
        let mut request = self.ask(which);
        if self.rng.usize(0..30) == 0 {
            self.spoil(&mut request);
        }
        if request.bye {
            self.members[which] = self.newcomer();
        }
        self.sent.push_back(request.clone());
        if self.sent.len() > 200 {
            self.sent.pop_front();
        }
        Event::Ask(request, self.now)
    }

    /// A reply arrives, unless it is lost.
    pub(crate) fn replied(&mut self, request: &LeaseRequest, reply: &LeaseReply) {
        let lost = self.rng.usize(0..12) == 0;
        let asker = self.members.iter_mut().find(|asker| asker.id == request.id);
        let Some(asker) = asker.filter(|asker| asker.seq == reply.seq && !lost) else {
            return;
        };
        if reply.status == LeaseStatus::Probe {
            let server = (self.now + self.ahead) / 1000;
            asker.window = (server / self.length + 1) * self.length;
            asker.own = 1;
        }
        if reply.status != LeaseStatus::Ok {
            return;
        }
        if reply.window > asker.window {
            asker.turn(reply.window);
        }
        asker.closed.clear();
        asker.hold = if reply.window == asker.window {
            reply.hold.max(asker.own)
        } else {
            asker.own
        };
        (asker.share, asker.until) = (reply.share, reply.until);
    }

    fn newcomer(&mut self) -> Asker {
        Asker {
            id: self.rng.u64(..),
            need: self.rng.i64(0..self.limit + 2),
            reserve: [0, 0, 0, 100, 250][self.rng.usize(0..5)],
            ..Asker::default()
        }
    }

    fn pass(&mut self) {
        let window = 1000 * self.length;
        self.now += match self.rng.usize(0..1000) {
            // A silence, after which some members do not know the window.
            0 => {
                self.cold = 4;
                self.rng.i64(0..10 * window)
            }
            // A clock is set.
            1 => self.rng.i64(-20 * window..20 * window),
            2..10 => self.rng.i64(0..window),
            // A window ends.
            10..20 => window - (self.now + self.ahead) % window + self.rng.i64(0..400_000),
            20..400 => self.rng.i64(0..window / 20),
            _ => self.rng.i64(0..20_000),
        };
        match self.rng.usize(0..3000) {
            0 => self.limit = (self.limit / 2).max(1),
            1 => self.limit *= 2,
            2 => self.ahead += self.rng.i64(-10 * window..10 * window),
            _ => (),
        }
    }

    /// The next request of a member, in the window of the server's clock, as far as it knows that.
    fn ask(&mut self, which: usize) -> LeaseRequest {
        let (rng, length, limit) = (&mut self.rng, self.length, self.limit);
        let fleet: i64 = self.members.iter().map(|asker| asker.own).sum();
        let skew = rng.i64(-200_000..200_000);
        let server = self.now + self.ahead + skew;
        let asker = &mut self.members[which];
        let late = rng.usize(0..25) == 0;
        let window = (server / 1000 / length + 1) * length;
        if asker.window > 0 && window > asker.window && !late {
            asker.turn(window);
        }
        if rng.usize(0..10) == 0 {
            asker.need = rng.i64(0..limit + 2);
        }
        asker.own += rng.i64(0..(asker.hold - asker.own).max(0) + 1);
        if asker.hold > asker.own && rng.usize(0..5) == 0 {
            asker.hold -= rng.i64(0..asker.hold - asker.own + 1);
        }
        asker.seq += 1;
        let phase = (1000 - (window - server / 1000) * 1000 / length).clamp(0, 1000);
        let mut request = LeaseRequest::default();
        (request.id, request.seq) = (asker.id, asker.seq);
        (request.window, request.length) = (asker.window, length);
        if asker.window > 0 {
            (request.limit, request.limit_window) = (limit, asker.window);
            request.used = (fleet + limit * self.others / 1000 * phase / 1000).min(limit);
        }
        request.hold = asker.hold.max(asker.own);
        request.want = if rng.bool() {
            rng.i64(0..asker.need + 2)
        } else {
            0
        };
        request.need = asker.need;
        request.hungry = rng.usize(0..3) > 0 && asker.need > 0;
        (request.claim, request.claim_until) = (asker.share, asker.until);
        request.fallback = rng.usize(0..1000) == 0;
        request.phase = phase;
        request.used_phase = (phase - rng.i64(0..400)).max(0);
        request.server_at_least = if rng.bool() {
            server - rng.i64(0..3_000_000) * rng.i64(0..2)
        } else {
            0
        };
        request.hidden = if rng.usize(0..200) == 0 {
            rng.i64(0..limit + 1)
        } else {
            0
        };
        request.reserve = asker.reserve;
        request.bye = rng.usize(0..150) == 0;
        request.keep_max = if length > 30_000 { 1 } else { 3 };
        request.closed = asker.closed.clone();
        if self.cold > 0 {
            self.cold -= 1;
            request.window = 0;
        }
        request
    }

    /// Makes a value absurd.
    fn spoil(&mut self, request: &mut LeaseRequest) {
        let rng = &mut self.rng;
        let absurd = match rng.usize(0..5) {
            0 => rng.i64(..),
            1 => i64::MIN,
            2 => i64::MAX,
            3 => rng.i64(-10..100),
            _ => rng.i64(-1_000_000..10_000_000),
        };
        let near = request.window + rng.i64(-5..5) * self.length + [0, 0, 137][rng.usize(0..3)];
        match rng.usize(0..16) {
            0 => request.seq = absurd,
            1 => request.window = near,
            2 => request.length = [absurd, 20_000][rng.usize(0..2)],
            3 => request.limit = absurd,
            4 => request.limit_window = absurd,
            5 => request.hold = absurd,
            6 => request.want = absurd,
            7 => request.need = absurd,
            8 => (request.claim, request.claim_until) = (absurd, near),
            9 => request.used = absurd,
            10 => (request.phase, request.used_phase) = (absurd, rng.i64(..)),
            11 => request.server_at_least = absurd,
            12 => request.hidden = absurd,
            13 => request.reserve = absurd,
            14 => request.keep_max = absurd,
            _ => request
                .closed
                .extend([ClosedWindow::new(near, absurd, absurd); 3]),
        }
    }
}

impl Asker {
    fn turn(&mut self, window: i64) {
        if self.window > 0 {
            let unused = (self.hold - self.own).max(0);
            let used = self.own;
            self.closed
                .push(ClosedWindow::new(self.window, unused, used));
            let old = self.closed.len().saturating_sub(4);
            self.closed.drain(..old);
        }
        self.window = window;
        self.hold = if self.until >= window { self.share } else { 0 };
        self.own = 0;
    }
}
