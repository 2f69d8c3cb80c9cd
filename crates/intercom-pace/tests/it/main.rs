//! Tests of the public API.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed test panics, in its helpers too"
)]

#[path = "../../../intercom-fleet/tests/it/crowd.rs"]
mod crowd;
mod fleet;
mod pacer;
mod seam;
mod shared;
mod traces;
mod turnstile;
