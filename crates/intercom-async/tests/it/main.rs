//! The async client from outside.

mod exchanges;
mod phases;
mod transports;
