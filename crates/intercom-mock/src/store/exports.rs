//! The exports of message data, of which a workspace can have one at a time.

use std::time::Duration;

use crate::clock::Now;

/// How long the data of a job can be downloaded.
const KEPT: Duration = Duration::from_secs(48 * 3600);

/// How jobs go that start from now on.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    /// How long a job takes on the server's clock.
    pub(crate) takes: Duration,
    /// The status that it ends with.
    pub(crate) ends: String,
    /// How many rows of messages it contains.
    pub(crate) rows: u64,
}

impl Default for Course {
    fn default() -> Self {
        Self {
            takes: Duration::ZERO,
            ends: "completed".to_owned(),
            rows: 0,
        }
    }
}

/// All jobs.
#[derive(Debug, Default)]
pub(crate) struct Exports {
    pub(crate) course: Course,
    jobs: Vec<Job>,
}

/// One job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) rows: u64,
    /// Unix time of its first message.
    pub(crate) after: u64,
    begun: Duration,
    takes: Duration,
    ends: String,
}

impl Exports {
    /// Starts a job. Returns `None` if another one is active.
    pub(crate) fn start(&mut self, after: u64, now: Now) -> Option<&Job> {
        if self.jobs.iter().any(|job| job.is_active(now)) {
            return None;
        }
        let Course { takes, ends, rows } = self.course.clone();
        self.jobs.push(Job {
            id: format!("orzzsbd7hk{:05}", self.jobs.len() + 1),
            rows,
            after,
            begun: now.unix,
            takes,
            ends,
        });
        self.jobs.last()
    }

    /// Returns a job that has not been deleted.
    pub(crate) fn find(&self, id: &str, now: Now) -> Option<&Job> {
        let kept = |job: &&Job| now.unix <= job.expires();
        self.jobs.iter().find(|job| job.id == id).filter(kept)
    }

    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }
}

impl Job {
    fn is_active(&self, now: Now) -> bool {
        now.unix < self.begun + self.takes
    }

    fn expires(&self) -> Duration {
        self.begun + self.takes + KEPT
    }

    /// When its data is deleted, in Unix time.
    pub(crate) fn expires_at(&self) -> u64 {
        self.expires().as_secs()
    }

    /// Its status: pending at first, in progress for the second half of its time, and then that of its end.
    pub(crate) fn status(&self, now: Now) -> &str {
        if !self.is_active(now) {
            &self.ends
        } else if now.unix < self.begun + self.takes / 2 {
            "pending"
        } else {
            "in_progress"
        }
    }

    /// The data as a table.
    pub(crate) fn csv(&self) -> String {
        let mut text = "message_id,user_id,created_at,subject,body\n".to_owned();
        for row in 0..self.rows {
            let at = self.after + row;
            text += &format!("m-{row},u-{row},{at},,\"Hello, {row}\"\n");
        }
        text
    }
}
