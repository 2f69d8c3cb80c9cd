//! Why a script in JSON was refused.

/// A line of a script that is no answer: which one, and what is wrong with it.
///
/// [`MockServer::script_lines`](crate::MockServer::script_lines) gives it. Its text names the line and says how to mend
/// it, such as ``line 3: unknown field `sttaus`, expected one of …``.
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

    /// The line's number, from 1; blank lines count.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }
}
