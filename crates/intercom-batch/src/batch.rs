//! A batch before it runs: its connection and its settings.

use std::fmt;
use std::path::Path;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use intercom_async::gate::Gate;
use intercom_async::transport::{Timer, Transport};
use intercom_protocol::{Config, Error as CallError};

use crate::sender::Sender;
use crate::settings::Settings;
use crate::{Error, Run, Source, Wording};

/// A batch of requests, and how it treats the lines of earlier runs.
///
/// All requests share one connection, one gate and one retry budget.
///
/// ```no_run
/// use std::time::Duration;
/// use intercom_batch::{Batch, Config, Source};
///
/// # async fn all() -> Result<(), Box<dyn std::error::Error>> {
/// let run = Batch::new(Config::new(std::env::var("INTERCOM_ACCESS_TOKEN")?))?
///     .concurrency(4)
///     .deadline(Duration::from_secs(3600))
///     .retry_failed(true)
///     .start(Source::open("requests.ndjson")?, "results.ndjson")?;
/// run.finish().await?;
/// # Ok(()) }
/// ```
pub struct Batch {
    sender: Sender,
    deadline: Option<Duration>,
    settings: Settings,
}

impl Batch {
    /// Creates a batch that sends over hyper, on tokio, with the pacing of the configuration.
    ///
    /// The configuration's total time-out does not apply: [`deadline`](Self::deadline) limits the run, and single lines
    /// have no limit.
    ///
    /// # Errors
    ///
    /// Returns an error of kind `invalid` that names the setting.
    #[cfg(feature = "hyper")]
    pub fn new(config: Config) -> Result<Self, CallError> {
        use intercom_async::gate::PacedGate;
        use intercom_async::transport::{HyperTransport, TokioTimer};
        let timer = TokioTimer::default();
        let pacer = config.pacer().cloned();
        let gate = pacer.map(|pacer| Box::new(PacedGate::new(pacer, timer)) as _);
        Self::with(config, HyperTransport::new(), timer, gate)
    }

    /// Creates a batch that sends with this transport, waits with this timer, and asks this gate before each request.
    ///
    /// As in `new`, the configuration's total time-out does not apply.
    ///
    /// Without a gate, requests are sent at once, and only 429s slow them down. A
    /// [`PacedGate`](intercom_async::gate::PacedGate) stays below the rate limit.
    ///
    /// # Errors
    ///
    /// Returns an error of kind `invalid` that names the setting.
    pub fn with(
        config: Config,
        transport: impl Transport + 'static,
        timer: impl Timer + 'static,
        gate: Option<Box<dyn Gate>>,
    ) -> Result<Self, CallError> {
        let connection = config.build()?;
        if let Some(gate) = &gate {
            gate.attach(&connection);
        }
        Ok(Self {
            sender: Sender {
                connection,
                transport: Box::new(transport),
                timer: Box::new(timer),
                gate,
                until: None,
                blocked: AtomicU32::new(0),
            },
            deadline: None,
            settings: Settings::default(),
        })
    }

    /// Sets how many lines may be in progress at once: 16 by default, and at least 1.
    #[must_use]
    pub fn concurrency(mut self, lines: usize) -> Self {
        self.settings.concurrency = lines.max(1);
        self
    }

    /// Stops the run this long after its start and cuts off the requests in flight. By default, nothing limits it.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets whether to retry lines that earlier runs recorded as [`Failed`](crate::Ending::Failed) or
    /// [`Refused`](crate::Ending::Refused). By default they are skipped.
    #[must_use]
    pub const fn retry_failed(mut self, yes: bool) -> Self {
        self.settings.retry_failed = yes;
        self
    }

    /// Sets whether to retry lines that may have been applied. Some of them will then be applied twice.
    ///
    /// By default they are skipped or recorded as [`Unknown`](crate::Ending::Unknown).
    #[must_use]
    pub const fn retry_unknown(mut self, yes: bool) -> Self {
        self.settings.retry_unknown = yes;
        self
    }

    /// Sets the wording of the records.
    #[must_use]
    pub fn wording(mut self, wording: impl Wording + 'static) -> Self {
        self.settings.wording = Box::new(wording);
        self
    }

    /// Opens the files and starts a run, which continues where an earlier run with the same files ended.
    ///
    /// The journal is a file beside the results, with `.journal` added to their name. Missing files are created.
    ///
    /// # Errors
    ///
    /// Returns an [`Error`] of any kind. Nothing was sent.
    pub fn start(mut self, source: Source, results: impl AsRef<Path>) -> Result<Run, Error> {
        let now = self.sender.now().tick();
        self.sender.until = self.deadline.map(|deadline| now.after(deadline));
        Run::start(self.settings, self.sender, source, results.as_ref())
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("sender", &self.sender)
            .field("deadline", &self.deadline)
            .field("settings", &self.settings)
            .finish()
    }
}
