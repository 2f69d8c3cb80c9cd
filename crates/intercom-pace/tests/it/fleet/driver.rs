//! A member behind a queue, with a driver and a ledger, or without one of the two.

use core::time::Duration;

use intercom_errors::RateLimit;
use intercom_pace::fleet::{Change, LeaseReply, LeaseStatus, Ledger, Member, Next};
use intercom_pace::{
    Admit, Admitter as _, Answer, PacerSettings, Place, Priority, Seen, Turn, Turnstile,
};

use super::changes;
use crate::pacer::model::{EPOCH, at, rate_limit};

/// The end of the first window, in milliseconds.
const FIRST: i64 = (EPOCH as i64 + 10) * 1000;

const LIMIT: u32 = 100;

/// How finely time passes, in seconds.
const STEP: f64 = 0.005;

fn member(id: u64) -> Member {
    Member::new(PacerSettings::default(), id)
}

/// A process, its driver, and a ledger of its own.
struct Process {
    queue: Turnstile<(), Member>,
    ledger: Ledger,
    /// When the driver looks again.
    wake: f64,
}

impl Process {
    fn new() -> Self {
        Self {
            queue: Turnstile::before(member(7)),
            ledger: Ledger::new(),
            wake: 0.0,
        }
    }

    /// Lets the driver do what is due.
    fn drive(&mut self, seconds: f64) {
        let now = at(seconds);
        while self.queue.wants_attention(&now) || self.wake <= seconds {
            let waiting = self.queue.waiting();
            match self.queue.pacer().next(waiting, &now) {
                Next::Ask(request) => {
                    let reply = self
                        .ledger
                        .ask(&request, (seconds * 1e6) as i64 + 1_000_000);
                    self.queue.pacer().replied(&reply, &now);
                }
                Next::Rest(wait) => {
                    self.wake = wait.map_or(f64::INFINITY, |wait| seconds + wait.as_secs_f64());
                }
            }
        }
    }

    fn enter(&mut self) -> Place {
        self.queue.enter(Priority::Normal, 1, ())
    }

    /// Asks until the queue has nothing to announce.
    fn ask(&mut self, place: Place, give_up: Option<f64>, seconds: f64) -> Turn {
        let give_up = give_up.map(|give_up| at(give_up).tick());
        loop {
            match self.queue.ask(place, give_up, &at(seconds)) {
                Turn::Announce(_) => {}
                turn => return turn,
            }
        }
    }

    fn respond(&mut self, permit: u64, seconds: f64) {
        let answer = answer(seconds);
        self.queue
            .settle(permit, Seen::Responded(&answer), &at(seconds));
    }
}

/// What a server with a nearly unused window responds.
fn answer(seconds: f64) -> Answer {
    let date = EPOCH + seconds;
    let end = (date / 10.0).floor() * 10.0 + 10.0;
    Answer::new(rate_limit(LIMIT, LIMIT - 5, end as u64, date as u64), 200)
}

/// Sends what the member admits, from one time to another, without a driver. Returns how many requests went.
fn spend(member: &mut Member, from: f64, to: f64) -> u32 {
    let (mut gone, mut seconds) = (0, from);
    while seconds < to {
        if let Admit::Go(place) = member.admit(&at(seconds)) {
            member.settle(place, Seen::Responded(&answer(seconds)), &at(seconds));
            gone += 1;
        }
        seconds += 0.01;
    }
    gone
}

/// A member with this reply to its first request.
fn replied(change: impl FnOnce(&mut LeaseReply)) -> Member {
    let mut member = member(7);
    let Next::Ask(request) = member.next(1, &at(3.0)) else {
        panic!("does not ask");
    };
    let mut reply = LeaseReply::default();
    reply.seq = request.seq;
    (reply.window, reply.length) = (FIRST, 10_000);
    (reply.limit, reply.limit_window) = (i64::from(LIMIT), FIRST);
    (reply.until, reply.members) = (FIRST, 50);
    reply.server_at_least = (EPOCH as i64 + 3) * 1_000_000;
    change(&mut reply);
    member.replied(&reply, &at(3.0));
    member
}

