//! Decides whether and when to retry an Intercom call.
//!
//! In scope: the decision, after each failed attempt, whether and when to send the request again; the counters and
//! the history of one call; a loop that follows the decisions.
//!
//! Out of scope: sending, sleeping, clocks, random numbers, and pacing requests to stay below the rate limit
//! (`intercom-pace`). Times and random numbers are arguments (a [`Moment`]), so a test can compute every wait, and the
//! crate builds without the standard library. `intercom-blocking` and `intercom-async` are whole clients that follow
//! these decisions. To use your own HTTP library, take `intercom-protocol`, or this crate if you already build requests
//! and parse responses.
//!
//! # A loop around your own HTTP library
//!
//! [`retry()`] calls a closure that sends the request, and another one that waits and reads the clocks:
//!
//! ```no_run
//! use std::time::Instant;
//! use intercom_errors::{ApiError, Fault, FaultKind};
//! use intercom_retry::{Moment, Replay, RetryPolicy, Tick, retry};
//! # struct Response { status: u16, body: Vec<u8> }
//! # impl Response { fn headers(&self) -> Vec<(&str, &[u8])> { Vec::new() } }
//! # mod http { pub(crate) fn get(_: &str) -> Result<super::Response, std::io::Error> { todo!() } }
//! # fn random() -> u64 { 0 }
//!
//! # fn main() -> Result<(), intercom_retry::GaveUp> {
//! let start = Instant::now();
//! let sleep = |wait| {
//!     std::thread::sleep(wait);
//!     Moment::new(Tick::new(start.elapsed())).with_roll(random())
//! };
//! let me = retry(RetryPolicy::default(), Replay::Read, || {
//!     let response = http::get("https://api.intercom.io/me")
//!         .map_err(|error| Fault::outcome_unknown(FaultKind::Other).with_source(error))?;
//!     ApiError::check(response.status, response.headers(), &response.body)?;
//!     Ok(response.body)
//! }, sleep)?;
//! # Ok(())
//! # }
//! ```
//!
//! [`retry_async()`] does the same with futures of any runtime:
//!
//! ```
//! use intercom_retry::{Replay, RetryPolicy, retry_async};
//! # use intercom_retry::{Failure, GaveUp, Moment, Tick};
//! # mod tokio { pub(crate) mod time { pub(crate) async fn sleep(_: core::time::Duration) {} } }
//! # async fn send() -> Result<u16, Failure> { Ok(200) }
//! # fn now() -> Moment { Moment::new(Tick::default()) }
//!
//! # async fn call() -> Result<(), GaveUp> {
//! let sleep = async |wait| {
//!     tokio::time::sleep(wait).await;
//!     now()
//! };
//! let me = retry_async(RetryPolicy::default(), Replay::Read, async || send().await, sleep).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Both return the value of the first success, or [`GaveUp`]: the last failure, why no attempt follows, and all attempts. Use
//! [`Fault::not_sent`](intercom_errors::Fault::not_sent) if no byte of the request can have left: then a write is sent
//! again too. The programs in [`xtask/stacks`] do this with reqwest and minreq, and as a middleware of reqwest-middleware; tests
//! compare them with our client.
//!
//! [`xtask/stacks`]: https://github.com/intercom-crates/intercom-crates/tree/main/xtask/stacks
//!
//! # The parts
//!
//! ```text
//!  ApiError ─┐             RetryPolicy, Replay, deadline
//!            ├─▶ Failure ──────────────┬─────────────────▶ decide ──▶ Decision ─┬─▶ Retry(Wait)
//!  Fault ────┘                      Moment                                      └─▶ Stop(reason, when to come back)
//!            └──────────────────── RetrySession, attempt by attempt ───────────────────┘
//! ```
//!
//! - `intercom-errors` determines what went wrong and whether a retry can help. Its `Class` is an input of the
//!   decision.
//! - [`RetryPolicy`] contains the settings. [`Replay`] says whether the request may be applied twice.
//! - [`decide()`] is a pure function. Its documentation has the table of decisions.
//! - [`RetrySession`] counts and records the attempts of one call. Many calls can share a [`RetryBudget`], so that their
//!   retries do not prolong an outage.
//!
//! # A whole call, step by step
//!
//! This call creates a contact, which must not happen twice. The example plays the part of the driver, which sends
//! requests, sleeps and reads clocks.
//!
//! ```
//! use core::time::Duration;
//! use intercom_errors::{ApiError, Fault, FaultKind, UnixTime};
//! use intercom_retry::{
//!     Decision, Moment, Replay, RetryPolicy, RetrySession, StopReason, Tick, WaitCause,
//! };
//!
//! // Returns what the driver's clocks show this many seconds after the start, and a random number in the middle of its
//! // range.
//! let at = |seconds: f64| {
//!     let since = Duration::from_secs_f64(seconds);
//!     let start = UnixTime::from_secs(1_711_100_000).unwrap();
//!     Moment::new(Tick::new(since))
//!         .with_wall(start.checked_add(since).unwrap())
//!         .with_roll(0x8000_0000_8000_0000)
//! };
//! let millis = |wait: Duration| wait.as_millis();
//!
//! let now = at(0.0);
//! let deadline = now.tick().after(Duration::from_secs(120));
//! let mut call = RetrySession::new(RetryPolicy::default(), Replay::No, &now)
//!     .with_deadline(Some(deadline));
//!
//! // The first attempt cannot resolve the host. Nothing was sent, so even a creation can be retried, after the back-off.
//! call.sending(&now);
//! let fault = Fault::not_sent(FaultKind::Dns);
//! let Decision::Retry(wait) = call.failed(&fault.into(), &at(0.1)) else { unreachable!() };
//! assert_eq!((millis(wait.duration()), wait.cause()), (750, WaitCause::Backoff));
//!
//! // The second attempt reaches the rate limit: the server refuses the request before it does anything. The wait lasts
//! // until the reset, on the server's clock. A random extra wait, the policy's spread, is added: here half of its maximum.
//! call.sending(&at(0.85));
//! let headers = [
//!     ("Date", &b"Fri, 22 Mar 2024 09:33:21 GMT"[..]),
//!     ("X-RateLimit-Reset", &b"1711100010"[..]),
//! ];
//! let body = br#"{"type":"error.list","request_id":"req_1","errors":[{"code":"rate_limit_exceeded"}]}"#;
//! let error = ApiError::from_parts(429, headers, body);
//! let Decision::Retry(wait) = call.failed(&error.into(), &at(1.0)) else { unreachable!() };
//! assert_eq!((millis(wait.duration()), wait.cause()), (9_500, WaitCause::RateLimitReset));
//!
//! // The response to the third attempt is lost. The contact may have been created, so the request must not be sent again.
//! call.sending(&at(10.5));
//! let fault = Fault::outcome_unknown(FaultKind::Closed);
//! let Decision::Stop(stop) = call.failed(&fault.into(), &at(11.0)) else { unreachable!() };
//! assert_eq!(stop.reason(), StopReason::NotReplayable);
//! assert!(call.maybe_applied());
//!
//! // The history contains all attempts.
//! let history: Vec<_> = call.attempts().iter().map(|a| (a.number(), a.status(), a.request_id())).collect();
//! assert_eq!(history, [(1, None, None), (2, Some(429), Some("req_1")), (3, None, None)]);
//! ```
//!
//! The example `own_loop` is a retry loop on a plain TCP connection.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![no_std]

extern crate alloc;
// The unit tests need the standard library.
#[cfg(test)]
extern crate std;

mod failure;
mod moment;
mod replay;

mod backoff;
mod policy;

mod stop;
mod wait;

mod decide;

mod attempt;
mod budget;
mod history;
#[cfg(feature = "serde")]
mod stored;

mod session;

mod gave_up;
mod retry;

pub use self::attempt::Attempt;
pub use self::budget::RetryBudget;
pub use self::decide::{Decision, Question, decide};
pub use self::failure::Failure;
pub use self::gave_up::GaveUp;
pub use self::history::History;
pub use self::moment::{Moment, Tick};
pub use self::policy::{PolicyError, RetryPolicy, RetryPolicyBuilder};
pub use self::replay::Replay;
pub use self::retry::{retry, retry_async};
pub use self::session::RetrySession;
pub use self::stop::{Stop, StopReason};
pub use self::wait::{Wait, WaitCause};
