//! Tests of the crate's public API.

#![expect(
    clippy::unwrap_used,
    reason = "these are tests; clippy does not recognise their helpers as test code"
)]

mod bundle;
mod client;
mod equal;
mod hostile;
mod plantings;
mod recorded;
mod replayed;
mod unpacked;
