//! How a line ended.

use intercom_protocol::{Action, Category, names};

names! {
    /// How a line ended, according to its last record.
    ///
    /// | ending | a later run |
    /// |---|---|
    /// | [`Ok`](Self::Ok) | skips the line |
    /// | [`Blocked`](Self::Blocked) | sends the line again |
    /// | [`Failed`](Self::Failed), [`Refused`](Self::Refused) | skips the line unless [`retry_failed`](crate::Batch::retry_failed) is set; sends a changed line |
    /// | [`Unknown`](Self::Unknown) | skips the line unless [`retry_unknown`](crate::Batch::retry_unknown) is set; fails if the line was changed |
    /// | [`Invalid`](Self::Invalid) | skips the line; tries a changed line |
    #[non_exhaustive]
    pub enum Ending {
        /// The request succeeded.
        Ok = "ok",
        /// The request failed and was not applied. The line did not cause the failure, so it may succeed unchanged.
        Failed = "failed",
        /// The request failed and may have been applied.
        Unknown = "unknown",
        /// The line is not a valid request, and nothing was sent.
        Invalid = "invalid",
        /// The request failed because of the line's content, like an unknown id. It fails again until the line is
        /// changed.
        Refused = "refused",
        /// A firewall or proxy refused the request before it reached Intercom.
        Blocked = "blocked",
    }
}

impl Ending {
    /// Returns the ending of a request that failed and was not applied, according to its category and the action that fixes
    /// it.
    pub(crate) fn of_failure(category: Option<Category>, action: Option<Action>) -> Self {
        match action {
            _ if category == Some(Category::Blocked) => Self::Blocked,
            None
            | Some(
                Action::AddScope
                | Action::BackOff
                | Action::CheckConnection
                | Action::ContactSupport
                | Action::CreateAttribute
                | Action::RegenerateToken
                | Action::RetryAndCheckStatus
                | Action::UpgradePlan
                | Action::WaitForIndex
                | Action::WaitForJob,
            ) => Self::Failed,
            Some(_) => Self::Refused,
        }
    }

    /// Whether the request may have been applied.
    pub(crate) const fn may_be_done(self) -> bool {
        matches!(self, Self::Ok | Self::Unknown)
    }
}
