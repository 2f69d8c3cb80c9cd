//! Requests, calls and flows for Intercom's REST API, without I/O.
//!
//! `intercom-blocking` and `intercom-async` are thin loops over this crate. Use them unless you need a client on another HTTP
//! stack.
//!
//! In scope: building requests, reading responses, and deciding what a call does next (ask the gate, send, sleep, end). Flows
//! combine several calls: find a contact, find or create one, diagnose a connection. A [walk] reads a list, a search or a scroll to
//! its end and can be resumed. An [`Observer`](observe::Observer) receives every attempt, wait and end of a call. The feature
//! `tracing` adds an observer that writes log lines and spans, `metrics` one that counts and measures.
//!
//! Out of scope: sockets, sleeping, clocks and random numbers. The current time and a random number come in as a [`Moment`];
//! a request goes out as an [`Outgoing`].
//!
//! # A client on another HTTP stack
//!
//! A [`Call`] returns what to do next, and a loop, the driver, does it. This is a complete client; `stack` stands for an HTTP
//! library.
//!
//! ```
//! # mod stack {
//! #     pub struct Connection(&'static [u8]);
//! #     impl Connection {
//! #         pub fn open(_: &http::Uri, _: [Option<std::time::Duration>; 2]) -> std::io::Result<Self> {
//! #             Ok(Self(br#"{"type":"contact","id":"5f1"}"#))
//! #         }
//! #         pub fn send(&mut self, _: &http::Request<bytes::Bytes>) -> std::io::Result<()> { Ok(()) }
//! #         pub fn head(&mut self) -> std::io::Result<http::Response<()>> { Ok(http::Response::new(())) }
//! #         pub fn read(&mut self, piece: &mut [u8]) -> std::io::Result<usize> { std::io::Read::read(&mut self.0, piece) }
//! #     }
//! # }
//! use std::hash::{BuildHasher, RandomState};
//! use std::io;
//! use std::time::{Instant, SystemTime};
//! use intercom_protocol::bytes::Bytes;
//! use intercom_protocol::{
//!     ApiRequest, Call, Caller, Config, Connection, Error, Fault, FaultKind, Moment, Outgoing, Region, Reply,
//!     Step, Tick, UnixTime, flows, http, ready,
//! };
//!
//! struct Client {
//!     connection: Connection, // all calls share it, and its retry budget
//!     started: Instant,
//! }
//!
//! impl Client {
//!     /// Carries out one call, with all its waits and retries.
//!     fn execute(&self, request: ApiRequest) -> Result<Reply, Error> {
//!         let mut call = Call::new(&self.connection, request, self.now());
//!         loop {
//!             match call.next(self.now()) {
//!                 Step::Authorize(_) => call.authorized(Err("no token provider".into()), self.now()),
//!                 Step::Admit(ask) => call.admitted(ask.free(), self.now()), // no pacing
//!                 Step::Send(outgoing) => call.received(exchange(outgoing), self.now()),
//!                 Step::Sleep(duration) => std::thread::sleep(duration),
//!                 Step::Done(result) => return result,
//!             }
//!         }
//!     }
//!
//!     /// Returns the monotonic time, the wall-clock time, and a new random number for the jitter of the waits.
//!     fn now(&self) -> Moment {
//!         let moment = Moment::new(Tick::new(self.started.elapsed())).with_roll(RandomState::new().hash_one(0));
//!         match UnixTime::try_from(SystemTime::now()) {
//!             Ok(wall) => moment.with_wall(wall),
//!             Err(_) => moment,
//!         }
//!     }
//! }
//!
//! /// Sends one request and reads the whole response, whatever its status.
//! fn exchange(outgoing: Outgoing) -> Result<http::Response<Bytes>, Fault> {
//!     // The time limits for connecting and for the whole exchange; `None` means no limit.
//!     let limits = [outgoing.connect_timeout(), outgoing.timeout()];
//!     let (request, reception) = outgoing.into_parts();
//!     let mut stack = stack::Connection::open(request.uri(), limits)
//!         .map_err(|error| Fault::not_sent(FaultKind::Connect).with_source(error))?;
//!
//!     // From here on the server may carry out the request, even if the response is lost.
//!     let lost = |error: io::Error| Fault::outcome_unknown(kind(&error)).with_source(error);
//!     stack.send(&request).map_err(lost)?;
//!     let head = stack.head().map_err(lost)?;
//!
//!     // The status shows what the server did, so keep the response even if its body is cut off.
//!     let mut incoming = reception.head(head);
//!     let mut piece = [0; 8 * 1024];
//!     loop {
//!         match stack.read(&mut piece) {
//!             Ok(0) => return incoming.finish(),
//!             Ok(length) if incoming.push(&piece[..length]).is_break() => return incoming.finish(),
//!             Ok(_) => {}
//!             Err(error) => return Err(incoming.cut(kind(&error)).with_source(error)),
//!         }
//!     }
//! }
//!
//! fn kind(error: &io::Error) -> FaultKind {
//!     match error.kind() {
//!         io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => FaultKind::Timeout,
//!         _ => FaultKind::Closed,
//!     }
//! }
//!
//! /// Makes the flows available to this client.
//! impl Caller for Client {
//!     async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
//!         self.execute(request)
//!     }
//! }
//!
//! let client = Client {
//!     connection: Config::new("dG9rOjEyMw==").region(Region::Eu).build()?,
//!     started: Instant::now(),
//! };
//! assert_eq!(client.execute(ApiRequest::get("/me"))?.status(), 200);
//!
//! // The futures of a blocking client are ready at once, so `ready` polls the flow once. An async client awaits it.
//! let found = ready(flows::find(&client, "5f1"))??;
//! assert_eq!(found.unwrap().contact().id(), "5f1");
//! # Ok::<(), Error>(())
//! ```
//!
//! # What a transport reports
//!
//! A transport carries out one HTTP exchange. What it reports decides whether the request is sent again:
//!
//! | what happened | report | sent again |
//! |---|---|---|
//! | a complete response arrived, with any status | the response | depends on its status, code and message |
//! | no byte of the request was sent: no such host, no connection, no TLS | [`Fault::not_sent`] | any request |
//! | bytes were sent, or may have been, and no response head arrived | [`Fault::outcome_unknown`] | only a request that is idempotent or marked `replayable` |
//! | the head arrived, but not the whole body | [`Incoming::cut`] | depends on the status |
//!
//! If you are not sure that nothing was sent, report [`Fault::outcome_unknown`]. If you report `not_sent` for a request that was
//! on its way, a write can be carried out twice. The [`FaultKind`] says what failed. A request that fails with a bad certificate, a
//! bad URI or a response that is too large is never retried.
//!
//! A transport also
//!
//! - sends the request unchanged, except that it adds `Host`;
//! - passes the body to [`Incoming`] without decoding it: requests accept gzip, which [`Incoming`] decodes;
//! - calls [`Incoming::cut`] if a TLS stream ends without `close_notify` or the connection is reset, even if the body has no
//!   announced length;
//! - limits the whole exchange to [`Outgoing::timeout`], and connecting, including TLS, to [`Outgoing::connect_timeout`];
//! - in a download, waits at most [`Outgoing::head_timeout`] for the head of the response, and at most
//!   [`Outgoing::idle_timeout`] for each piece of its body;
//! - in a download, if it is async, awaits [`Incoming::poll_ready`] after each piece;
//! - follows no redirects, because the token must not reach another host, and does not retry;
//! - uses TLS for `https`; [`Config`] accepts `http` only for loopback.
//!
//! To pace calls, use a [`gate::SharedQueue`] at `Step::Admit`. [`client_settings`] and [`client_methods`] give your client the
//! settings and methods of `intercom-blocking` and `intercom-async`. If your [`Caller`] implements [`connection`](Caller::connection) and
//! [`now`](Caller::now), the total time-out limits each flow; otherwise it limits each call separately.
//!
//! The errors of an HTTP library often hide whether it began to send. `intercom-async`'s [`Transport`] explains how to find out.
//!
//! [`Transport`]: https://docs.rs/intercom-async/latest/intercom_async/transport/trait.Transport.html

