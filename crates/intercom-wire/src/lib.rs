//! Servers below HTTP: raw sockets that refuse, stall, cut off and die.
//!
//! An HTTP library will not write half a head or close a connection in the middle of a body, and
//! those are the moments in which a client must tell "never sent" from "nobody knows". A
//! [`WireServer`] acts out one [`Behaviour`] on a real loopback socket and keeps count of what
//! reached it, so that a test can prove what was on the wire.
//!
//! In scope: every way a connection fails on loopback, also under TLS, with certificates made on the spot.
//! Out of scope: anything that knows Intercom; that is `intercom-mock`.

mod act;
mod behaviour;
mod ledger;
mod request;
mod server;
mod tls;
mod unreachable;

pub use behaviour::Behaviour;
pub use request::WireRequest;
pub use server::WireServer;
