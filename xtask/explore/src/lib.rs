//! `cargo xtask explore`: searches every interleaving of the shipping state machines, within bounds.
#![expect(
    clippy::indexing_slicing,
    reason = "an index out of range is a fault of the model, which has to stop"
)]

mod calls;
mod fleet;
mod key;
mod quota;
mod report;
mod search;

pub use self::report::main;
