//! The members of a fleet and their ledger.

mod lease;
mod ledger;
mod member;
