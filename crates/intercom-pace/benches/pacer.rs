//! Measures what pacing costs for one request.
//!
//! Run with `cargo bench -p intercom-pace`. `pacer` calls `admit`, `sent` and `observe` once for each request.

use core::time::Duration;
use std::time::UNIX_EPOCH;

use divan::{AllocProfiler, Bencher};
use intercom_errors::{RateLimit, UnixTime};
use intercom_pace::{Admit, Answer, Pacer, PacerSettings};
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
