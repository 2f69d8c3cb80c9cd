//! Shares the rate limit of Intercom's API among many processes. Each process has a lease, a part of every window.
//!
//! In scope: the ledger of the leases, which is a script in Redis; the messages that processes exchange with it; gates for
//! `intercom-blocking` and `intercom-async`.
//!
//! Out of scope: what a process does with its lease ([`intercom_pace::fleet`]); HTTP and the calls themselves
//! (`intercom-blocking` and `intercom-async`).
//!
//! A process asks the ledger before its lease ends, and not before each request. While Redis is down, processes keep their
//! leases to the end. After that, each paces itself without the others, until Redis is back.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(any(feature = "blocking", feature = "tokio")),
    expect(dead_code, reason = "only a gate uses the parts of a gate")
)]

mod settings;

mod error;

mod key;

mod quota;

mod event;

mod reporter;

// For this crate's own tests.
#[doc(hidden)]
pub mod wire;

mod courier;

#[cfg(any(feature = "blocking", feature = "tokio"))]
mod server;

#[cfg(any(feature = "blocking", feature = "tokio"))]
mod status;

#[cfg(feature = "metrics")]
pub mod metrics;

#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "tokio")]
pub mod tokio;

pub use self::error::FleetError;
pub use self::event::{FleetEvent, Trouble};
pub use self::settings::FleetSettings;
#[cfg(any(feature = "blocking", feature = "tokio"))]
pub use self::status::{FleetStatus, MemberStatus};
pub use intercom_pace::fleet::Change;

/// The ledger: a script in Lua for Redis 6 or later, which takes one key.
///
/// The trait `Script` of a gate is for connections of your own that run it.
pub const LEDGER: &str = wire::SCRIPT;
