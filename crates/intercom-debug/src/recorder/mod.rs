//! Records calls.

mod line;
mod sink;

use core::fmt;
use std::borrow::Cow;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use intercom_protocol::observe::{Event, Observer};

pub(crate) use self::line::Writer;
use self::sink::Sink;
use crate::recording::{Head, VERSION};

/// The default limit of a file, in bytes.
const LIMIT: u64 = 64 * 1024 * 1024;

/// Records the calls of a client: an [`Observer`] for its builder. Clones record to the same place.
///
/// It writes one line of JSON for each attempt. A line has no personal data: only what is known to be safe is written. The
/// [module documentation](crate#what-a-recording-contains) lists it.
///
/// An error while writing does not disturb a call. [`failure`](Self::failure) returns it.
///
/// ```
/// use intercom_debug::Recorder;
/// use intercom_protocol::Config;
///
/// let recorder = Recorder::builder().hide("dG9rOjEyMw==").in_memory(1_000);
/// let config = Config::new("dG9rOjEyMw==").observer(recorder.clone());
/// // Make calls with a client of this configuration.
/// assert!(recorder.text().starts_with("{\"line\":\"head\""));
/// ```
#[derive(Clone)]
pub struct Recorder(Arc<Inner>);

struct Inner {
    writer: Writer,
    sink: Mutex<Sink>,
}

/// The settings of a [`Recorder`]. Created by [`Recorder::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until the recorder is created"]
pub struct RecorderBuilder {
    writer: Writer,
    tool: Cow<'static, str>,
    limit: u64,
}

impl Recorder {
    /// Returns the settings of a new recorder.
    pub fn builder() -> RecorderBuilder {
        RecorderBuilder {
            writer: Writer::new(run()),
            tool: Cow::Borrowed(concat!("intercom-debug ", env!("CARGO_PKG_VERSION"))),
            limit: LIMIT,
        }
    }

    /// Returns the recording so far, if it is kept in memory: a head and the last lines. A recording in a file returns an empty string.
    #[must_use]
    pub fn text(&self) -> String {
        self.sink().text()
    }

    /// Returns the first error of writing, and why nothing more is recorded. Each error is returned once.
    #[must_use]
    pub fn failure(&self) -> Option<io::Error> {
        self.sink().take_failure()
    }

    fn sink(&self) -> MutexGuard<'_, Sink> {
        self.0.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Recorder {
    fn event(&self, event: &Event<'_>) {
        if let Some(line) = self.0.writer.line(event) {
            self.sink().write(&line);
        }
    }
}

/// Shows nothing of what was recorded.
impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

impl RecorderBuilder {
    /// Names the program that records, with its version, like `importer 1.4`. The name is part of the head.
    pub fn tool(mut self, tool: impl Into<String>) -> Self {
        self.tool = Cow::Owned(tool.into());
        self
    }

    /// Hides a secret, like the access token: a request id or a header that has a part of it is not written.
    pub fn hide(mut self, secret: &str) -> Self {
        self.writer.secrets.add(secret);
        self
    }

    /// Keeps the bodies of responses, without secrets and e-mail addresses. They can contain other personal data, like names and messages.
    /// The head of the recording says that bodies are kept.
    pub const fn bodies(mut self, yes: bool) -> Self {
        self.writer.bodies = yes;
        self
    }

    /// Limits the size of the files, in bytes; the default is 64 MiB.
    ///
    /// When a file has half of this size, it is renamed by appending `.1`, and replaces an earlier file of that name. A new file begins.
    pub const fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Creates a recorder that appends to a file, which only its owner can read. Several processes can append to one file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be opened or its head cannot be written.
    pub fn to_file(self, path: impl AsRef<Path>) -> io::Result<Recorder> {
        let head = self.head();
        let sink = Sink::file(path.as_ref(), self.limit, head)?;
        Ok(self.with(sink))
    }

    /// Creates a recorder that keeps the last lines in memory.
    #[must_use]
    pub fn in_memory(self, lines: usize) -> Recorder {
        let sink = Sink::memory(lines, self.head());
        self.with(sink)
    }

    fn head(&self) -> Head {
        Head {
            v: VERSION,
            tool: self.tool.clone(),
            recorder: Cow::Borrowed(env!("CARGO_PKG_VERSION")),
            bodies: self.writer.bodies,
        }
    }

    fn with(self, sink: Sink) -> Recorder {
        Recorder(Arc::new(Inner {
            writer: self.writer,
            sink: Mutex::new(sink),
        }))
    }
}

/// Returns a name for this run that other processes are unlikely to choose.
fn run() -> String {
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u32(std::process::id());
    format!("{:08x}", hasher.finish() >> 32)
}
