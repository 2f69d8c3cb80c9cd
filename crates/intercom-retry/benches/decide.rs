//! Measures the cost of a decision, and compares the back-off with other crates.
//!
//! `cargo bench -p intercom-retry`. A decision says whether to retry and when. The other crates only compute a delay.
//! This crate receives times and random numbers as arguments. The others create random numbers, and retry-policies
//! reads a clock.
//!
//! - `question`: `Question::new`, which reads the class of the failure and the hint;
//! - `decision`: `decide`, after a failed second attempt;
//! - `delay`: the next delay, exponential with jitter, of `RetryPolicy::backoff`, backon and retry-policies;
//! - `session`: `RetrySession::failed`, which decides and writes the history of the call.

use core::time::Duration;
use std::time::UNIX_EPOCH;

use backon::{BackoffBuilder, ExponentialBuilder};
use divan::{AllocProfiler, Bencher, black_box};
use intercom_errors::{ApiError, Fault, FaultKind, UnixTime};
use intercom_retry::{Failure, Moment, Question, Replay, RetryPolicy, RetrySession, Tick, decide};
use retry_policies::policies::ExponentialBackoff;
use retry_policies::{Jitter, RetryPolicy as _};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// The wall clock of all moments: Fri, 22 Mar 2024 09:33:20 GMT.
const WALL: UnixTime = UnixTime::from_secs(1_711_100_000).unwrap();

fn main() {
    divan::main();
}

const FAILURES: [&str; 5] = ["429 reset", "429 date", "500", "404", "not sent"];

/// Creates the failure with this name.
fn failure(name: &str) -> Failure {
    let reset = ("X-RateLimit-Reset", b"1711100010".as_slice());
    let date = ("Date", b"Fri, 22 Mar 2024 09:33:21 GMT".as_slice());
    match name {
        "429 reset" => response(429, "rate_limit_exceeded", &[reset]),
        "429 date" => response(429, "rate_limit_exceeded", &[reset, date]),
        "500" => response(500, "server_error", &[date]),
        "404" => response(404, "not_found", &[date]),
        _ => Fault::not_sent(FaultKind::Dns).into(),
    }
}

fn response(status: u16, code: &str, headers: &[(&str, &[u8])]) -> Failure {
    let body = format!(
        r#"{{"type":"error.list","request_id":"req_1","errors":[{{"code":"{code}","message":"No"}}]}}"#
    );
    Failure::Api(ApiError::from_parts(
        status,
        headers.iter().copied(),
        body.as_bytes(),
    ))
}

fn at(millis: u64) -> Moment {
    let since = Duration::from_millis(millis);
    Moment::new(Tick::new(since))
        .with_wall(WALL.checked_add(since).unwrap_or(WALL))
        .with_roll(millis.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

#[divan::bench(args = FAILURES)]
fn question(bencher: Bencher<'_, '_>, name: &str) {
    let (policy, failed, now) = (RetryPolicy::default(), failure(name), at(100));
    bencher.bench_local(|| {
        Question::new(
            black_box(&policy),
            black_box(&failed),
            Replay::Read,
            black_box(&now),
        )
    });
}

#[divan::bench(args = FAILURES)]
fn decision(bencher: Bencher<'_, '_>, name: &str) {
    let (policy, failed, now) = (RetryPolicy::default(), failure(name), at(100));
    let question = Question::new(&policy, &failed, Replay::Read, &now).with_attempts(2);
    bencher.bench_local(|| decide(black_box(&question)));
}

#[divan::bench]
fn delay(bencher: Bencher<'_, '_>) {
    let (policy, now) = (RetryPolicy::default(), at(100));
    bencher.bench_local(|| black_box(&policy).backoff(black_box(2), black_box(&now)));
}

#[divan::bench(name = "delay, backon")]
fn delay_of_backon(bencher: Bencher<'_, '_>) {
    let mut delays = ExponentialBuilder::default()
        .with_jitter()
        .with_max_delay(Duration::from_secs(30))
        .without_max_times()
        .build();
    bencher.bench_local(|| black_box(&mut delays).next());
}

#[divan::bench(name = "delay, retry-policies")]
fn delay_of_retry_policies(bencher: Bencher<'_, '_>) {
    let policy = ExponentialBackoff::builder()
        .retry_bounds(Duration::from_secs(1), Duration::from_secs(30))
        .jitter(Jitter::Bounded)
        .build_with_max_retries(3);
    bencher.bench_local(|| black_box(&policy).should_retry(black_box(UNIX_EPOCH), black_box(1)));
}

#[divan::bench(args = FAILURES)]
fn session(bencher: Bencher<'_, '_>, name: &str) {
    let failed = failure(name);
    bencher
        .with_inputs(|| {
            let mut session = RetrySession::new(RetryPolicy::default(), Replay::Read, &at(0));
            session.sending(&at(1));
            session
        })
        .bench_local_refs(|session| session.failed(black_box(&failed), black_box(&at(100))));
}
