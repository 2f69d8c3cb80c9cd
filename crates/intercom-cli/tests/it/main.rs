//! The command as its users see it: real processes, a server on loopback, output and exit statuses.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed test panics, in its helpers too"
)]

mod api;
mod batch;
mod bundle;
mod completions;
mod contact;
mod controls;
mod demo;
mod doctor;
mod explain;
mod export;
mod fleet;
mod import;
mod lines;
mod logged;
#[cfg(target_os = "linux")]
mod lookups;
mod messages;
mod misuse;
mod mock;
mod pastes;
mod recorded;
#[expect(
    clippy::expect_used,
    dead_code,
    reason = "other tests use the rest of it"
)]
#[path = "../../../intercom-fleet/tests/it/redis.rs"]
mod redis;
mod run;
mod secrecy;
#[cfg(target_os = "linux")]
mod terminal;
mod text;
