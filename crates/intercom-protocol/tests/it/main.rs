//! Tests of calls and flows through the public API, without a socket.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests are outside the functions that clippy recognizes as tests"
)]

mod attempt_headers;
mod call;
mod caller;
mod client;
mod complete;
mod conformance;
mod contact;
mod diagnosis;
mod downloads;
mod error;
mod export;
mod find;
mod find_or_create;
mod lines;
mod metrics;
mod names;
mod observe;
mod pages;
mod permits;
mod properties;
mod scripted;
mod secrets;
mod settings;
mod spans;
mod stored;
mod texts;
mod token;
mod tracing;
mod upsert;
mod walks;
