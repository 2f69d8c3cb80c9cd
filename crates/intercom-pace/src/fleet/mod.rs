//! Sharing one quota among many processes: each has a lease, a part of every window, and renews it at a common ledger.

mod member;
mod message;

pub use self::member::{Change, Member, Next};
pub use self::message::{ClosedWindow, LeaseReply, LeaseRequest, LeaseStatus, Slack};
