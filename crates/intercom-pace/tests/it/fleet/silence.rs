//! Members whose ledger does not reply.

use std::collections::VecDeque;

use intercom_pace::fleet::{Change, LeaseReply, Ledger, Member, Next};
use intercom_pace::{Admit, Admitter, Answer, Pacer, PacerSettings, Seen};
use proptest::prelude::{Strategy, any, proptest};
use proptest::{collection, prop_assert, prop_assert_eq};

use crate::pacer::model::{EPOCH, at, rate_limit};

/// How finely time passes, in seconds.
const STEP: f64 = 0.01;

/// The end of the first window, in milliseconds.
const FIRST: i64 = (EPOCH as i64 + 10) * 1000;

/// A server with windows of ten seconds, and the requests on their way back from it.
struct Server {
    limit: u32,
    latency: f64,
    used: u32,
    window: f64,
    flying: VecDeque<(f64, u64, Answer)>,
}

impl Server {
    fn new(limit: u32, latency: f64) -> Self {
        Self {
            limit,
            latency,
            used: 0,
            window: 0.0,
            flying: VecDeque::new(),
        }
    }

    /// Settles what has arrived, and sends one request if it may go now. Returns whether one went.
    fn serve<A: Admitter>(&mut self, admitter: &mut A, seconds: f64) -> bool {
        while self.flying.front().is_some_and(|(due, ..)| *due <= seconds) {
            if let Some((_, place, answer)) = self.flying.pop_front() {
                admitter.settle(place, Seen::Responded(&answer), &at(seconds));
            }
        }
        let Admit::Go(place) = admitter.admit(&at(seconds)) else {
            return false;
        };
        let window = (seconds / 10.0).floor();
        if window > self.window {
            (self.window, self.used) = (window, 0);
        }
        let status = if self.used < self.limit { 200 } else { 429 };
        self.used += u32::from(status == 200);
        let end = EPOCH + 10.0 * window + 10.0;
        let date = (EPOCH + seconds) as u64;
        let headers = rate_limit(self.limit, self.limit - self.used, end as u64, date);
        let answer = Answer::new(headers, status);
        self.flying
            .push_back((seconds + self.latency, place, answer));
        true
    }
}

/// A driver that looks at the member every so many steps, and whose requests to the ledger all fail.
struct Driver {
    every: Option<usize>,
    failing_at: Option<f64>,
}

impl Driver {
    fn new(every: Option<usize>) -> Self {
        Self {
            every,
            failing_at: None,
        }
    }

    fn look(&mut self, member: &mut Member, step: usize, seconds: f64) {
        if self.every.is_none_or(|every| step % every > 0) {
            return;
        }
        match self.failing_at {
            Some(due) if seconds < due => {}
            Some(_) => {
                member.failed(&at(seconds));
                self.failing_at = None;
            }
            None => {
                if let Next::Ask(_) = member.next(1, &at(seconds)) {
                    self.failing_at = Some(seconds + Member::TIMEOUT.as_secs_f64());
                }
            }
        }
    }
}

fn member() -> Member {
    Member::new(PacerSettings::default(), 7)
}

/// When the first request goes.
fn first_request<A: Admitter>(
    admitter: &mut A,
    start: f64,
    mut look: impl FnMut(&mut A, usize, f64),
) -> f64 {
    let mut server = Server::new(100, 0.1);
    for step in 0..3000 {
        let seconds = start + step as f64 * STEP;
        look(admitter, step, seconds);
        if server.serve(admitter, seconds) {
            return seconds;
        }
    }
    f64::INFINITY
}

/// A member with a lease of so many slots of the first window, and of each of so many later ones. So many calls waited.
fn leased(limit: u32, slots: i64, windows: i64, waiting: usize) -> Member {
    let mut member = member();
    let Next::Ask(request) = member.next(waiting, &at(1.0)) else {
        panic!("does not ask");
    };
    let mut reply = LeaseReply::default();
    (reply.seq, reply.window, reply.length) = (request.seq, FIRST, 10_000);
    (reply.limit, reply.limit_window) = (i64::from(limit), FIRST);
    (reply.hold, reply.share, reply.members) = (slots, slots, 20);
    reply.until = FIRST + windows * 10_000;
    reply.server_at_least = (EPOCH as i64 + 1) * 1_000_000;
    member.replied(&reply, &at(1.0));
    member
}

fn fell_back(member: &mut Member) -> bool {
    std::iter::from_fn(|| member.take_change()).any(|change| change == Change::FellBack)
}

