//! The mock over real sockets.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "these are tests; their helpers stand outside the functions that clippy takes for tests"
)]

mod client;
mod contacts;
mod faults;
mod gate;
mod limits;
mod lines;
mod objects;
mod search;
mod server;
