//! The members of a fleet and their ledger.

mod driver;
mod lease;
mod ledger;
mod member;
mod silence;
