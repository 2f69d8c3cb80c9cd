//! The members of a fleet and their ledger.

mod bounds;
mod driver;
mod lease;
mod ledger;
mod member;
mod silence;

use intercom_pace::fleet::{Change, Member};

fn changes(member: &mut Member) -> Vec<Change> {
    core::iter::from_fn(|| member.take_change()).collect()
}
