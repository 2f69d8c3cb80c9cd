//! An async Intercom client over a transport trait, with adapters for hyper and reqwest.
//!
//! In scope: the loop that awaits what a call asks for, the [`Transport`](transport::Transport) and [`Timer`](transport::Timer) traits it awaits on, and
//! adapters behind features. What a call does, when it is repeated and what an answer means is decided by
//! [`intercom_protocol`], the same for this client and for `intercom-blocking`.
//!
//! Out of scope: any one runtime (and none at all: take `intercom-blocking`), and every resource of the API as a type. Any
//! endpoint is one [`get`](Client::get), [`post`](Client::post), [`put`](Client::put), [`patch`](Client::patch) or
//! [`delete`](Client::delete) away.
//!
//! On hyper and tokio, a token is all it takes:
//!
//! ```
//! use std::time::Duration;
//! use intercom_async::{Client, NewContact};
//! use serde_json::Value;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let mock = intercom_mock::MockServer::builder().token("dG9rOjEyMw==").start()?;
//! let client = Client::builder("dG9rOjEyMw==")
//! #   .base_url(mock.base_url())
//!     .total_timeout(Duration::from_secs(60))
//!     .build()?;
//!
//! // Each call waits and retries by itself; together they keep under the rate limit.
//! let ada = NewContact::user().email("ada@example.org");
//! let (ada, me) = tokio::join!(
//!     client.contacts().find_or_create(&ada),
//!     client.get("/me").send(),
//! );
//! let me: Value = me?.json()?;
//! println!("{} asked for {}", me["email"], ada?.contact().id());
//!
//! match client.get("/contacts/none").send().await {
//!     Ok(reply) => println!("{}", reply.json::<Value>()?["email"]),
//!     Err(error) if error.is_not_found() => println!("no such contact"),
//!     Err(error) => return Err(error.into()), // what happened and what to do, in one line
//! }
//! # Ok(()) }
//! ```
//!
//! By default, a client stays under the server's rate limit and makes up to four attempts of a call ([`ClientBuilder`]).
//!
//! An [`Observer`](observe::Observer) receives what calls do; the feature `tracing` brings one that writes log lines.
//!
//! # Features
//!
//! - `hyper`, by default: `ClientBuilder::build` makes a client on hyper, rustls (ring) and tokio.
//! - `reqwest`: `transport::ReqwestTransport` sends with your reqwest client.
//! - `tokio`: `transport::TokioTimer`, which both of them bring.
//! - `tracing`: an observer that writes log lines.
//!
//! Without `hyper`, [`ClientBuilder::build_with`] makes a client on the transport and the timer that you give it, and without
//! any feature the crate knows no runtime.
//!
//! Dropping a call's future at any point leaks nothing: a request that was not sent gives its place at the gate back, one
//! that was on its way is reported there as of unknown fate.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod client;
mod driver;
pub mod gate;
mod timer;
pub mod transport;

pub use builder::ClientBuilder;
pub use client::{Client, Contacts, Items, Pages, RequestBuilder};

pub use async_trait::async_trait;
pub use intercom_protocol::flows::{Diagnosis, OnArchived, Outcome, Page, Resolved};
pub use intercom_protocol::{
    self as protocol, Action, ApiError, ApiRequest, Attempt, Category, Contact, ContactQuery,
    Error, ErrorCode, ErrorItem, ErrorKind, Fault, FaultKind, Fix, NewContact, OptionalExt,
    PacerSettings, Pacing, RateLimit, Region, Reply, RetryBudget, RetryPolicy, Role, Stop,
    StopReason, UnixTime, bytes, http, observe,
};
#[cfg(feature = "reqwest")]
pub use reqwest;
#[cfg(feature = "hyper")]
pub use rustls;

/// The examples of the project's front page, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
