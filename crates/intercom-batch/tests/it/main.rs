//! Batches from outside: real files, and a real server on loopback or a transport of the test's own.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a failed test panics, in its helpers too"
)]

mod folder;
mod lines;
mod names;
mod refusals;
mod resume;
mod stop;
mod world;
