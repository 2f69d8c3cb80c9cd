//! The pacer against a small model of the server, in virtual time.

mod alone;
mod clock;
mod frugal;
mod garbage;
pub(crate) mod model;
mod pause;
mod permits;
mod rates;
mod remote;
mod sharing;
mod turns;
mod windows;
