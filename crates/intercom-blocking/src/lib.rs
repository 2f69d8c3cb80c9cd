//! A blocking Intercom client whose calls wait, retry and explain their errors.
//!
//! In scope: sending requests with `ureq`, reading the clocks, sleeping. [`intercom_protocol`](https://docs.rs/intercom-protocol)
//! decides what a call does, when it is retried and what a response means, in the same way for this client and for
//! `intercom-async`.
//!
//! Out of scope: async runtimes (use `intercom-async`), and a type for every resource of the API. Call any endpoint with
//! [`get`](Client::get), [`post`](Client::post), [`put`](Client::put), [`patch`](Client::patch) or
//! [`delete`](Client::delete).
//!
//! ```
//! use intercom_blocking::{Client, NewContact};
//!
//! # let mock = intercom_mock::MockServer::start()?;
//! # let token = mock.token();
//! let client = Client::builder(token)
//! #   .base_url(mock.base_url())
//!     .build()?;
//!
//! // Finds the contact or creates it. Several programs that do this at once get the same contact.
//! let ada = client.contacts().find_or_create(&NewContact::user().email("ada@example.org"))?;
//! println!("{} ({})", ada.contact().id(), ada.outcome().as_str());
//!
//! // Any other endpoint, as your own type or any JSON.
//! let me: serde_json::Value = client.get("/me").send()?.json()?;
//! assert_eq!(me["type"], "admin");
//!
//! // An error says what it means and what to do.
//! let error = client.get("/contacts/none").send().unwrap_err();
//! assert!(error.is_not_found());
//! println!("{error}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Client::diagnose`] finds out whether the token, the quota, Intercom or your clock is the problem:
//!
//! ```
//! # let mock = intercom_mock::MockServer::start()?;
//! # let client = intercom_blocking::Client::builder(mock.token())
//! #     .base_url(mock.base_url()).status_url(mock.status_url()).build()?;
//! let diagnosis = client.diagnose();
//! for advice in diagnosis.advice() {
//!     println!("{advice}");
//! }
//! assert!(diagnosis.is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Reading everything
//!
//! A [`Walk`] reads all contacts, companies or conversations, whatever happens on the way. Its checkpoint is where another process can
//! go on. [The guide](https://github.com/intercom-crates/intercom-crates/blob/main/docs/READING.md) says which way is best for how
//! much data.
//!
//! ```
//! # let mock = intercom_mock::MockServer::start()?;
//! # let client = intercom_blocking::Client::builder(mock.token()).base_url(mock.base_url()).build()?;
//! let mut walk = client.contacts().walk();
//! for contact in walk.by_ref() {
//!     println!("{}", contact?.as_json());
//! }
//! println!("{} contacts; {}", walk.report().items(), walk.checkpoint());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Downloads
//!
//! [`download`](protocol::client::RequestBuilder::download) writes a file of any length while it arrives, in little memory. If the
//! connection breaks, it continues where it stopped:
//!
//! ```
//! use std::fs::File;
//!
//! # let mock = intercom_mock::MockServer::start()?;
//! # let client = intercom_blocking::Client::builder(mock.token()).base_url(mock.base_url()).build()?;
//! # let export = intercom_mock::Scripted::file(100_000).ranges("\"v1\"");
//! # mock.script(intercom_mock::Method::GET, "/download/content/data/5f1", [export.clone().truncate_after(50_000), export]);
//! # let path = std::env::temp_dir().join(format!("blocking-{}.csv.gz", std::process::id()));
//! let file = File::create(&path)?;
//! let export = client.get("/download/content/data").segment("5f1").download(file)?;
//! println!("{} bytes, continued {} times", export.bytes(), export.resumed());
//! # assert_eq!((export.bytes(), export.resumed()), (100_000, 1));
//! # std::fs::remove_file(path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! To upload a file, send its bytes with [`body_bytes`](protocol::client::RequestBuilder::body_bytes).
//!
//! # Settings
//!
//! By default, a client stays under the server's rate limit and makes up to four attempts per call; [`ClientBuilder`] has the
//! settings.
//!
//! `Debug`, `Display` and events never show the token, but ureq's own log does: at the level `trace` it contains all that ureq
//! sends. If your program logs at that level, limit ureq's log to `debug`, for example with `RUST_LOG=trace,ureq_proto=debug`.
//!
//! An [`Observer`](observe::Observer) receives an event for each step of a call. The feature `tracing` adds one that writes log
//! lines and spans, `metrics` one that counts and measures. The default feature `rustls` adds TLS and `ClientBuilder::build`.
//! With the feature `ureq` but without `rustls`, [`build_without_tls`](ClientBuilder::build_without_tls) makes a client for a
//! server on loopback. With neither feature, [`build_with`](ClientBuilder::build_with) makes a client on your own
//! [`Transport`](transport::Transport).
//!
//! # Examples
//!
//! The [`examples`] run against `intercom mock` or with a real token:
//!
//! - `check_token`: is the token good, whose is it, how much quota is left;
//! - `find_or_create`: one contact, found or created;
//! - `bulk_with_progress`: many contacts, with progress;
//! - `job_queue`: stores an error as JSON, and decides about it in another process (feature `serde`);
//! - `match_errors`: what to do about each category of error;
//! - `own_http_stack`: calls with your own HTTP library;
//! - `observe`: each event of a call, and counters;
//! - `share_client`: one client for many threads;
//! - `upload_file`: a file as `multipart/form-data`.
//!
//! Two programs in [`xtask/stacks`] are transports on other libraries: `curl_transport` and `attohttpc_transport`.
//!
//! [`examples`]: https://github.com/intercom-crates/intercom-crates/tree/main/crates/intercom-blocking/examples
//! [`xtask/stacks`]: https://github.com/intercom-crates/intercom-crates/tree/main/xtask/stacks/examples

#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod client;
mod clock;
mod driver;
pub mod gate;
pub mod transport;

pub use builder::ClientBuilder;
pub use client::{
    Client, Companies, Contacts, Conversations, Downloaded, Items, Pages, RequestBuilder, Walk,
};

pub use intercom_protocol::flows::{
    Advice, Change, Diagnosis, OnArchived, Outcome, Page, Resolved, Upserted,
};
pub use intercom_protocol::{
    self as protocol, Action, ApiError, ApiRequest, Attempt, Category, Contact, ContactQuery,
    Error, ErrorCode, ErrorItem, ErrorKind, Fault, FaultKind, FilledFix, Fix, NewContact,
    OptionalExt, PacerSettings, Pacing, Priority, RateLimit, Region, Reply, RetryBudget,
    RetryPolicy, Role, Slot, Stop, StopReason, UnixTime, bytes, http, observe, walk,
};
