//! Why a script in JSON was refused.

use std::error::Error;
use std::fmt;

/// A line of a script that is no answer: which one, and what is wrong with it.
///
/// [`MockServer::script_lines`](crate::MockServer::script_lines) gives it. Its text names the line and says how to mend
/// it, such as ``line 3: unknown field `sttaus`, expected one of …``.
#[derive(Clone, Debug)]
pub struct ScriptError {
    line: usize,
    reason: String,
}

impl ScriptError {
    pub(super) fn new(line: usize, reason: String) -> Self {
        Self { line, reason }
    }

    /// The line's number, from 1; blank lines count.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.reason)
    }
}

impl Error for ScriptError {}