#[test]
fn call_with_a_short_deadline_waits_for_a_loan() {
    let mut process = Process::new();
    let (mut seconds, mut calls, mut flying) = (0.0, 0, None);
    while calls < 100 {
        let (place, end) = (process.enter(), seconds + 2.0);
        let permit = loop {
            process.drive(seconds);
            match process.ask(place, Some(end), seconds) {
                Turn::Go(permit) => break permit,
                Turn::TooLate(wait) => panic!("call {calls} is too late by {wait:?}"),
                _ => seconds += STEP,
            }
        };
        if let Some(permit) = flying.replace(permit) {
            process.respond(permit, seconds);
        }
        calls += 1;
        seconds += 0.1;
        if let Some(permit) = flying.take() {
            process.respond(permit, seconds);
        }
        // The driver looks while nothing waits.
        for _ in 0..640 {
            process.drive(seconds);
            seconds += STEP;
        }
    }
}

#[test]
fn call_that_leaves_does_not_take_the_driver_with_it() {
    let mut process = Process::new();
    let first = process.enter();
    let _ = process.ask(first, None, 0.1);
    process.drive(0.1);
    let Turn::Go(permit) = process.ask(first, None, 0.11) else {
        panic!("the probe does not go");
    };
    process.respond(permit, 0.2);
    process.drive(0.5);
    let second = process.enter();
    let _ = process.ask(second, None, 1.0);
    process.queue.leave(second);
    process.drive(1.0);
    let third = process.enter();
    assert!(matches!(process.ask(third, None, 2.0), Turn::Rest(Some(_))));
    assert!(process.queue.wants_attention(&at(2.0)));
    process.drive(2.0);
    assert!(matches!(process.ask(third, None, 2.0), Turn::Go(_)));
}

/// Both would draw a refusal if they went without the ledger's word: other members use the window.
#[test]
fn word_of_long_ago_uses_up_no_patience() {
    let says = |member: &mut Member, status: LeaseStatus, seconds: f64| {
        assert!(matches!(member.admit(&at(seconds)), Admit::Wait(_)));
        let Next::Ask(request) = member.next(1, &at(seconds)) else {
            panic!("does not ask");
        };
        let mut reply = LeaseReply::default();
        (reply.seq, reply.status) = (request.seq, status);
        member.replied(&reply, &at(seconds));
    };
    let asks_anew = |member: &mut Member, seconds: f64| {
        assert!(matches!(member.admit(&at(seconds)), Admit::Wait(_)));
        assert!(member.wants_attention(1, &at(seconds)));
        assert!(matches!(member.next(1, &at(seconds)), Next::Ask(_)));
    };
    // A call that left while another member learnt the window.
    let mut late = member(7);
    says(&mut late, LeaseStatus::Wait, 3.0);
    assert!(matches!(late.next(0, &at(3.3)), Next::Rest(_)));
    asks_anew(&mut late, 9.0);
    // The one that learns the window, from a server that takes its time.
    let mut slow = member(8);
    says(&mut slow, LeaseStatus::Probe, 3.0);
    let Admit::Go(place) = slow.admit(&at(3.0)) else {
        panic!("the probe does not go");
    };
    slow.settle(place, Seen::Responded(&answer(5.3)), &at(5.3));
    asks_anew(&mut slow, 5.3);
}

#[test]
fn member_whose_driver_has_stopped_goes_on_alone() {
    let mut member = replied(|reply| {
        (reply.hold, reply.share, reply.until) = (3, 3, FIRST + 10_000);
    });
    spend(&mut member, 3.0, 20.3);
    let gone = spend(&mut member, 20.3, 620.0);
    assert!(gone > 60, "{gone} requests in ten minutes");
}

