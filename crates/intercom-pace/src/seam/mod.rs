//! The interface between calls and gates: what a call asks before it sends, and how the gate learns the outcome.
//!
//! ```text
//!  call ──Ask──▶ gate ──Admission──▶ call ──Permit──▶ Settle
//!    ◀──waiting───┘
//! ```

mod admission;
mod answer;
mod ask;
mod permit;
mod threads;

pub use self::admission::{Admission, Refusal};
pub use self::answer::Answer;
pub use self::ask::{Ask, Priority, WaitObserver};
pub use self::permit::{Permit, Seen, Settle};
pub use self::threads::{BoxFuture, MaybeSend, MaybeSync};
