//! Intercom's requests, one call's life, and flows of several calls.
//!
//! In scope: building requests for Intercom's REST API, reading its answers, deciding step by step what a call does next
//! (ask to be admitted, send, sleep, end), and the recipes made of several calls: find a contact, find or create one,
//! walk pages, diagnose a connection.
//!
//! What calls do can be watched: an [`Observer`] is told of each attempt, wait and end, and the feature `tracing` brings
//! one that writes log lines.
//!
//! Out of scope: sockets, sleeping, clocks, random numbers. Time and chance arrive as a [`Moment`]; requests leave as
//! an [`Outgoing`]. `intercom-blocking` and `intercom-async` are thin loops over this crate; so is any client of yours.
//!
//! # A driver for another HTTP stack
//!
//! A [`Call`] says what to do, the driver does it. This is a whole one:
//!
//! ```
//! use std::time::Duration;
//! use bytes::Bytes;
//! use intercom_protocol::{ApiRequest, Call, CallSettings, Connection, Error, Fault, Moment, Outgoing, Reply, Step, Tick};
//!
//! /// Your HTTP stack: any status is an answer, a [`Fault`] says that there was none.
//! fn exchange(outgoing: Outgoing) -> Result<http::Response<Bytes>, Fault> {
//!     assert_eq!(outgoing.request().uri(), "https://api.eu.intercom.io/me");
//!     Ok(http::Response::new(Bytes::from_static(br#"{"type":"admin","id":"1"}"#)))
//! }
//!
//! fn drive(mut call: Call, now: impl Fn() -> Moment) -> Result<Reply, Error> {
//!     loop {
//!         match call.next(now()) {
//!             Step::Admit(ask) => call.admitted(ask.free()), // nobody paces here
//!             Step::Send(outgoing) => call.received(exchange(outgoing)),
//!             Step::Sleep(duration) => std::thread::sleep(duration),
//!             Step::Done(result) => return result,
//!         }
//!     }
//! }
//!
//! let started = std::time::Instant::now();
//! let now = || Moment::new(Tick::new(started.elapsed()));
//! let connection = Connection::builder("dG9rOjEyMw==").region(intercom_protocol::Region::Eu).build()?;
//! let call = Call::new(&connection, ApiRequest::get("/me"), &CallSettings::default(), now());
//! let reply = drive(call, now)?;
//! assert_eq!(reply.status(), 200);
//! # Ok::<(), Error>(())
//! ```

mod call;
mod caller;
mod connection;
mod contact;
mod content;
mod error;
pub mod flows;
mod incoming;
mod observe;
mod outgoing;
mod replay;
mod reply;
mod request;
mod settings;
mod status_page;
mod validate;

pub use call::{Call, Step};
pub use caller::{Caller, Until, ready};
pub use connection::{Connection, ConnectionBuilder, Region};
pub use contact::{AttributeValue, Contact, ContactQuery, NewContact, Role};
pub use error::{Error, ErrorKind};
pub use incoming::Incoming;
#[cfg(feature = "tracing")]
pub use observe::TracingObserver;
pub use observe::{Done, Event, EventKind, Observer, ObserverFn, Received, observer_fn};
pub use outgoing::Outgoing;
pub use replay::{REPLAY_TABLE, ReplayRow, replay_of};
pub use reply::Reply;
pub use request::{ApiRequest, Expect};
pub use settings::CallSettings;
pub use status_page::{ServiceStatus, StatusIndicator};

pub use bytes;
pub use http;
pub use intercom_errors::{
    Action, ApiError, Body, BodyKind, Category, Class, ErrorCode, ErrorItem, ExistingContact,
    Fault, FaultKind, Hint, HintCause, OptionalExt, Phase, RateLimit, Resend, RetryAfter,
};
pub use intercom_retry::{
    Admission, Answer, Ask, Attempt, Decision, Gauge, Moment, PacerSettings, Pacing, Place,
    PolicyError, Refusal, Replay, RetryBudget, RetryPolicy, RetryPolicyBuilder, Seen, Settle, Stop,
    StopReason, Tick, Ticket, Turn, Turnstile, Wait, WaitCause,
};
