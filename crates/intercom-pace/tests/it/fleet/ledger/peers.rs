//! Truthful members with a bad network: their messages are lost, late and repeated, and the ledger loses its memory.

use std::collections::BTreeMap;

use intercom_pace::fleet::{ClosedWindow, LeaseReply, LeaseRequest, LeaseStatus, Ledger};
use proptest::prelude::{Strategy, any, prop_oneof};

/// The length of a window in milliseconds.
pub(crate) const LENGTH: i64 = 10_000;

/// The end of the first window.
pub(crate) const FIRST: i64 = 1_700_000_010_000;

/// The server's clock is so far ahead of the ledger's, in microseconds.
const AHEAD: i64 = 77_000_000;

/// One member.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    pub(crate) id: u64,
    pub(crate) seq: i64,
    pub(crate) window: i64,
    pub(crate) hold: i64,
    pub(crate) share: i64,
    pub(crate) until: i64,
    own: i64,
    reserve: i64,
    closed: Vec<ClosedWindow>,
    /// What it held of each earlier window at its end.
    held: BTreeMap<i64, i64>,
    /// The reply to its latest request, on its way.
    reply: Option<LeaseReply>,
}

/// What a member does next. Numbers are reduced to what is possible.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Pass(i64),
    Use(usize, i64),
    /// A member sends a request; whether it arrives is another matter.
    Send(usize, Wish),
    /// One of the latest requests arrives, perhaps again.
    Deliver(usize),
    /// A reply arrives.
    Reply(usize),
    /// Send, deliver and reply.
    Talk(usize, Wish),
    Leave(usize),
    /// The ledger loses its memory, and a member with a lease is the first to speak.
    Lose(usize),
}

/// What a member asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub(crate) want: i64,
    pub(crate) need: i64,
    pub(crate) hungry: bool,
    /// How much of what it has left is returned, in per cent.
    pub(crate) back: i64,
}

pub(crate) fn wish() -> impl Strategy<Value = Wish> {
    let back = prop_oneof![3 => 0_i64..1, 1 => 0_i64..101];
    (0_i64..60, 0_i64..120, any::<bool>(), back).prop_map(|(want, need, hungry, back)| Wish {
        want,
        need,
        hungry,
        back,
    })
}

/// What happens if every message arrives at once.
pub(crate) fn calm() -> impl Strategy<Value = Step> {
    let time = prop_oneof![8 => 0_i64..500, 3 => 500_i64..4000, 1 => 4000_i64..25_000];
    let who = 0_usize..12;
    prop_oneof![
        6 => time.prop_map(Step::Pass),
        4 => (who.clone(), 0_i64..100).prop_map(|(who, own)| Step::Use(who, own)),
        12 => (who.clone(), wish()).prop_map(|(who, wish)| Step::Talk(who, wish)),
        1 => who.prop_map(Step::Leave),
    ]
}

/// What happens if messages are lost, late and repeated.
pub(crate) fn rough() -> impl Strategy<Value = Step> {
    let who = 0_usize..12;
    prop_oneof![
        6 => calm(),
        2 => (who.clone(), wish()).prop_map(|(who, wish)| Step::Send(who, wish)),
        3 => (0_usize..20).prop_map(Step::Deliver),
        2 => who.prop_map(Step::Reply),
    ]
}

/// What happens if the ledger loses its memory now and then, and no message besides.
pub(crate) fn forgetful() -> impl Strategy<Value = Step> {
    prop_oneof![10 => calm(), 1 => (0_usize..12).prop_map(Step::Lose)]
}

/// A fleet, its ledger, and the messages between them.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    pub(crate) ledger: Ledger,
    pub(crate) peers: Vec<Peer>,
    /// Members that have left.
    gone: Vec<Peer>,
    pub(crate) limit: i64,
    /// The server's clock, in milliseconds.
    pub(crate) time: i64,
    sent: Vec<LeaseRequest>,
}

impl Fleet {
    pub(crate) fn new(limit: i64, peers: usize, reserve: i64) -> Self {
        let peer = |index| Peer {
            id: id(index),
            // Every third member leaves a reserve to the others.
            reserve: if index % 3 == 2 { reserve } else { 0 },
            ..Peer::default()
        };
        Self {
            ledger: Ledger::new(),
            peers: (0..peers).map(peer).collect(),
            gone: Vec::new(),
            limit,
            time: FIRST - LENGTH,
            sent: Vec::new(),
        }
    }

    /// The window of the server.
    pub(crate) fn window(&self) -> i64 {
        (self.time / LENGTH + 1) * LENGTH
    }

    pub(crate) fn step(&mut self, step: &Step) {
        let count = self.peers.len();
        match *step {
            Step::Pass(millis) => self.time += millis,
            Step::Use(who, own) => self.spend(who % count, own),
            Step::Send(who, wish) => {
                self.send(who % count, wish);
            }
            Step::Deliver(back) => {
                if let Some(index) = self.sent.len().checked_sub(1 + back) {
                    let request = self.sent[index].clone();
                    self.deliver(&request);
                }
            }
            Step::Reply(who) => self.reply(who % count),
            Step::Talk(who, wish) => {
                self.talk(who % count, wish);
            }
            Step::Leave(who) => self.leave(who % count),
            Step::Lose(who) => self.lose(who % count),
        }
    }

