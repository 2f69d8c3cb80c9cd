//! When to try an Intercom call again, and how long to wait.
//!
//! In scope: deciding after each failure whether the same request goes again and when; the counters and the history
//! of one call.
//!
//! Out of scope: how fast to go so that the rate limit is never met (`intercom-pace`), sending, sleeping, clocks and
//! random numbers. Time and chance arrive as arguments (a [`Moment`]), so
//! every wait can be computed in a test, and the crate builds without the standard library. `intercom-blocking` and
//! `intercom-async` are whole clients that do what is decided here; with an HTTP library of your own, take
//! `intercom-protocol`, unless you build requests and read answers already.
//!
//! ```text
//!  ApiError ─┐             RetryPolicy, Replay, deadline
//!            ├─▶ Failure ──────────────┬─────────────────▶ decide ──▶ Decision ─┬─▶ Retry(Wait)
//!  Fault ────┘                      Moment                                      └─▶ Stop(reason, when to come back)
//!            └──────────────────── RetrySession, attempt by attempt ───────────────────┘
//! ```
//!
//! - What went wrong, and what a repeat would do, is `intercom-errors`' business: its `Class` goes in.
//! - [`RetryPolicy`] holds the settings, [`Replay`] says what applying the request twice would do.
//! - [`decide()`] is pure; its page has the table of decisions.
//! - [`RetrySession`] counts and remembers for one call; a [`RetryBudget`] is shared by many, so that retries do
//!   not prolong an outage.
//!
//! # A whole call
//!
//! Somebody creates a contact, which must not happen twice. The driver's part (sending, sleeping, reading clocks) is
//! played by hand here.
//!
//! ```
//! use core::time::Duration;
//! use intercom_errors::{ApiError, Fault, FaultKind, UnixTime};
//! use intercom_retry::{
//!     Decision, Moment, Replay, RetryPolicy, RetrySession, StopReason, Tick, WaitCause,
//! };
//!
//! // The driver's clocks at `seconds` after the start, and a roll in the middle.
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
//! // The first attempt finds no host. Nothing was sent, so even a creation may go again, after our own back-off.
//! call.sending(&now);
//! let fault = Fault::not_sent(FaultKind::Dns);
//! let Decision::Retry(wait) = call.failed(&fault.into(), &at(0.1)) else { unreachable!() };
//! assert_eq!((millis(wait.duration()), wait.cause()), (750, WaitCause::Backoff));
//!
//! // The second meets the rate limit, which refuses before anything is done. The wait lasts until the reset, on the
//! // server's own clock, plus half of the spread.
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
//! // The third is lost on its way back. It may have created the contact: sending it again would be a guess.
//! call.sending(&at(10.5));
//! let fault = Fault::outcome_unknown(FaultKind::Closed);
//! let Decision::Stop(stop) = call.failed(&fault.into(), &at(11.0)) else { unreachable!() };
//! assert_eq!(stop.reason(), StopReason::NotReplayable);
//! assert!(call.maybe_applied());
//!
//! // All of it can be read back.
//! let history: Vec<_> = call.attempts().iter().map(|a| (a.number(), a.status(), a.request_id())).collect();
//! assert_eq!(history, [(1, None, None), (2, Some(429), Some("req_1")), (3, None, None)]);
//! ```
#![no_std]

extern crate alloc;
// The tests inside the modules collect and format.
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

mod session;

pub use self::attempt::Attempt;
pub use self::budget::RetryBudget;
pub use self::decide::{Decision, Question, decide};
pub use self::failure::Failure;
pub use self::history::History;
pub use self::moment::{Moment, Tick};
pub use self::policy::{PolicyError, RetryPolicy, RetryPolicyBuilder};
pub use self::replay::Replay;
pub use self::session::RetrySession;
pub use self::stop::{Stop, StopReason};
pub use self::wait::{Wait, WaitCause};
