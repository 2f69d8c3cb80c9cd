//! Tests of the blocking client's public API. What it shares with the async client is tested there, through both.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy does not recognise their helpers as test code"
)]

mod connections;
mod examples;
mod gate;
mod paced;
mod responses;
mod settings;
mod tokens;