#[test]
fn bye_gives_the_lease_back_before_there_is_a_reply() {
    let mut member = replied(|reply| {
        (reply.hold, reply.share, reply.until) = (40, 40, FIRST + 20_000);
    });
    assert!(matches!(member.admit(&at(3.0)), Admit::Go(_)));
    let request = member.bye(&at(3.1));
    assert_eq!((request.hold, request.claim), (1, 0));
    assert_eq!(spend(&mut member, 3.1, 3.3), 0);
    assert_eq!(member.lease(), Some((1, 0)));
}

#[test]
fn newcomer_to_a_ledger_that_lends_nothing_takes_a_small_part() {
    let mut member = replied(|reply| reply.quiet = true);
    assert_eq!(changes(&mut member), [Change::FellBack]);
    assert!(member.gauge(&at(3.0)).share() < 0.05);
    // At the turn it has what the ledger granted: here nothing.
    let _ = member.next(1, &at(10.5));
    assert_eq!(member.lease(), Some((0, 0)));
}

#[test]
fn window_that_cannot_be_open_yet_is_not_entered() {
    let mut member = replied(|reply| {
        (reply.hold, reply.share, reply.until) = (3, 40, FIRST + 30_000);
    });
    spend(&mut member, 3.0, 6.0);
    let Next::Ask(request) = member.next(50, &at(6.0)) else {
        panic!("does not ask");
    };
    let mut reply = LeaseReply::default();
    (reply.seq, reply.window) = (request.seq, FIRST + 3_600_000);
    (reply.length, reply.limit, reply.limit_window) = (10_000, 100, reply.window);
    (reply.share, reply.until) = (40, reply.window + 30_000);
    member.replied(&reply, &at(6.0));
    let end = member
        .gauge(&at(6.0))
        .window_end()
        .map(|end| end.as_secs() as i64);
    assert_eq!(end, Some(FIRST / 1000));
}

/// Runs some members against a server with these headers for a minute. Returns when each sent its first request, and how often
/// they asked the ledger.
fn run(count: usize, headers: impl Fn(f64) -> RateLimit) -> (Vec<f64>, usize) {
    let mut ledger = Ledger::new();
    let ids = (1..=count as u64).map(|id| id.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut members: Vec<_> = ids.map(member).collect();
    let (mut firsts, mut asked, mut seconds) = (vec![f64::INFINITY; count], 0, 0.0);
    while seconds < 60.0 {
        for (member, first) in members.iter_mut().zip(&mut firsts) {
            if let Admit::Go(place) = member.admit(&at(seconds)) {
                *first = first.min(seconds);
                let answer = Answer::new(headers(seconds), 200);
                member.settle(place, Seen::Responded(&answer), &at(seconds));
            }
            if let Next::Ask(request) = member.next(5, &at(seconds)) {
                asked += 1;
                let reply = ledger.ask(&request, (seconds * 1e6) as i64 + 1_000_000);
                member.replied(&reply, &at(seconds));
            }
        }
        seconds += 0.01;
    }
    (firsts, asked)
}

#[test]
fn server_without_a_limit_delays_no_member_by_more_than_two_seconds() {
    let (firsts, _) = run(60, |_| RateLimit::default());
    assert!(firsts.iter().all(|first| *first < 2.5), "{firsts:.1?}");
}

#[test]
fn server_without_the_time_is_not_shared() {
    let headers = [
        ("X-RateLimit-Limit", b"100".as_slice()),
        ("X-RateLimit-Remaining", b"99"),
    ];
    let (firsts, asked) = run(2, |_| RateLimit::from_headers(headers));
    assert!(firsts.iter().all(|first| *first < 2.5), "{firsts:.1?}");
    assert!(asked < 60, "{asked} requests to the ledger");
}

#[test]
fn wait_for_a_loan_is_short() {
    let mut member = replied(|reply| reply.hold = 3);
    spend(&mut member, 3.0, 6.0);
    let Admit::Wait(wait) = member.admit(&at(6.0)) else {
        panic!("more than it holds");
    };
    assert!(wait < Duration::from_millis(50), "{wait:?}");
}
