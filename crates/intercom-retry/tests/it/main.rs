//! What the crate promises, seen from outside.

mod answers;
mod decision;
mod policy;
mod properties;
mod replay;
mod schedule;
mod session;
mod stop;
mod ticket;
