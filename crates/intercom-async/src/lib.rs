//! An async Intercom client over a transport trait, with adapters for hyper and reqwest.
//!
//! In scope: the loop that awaits what a call asks for, the [`Transport`] and [`Timer`] traits it awaits on, and
//! adapters behind features. What a call does, when it is repeated and what an answer means is decided by
//! [`intercom_protocol`], the same for this client and for `intercom-blocking`.
//!
//! Out of scope: any one runtime. Without a feature this crate knows none; `tokio` brings [`TokioTimer`], `hyper` and
//! `reqwest` a transport each, `tracing` an observer that writes log lines.
//!
//! ```
//! # #[cfg(feature = "hyper")] {
//! use intercom_async::{Client, NewContact};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let mock = intercom_mock::MockServer::start()?;
//! # let token = mock.token();
//! let client = Client::builder(token)
//! #   .base_url(mock.base_url())
//!     .build()?;
//!
//! // Finds the contact or creates it: one contact, however many programs ask at once.
//! let ada = client.contacts().find_or_create(&NewContact::user().email("ada@example.org")).await?;
//! println!("{} ({})", ada.contact().id(), ada.outcome().as_str());
//!
//! // Any other endpoint, typed or raw.
//! let me: serde_json::Value = client.get("/me").send().await?;
//! assert_eq!(me["type"], "admin");
//! # Ok(()) }
//! # main().unwrap(); }
//! ```
//!
//! Dropping a call's future at any point leaks nothing: a request that was not sent gives its place at the gate back, one
//! that was on its way is reported there as of unknown fate.

mod adapters;
mod builder;
mod client;
mod contacts;
mod gate;
mod paced;
mod pages;
mod request;
mod run;
mod timer;
mod transport;

#[cfg(feature = "hyper")]
pub use adapters::HyperTransport;
#[cfg(feature = "reqwest")]
pub use adapters::ReqwestTransport;
#[cfg(feature = "tokio")]
pub use adapters::TokioTimer;
pub use builder::ClientBuilder;
pub use client::Client;
pub use contacts::Contacts;
pub use gate::Gate;
pub use paced::PacedGate;
pub use pages::PageStream;
pub use request::RequestBuilder;
pub use timer::Timer;
pub use transport::{Transport, TransportFn, transport_fn};

pub use async_trait::async_trait;
pub use intercom_protocol as protocol;
#[cfg(feature = "tracing")]
pub use intercom_protocol::TracingObserver;
pub use intercom_protocol::flows::{Diagnosis, OnArchived, Outcome, Page, Resolved};
pub use intercom_protocol::http;
pub use intercom_protocol::{
    Action, Admission, ApiError, ApiRequest, Ask, Category, Contact, ContactQuery, Error,
    ErrorKind, Event, EventKind, Fault, FaultKind, Moment, NewContact, Observer, OptionalExt,
    Outgoing, PacerSettings, Pacing, Refusal, Region, Reply, RetryBudget, RetryPolicy, Seen,
    Settle, StopReason, Tick, Ticket, observer_fn,
};

/// The examples of the project's front page, compiled.
#[cfg(all(doctest, feature = "hyper"))]
#[doc = include_str!("../../../README.md")]
mod readme {}
