//! What the programs have in common: the settings, the clock, and the line that they print.

use std::time::{Duration, Instant};

use intercom_errors::UnixTime;
use intercom_retry::{GaveUp, Moment, Replay, RetryPolicy, Stop, Tick};

/// A request: where it goes, and whether it may be applied twice.
#[derive(Debug)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// The access token.
    pub token: String,
    /// What a repetition would do.
    pub replay: Replay,
}

impl Request {
    /// Reads the method and the path from the arguments, the base URL and the token from the environment.
    #[must_use]
    pub fn from_args() -> Self {
        let argument = |n| std::env::args().nth(n).expect("usage: METHOD PATH");
        let variable = |name| std::env::var(name).expect(name);
        let method = argument(1);
        Self {
            url: variable("INTERCOM_BASE_URL") + &argument(2),
            token: variable("INTERCOM_ACCESS_TOKEN"),
            replay: if method == "GET" {
                Replay::Read
            } else {
                Replay::No
            },
            method,
        }
    }
}

/// The default policy with short waits, so that a test need not wait.
///
/// # Panics
///
/// Never: the settings are valid.
#[must_use]
pub fn policy() -> RetryPolicy {
    let builder = RetryPolicy::builder().base(Duration::from_millis(1));
    let builder = builder.spread(Duration::ZERO);
    builder
        .rate_limit_floor(Duration::ZERO)
        .build()
        .expect("valid settings")
}

/// Returns a function that sleeps and reads the clocks.
#[expect(
    clippy::disallowed_methods,
    reason = "a program sleeps and reads the clocks; the crates do neither"
)]
pub fn sleeper() -> impl FnMut(Duration) -> Moment {
    let start = Instant::now();
    move |wait| {
        std::thread::sleep(wait);
        let now = Moment::new(Tick::new(start.elapsed())).with_roll(fastrand::u64(..));
        let wall = UnixTime::try_from(std::time::SystemTime::now());
        wall.map_or(now, |wall| now.with_wall(wall))
    }
}

/// Prints how a call ended.
pub fn report<T>(result: Result<T, GaveUp>) {
    match result {
        Ok(_) => println!("done"),
        Err(error) => {
            eprintln!("{error}");
            println!(
                "{}",
                line(
                    error.failure().status(),
                    error.stop(),
                    error.maybe_applied()
                )
            );
        }
    }
}

/// Describes a call that failed.
#[must_use]
pub fn line(status: Option<u16>, stop: Stop, maybe_applied: bool) -> String {
    let after = stop.retry_after().map(|after| after.as_secs());
    let reason = stop.reason();
    format!(
        "status {status:?}, {reason}, come back after {after:?}, may be applied: {maybe_applied}"
    )
}
