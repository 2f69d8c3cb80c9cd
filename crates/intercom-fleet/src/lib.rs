//! Shares the rate limit of Intercom's API among many processes. Each process has a lease, a part of every window.
//!
//! In scope: gates for `intercom-blocking` and `intercom-async` that share one quota through Redis; the ledger of the leases, which is
//! a script in Redis; events, and the state of a fleet.
//!
//! Out of scope: what a process does with its lease ([`intercom_pace::fleet`]); HTTP and the calls themselves
//! (`intercom-blocking` and `intercom-async`).
//!
//! A gate for a client without an async runtime (feature `blocking`):
//!
//! ```no_run
//! # #[cfg(feature = "blocking")] {
//! use intercom_blocking::Client;
//! use intercom_fleet::FleetSettings;
//! use intercom_fleet::blocking::FleetGate;
//!
//! let settings = FleetSettings::new().with_observer(|event| eprintln!("{event}"));
//! let gate = FleetGate::connect("redis://localhost:6379", settings)?;
//! let client = Client::builder("dG9rOjEyMw==").gate(gate).build()?;
//! client.me()?;
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The module `tokio` (feature `tokio`) has the same gate for an async client. Both kinds share one fleet.
//!
//! - A process asks the ledger every one to three windows, and not before each request. A call never waits for Redis while the lease
//!   lasts, and never touches a socket.
//! - While Redis cannot be used, a process uses its lease to the end. Then it paces without the others, until Redis is back. A
//!   [`FleetEvent`] says why, once.
//! - The quota is that of the access token, or of a [name](FleetSettings::with_name). Redis sees only a hash of it.
//! - [`FleetStatus`] shows the members of a fleet and what they hold.
//!
//! [The guide](https://github.com/intercom-crates/intercom-crates/blob/main/docs/FLEET.md) says how it works, what is promised, where
//! it breaks, and how to run Redis for it.
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
