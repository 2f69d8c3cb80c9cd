//! Tests of the mock over real sockets.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not treat the helpers of tests as tests"
)]

mod checks;
mod client;
mod contacts;
mod exports;
mod faults;
mod limits;
mod lines;
mod objects;
mod offline;
mod search;
mod server;
