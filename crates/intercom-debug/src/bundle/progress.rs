//! What a program can show while a bundle is collected.

use std::fmt;

/// A step that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    step: String,
    result: Result<String, String>,
}

impl Progress {
    pub(super) fn new(step: impl Into<String>, result: Result<String, String>) -> Self {
        Self {
            step: step.into(),
            result,
        }
    }

    /// Returns the name of the step, like `token`.
    #[must_use]
    pub fn step(&self) -> &str {
        &self.step
    }

    /// Returns whether the step found no problem.
    #[must_use]
    pub const fn is_ok(&self) -> bool {
        self.result.is_ok()
    }

    /// Returns what was found, or what went wrong.
    #[must_use]
    pub fn result(&self) -> &str {
        match &self.result {
            Ok(found) | Err(found) => found,
        }
    }
}

/// Shows the step and its result on one line.
impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.step, self.result())
    }
}
