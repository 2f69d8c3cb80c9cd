//! The members of a fleet and their ledger.

mod bounds;
mod driver;
mod lease;
mod ledger;
mod member;
mod silence;
