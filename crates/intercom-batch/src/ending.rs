//! How a line ended.

use intercom_protocol::{Action, names};

names! {
    /// How a line ended, as its last record says.
    ///
    /// | ending | a later run |
    /// |---|---|
    /// | [`Ok`](Self::Ok) | skips the line |
    /// | [`Failed`](Self::Failed), [`Refused`](Self::Refused) | skips it unless asked to [retry failures](crate::Batch::retry_failed); sends a changed line |
    /// | [`Unknown`](Self::Unknown) | skips it unless asked to [retry such lines](crate::Batch::retry_unknown); refuses a changed line |
    /// | [`Invalid`](Self::Invalid) | skips it; reads a changed line again |
    #[non_exhaustive]
    pub enum Ending {
        /// The request succeeded.
        Ok = "ok",
        /// It failed and was not carried out. The line is not to blame, so it may succeed unchanged.
        Failed = "failed",
        /// It failed and may have been carried out.
        Unknown = "unknown",
        /// The line is not a request, and nothing was sent.
        Invalid = "invalid",
        /// It failed because of what the line says, like an unknown id. It fails again until the line is changed.
        Refused = "refused",
    }
}

impl Ending {
    /// The ending of a request that failed and was not carried out, by what there is to do about it.
    pub(crate) const fn of_failure(action: Option<Action>) -> Self {
        match action {
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

    /// Whether the request may have been carried out.
    pub(crate) const fn may_be_done(self) -> bool {
        matches!(self, Self::Ok | Self::Unknown)
    }
}