fn driver() -> impl Strategy<Value = Option<usize>> {
    proptest::option::of(1_usize..20)
}

proptest! {
    /// Invariant 5: a ledger that does not reply, or a driver that does not ask, delays no call by more than the time-out.
    #[test]
    fn silent_ledger_delays_no_call_by_more_than_the_time_out(start in 0.0_f64..20.0, every in driver()) {
        let alone = first_request(&mut Pacer::new(PacerSettings::default()), start, |_, _, _| {});
        let mut driver = Driver::new(every);
        let look = |member: &mut Member, step, seconds| driver.look(member, step, seconds);
        let first = first_request(&mut member(), start, look);
        let latest = alone + Member::TIMEOUT.as_secs_f64() + 2.0 * STEP;
        prop_assert!(first <= latest, "{first} instead of {alone}");
    }

    /// Invariant 6: after its last lease, a member without a ledger is a pacer that began with the member's part of the limit.
    /// No question that the ledger leaves unanswered changes what it admits.
    #[test]
    fn member_without_a_ledger_is_a_pacer(
        limit in 20_u32..300,
        slots in 1_i64..20,
        windows in 0_i64..3,
        latency in 0.02_f64..0.4,
        every in 1_usize..20,
        // Four make it hungry, and then the ledger keeps its share for one window more.
        waiting in 1_usize..6,
    ) {
        let mut member = leased(limit, slots, windows, waiting);
        let (mut server, mut driver) = (Server::new(limit, latency), Driver::new(Some(1)));
        let mut step = 100;
        while !fell_back(&mut member) {
            let seconds = step as f64 * STEP;
            driver.look(&mut member, step, seconds);
            server.serve(&mut member, seconds);
            step += 1;
            prop_assert!(seconds < 10.0 * (windows + 3) as f64, "still leased after {seconds} s");
        }
        let part = slots as f64 / f64::from(limit);
        let share = member.gauge(&at(step as f64 * STEP)).share();
        prop_assert!((share - part.clamp(1.0 / f64::from(limit), 0.94)).abs() < 0.01, "{share} instead of {part}");

        let (mut undriven, mut driver) = (member.clone(), Driver::new(Some(every)));
        let mut other = Server::new(limit, latency);
        (other.used, other.window) = (server.used, server.window);
        other.flying.clone_from(&server.flying);
        for step in step..step + 3000 {
            let seconds = step as f64 * STEP;
            let went = server.serve(&mut member, seconds);
            prop_assert_eq!(went, other.serve(&mut undriven, seconds), "at {} s", seconds);
            // Not before: a turn that is noticed before a response that arrives at the same time makes a difference.
            driver.look(&mut member, step, seconds);
        }
    }

    /// Invariant 6: when the ledger is back, the member has a lease after the longest pause and two windows.
    #[test]
    fn member_has_a_lease_soon_after_its_ledger_is_back(
        limit in 20_u32..300,
        slots in 1_i64..20,
        windows in 0_i64..3,
        away in 15.0_f64..90.0,
        lost in any::<bool>(),
        waits in collection::vec(0.0_f64..0.22, 1..5),
    ) {
        let mut member = leased(limit, slots, windows, 1);
        let (mut server, mut driver) = (Server::new(limit, 0.1), Driver::new(Some(1)));
        let mut ledger = Ledger::new();
        if !lost {
            // The ledger remembers another member, which is silent now.
            let mut neighbour = Member::new(PacerSettings::default(), 9);
            if let Next::Ask(request) = neighbour.next(1, &at(1.0)) {
                ledger.ask(&request, 2_000_000);
            }
        }
        let mut waits = waits.into_iter().cycle();
        let mut asked: Option<(f64, LeaseReply)> = None;
        for step in 100.. {
            let seconds = step as f64 * STEP;
            server.serve(&mut member, seconds);
            if seconds < away {
                driver.look(&mut member, step, seconds);
                continue;
            }
            match asked.take() {
                Some((due, reply)) if due <= seconds => member.replied(&reply, &at(seconds)),
                Some(waiting) => asked = Some(waiting),
                None => {
                    if let Next::Ask(request) = member.next(1, &at(seconds)) {
                        let reply = ledger.ask(&request, (seconds * 1e6) as i64 + 1_000_000);
                        asked = Some((seconds + waits.next().unwrap_or(0.0), reply));
                    }
                }
            }
            if member.lease().is_some_and(|(hold, share)| hold + share > 0) {
                break;
            }
            prop_assert!(seconds < away + 5.0 + 20.0, "no lease after {} s", seconds - away);
        }
    }
}
