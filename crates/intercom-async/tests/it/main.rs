//! The async client from outside.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; their helpers stand outside the functions that clippy takes for tests"
)]

mod drops;
mod env;
mod exchanges;
mod flows;
mod gate;
mod heads;
mod memory;
mod paced;
mod pages;
mod phases;
mod scenarios;
mod secrets;
mod transports;
