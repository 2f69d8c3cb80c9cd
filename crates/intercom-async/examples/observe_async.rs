//! Observes calls: prints each event, and counts attempts and retries.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-async --example observe_async
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`. The feature `tracing` adds an observer that writes log lines.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use intercom_async::observe::{Event, EventKind, Observer};
use intercom_async::{ClientBuilder, Error, OptionalExt as _};

/// Counters, as a program would export them to its metrics.
#[derive(Default)]
struct Metrics {
    attempts: AtomicU64,
    retries: AtomicU64,
}

impl Observer for Metrics {
    fn event(&self, event: &Event<'_>) {
        println!("{event}");
        match event.kind() {
            EventKind::Sent => self.attempts.fetch_add(1, Ordering::Relaxed),
            EventKind::Waiting(_) => self.retries.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Error> {
    let metrics = Arc::new(Metrics::default());
    let client = ClientBuilder::from_env()?
        .observer(metrics.clone())
        .build()?;

    client.me().await?;
    client.get("/contacts/none").await.optional()?;

    let attempts = metrics.attempts.load(Ordering::Relaxed);
    let retries = metrics.retries.load(Ordering::Relaxed);
    println!("{attempts} attempts, {retries} retries");
    Ok(())
}
