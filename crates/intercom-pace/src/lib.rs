//! Decides when a call to Intercom's API may send its next request.
//!
//! In scope: the interface between calls and gates (what a call asks before each attempt, and what it reports afterwards);
//! a pacer that follows the server's rate-limit window on the server's clock, so that requests use its whole quota and
//! never exceed it; a queue that serves retries first; leases, with which many processes share one quota.
//!
//! Out of scope: sending, sleeping, waking, clocks and random numbers. The caller passes time and randomness in as a
//! [`Moment`](intercom_retry::Moment), so a test can replay every decision, and the crate builds without the standard
//! library. `intercom-blocking` and `intercom-async` build a gate for threads and a gate for tasks from this crate.
//! `intercom-retry` decides whether and when to retry.
//!
//! ```text
//!  call ──Ask──▶ gate ──Admission──▶ call ──Permit──▶ Settle
//!                 └── Turnstile ──▶ Pacer ◀── settle ───┘
//! ```
//!
//! - Before each attempt, a call passes an [`Ask`] to the *gate*, which may live in this process or on a shared server.
//!   The gate may make the call wait, and announces the wait with [`Ask::waiting`]. It returns an [`Admission`]: go,
//!   refused, or too late. Without a gate, [`Ask::free`] admits the call at once.
//! - An admitted attempt owns a [`Permit`]. The permit reports to the gate through [`Settle`] how the attempt ended,
//!   exactly once, even if the call is dropped. An [`Answer`] holds the parts of a response that a gate needs.
//! - A [`Pacer`] decides when the next request of one process may go. A [`Gauge`] shows the pacer's state.
//! - A [`Turnstile`] is a pacer with a queue in front of it. A [`SharedQueue`] (feature `std`) is a turnstile that the
//!   threads or tasks of a process share.
//! - [`fleet`] lets any number of processes share one quota: a [`Member`](fleet::Member) is a pacer whose limit is a lease.
//!
//! # A gate for one thread
//!
//! ```
//! use core::time::Duration;
//! use std::sync::{Arc, Mutex};
//! use intercom_errors::RateLimit;
//! use intercom_pace::{Admit, Answer, Ask, Pacer, PacerSettings, Permit, Seen, Settle};
//! use intercom_retry::{Moment, Tick};
//!
//! struct Gate(Mutex<Pacer>);
//!
//! /// The clock of both the call and the gate. In this example it stands still.
//! fn clock() -> Moment {
//!     Moment::new(Tick::new(Duration::from_millis(80)))
//! }
//!
//! impl Settle for Gate {
//!     fn settle(&self, place: u64, seen: Seen<'_>, now: Option<Moment>) {
//!         // A dropped permit reports no time.
//!         let now = now.unwrap_or_else(clock);
//!         self.0.lock().unwrap().settle(place, seen, &now);
//!     }
//! }
//!
//! fn admit(gate: &Arc<Gate>, ask: &Ask) -> Option<Permit> {
//!     match gate.0.lock().unwrap().admit(ask.now()) {
//!         Admit::Go(place) => Some(Permit::new(gate.clone(), place)),
//!         Admit::Wait(_) => None,
//!     }
//! }
//!
//! let gate = Arc::new(Gate(Mutex::new(Pacer::new(PacerSettings::default()))));
//! let start = Moment::new(Tick::default());
//! let ask = Ask::new(start, start.tick(), 1);
//!
//! // The limit is unknown, so the first call goes as a probe and the next one waits for its response.
//! let mut permit = admit(&gate, &ask).unwrap();
//! assert!(admit(&gate, &ask).is_none());
//!
//! permit.sent();
//! let headers = [("X-RateLimit-Limit", &b"167"[..]), ("X-RateLimit-Remaining", &b"166"[..])];
//! permit.responded(&Answer::new(RateLimit::from_headers(headers), 200), clock());
//! assert!(admit(&gate, &Ask::new(clock(), start.tick(), 1)).is_some());
//! ```
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod seam;

mod pacer;

mod queue;

pub mod fleet;

pub use self::pacer::{Admit, Admitter, Gauge, Pacer, PacerSettings, Pacing};
pub use self::queue::{Place, Turn, Turnstile};
#[cfg(feature = "std")]
pub use self::queue::{Queued, SharedQueue};
pub use self::seam::{
    Admission, Answer, Ask, BoxFuture, MaybeSend, MaybeSync, Permit, Priority, Refusal, Seen,
    Settle, WaitObserver,
};
