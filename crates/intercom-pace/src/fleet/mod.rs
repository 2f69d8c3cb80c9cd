//! Sharing one quota among many processes: each has a lease, a part of every window, and renews it at a common ledger.

mod bounds;
#[cfg(feature = "ledger")]
mod ledger;
mod member;
mod message;
mod parts;

#[cfg(feature = "ledger")]
pub use self::ledger::{Ledger, MemberLease};
pub use self::member::{Change, Member, Next};
pub use self::message::{ClosedWindow, LeaseReply, LeaseRequest, LeaseStatus, Slack};
#[cfg(feature = "ledger")]
pub use self::parts::Part;
#[cfg(not(feature = "ledger"))]
pub(crate) use self::parts::Part;
pub(crate) use self::parts::Parts;
