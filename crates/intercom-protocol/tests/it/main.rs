//! Calls and flows from outside, without a socket.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "these are tests; their helpers stand outside the functions that clippy takes for tests"
)]

mod call;
mod caller;
mod diagnosis;
mod find;
mod find_or_create;
mod lines;
mod names;
mod observe;
mod pages;
mod permits;
mod properties;
mod scripted;
mod secrets;
mod texts;
mod tracing;
