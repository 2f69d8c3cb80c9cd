//! A member never uses more than its lease, whatever the ledger, the network and the server do.

use intercom_pace::fleet::{LeaseReply, LeaseRequest, LeaseStatus, Member, Next, Slack};
use intercom_pace::{Admit, Admitter as _, Answer, PacerSettings, Seen};
use intercom_retry::Moment;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::{collection, proptest};

use crate::pacer::model::{EPOCH, at, rate_limit};

/// The limit of the server that responds.
const LIMIT: u32 = 40;

/// The length of a window in seconds.
const WINDOW: f64 = 10.0;

#[derive(Clone, Debug)]
enum Step {
    Pass(f64),
    /// A call asks, and is sent if it may.
    Call,
    /// The oldest request is answered; the server has counted so many requests of others.
    Respond(u32),
    /// The oldest request is never answered, or was never sent.
    Lose,
    Cancel,
    /// The driver looks, while so many calls wait.
    Drive(usize),
    /// The ledger replies to the latest request.
    Reply(Says),
    Fail,
}

/// What the ledger says.
#[derive(Clone, Debug)]
struct Says {
    status: u8,
    /// Windows from the member's own.
    ahead: i64,
    hold: i64,
    share: i64,
    lasts: i64,
    slack: u8,
    flags: [bool; 4],
}

