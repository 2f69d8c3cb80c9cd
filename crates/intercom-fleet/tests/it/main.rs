//! Tests of the gates and of the ledger, most of them with a Redis server of their own.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed test panics, in its helpers too"
)]

mod blocking;
mod broken;
mod callers;
mod connection;
mod crowd;
mod events;
mod leaks;
mod ledger;
mod metrics;
mod redis;
mod shared;
mod simulated;
mod status;
mod tokio;
mod wire;
