//! The export of message data: a job of the server, whose id the journal keeps, and a file that appears when it is complete.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use intercom_protocol::client::{Async, RequestBuilder};
use intercom_protocol::flows::{
    ExportJob, ExportPeriod, ExportStatus, exported, start_export, wait_for_export,
};
use intercom_protocol::{
    Caller, Error as CallError, ErrorKind, Tick, UnixTime, WithDeadline, names,
};

use super::job::{JobFiles, State};
use super::unpack::Unpacker;
use super::workspace::workspace;
use crate::Error;

/// Which messages an export writes: those that were sent in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagePeriod {
    pub(super) period: ExportPeriod,
    /// Whether the period ends when the export was first started.
    pub(super) is_open: bool,
}

impl MessagePeriod {
    /// The messages from one time to another, both included.
    #[must_use]
    pub const fn between(after: UnixTime, before: UnixTime) -> Self {
        Self {
            period: ExportPeriod::new(after, before),
            is_open: false,
        }
    }

    /// The messages from this time to now. An export that goes on keeps the `now` of its first run.
    #[must_use]
    pub const fn until_now(after: UnixTime, now: UnixTime) -> Self {
        Self {
            period: ExportPeriod::new(after, now),
            is_open: true,
        }
    }
}

names! {
    /// What an export of messages is doing.
    #[non_exhaustive]
    pub enum MessagePhase {
        /// The file is complete.
        Complete = "complete",
        /// It downloads the data.
        Downloading = "downloading",
        /// The server works on the export.
        Running = "running",
        /// It asks the server to start the export.
        Starting = "starting",
        /// It waits until another export of the workspace has ended.
        WaitingForOther = "waiting_for_other",
    }
}

/// Shows how far an export of messages is, while another task runs it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct MessageProgress(Arc<Mutex<(MessagePhase, u64)>>);

impl MessageProgress {
    /// Returns what the export is doing.
    #[must_use]
    pub fn phase(&self) -> MessagePhase {
        self.with(|now| now.0)
    }

