//! The export of message data: a job that the server works on, and a file to download.

use core::fmt;
use core::time::Duration;

use intercom_errors::{UnixTime, names};
use intercom_retry::{Stop, StopReason, Tick};
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::{ApiRequest, Caller, Error, Reply, WithDeadline};

const JOBS: &str = "/export/content/data";

/// The first and the longest wait between two requests. Intercom sends no hint.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// The messages of an export: those that were sent from one time to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExportPeriod {
    #[serde(rename = "created_at_after", serialize_with = "seconds")]
    after: UnixTime,
    #[serde(rename = "created_at_before", serialize_with = "seconds")]
    before: UnixTime,
}

impl ExportPeriod {
    /// Creates the period between these times. Intercom counts in whole seconds.
    #[must_use]
    pub const fn new(after: UnixTime, before: UnixTime) -> Self {
        Self { after, before }
    }

    /// Returns when it begins.
    #[must_use]
    pub const fn after(&self) -> UnixTime {
        self.after
    }

    /// Returns when it ends.
    #[must_use]
    pub const fn before(&self) -> UnixTime {
        self.before
    }
}

fn seconds<S: serde::Serializer>(time: &UnixTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_secs())
}

names! {
    /// The status of an export.
    #[non_exhaustive]
    pub enum ExportStatus {
        /// It was canceled.
        Canceled = "canceled",
        /// Its file can be downloaded.
        Completed = "completed",
        /// The server could not make the file. Start another export.
        Failed = "failed",
        /// The server is working on it.
        InProgress = "in_progress",
        /// No messages were sent in the period, so there is no file.
        NoData = "no_data",
        /// The server has not begun with it.
        Pending = "pending",
    }
}

/// An export of message data, as the server described it last.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct ExportJob {
    #[serde(rename = "job_identifier")]
    id: String,
    status: String,
}

impl ExportJob {
    /// Returns its id. Store it at once: the server does not list exports, so an export whose id is lost cannot be downloaded.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns its status; `None` if this version does not know it. [`status_name`](Self::status_name) is what the server sent.
    #[must_use]
    pub fn status(&self) -> Option<ExportStatus> {
        self.status.parse().ok()
    }

    /// Returns its status in the server's word.
    #[must_use]
    pub fn status_name(&self) -> &str {
        &self.status
    }

    /// Returns whether the server still works on it, or has yet to begin.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let status = self.status();
        matches!(
            status,
            Some(ExportStatus::InProgress | ExportStatus::Pending)
        )
    }

    fn read(reply: &Reply) -> Result<Self, Error> {
        let job: Self = reply.json()?;
        if job.id.is_empty() {
            let why = serde_json::Error::custom("the export has no id");
            return Err(reply.undecodable("job_identifier".to_owned(), why));
        }
        Ok(job)
    }
}

/// Leaves out the id.
impl fmt::Debug for ExportJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportJob")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// Starts an export of message data. Store the [id](ExportJob::id) before you do anything else.
///
/// A workspace can have one export at a time. While another one is active, the flow waits until the deadline, if there is one. It
/// calls `on_wait` before each wait: 1 second, then twice as long each time, up to 30 seconds.
///
/// Starting an export cannot be repeated safely, so a failure whose outcome is unknown ends the flow:
/// [`may_have_been_applied`](Error::may_have_been_applied) is true. If the server has started the export all the same, it counts as
/// the other one for the next call.
///
/// # Errors
///
/// Any [`Error`] of the call. If another export was active up to the deadline, or the caller has no clock to wait with, it is the
/// server's refusal, and [`is_concurrency_limited`](Error::is_concurrency_limited) is true.
pub async fn start_export<C: Caller>(
    caller: &C,
    period: ExportPeriod,
    deadline: Option<Tick>,
    mut on_wait: impl FnMut(),
) -> Result<ExportJob, Error> {
    let bounded = WithDeadline::new(caller, deadline);
    let mut pace = SHORTEST;
    loop {
        let error = match bounded.call(ApiRequest::post(JOBS).json(&period)).await {
            Ok(reply) => return ExportJob::read(&reply),
            Err(error) => error,
        };
        if !error.is_concurrency_limited() {
            return Err(error);
        }
        on_wait();
        if !rest(caller, &mut pace, deadline).await {
            return Err(error.stopped(Stop::new(StopReason::DeadlineExceeded)));
        }
    }
}

/// Reads the status of an export until the server has ended it. It waits between two requests like [`start_export`], and passes
/// `on_status` what it reads.
///
/// The export that is returned is still running only if the deadline came first, or the caller has no clock to wait with.
///
/// # Errors
///
/// Any [`Error`] of the calls. It is [`is_not_found`](Error::is_not_found) if the server has deleted the export. It does so after
/// some days.
pub async fn wait_for_export<C: Caller>(
    caller: &C,
    id: &str,
    deadline: Option<Tick>,
    mut on_status: impl FnMut(&ExportJob),
) -> Result<ExportJob, Error> {
    let bounded = WithDeadline::new(caller, deadline);
    let mut pace = SHORTEST;
    loop {
        let reply = bounded.call(ApiRequest::get(JOBS).segment(id)).await?;
        let job = ExportJob::read(&reply)?;
        on_status(&job);
        if !job.is_running() || !rest(caller, &mut pace, deadline).await {
            return Ok(job);
        }
    }
}

/// Returns the request that downloads the data of a completed export: a table (CSV), compressed with gzip.
///
/// ```
/// let request = intercom_protocol::flows::exported("orzzsbd7hk67xyu");
/// assert_eq!(request.path_and_query(), "/download/content/data/orzzsbd7hk67xyu");
/// ```
#[must_use]
pub fn exported(id: &str) -> ApiRequest {
    ApiRequest::get("/download/content/data")
        .segment(id)
        .header("accept", "application/octet-stream")
}

/// Waits. Returns `false` if the deadline would come first, or there is no clock.
async fn rest<C: Caller>(caller: &C, pace: &mut Duration, deadline: Option<Tick>) -> bool {
    let Some(tick) = caller.now().map(|now| now.after(*pace)) else {
        return false;
    };
    if deadline.is_some_and(|deadline| deadline <= tick) {
        return false;
    }
    caller.sleep_until(tick).await;
    *pace = (*pace * 2).min(LONGEST);
    true
}
