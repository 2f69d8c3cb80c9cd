//! An async Intercom client over a transport trait, with adapters for hyper and reqwest.
//!
//! In scope: the loop that drives a call, the traits [`Transport`](transport::Transport) and [`Timer`](transport::Timer) that it
//! awaits, and adapters behind features. [`intercom_protocol`](https://docs.rs/intercom-protocol) decides what a call does, when
//! it is retried and what a response means, in the same way for this client and for `intercom-blocking`.
//!
//! Out of scope: the choice of a runtime (if your program has none, use `intercom-blocking`), and a type for every resource of
//! the API. Call any endpoint with [`get`](Client::get), [`post`](Client::post), [`put`](Client::put), [`patch`](Client::patch)
//! or [`delete`](Client::delete).
//!
//! On hyper and tokio, a client needs only a token:
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
//! // Each call waits and retries by itself. Together they stay under the rate limit.
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
//!     Err(error) => return Err(error.into()), // one line: what happened, and what to do
//! }
//! # Ok(()) }
//! ```
//!
//! # Reading everything
//!
//! A [`Walk`] reads all contacts, companies or conversations, whatever happens on the way. Its checkpoint is where another process can
//! go on. [The guide](https://github.com/intercom-crates/intercom-crates/blob/main/docs/READING.md) says which way is best for how
//! much data.
//!
//! ```no_run
//! # async fn walk(client: intercom_async::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let mut walk = client.contacts().walk();
//! while let Some(contact) = walk.next().await {
//!     println!("{}", contact?.as_json());
//! }
//! println!("{} contacts; {}", walk.report().items(), walk.checkpoint());
//! # Ok(())
//! # }
//! ```
//!
//! # Downloads
//!
//! [`download`](protocol::client::RequestBuilder::download) writes a file of any length while it arrives, in little memory. If the
//! connection breaks, it continues where it stopped. The writer is any `AsyncWrite` of tokio, like a `tokio::fs::File`:
//!
//! ```
//! # use intercom_async::Client;
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let mock = intercom_mock::MockServer::start()?;
//! # let client = Client::builder(mock.token()).base_url(mock.base_url()).build()?;
//! # let export = intercom_mock::Scripted::file(100_000).ranges("\"v1\"");
//! # mock.script(intercom_mock::Method::GET, "/download/content/data/5f1", [export.clone().truncate_after(50_000), export]);
//! # let writer = tokio::io::sink();
//! let export = client.get("/download/content/data").segment("5f1").download(writer).await?;
//! println!("{} bytes, continued {} times", export.bytes(), export.resumed());
//! # assert_eq!((export.bytes(), export.resumed()), (100_000, 1));
//! # Ok(()) }
//! ```
//!
//! On another runtime, use [`download_blocking`](protocol::client::RequestBuilder::download_blocking). Its writer is a
//! `std::io::Write`. A slow writer, like a file, would block the task, so pass one that writes to memory, like a `Vec<u8>`. To
//! upload a file, send its bytes with [`body_bytes`](protocol::client::RequestBuilder::body_bytes).
//!
//! # Settings
//!
//! By default, a client stays under the server's rate limit and makes up to four attempts per call; [`ClientBuilder`] has the
//! settings.
//!
//! An [`Observer`](observe::Observer) receives an event for each step of a call. The feature `tracing` adds one that writes log
//! lines and spans, `metrics` one that counts and measures.
//!
//! The default feature `hyper` adds `ClientBuilder::build`, which makes a client on hyper, rustls (ring) and tokio. The feature
//! `reqwest` adds `transport::ReqwestTransport`, which sends with your reqwest client; for a client of reqwest 0.12, `reqwest-0-12`
//! adds `transport::Reqwest012Transport`. The feature `tower` adds a layer that puts retries and pacing around your own stack of
//! services. All of them include the feature `tokio`, which adds `transport::TokioTimer`.
//!
//! [`ClientBuilder::build_with`] takes any transport and any timer. The feature `http-body` adds `transport::Exchange`, with which
//! you write a transport on another HTTP library in about twenty lines. The feature `async-io` adds `transport::AsyncIoTimer`, for
//! smol, async-std and other runtimes. Without features, the crate depends on no runtime.
//! It then also builds for wasm32, where transports and futures need not be `Send`; [`xtask/wasm`] is a client on `fetch`.
//!
//! You can drop a call's future at any point. A request that was not sent uses no quota. One that was in flight counts as used
//! quota, because the server may have seen it.
//!
//! # Examples
//!
//! The [`examples`] run against `intercom mock` or with a real token:
//!
//! - `check_token_async`: is the token good, whose is it, how much quota is left;
//! - `find_or_create_async`: one contact, found or created;
//! - `bulk_with_progress_async`: many contacts, with progress;
//! - `match_errors_async`: what to do about each category of error;
//! - `own_http_stack_async`: calls with your own HTTP library;
//! - `observe_async`: each event of a call, and counters;
//! - `share_client_async`: one client for many tasks.
//!
//! Two programs in [`xtask/stacks`] use other libraries: `axum_service` turns each error into a response of a web service, and
//! `reqwest_middleware` retries in a middleware.
//!
//! [`examples`]: https://github.com/intercom-crates/intercom-crates/tree/main/crates/intercom-async/examples
//! [`xtask/wasm`]: https://github.com/intercom-crates/intercom-crates/tree/main/xtask/wasm/src
//! [`xtask/stacks`]: https://github.com/intercom-crates/intercom-crates/tree/main/xtask/stacks/examples

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod client;
mod driver;
pub mod gate;
#[cfg(feature = "tokio")]
mod sink;
mod timer;
#[cfg(feature = "tower")]
pub mod tower;
pub mod transport;

pub use builder::ClientBuilder;
pub use client::{
    Client, Companies, Contacts, Conversations, Downloaded, Items, Pages, RequestBuilder, Walk,
};

pub use async_trait::async_trait;
#[cfg(feature = "http-body")]
pub use http_body;
pub use intercom_protocol::flows::{
    Advice, Change, Diagnosis, OnArchived, Outcome, Page, Resolved, Upserted,
};
pub use intercom_protocol::{
    self as protocol, Action, ApiError, ApiRequest, Attempt, Category, Contact, ContactQuery,
    Error, ErrorCode, ErrorItem, ErrorKind, Fault, FaultKind, FilledFix, Fix, NewContact,
    OptionalExt, PacerSettings, Pacing, Priority, RateLimit, Region, Reply, RetryBudget,
    RetryPolicy, Role, Slot, Stop, StopReason, UnixTime, bytes, http, observe, walk,
};
#[cfg(feature = "reqwest")]
pub use reqwest;
#[cfg(feature = "reqwest-0-12")]
pub use reqwest_0_12;
#[cfg(feature = "hyper")]
pub use rustls;
#[cfg(feature = "tower")]
pub use {http_body_util, tower_layer, tower_service};

/// Compiles the examples of the project's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}

/// The examples of the guide to migrating, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/MIGRATING.md")]
mod migrating {}
