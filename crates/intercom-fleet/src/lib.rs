//! Shares the rate limit of Intercom's API among many processes. Each process has a lease, a part of every window.
//!
//! In scope: the ledger of the leases, which is a script in Redis; the messages that processes exchange with it.
//!
//! Out of scope: what a process does with its lease ([`intercom_pace::fleet`]); HTTP and the calls themselves
//! (`intercom-blocking` and `intercom-async`).
//!
//! A process asks the ledger before its lease ends, and not before each request. While Redis is down, processes keep their
//! leases to the end. After that, each paces itself without the others, until Redis is back.
#![cfg_attr(docsrs, feature(doc_cfg))]

// For this crate's own tests.
#[doc(hidden)]
pub mod wire;
