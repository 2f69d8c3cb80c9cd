//! Tests with a Redis server of their own.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed test panics, in its helpers too"
)]

mod crowd;
mod ledger;
mod redis;
mod wire;
