//! `cargo xtask goodput`: measures how much of a quota is used, and how many 429s occur, over real sockets.
//!
//! The same calls are made by our two clients, by our client without pacing (a loop that waits for the reset, as in most
//! programs), and by Intercom's own Node client if node is installed. Then four processes of `intercom batch` that know nothing
//! of each other share a quota. This takes some minutes.

pub(crate) mod fleet;
mod processes;
mod redis;

use std::collections::BTreeMap;
use std::env;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use intercom_blocking::{Client, PacerSettings, RetryPolicy};
use intercom_mock::{MockServer, Recorded};
use xtask::Workspace;

use crate::sdk_check;

/// Calls by concurrent workers, against windows with a limit.
#[derive(Clone, Copy)]
struct Load {
    name: &'static str,
    calls: u32,
    workers: u32,
    limit: u32,
    window: Duration,
    clock_offset: i64,
    reset_offset: u64,
    /// Whether our clients are configured with the length of a window.
    window_is_set: bool,
}

impl Load {
    fn settings(&self) -> PacerSettings {
        let settings = PacerSettings::new();
        if self.window_is_set {
            settings.with_window(self.window)
        } else {
            settings
        }
    }
}

const TEN_SECONDS: Load = Load {
    name: "500 calls, 16 workers, 100 in 10 s",
    calls: 500,
    workers: 16,
    limit: 100,
    window: Duration::from_secs(10),
    clock_offset: 0,
    reset_offset: 0,
    window_is_set: true,
};

const TWO_SECONDS: Load = Load {
    name: "300 calls, 16 workers, 50 in 2 s",
    calls: 300,
    limit: 50,
    window: Duration::from_secs(2),
    ..TEN_SECONDS
};

/// Four processes, each with a quarter of the calls.
const SHARED: Load = Load {
    name: "800 calls, 4 processes, 100 in 10 s",
    calls: 800,
    workers: 4,
    ..TEN_SECONDS
};

const OURS: &[Load] = &[
    TEN_SECONDS,
    Load {
        name: "the same, server's clock 10 minutes ahead",
        clock_offset: 600,
        ..TEN_SECONDS
    },
    Load {
        name: "the same, 10 minutes behind, reset written 2 s late",
        clock_offset: -600,
        reset_offset: 2,
        ..TEN_SECONDS
    },
    TWO_SECONDS,
    Load {
        name: "the same, length of the window not set",
        window_is_set: false,
        ..TWO_SECONDS
    },
];

/// The outcome of a load.
struct Outcome {
    lost: u32,
    refused: usize,
    /// The smallest used share of a window's quota, over all windows except the first and the last.
    least_used: Option<f64>,
    /// From the first request to the last response.
    took: Duration,
    /// The time that a client with perfect knowledge would take.
    ideal: Duration,
}

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    println!(
        "{:<52} {:<22} {:>5} {:>5} {:>7} {:>8} {:>8}",
        "load", "client", "lost", "429s", "used", "took", "ideal"
    );
    let quick = env::var_os("GOODPUT_QUICK").is_some();
    for load in OURS
        .iter()
        .filter(|load| !quick || load.window < TEN_SECONDS.window)
    {
        row(load, "intercom-blocking", |mock| blocking(load, mock, true))?;
        row(load, "intercom-async", |mock| on_tokio(load, mock))?;
    }
    if !quick {
        row(&SHARED, "intercom batch", |mock| {
            processes::batches(workspace, &SHARED, mock)
        })?;
    }
    row(&TWO_SECONDS, "ours without pacing", |mock| {
        blocking(&TWO_SECONDS, mock, false)
    })?;
    if sdk_check::has_node(workspace) {
        for retries in [2, 10] {
            let name = format!("node SDK, {retries} retries");
            row(&TWO_SECONDS, &name, |mock| {
                sdk_check::node_goodput(
                    workspace,
                    mock,
                    [TWO_SECONDS.calls, TWO_SECONDS.workers, retries],
                )
            })?;
        }
    } else {
        println!("node or npm is missing, so the official client was not measured");
    }
    Ok(())
}

