//! Intercom's requests, one call's life, and flows of several calls, without sockets or sleeping.
//!
//! In scope: building requests for Intercom's REST API, reading its answers, deciding step by step what a call does next
//! (ask to be admitted, send, sleep, end), and the recipes made of several calls: find a contact, find or create one,
//! walk pages, diagnose a connection. An [`Observer`](observe::Observer) receives each attempt, wait and end of a call.
//!
//! Out of scope: sockets, sleeping, clocks, random numbers. Time and chance arrive as a [`Moment`]; requests leave as
//! an [`Outgoing`]. `intercom-blocking` and `intercom-async` are thin loops over this crate and ready to be used: take
//! this one to make a client on another HTTP stack. The feature `tracing` brings an observer that writes log lines.
//!
//! # A client on another HTTP stack
//!
//! A [`Call`] says what to do, the driver does it. This is a whole client; `stack` stands for an HTTP library.
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
//!     ApiRequest, Call, Caller, Config, Connection, Error, Fault, FaultKind, Incoming, Moment, Outgoing, Region, Reply,
//!     Step, Tick, UnixTime, flows, http, ready,
//! };
//!
//! struct Client {
//!     connection: Connection, // one for all calls: they share its retry budget
//!     started: Instant,
//! }
//!
//! impl Client {
//!     /// Carries out one call with all its waiting and retrying.
//!     fn execute(&self, request: ApiRequest) -> Result<Reply, Error> {
//!         let mut call = Call::new(&self.connection, request, self.now());
//!         loop {
//!             match call.next(self.now()) {
//!                 Step::Admit(ask) => call.admitted(ask.free(), self.now()), // nothing is paced here
//!                 Step::Send(outgoing) => call.received(exchange(outgoing), self.now()),
//!                 Step::Sleep(duration) => std::thread::sleep(duration),
//!                 Step::Done(result) => return result,
//!             }
//!         }
//!     }
//!
//!     /// The moment: a monotonic clock, the wall clock, and a random number, fresh each time, that spreads the waits.
//!     fn now(&self) -> Moment {
//!         let moment = Moment::new(Tick::new(self.started.elapsed())).with_roll(RandomState::new().hash_one(0));
//!         match UnixTime::try_from(SystemTime::now()) {
//!             Ok(wall) => moment.with_wall(wall),
//!             Err(_) => moment,
//!         }
//!     }
//! }
//!
//! /// Sends one request and reads its whole answer, of whatever status.
//! fn exchange(outgoing: Outgoing) -> Result<http::Response<Bytes>, Fault> {
//!     let request = outgoing.request();
//!     // One limits connecting, the other the whole exchange; `None` is no limit.
//!     let limits = [outgoing.connect_timeout(), outgoing.timeout()];
//!     let mut stack = stack::Connection::open(request.uri(), limits)
//!         .map_err(|error| Fault::not_sent(FaultKind::Connect).with_source(error))?;
//!
//!     // From here on the server may act on it, whatever becomes of the answer.
//!     let lost = |error: io::Error| Fault::outcome_unknown(kind(&error)).with_source(error);
//!     stack.send(request).map_err(lost)?;
//!     let head = stack.head().map_err(lost)?;
//!
//!     // The head says what was done: of a body that breaks off, what came is kept.
//!     let mut incoming = Incoming::new(request.method(), head, outgoing.body_limit());
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
//! /// With this, a client has the flows too.
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
//! // The futures of a blocking caller never wait, so one poll is enough; an async one awaits them.
//! let found = ready(flows::find(&client, "5f1"))??;
//! assert_eq!(found.unwrap().contact().id(), "5f1");
//! # Ok::<(), Error>(())
//! ```
//!
//! # What a transport says
//!
//! Whether a request is sent again hangs on what its transport says of the exchange:
//!
//! | what happened | what to say | sent again |
//! |---|---|---|
//! | a whole answer came, of any status | the response | by its status, code and message |
//! | no byte of the request was handed over: no such host, no connection, no TLS | [`Fault::not_sent`] | any request |
//! | it was, or may have been, and no head of an answer came | [`Fault::outcome_unknown`] | only what may be applied twice |
//! | the head came, the body not or shorter than announced | [`Incoming::cut`] | by the status |
//!
//! In doubt a fate is unknown: said of a request that was on its way, `not_sent` sends writes twice. The [`FaultKind`]
//! says what broke; a bad certificate, a bad URI and an answer too large are never tried again.
//!
//! A transport also
//!
//! - sends the request as it is and adds `Host`;
//! - hands the body to [`Incoming`] as it came over the wire: requests ask for gzip, and it is decoded there;
//! - reports a TLS stream that ends without `close_notify`, or a connection that is reset, by [`Incoming::cut`], although
//!   the body has no length to be checked against;
//! - ends the whole exchange by [`Outgoing::timeout`], and connecting, TLS included, by [`Outgoing::connect_timeout`];
//! - follows no redirect, for the token goes to no other host, and repeats nothing by itself;
//! - speaks TLS to `https`; [`Config`] accepts `http` for loopback only.
//!
//! To pace calls, ask a [`gate::SharedQueue`] at `Step::Admit`. [`client_settings`] and [`client_methods`] write the settings
//! and methods of our clients for yours. A [`Caller`] that has [`connection`](Caller::connection) and [`now`](Caller::now)
//! bounds each flow by the total time-out; without them only each call is bounded.
//!
//! How to tell whether an HTTP library began to send, which its errors often hide, is told on the page of
//! `intercom-async`'s [`Transport`].
//!
//! [`Transport`]: https://docs.rs/intercom-async/latest/intercom_async/transport/trait.Transport.html

#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
pub mod observe;
mod wire;

pub mod gate;

mod call;
pub mod flows;

pub mod client;

pub use call::{Call, Step};
pub use error::{Error, ErrorKind};
pub use flows::{
    AttributeValue, Caller, Contact, ContactQuery, NewContact, Role, ServiceStatus,
    StatusIndicator, Until, ready,
};
pub use wire::{
    ApiRequest, Config, Connection, Expect, Incoming, Outgoing, REPLAY_TABLE, Region, ReplayRow,
    Reply, replay_of, replay_row, route_of,
};

pub use bytes;
pub use http;
#[doc(hidden)]
pub use intercom_errors::names;
pub use intercom_errors::{
    Action, ApiError, Body, BodyKind, Category, Class, ErrorCode, ErrorItem, ExistingContact,
    Fault, FaultKind, FilledFix, Fix, Hint, HintCause, Line, OptionalExt, Phase, RateLimit,
    RequestLine, RequestPath, Resend, RetryAfter, Slot, UnixTime, UnixTimeError, UnknownName,
};
pub use intercom_pace::{PacerSettings, Pacing};
pub use intercom_retry::{
    Attempt, Decision, Failure, Moment, PolicyError, Replay, RetryBudget, RetryPolicy,
    RetryPolicyBuilder, Stop, StopReason, Tick, Wait, WaitCause,
};