fn says() -> impl Strategy<Value = Says> {
    let status = prop_oneof![8 => 0_u8..1, 1 => 1_u8..5];
    let ahead = prop_oneof![8 => 0_i64..1, 1 => -1_i64..2];
    let numbers = (0_i64..60, 0_i64..40, 0_i64..4);
    (status, ahead, numbers, 0_u8..3, any::<[bool; 4]>()).prop_map(
        |(status, ahead, (hold, share, lasts), slack, flags)| Says {
            status,
            ahead,
            hold,
            share,
            lasts,
            slack,
            flags,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let seconds = prop_oneof![6 => 0.0..0.2, 2 => 0.2..2.0, 1 => 2.0..25.0];
    prop_oneof![
        4 => seconds.prop_map(Step::Pass),
        10 => (0_u8..1).prop_map(|_| Step::Call),
        6 => (0_u32..20).prop_map(Step::Respond),
        1 => (0_u8..1).prop_map(|_| Step::Lose),
        1 => (0_u8..1).prop_map(|_| Step::Cancel),
        4 => (0_usize..30).prop_map(Step::Drive),
        4 => says().prop_map(Step::Reply),
        1 => (0_u8..1).prop_map(|_| Step::Fail),
    ]
}

/// A member, the server and the ledger's voice.
struct Play {
    member: Member,
    seconds: f64,
    rolls: u64,
    out: Vec<u64>,
    window: i64,
    used: u32,
    request: Option<(LeaseRequest, f64)>,
    asked: i64,
    /// The end of the last window that the ledger has granted anything of.
    until: i64,
    /// The shares, with their ends, that a ledger keeps one window longer if it got every request.
    kept: Vec<(u32, i64)>,
}

impl Play {
    fn new(seed: u64) -> Self {
        Self {
            member: Member::new(PacerSettings::default(), seed),
            seconds: 3.0,
            rolls: seed,
            out: Vec::new(),
            window: 0,
            used: 0,
            request: None,
            asked: 0,
            until: 0,
            kept: Vec::new(),
        }
    }

    fn now(&mut self) -> Moment {
        self.rolls = self
            .rolls
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        at(self.seconds).with_roll(self.rolls)
    }

    fn step(&mut self, step: &Step) {
        let now = self.now();
        match step {
            Step::Pass(seconds) => self.seconds += seconds,
            Step::Call => self.call(&now),
            Step::Respond(others) => {
                if !self.out.is_empty() {
                    let place = self.out.remove(0);
                    let answer = self.answer(*others);
                    self.member.settle(place, Seen::Responded(&answer), &now);
                }
            }
            Step::Lose | Step::Cancel => {
                if !self.out.is_empty() {
                    let place = self.out.remove(0);
                    let lost = matches!(step, Step::Lose);
                    let seen = if lost { Seen::Unknown } else { Seen::NeverSent };
                    self.member.settle(place, seen, &now);
                }
            }
            Step::Drive(waiting) => self.drive(*waiting, &now),
            Step::Reply(says) => {
                if let Some((request, _)) = self.request.take() {
                    let reply = reply(&request, says);
                    self.until = self.until.max(reply.until).max(reply.window);
                    if request.hungry && reply.status == LeaseStatus::Ok {
                        self.kept.push((says.share as u32, reply.until));
                    }
                    self.member.replied(&reply, &now);
                }
            }
            Step::Fail => {
                if self.request.take().is_some() {
                    self.member.failed(&now);
                }
            }
        }
    }

    fn call(&mut self, now: &Moment) {
        let Admit::Go(place) = self.member.admit(now) else {
            return;
        };
        self.out.push(place);
        let gauge = self.member.gauge(now);
        if let Some((hold, _)) = self.member.lease() {
            let taken = gauge.accepted() + gauge.in_flight();
            assert!(taken <= hold, "{taken} of {hold} slots are taken");
            // As long as the member does not know how the server counts, it counts one too many.
            let used = gauge.used().saturating_sub(1) + gauge.in_flight();
            assert!(used <= gauge.limit().unwrap_or(0), "the window is full");
        }
    }

    fn drive(&mut self, waiting: usize, now: &Moment) {
        let held = self.request.as_ref().map(|(_, asked)| *asked);
        if let Next::Ask(request) = self.member.next(waiting, now) {
            if let Some(asked) = held {
                let waited = self.seconds - asked;
                assert!(
                    waited >= Member::TIMEOUT.as_secs_f64(),
                    "two requests at once"
                );
            }
            assert_eq!(request.seq, self.asked + 1);
            let numbers = [request.hold, request.want, request.need, request.claim];
            assert!(numbers.iter().all(|number| *number >= 0), "{request:?}");
            if !request.hungry {
                self.kept.clear();
            }
            self.asked = request.seq;
            self.request = Some((request, self.seconds));
        }
    }

    /// What the server responds now, with true headers.
    fn answer(&mut self, others: u32) -> Answer {
        let server = EPOCH + self.seconds;
        let window = (server / WINDOW) as i64;
        if window != self.window {
            (self.window, self.used) = (window, 0);
        }
        self.used = (self.used + others / 8).min(LIMIT);
        let refused = self.used >= LIMIT;
        let remaining = LIMIT - self.used;
        self.used += u32::from(!refused);
        let reset = (window + 1) * WINDOW as i64;
        let headers = rate_limit(LIMIT, remaining, reset as u64, server as u64);
        Answer::new(headers, if refused { 429 } else { 200 })
    }
}

fn reply(request: &LeaseRequest, says: &Says) -> LeaseReply {
    let mut reply = LeaseReply::default();
    reply.seq = request.seq;
    reply.status = [
        LeaseStatus::Ok,
        LeaseStatus::Probe,
        LeaseStatus::Wait,
        LeaseStatus::Stale,
        LeaseStatus::Conflict,
    ][usize::from(says.status)];
    let own = if request.window > 0 {
        request.window
    } else {
        (EPOCH as i64 + 10) * 1000
    };
    reply.window = own + says.ahead * 10_000;
    reply.length = 10_000;
    reply.limit = i64::from(LIMIT);
    reply.limit_window = reply.window;
    reply.hold = says.hold;
    reply.share = says.share;
    reply.until = reply.window + says.lasts * 10_000;
    reply.members = 5;
    reply.slack = [Slack::None, Slack::Late, Slack::Now][usize::from(says.slack)];
    [reply.others_hungry, reply.quiet, reply.look, reply.gentle] = says.flags;
    reply
}

/// Whether a ledger keeps so many slots of a window for the member, although its share has ended.
fn is_kept(kept: &[(u32, i64)], hold: u32, end: i64) -> bool {
    let mut kept = kept.iter();
    kept.any(|(share, until)| hold <= *share && until + 10_000 == end)
}

proptest! {
    #[test]
    fn no_more_is_used_than_is_held(seed in any::<u64>(), steps in collection::vec(step(), 1..300)) {
        let mut play = Play::new(seed);
        let mut taken = 0;
        for step in &steps {
            let now = at(play.seconds);
            let (before, window) = (play.member.lease(), play.member.gauge(&now).window_end());
            let replies = play.request.is_some() && matches!(step, Step::Reply(_));
            let kept = play.kept.clone();
            play.step(step);
            let now = at(play.seconds);
            let (after, gauge) = (play.member.lease(), play.member.gauge(&now));
            let end = gauge.window_end();
            let turned = end != window;
            // What is taken already is held in any case.
            if replies || turned {
                taken = gauge.accepted() + gauge.in_flight();
            }
            if let (Some((hold, _)), Some(end)) = (after, end) {
                let end = end.as_secs() as i64 * 1000;
                let is_kept = is_kept(&kept, hold, end);
                if is_kept {
                    play.until = play.until.max(end);
                }
                let is_granted = end <= play.until;
                assert!(is_granted || hold <= taken, "{hold} slots of a window that was not granted");
                let grows = before.is_some_and(|(before, _)| hold > before);
                let may_grow = turned || matches!(step, Step::Reply(_)) || is_kept;
                assert!(!grows || may_grow, "{step:?}: {before:?} -> {hold}");
            }
        }
    }
}
