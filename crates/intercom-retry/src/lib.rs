//! When to try an Intercom call again, and how long to wait.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod attempt;
mod backoff;
mod decide;
mod failure;
mod moment;
mod pace;
mod policy;
mod replay;
mod session;
mod stop;
mod wait;

pub use self::moment::{Moment, Tick};
pub use self::policy::{PolicyError, RetryPolicy, RetryPolicyBuilder};
pub use self::replay::Replay;
pub use self::failure::Failure;
pub use self::decide::{Decision, Question, decide};
pub use self::wait::{Wait, WaitCause};
pub use self::stop::{Stop, StopReason};
pub use self::session::RetrySession;
pub use self::attempt::Attempt;
pub use self::pace::{Admission, Ask, Refusal, Seen, Settle, Ticket};
