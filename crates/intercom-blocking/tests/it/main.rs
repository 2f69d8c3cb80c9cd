//! The blocking client from outside; what it shares with the async one is tested there, through both.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; their helpers stand outside the functions that clippy takes for tests"
)]

mod answers;
mod connections;
mod gate;
mod paced;
mod settings;
