//! The workspace that the project's chores work on.

mod workspace;

pub use crate::workspace::Workspace;
