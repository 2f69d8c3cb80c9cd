//! What goes into a bundle.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::Progress;

/// The usual time limit of all checks together.
const DEADLINE: Duration = Duration::from_secs(12);
/// How much of the end of a log is read.
const LOG_BYTES: u64 = 8 << 20;

/// What goes into a bundle beside the checks, and how long the checks may take.
///
/// ```
/// use std::time::Duration;
/// use intercom_debug::bundle::BundleOptions;
///
/// let options = BundleOptions::new()
///     .log("log/production.log")
///     .env_file(".env")
///     .deadline(Duration::from_secs(5));
/// ```
pub struct BundleOptions {
    pub(super) deadline: Duration,
    pub(super) env_files: Vec<PathBuf>,
    pub(super) log_bytes: u64,
    pub(super) logs: Vec<PathBuf>,
    pub(super) progress: Box<dyn FnMut(&Progress)>,
    pub(super) recordings: Vec<PathBuf>,
    pub(super) roots_pem: Option<Vec<u8>>,
}

impl Default for BundleOptions {
    fn default() -> Self {
        Self {
            deadline: DEADLINE,
            env_files: Vec::new(),
            log_bytes: LOG_BYTES,
            logs: Vec::new(),
            progress: Box::new(|_| {}),
            recordings: Vec::new(),
            roots_pem: None,
        }
    }
}

impl BundleOptions {
    /// Creates the options of a bundle without files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a log. Its lines about Intercom are redacted; see [the module](super).
    #[must_use]
    pub fn log(mut self, path: impl Into<PathBuf>) -> Self {
        self.logs.push(path.into());
        self
    }

    /// Adds an environment file like `.env`. The bundle gets names, and whether they are set; it never gets a value.
    #[must_use]
    pub fn env_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.env_files.push(path.into());
        self
    }

    /// Adds a recording of calls. It is read and written again line by line; what is not known to be safe is left out.
    #[must_use]
    pub fn recording(mut self, path: impl Into<PathBuf>) -> Self {
        self.recordings.push(path.into());
        self
    }

    /// Sets how much of the end of each log is read, in bytes (default 8 MiB).
    #[must_use]
    pub fn log_bytes(mut self, bytes: u64) -> Self {
        self.log_bytes = bytes;
        self
    }

    /// Sets how long all checks together may take (default 12 seconds).
    #[must_use]
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = limit;
        self
    }

    /// Trusts only these certificate authorities (PEM) when the time of TLS is measured, like
    /// [`TransportSettings::root_certificates_pem`](intercom_blocking::transport::TransportSettings::root_certificates_pem) of
    /// the client.
    #[must_use]
    pub fn root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots_pem = Some(pem.into());
        self
    }

    /// Calls this function for each step that is done.
    #[must_use]
    pub fn on_progress(mut self, report: impl FnMut(&Progress) + 'static) -> Self {
        self.progress = Box::new(report);
        self
    }
}

impl fmt::Debug for BundleOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BundleOptions")
            .field("deadline", &self.deadline)
            .field("env_files", &self.env_files.len())
            .field("log_bytes", &self.log_bytes)
            .field("logs", &self.logs.len())
            .field("recordings", &self.recordings.len())
            .finish_non_exhaustive()
    }
}
