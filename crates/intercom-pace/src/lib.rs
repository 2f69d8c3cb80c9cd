//! When an Intercom call may go: a pacer for the rate limit, the queue in front of it, and the seam for gates.
//!
//! In scope: the question that a call asks before each attempt and the report it makes afterwards; a pacer that follows
//! the server's window on the server's clock, so that the limit is never met and none of it is wasted; a queue that
//! serves retries first.
//!
//! Out of scope: sending, sleeping, waking, clocks and random numbers. Time and chance arrive as a [`Moment`](intercom_retry::Moment), so every
//! decision can be replayed in a test, and the crate builds without the standard library. `intercom-blocking` and
//! `intercom-async` have a gate for threads and one for tasks, both made of what is here. When to send a request again
//! is decided by `intercom-retry`.
//!
//! ```text
//!  call ──Ask──▶ gate ──Admission──▶ call ──Permit──▶ Settle
//!                 └── Turnstile ──▶ Pacer ◀── settle ───┘
//! ```
//!
//! - A call asks with an [`Ask`]. The *gate* (in this process, on a shared server, or none at all) decides, perhaps
//!   after a wait that it announces with [`Ask::waiting`], and answers with an [`Admission`]: go, refused, or too late.
//!   [`Ask::free`] is the answer where nothing is paced.
//! - A call that goes owns a [`Permit`], which reports to the gate through [`Settle`] exactly once how the attempt
//!   ended, even if the call is dropped. An [`Answer`] is what a gate learns from a response.
//! - A [`Pacer`] decides for one process when the next request may go. A [`Gauge`] shows what it knows.
//! - A [`Turnstile`] is a pacer with a queue in front. With the feature `std`, a [`SharedQueue`] is one that the threads or
//!   tasks of a process share.
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
//! /// The clock of the call and of the gate; here it stands still.
//! fn clock() -> Moment {
//!     Moment::new(Tick::new(Duration::from_millis(80)))
//! }
//!
//! impl Settle for Gate {
//!     fn settle(&self, place: u64, seen: Seen<'_>, now: Option<Moment>) {
//!         // A permit that is dropped knows no time.
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
//! // The limit is unknown, so one call goes to look and the next one waits for its response.
//! let mut permit = admit(&gate, &ask).unwrap();
//! assert!(admit(&gate, &ask).is_none());
//!
//! permit.sent();
//! let headers = [("X-RateLimit-Limit", &b"167"[..]), ("X-RateLimit-Remaining", &b"166"[..])];
//! permit.answered(&Answer::new(RateLimit::from_headers(headers), 200), clock());
//! assert!(admit(&gate, &Ask::new(clock(), start.tick(), 1)).is_some());
//! ```
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod seam;

mod pacer;

mod queue;

pub use self::pacer::{Admit, Gauge, Pacer, PacerSettings, Pacing};
pub use self::queue::{Place, Turn, Turnstile};
#[cfg(feature = "std")]
pub use self::queue::{Queued, SharedQueue};
pub use self::seam::{Admission, Answer, Ask, Permit, Refusal, Seen, Settle, WaitObserver};