#![cfg_attr(docsrs, feature(doc_cfg))]

mod target;

mod error;
pub mod observe;
mod wire;

pub mod gate;

mod call;
pub mod flows;

pub mod walk;

pub mod client;

#[cfg(feature = "conformance")]
pub mod conformance;

pub use call::{Call, Step, TokenAsk};
pub use error::{Error, ErrorKind};
pub use flows::{
    AttributeValue, Caller, Contact, ContactQuery, NewContact, Role, ServiceStatus,
    StatusIndicator, WithDeadline, ready,
};
pub use target::route_of;
pub use wire::{
    ApiRequest, Config, Connection, Expect, Incoming, NextAttempt, Outgoing, REPLAY_TABLE,
    Reception, Region, ReplayRow, Reply, replay_of, replay_row,
};

pub use bytes;
pub use futures_core;
pub use http;
#[cfg(feature = "serde")]
pub use intercom_errors::StoredClass;
#[doc(hidden)]
pub use intercom_errors::names;
pub use intercom_errors::{
    Action, AnsweredBy, ApiError, Body, BodyKind, Category, Class, ErrorCode, ErrorItem,
    ExistingContact, Fault, FaultKind, FilledFix, Fix, Hint, HintCause, KnownCase, Line,
    OptionalExt, Phase, RateLimit, RequestLine, RequestPath, Resend, RetryAfter, Slot, UnixTime,
    UnixTimeError, UnknownName,
};
pub use intercom_pace::{BoxFuture, MaybeSend, MaybeSync, PacerSettings, Pacing, Priority};
pub use intercom_retry::{
    Attempt, Decision, Failure, Moment, PolicyError, Replay, RetryBudget, RetryPolicy,
    RetryPolicyBuilder, Stop, StopReason, Tick, Wait, WaitCause,
};
const _: () = (); //
