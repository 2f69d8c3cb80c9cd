//! What the crate promises, seen from outside.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "these are tests; their helpers stand outside the functions that clippy takes for tests"
)]

mod pacer;
mod seam;
mod shared;
mod turnstile;
