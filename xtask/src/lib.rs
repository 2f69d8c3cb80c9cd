//! What the project's chores share: the workspace that they work on.

mod workspace;

pub use crate::workspace::Workspace;
