//! Tests of the public API, with real files, and a server on loopback or a transport in the test.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a failed test panics, in its helpers too"
)]

mod ahead;
mod ahead_thread;
mod blocked;
mod contacts;
mod export;
mod folder;
mod lines;
mod messages;
mod names;
mod pages;
mod refusals;
mod resume;
mod stop;
mod workspaces;
mod world;