    fn spend(&mut self, who: usize, own: i64) {
        self.turn(who);
        let peer = &mut self.peers[who];
        peer.own += own.min(peer.hold - peer.own);
    }

    /// Sends, and the request and its reply arrive at once. Returns the reply.
    pub(crate) fn talk(&mut self, who: usize, wish: Wish) -> LeaseReply {
        let request = self.send(who, wish);
        let reply = self.deliver(&request);
        self.reply(who);
        reply
    }

    pub(crate) fn send(&mut self, who: usize, wish: Wish) -> LeaseRequest {
        self.turn(who);
        let window = self.window();
        let all = self.peers.iter().chain(&self.gone);
        let used = all.filter(|peer| peer.window == window);
        let used = used.map(|peer| peer.own).sum();
        let (time, limit) = (self.time, self.limit);
        let peer = &mut self.peers[who];
        peer.hold -= (peer.hold - peer.own) * wish.back / 100;
        peer.seq += 1;
        peer.reply = None;
        let mut request = LeaseRequest::default();
        (request.id, request.seq) = (peer.id, peer.seq);
        (request.window, request.length) = (peer.window, LENGTH);
        if peer.window > 0 {
            (request.limit, request.limit_window) = (limit, peer.window);
            (request.used, request.server_at_least) = (used, 1000 * time - 1_000_000);
        }
        (request.hold, request.want, request.need) = (peer.hold, wish.want, wish.need);
        request.hungry = wish.hungry;
        (request.claim, request.claim_until) = (peer.share, peer.until);
        request.phase = (time % LENGTH) * 1000 / LENGTH;
        request.used_phase = request.phase;
        request.reserve = peer.reserve;
        request.keep_max = 3;
        request.closed = peer.closed.clone();
        self.sent.push(request.clone());
        request
    }

    pub(crate) fn deliver(&mut self, request: &LeaseRequest) -> LeaseReply {
        let reply = self.ledger.ask(request, 1000 * self.time - AHEAD);
        let latest = |peer: &&mut Peer| peer.id == request.id && peer.seq == reply.seq;
        if let Some(peer) = self.peers.iter_mut().find(latest) {
            peer.reply = Some(reply.clone());
        }
        reply
    }

    fn reply(&mut self, who: usize) {
        self.turn(who);
        let window = self.window();
        let peer = &mut self.peers[who];
        let Some(reply) = peer.reply.take() else {
            return;
        };
        match reply.status {
            LeaseStatus::Ok => peer.accept(&reply),
            // It looks, and sees the window.
            LeaseStatus::Probe => peer.turn(window),
            _ => (),
        }
    }

    pub(crate) fn leave(&mut self, who: usize) {
        self.turn(who);
        let peer = &mut self.peers[who];
        peer.hold = peer.own;
        let mut bye = self.send(
            who,
            Wish {
                want: 0,
                need: 0,
                hungry: false,
                back: 100,
            },
        );
        bye.bye = true;
        self.sent.pop();
        self.sent.push(bye.clone());
        self.deliver(&bye);
        let id = id(self.peers.len() + self.gone.len());
        let reserve = self.peers[who].reserve;
        let next = Peer {
            id,
            reserve,
            ..Peer::default()
        };
        let gone = std::mem::replace(&mut self.peers[who], next);
        self.gone.push(Peer { share: 0, ..gone });
    }

    fn lose(&mut self, who: usize) {
        self.turn(who);
        let peer = &self.peers[who];
        if peer.window == 0 || peer.until < peer.window {
            return;
        }
        self.ledger = Ledger::new();
        self.sent.clear();
        let need = peer.hold;
        self.talk(
            who,
            Wish {
                want: 5,
                need,
                hungry: true,
                back: 0,
            },
        );
    }

    /// A member enters the server's window, if it knows windows at all.
    fn turn(&mut self, who: usize) {
        let window = self.window();
        let peer = &mut self.peers[who];
        if peer.window > 0 {
            peer.turn(window);
        }
    }

    /// How many slots of a window the members have had, or may still use without another word.
    pub(crate) fn committed(&self, window: i64) -> i64 {
        let all = self.peers.iter().chain(&self.gone);
        all.map(|peer| peer.committed(window)).sum()
    }
}

/// The number of a member. Members are random numbers, so that they differ in their first digits.
fn id(index: usize) -> u64 {
    (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl Peer {
    fn turn(&mut self, window: i64) {
        if window <= self.window {
            return;
        }
        if self.window > 0 {
            let unused = self.hold - self.own;
            self.held.insert(self.window, self.hold);
            self.closed
                .push(ClosedWindow::new(self.window, unused, self.own));
            let old = self.closed.len().saturating_sub(4);
            self.closed.drain(..old);
        }
        self.window = window;
        self.hold = if self.until >= window { self.share } else { 0 };
        self.own = 0;
    }

    fn accept(&mut self, reply: &LeaseReply) {
        self.turn(reply.window);
        self.closed.clear();
        (self.share, self.until) = (reply.share, reply.until);
        let hold = if reply.window == self.window {
            reply.hold
        } else if reply.until >= self.window {
            reply.share
        } else {
            0
        };
        self.hold = hold.max(self.own);
    }

    fn committed(&self, window: i64) -> i64 {
        if window == self.window {
            self.hold
        } else if window < self.window {
            self.held.get(&window).copied().unwrap_or(0)
        } else if window <= self.until {
            self.share
        } else {
            0
        }
    }
}
