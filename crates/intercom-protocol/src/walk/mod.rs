//! Walks: reading every item of a list, a search or a scroll, whatever happens on the way.
//!
//! A client's `walk()`, `contacts().walk()`, `companies().walk()` and `conversations().walk(..)` return a
//! [`Walk`](crate::client::Walk). This module has what a walk gives and takes: a [`Checkpoint`] from which another process can go
//! on, the [`WalkError`] that ends it, the [`Report`] of what it did, and [`Seen`], the store of the ids that were returned.
//!
//! A walk decides without I/O what to request next: the page size, restarts, duplicates, spans of days.

mod accept;
mod checkpoint;
mod contents;
mod days;
mod error;
mod failure;
mod identity;
mod items;
mod loaded;
mod place;
mod plan;
mod report;
mod seen;
mod size;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use error::{Unreadable, WalkError, WalkErrorKind};
pub(crate) use place::is_numbered;
pub(crate) use plan::{Plan, Step};
pub use report::Report;
pub use seen::{IdKey, Seen, SeenIds};
