//! The seam for gates: what a call asks before it sends, and how a gate learns the outcome.
//!
//! ```text
//!  call ──Ask──▶ gate ──Admission──▶ call ──Ticket──▶ Settle
//! ```

mod admission;
mod answer;
mod ask;
mod ticket;

pub use self::admission::{Admission, Refusal};
pub use self::answer::Answer;
pub use self::ask::Ask;
pub use self::ticket::{Seen, Settle, Ticket};
