//! Tests of the public behaviour.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests panic on failure, also in their helpers"
)]

mod decision;
mod example;
mod failures;
mod policy;
mod properties;
mod replay;
mod retry;
mod schedule;
mod session;
mod stop;
mod stored;
