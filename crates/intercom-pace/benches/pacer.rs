//! What pacing costs: one request through the pacer.
//!
//! `cargo bench -p intercom-pace`. `pacer` is `admit`, `sent` and `observe` for one request, window by window.

use core::time::Duration;
use std::time::UNIX_EPOCH;

use divan::{AllocProfiler, Bencher};
use intercom_errors::{RateLimit, UnixTime};
use intercom_pace::{Admit, Answer, Pacer, PacerSettings};
use intercom_retry::{Moment, Tick};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// The wall clock of all moments: Fri, 22 Mar 2024 09:33:20 GMT.
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

/// A request every 100 ms in windows of ten seconds, so that a hundredth of the rounds turns a window.
#[divan::bench]
fn pacer(bencher: Bencher<'_, '_>) {
    let mut pacer = Pacer::new(PacerSettings::default());
    let mut millis = 0;
    bencher
        .with_inputs(|| {
            millis += 100;
            (at(millis), at(millis + 50), told(millis + 25))
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

/// The headers of an answer given so long after the origin, when nothing else uses the limit.
fn told(millis: u64) -> Answer {
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
