//! Test servers below HTTP: raw sockets that refuse, stall and break connections.
//!
//! An HTTP library cannot write half a head or close a connection in the middle of a body. Those
//! are the cases in which a client must tell "not sent" from "outcome unknown". A [`WireServer`]
//! acts out one [`Behaviour`] on a real loopback socket and records the requests and connections
//! it receives, so a test can prove what was on the wire. A [`Script`] does so for one exchange step by step.
//!
//! In scope: every way a connection can fail on loopback, with or without TLS. Certificates are
//! generated at run time.
//! Out of scope: Intercom's API, which `intercom-mock` simulates.

mod act;
mod behaviour;
mod ledger;
mod request;
mod script;
mod server;
mod tls;
mod unreachable;

pub use behaviour::Behaviour;
pub use request::WireRequest;
pub use script::{Certificate, Greeting, Script, Step};
pub use server::WireServer;
pub use tls::Authority;
