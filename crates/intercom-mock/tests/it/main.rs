//! The mock over real sockets.

mod client;
mod contacts;
mod faults;
mod gate;
mod limits;
mod objects;
mod search;
mod server;