    /// Returns how many bytes of the unpacked table have been written.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.with(|now| now.1)
    }

    pub(super) fn wrote(&self, bytes: u64) {
        self.with(|now| now.1 += bytes);
    }

    fn enter(&self, phase: MessagePhase, bytes: u64) {
        self.with(|now| *now = (phase, bytes));
    }

    fn with<T>(&self, work: impl FnOnce(&mut (MessagePhase, u64)) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why an export of messages ended early. An export that is started again with the same period and file goes on.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum MessageExportError {
    /// A call failed. If the export could not be started and the outcome of that is unknown, the server may work on an export that
    /// can no longer be downloaded. The next run then waits until it has ended.
    #[error(transparent)]
    Call(CallError),
    /// The data is not a table that was compressed with gzip, or it ends early. The next run downloads it again.
    #[error(
        "the downloaded data is not a whole table; start the export again to download it again"
    )]
    Damaged(#[source] io::Error),
    /// The server ended its export without data: it failed or was canceled, or has a status that this version does not know. After
    /// the first two, the next run starts another one.
    #[error("the export ended with status {0}; start it again")]
    Ended(String),
    /// A file could not be opened or written.
    #[error(transparent)]
    File(#[from] Error),
    /// The deadline came before the server had ended its export. The next run waits for the same one.
    #[error("the server still works on the export; start it again to wait for it")]
    Running,
}

/// Writes all messages that were sent in a period to a file, as a table (CSV).
///
/// Beside the file `OUT` stands the journal `OUT.journal`. It contains the id of the server's export, before anything else is done
/// with it, so an export that was killed goes on with the same one. The data is unpacked to `OUT.part` while it arrives, and renamed
/// once it is complete and on the disk: `OUT` is never a part of a table. A download that is killed begins anew.
///
/// The table contains personal data. On Unix, only the owner can read the new files.
///
/// ```
/// use intercom_batch::{MessageExport, MessagePeriod};
/// use intercom_protocol::UnixTime;
/// # #[cfg(feature = "hyper")] {
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = std::env::temp_dir().join(format!("intercom-messages-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let out = folder.join("messages.csv");
/// # let mock = intercom_mock::MockServer::builder().exported_messages(2).start()?;
/// let client = intercom_async::Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// let day = |text| UnixTime::from_date(text).ok_or("not a day");
/// let march = MessagePeriod::between(day("2026-03-01")?, day("2026-03-31")?);
/// let bytes = MessageExport::start(&client, march, &out)?.finish().await?;
/// let table = std::fs::read_to_string(&out)?;
/// assert_eq!((table.lines().count(), table.len() as u64), (3, bytes));
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(()) }
/// # main().unwrap(); }
/// ```
pub struct MessageExport<'c, C> {
    client: &'c C,
    files: JobFiles,
    deadline: Option<Tick>,
    progress: MessageProgress,
}

impl<'c, C: Caller> MessageExport<'c, C> {
    /// Opens the journal, and goes on where an earlier export ended. Nothing is requested yet. The total time-out of the client
    /// limits the export, unless there is a [`deadline`](Self::deadline).
    ///
    /// # Errors
    ///
    /// An [`Error`] if a file cannot be opened, is in use, or belongs to another export.
    pub fn start(
        client: &'c C,
        period: MessagePeriod,
        out: impl AsRef<Path>,
    ) -> Result<Self, Error> {
        let files = JobFiles::open(out.as_ref(), period)?;
        let phase = (MessagePhase::Starting, 0);
        let progress = MessageProgress(Arc::new(Mutex::new(phase)));
        if let State::Complete(bytes) = files.state() {
            progress.enter(MessagePhase::Complete, *bytes);
        }
        Ok(Self {
            client,
            files,
            deadline: client.deadline(None),
            progress,
        })
    }

    /// Limits the whole export to this duration from now.
    #[must_use]
    pub fn deadline(mut self, duration: Duration) -> Self {
        self.deadline = self.client.deadline(Some(duration));
        self
    }

    /// Returns how far the export is. Another task can show it.
    #[must_use]
    pub fn progress(&self) -> MessageProgress {
        self.progress.clone()
    }

    /// Starts the server's export, or goes on with that of an earlier run, waits until it has ended, and downloads the data. Returns
    /// the length of the table in bytes: 0 if there were no messages.
    ///
    /// If the server no longer knows the export of an earlier run, another one is started. The future can be dropped at any time,
    /// and the export started again.
    ///
    /// # Errors
    ///
    /// A call or a write failed, the server's export failed, or the deadline came.
    pub async fn finish(mut self) -> Result<u64, MessageExportError> {
        if let State::Complete(bytes) = self.files.state() {
            return Ok(*bytes);
        }
        self.check_workspace().await?;
        if let State::Job(id) = self.files.state() {
            let id = id.clone();
            match self.complete(&id).await {
                Err(MessageExportError::Call(error)) if is_gone(&error) => {
                    self.files.ended("gone")?;
                }
                ended => return ended,
            }
        }
        let id = self.begin().await?;
        self.complete(&id).await
    }

    /// Checks that the token is of the workspace that the export was started in. A job does not name its workspace, but `/me` does.
    async fn check_workspace(&mut self) -> Result<(), MessageExportError> {
        let bounded = WithDeadline::new(self.client, self.deadline);
        match workspace(&bounded)
            .await
            .map_err(MessageExportError::Call)?
        {
            Some(workspace) => Ok(self.files.check_workspace(&workspace)?),
            None => Ok(()),
        }
    }

    /// Starts the server's export.
    async fn begin(&mut self) -> Result<String, MessageExportError> {
        self.progress.enter(MessagePhase::Starting, 0);
        let progress = &self.progress;
        let on_wait = || progress.enter(MessagePhase::WaitingForOther, 0);
        let started = start_export(self.client, self.files.period(), self.deadline, on_wait).await;
        let id = started.map_err(MessageExportError::Call)?.id().to_owned();
        self.files.begun(&id)?;
        Ok(id)
    }

    /// Waits for the server's export, and downloads its data.
    async fn complete(&mut self, id: &str) -> Result<u64, MessageExportError> {
        self.progress.enter(MessagePhase::Running, 0);
        let job = wait_for_export(self.client, id, self.deadline, |_| ()).await;
        let job = job.map_err(MessageExportError::Call)?;
        let bytes = match job.status() {
            Some(ExportStatus::Completed) => self.download(id).await?,
            Some(ExportStatus::NoData) => {
                self.files.part()?;
                0
            }
            _ if job.is_running() => return Err(MessageExportError::Running),
            _ => return Err(self.ended(&job)?),
        };
        self.files.complete(bytes)?;
        self.progress.enter(MessagePhase::Complete, bytes);
        Ok(bytes)
    }

    /// The server's export has failed, or was canceled. One whose status is not known may still go on.
    fn ended(&mut self, job: &ExportJob) -> Result<MessageExportError, Error> {
        if let Some(status) = job.status() {
            self.files.ended(status.as_str())?;
        }
        let name = job.status_name().escape_default().take(64);
        Ok(MessageExportError::Ended(name.collect()))
    }

    async fn download(&mut self, id: &str) -> Result<u64, MessageExportError> {
        self.progress.enter(MessagePhase::Downloading, 0);
        let part = self.files.part()?;
        let unpacker = Unpacker::new(part, self.progress.clone());
        let mut request = exported(id);
        if let Some(deadline) = self.deadline {
            request = request.deadline_at(deadline);
        }
        let request = RequestBuilder::<_, Async>::new(self.client, request);
        let downloaded = request.download_blocking(unpacker).await;
        let downloaded = downloaded.map_err(|error| self.failed(error))?;
        let finished = downloaded.into_writer().finish();
        finished.map_err(|error| self.not_written(error))
    }

    fn failed(&self, error: CallError) -> MessageExportError {
        let source = std::error::Error::source(&error);
        let written = source.and_then(|source| source.downcast_ref::<io::Error>());
        match written.filter(|_| error.kind() == ErrorKind::Writer) {
            Some(written) => self.not_written(match written.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(written.kind(), written.to_string()),
            }),
            None => MessageExportError::Call(error),
        }
    }

    /// Only errors of the disk have a code.
    fn not_written(&self, error: io::Error) -> MessageExportError {
        match error.raw_os_error() {
            Some(_) => self.files.not_written(error).into(),
            None => MessageExportError::Damaged(error),
        }
    }
}

/// Whether the API has deleted the export. A proxy's error page does not say so.
fn is_gone(error: &CallError) -> bool {
    error.api().is_some_and(|error| error.is_gone())
}

impl<C> fmt::Debug for MessageExport<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageExport")
            .field("files", &self.files)
            .field("deadline", &self.deadline)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
