//! Why an export ended early.

use intercom_protocol::Error as CallError;
use intercom_protocol::walk::WalkError;

use crate::Error;

/// Why an export ended early. What it has read is in the file, and an export that is started again continues after it.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The workspace could not be read.
    #[error(transparent)]
    Call(CallError),
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] Error),
    /// A page could not be read.
    #[error(transparent)]
    Walk(#[from] WalkError),
}
