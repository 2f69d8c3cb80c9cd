//! The error of an invalid script.

/// An invalid line in a script.
///
/// [`MockServer::script_lines`](crate::MockServer::script_lines) returns it. The message has the line number and how to fix
/// the line, like ``line 3: unknown field `sttaus`, expected one of …``.
#[derive(Clone, Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ScriptError {
    line: usize,
    reason: String,
}

impl ScriptError {
    pub(super) fn new(line: usize, reason: String) -> Self {
        Self { line, reason }
    }

    /// Returns the number of the line, from 1. Blank lines count.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }
}