fn row(load: &Load, client: &str, drive: impl FnOnce(&MockServer) -> Result<u32>) -> Result<()> {
    let mock = MockServer::builder()
        .rate_limit(load.limit, load.window)
        .clock_offset(load.clock_offset)
        .reset_offset(load.reset_offset)
        .start()?;
    let lost = drive(&mock).with_context(|| client.to_owned())?;
    let outcome = outcome(load, lost, &mock.requests());
    println!(
        "{:<52} {client:<22} {:>5} {:>5} {:>7} {:>6.1} s {:>6.1} s",
        load.name,
        outcome.lost,
        outcome.refused,
        outcome
            .least_used
            .map_or_else(|| "-".to_owned(), |used| format!("{:.0} %", used * 100.0)),
        outcome.took.as_secs_f64(),
        outcome.ideal.as_secs_f64(),
    );
    Ok(())
}

fn blocking(load: &Load, mock: &MockServer, paced: bool) -> Result<u32> {
    let builder = Client::builder(mock.token()).base_url(mock.base_url());
    let client = if paced {
        builder.pacing(load.settings())
    } else {
        // Like most loops: ten retries, each after the reset and a little more.
        builder
            .without_pacing()
            .budget(None)
            .policy(RetryPolicy::builder().max_retries(10).build()?)
    }
    .build()?;
    let (next, lost) = (AtomicU32::new(0), AtomicU32::new(0));
    thread::scope(|scope| {
        for _ in 0..load.workers {
            scope.spawn(|| {
                while next.fetch_add(1, Ordering::Relaxed) < load.calls {
                    lost.fetch_add(u32::from(client.me().is_err()), Ordering::Relaxed);
                }
            });
        }
    });
    Ok(lost.into_inner())
}

fn on_tokio(load: &Load, mock: &MockServer) -> Result<u32> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = intercom_async::Client::builder(mock.token())
        .base_url(mock.base_url())
        .pacing(load.settings())
        .build()?;
    let next = std::sync::Arc::new(AtomicU32::new(0));
    runtime.block_on(async {
        let workers: Vec<_> = (0..load.workers)
            .map(|_| {
                let (client, next, calls) =
                    (client.clone(), std::sync::Arc::clone(&next), load.calls);
                tokio::spawn(async move {
                    let mut lost = 0;
                    while next.fetch_add(1, Ordering::Relaxed) < calls {
                        lost += u32::from(client.me().await.is_err());
                    }
                    lost
                })
            })
            .collect();
        let mut lost = 0;
        for worker in workers {
            lost += worker.await?;
        }
        Ok(lost)
    })
}

fn outcome(load: &Load, lost: u32, requests: &[Recorded]) -> Outcome {
    let window = load.window.as_secs_f64();
    let number = |request: &Recorded| (request.server_time().as_secs_f64() / window).floor() as u64;
    let mut used: BTreeMap<u64, u32> = BTreeMap::new();
    for request in requests
        .iter()
        .filter(|request| request.status() == Some(200))
    {
        *used.entry(number(request)).or_default() += 1;
    }
    let ends = used.keys().next().zip(used.keys().next_back());
    let least = ends
        .and_then(|(&first, &last)| {
            // An unused window counts as well.
            let full = (first + 1)..last;
            full.map(|window| used.get(&window).copied().unwrap_or(0))
                .min()
        })
        .map(|used| f64::from(used) / f64::from(load.limit));
    let began = requests
        .first()
        .map(|request| request.server_time())
        .unwrap_or_default();
    let ended = requests
        .iter()
        .map(Recorded::server_time)
        .max()
        .unwrap_or_default();
    Outcome {
        lost,
        refused: requests
            .iter()
            .filter(|request| request.status() == Some(429))
            .count(),
        least_used: least,
        took: ended.saturating_sub(began),
        ideal: ideal(load, began),
    }
}

/// The ideal client uses the first window at once, and each other window at its beginning.
fn ideal(load: &Load, began: Duration) -> Duration {
    let window = load.window.as_secs_f64();
    let turns = load.calls.div_ceil(load.limit).saturating_sub(1);
    let left = window - began.as_secs_f64() % window;
    let wait = if turns == 0 {
        0.0
    } else {
        left + f64::from(turns - 1) * window
    };
    Duration::from_secs_f64(wait)
}
