//! Measures what pacing costs for one request.
//!
//! Run with `cargo bench -p intercom-pace`. `pacer` calls `admit`, `sent` and `observe` once for each request. `queue` and
//! `leased_queue` go through a `SharedQueue`: in front of a pacer, and in front of a member of a fleet that has a lease.

use core::ops::ControlFlow;
use core::time::Duration;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use divan::{AllocProfiler, Bencher};
use intercom_errors::{RateLimit, UnixTime};
use intercom_pace::fleet::{LeaseReply, Member, Next};
use intercom_pace::{Admission, Admit, Admitter, Answer, Ask, Pacer, PacerSettings, SharedQueue};
use intercom_retry::{Moment, Tick};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// The Unix time at the origin of the clock: Fri, 22 Mar 2024 09:33:20 GMT.
const WALL: UnixTime = UnixTime::from_secs(1_711_100_000).unwrap();

fn main() {
    divan::main();
}

fn at(millis: u64) -> Moment {
    let since = Duration::from_millis(millis);
    Moment::new(Tick::new(since))
        .with_wall(WALL.checked_add(since).unwrap_or(WALL))
        .with_roll(millis.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// Sends a request every 100 ms in windows of ten seconds, so one round in a hundred enters a new window.
#[divan::bench]
fn pacer(bencher: Bencher<'_, '_>) {
    let mut pacer = Pacer::new(PacerSettings::default());
    let mut millis = 0;
    bencher
        .with_inputs(|| {
            millis += 100;
            (at(millis), at(millis + 50), response(millis + 25))
        })
        .bench_local_values(|(sent, received, answer)| match pacer.admit(&sent) {
            Admit::Go(place) => {
                pacer.sent(place, &sent);
                pacer.observe(place, &answer, &received);
                true
            }
            Admit::Wait(_) => false,
        });
}

#[divan::bench]
fn queue(bencher: Bencher<'_, '_>) {
    one_by_one(bencher, Pacer::new(PacerSettings::default()));
}

#[divan::bench]
fn leased_queue(bencher: Bencher<'_, '_>) {
    one_by_one(bencher, leased());
}

/// Sends a request through a queue every 100 ms.
fn one_by_one(bencher: Bencher<'_, '_>, pacer: impl Admitter) {
    let time = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&time);
    let queue = SharedQueue::before(pacer, move || at(clock.load(Ordering::Relaxed)));
    let queue = Arc::new(queue.with_bell(|| ()));
    let mut millis = 0;
    bencher
        .with_inputs(|| {
            millis += 100;
            time.store(millis, Ordering::Relaxed);
            let now = at(millis);
            (
                Ask::new(now, now.tick(), 1),
                at(millis + 50),
                response(millis + 25),
            )
        })
        .bench_local_values(|(ask, received, answer)| {
            let queued = queue.enter(ask);
            let ControlFlow::Break(Admission::Go(mut permit)) = queued.ask() else {
                return false;
            };
            drop(queued);
            permit.sent();
            permit.responded(&answer, received);
            true
        });
}

/// A member with a lease of the whole limit, for more windows than a run has.
fn leased() -> Member {
    let mut member = Member::new(PacerSettings::default(), 1);
    if let Next::Ask(request) = member.next(1, &at(0)) {
        let mut reply = LeaseReply::default();
        reply.seq = request.seq;
        reply.window = (WALL.as_secs() as i64 + 10) * 1000;
        reply.length = 10_000;
        reply.server_at_least = WALL.as_secs() as i64 * 1_000_000;
        (reply.limit, reply.limit_window) = (1000, reply.window);
        (reply.hold, reply.share, reply.members) = (1000, 1000, 1);
        reply.until = reply.window * 2;
        member.replied(&reply, &at(0));
    }
    member
}

/// The response that the server sends `millis` after the origin if no other client uses the quota.
fn response(millis: u64) -> Answer {
    let second = WALL.as_secs() + millis / 1000;
    let used = millis % 10_000 / 100;
    let date = date(second);
    let [limit, remaining, reset] =
        [1000, 1000 - used, second - second % 10 + 10].map(|number| number.to_string());
    let headers = [
        ("X-RateLimit-Limit", limit.as_bytes()),
        ("X-RateLimit-Remaining", remaining.as_bytes()),
        ("X-RateLimit-Reset", reset.as_bytes()),
        ("Date", date.as_bytes()),
    ];
    Answer::new(RateLimit::from_headers(headers), 200)
}

fn date(second: u64) -> String {
    let time = UNIX_EPOCH + Duration::from_secs(second);
    httpdate::fmt_http_date(time)
}
