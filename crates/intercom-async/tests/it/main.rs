//! Tests of the async client's public API, and of what it shares with the blocking client.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy does not recognise their helpers as test code"
)]

mod conformance;
mod downloads;
mod drops;
mod env;
mod examples;
mod exchanges;
mod flows;
mod gate;
mod heads;
mod idle;
mod memory;
mod paced;
mod pages;
mod phases;
mod runtimes;
mod scenarios;
mod secrets;
mod tokens;
mod tower;
mod transports;
mod walks;
