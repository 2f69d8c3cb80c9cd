//! The seam for pacing: what a call asks before it sends, and what it may be told.
//!
//! ```text
//!  call ──Ask──▶ gate ──Admission──▶ call ──Ticket──▶ Settle
//! ```
//!
//! A call asks with an [`Ask`]. Whoever paces (a *gate*: in this process, on a shared server, or nobody at all)
//! answers with an [`Admission`]: go, wait and ask again, or no. To go is to own a [`Ticket`], which tells the gate
//! through [`Settle`] exactly once how the attempt ended, even if the call is dropped half-way.
//!
//! A [`Pacer`] is what a gate for one process decides by.

mod admission;
mod answer;
mod ask;
mod bucket;
mod clock;
mod counting;
mod gain;
mod gauge;
mod headerless;
mod ledger;
mod pacer;
mod permits;
mod settings;
mod ticket;
mod turnstile;
mod window;

pub use self::admission::{Admission, Refusal};
pub use self::answer::Answer;
pub use self::ask::Ask;
pub use self::gauge::Gauge;
pub use self::pacer::{Admit, Pacer};
pub use self::settings::{PacerSettings, Pacing};
pub use self::ticket::{Seen, Settle, Ticket};
pub use self::turnstile::{Place, Turn, Turnstile};
