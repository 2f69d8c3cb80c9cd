//! What to do for a line.

use intercom_protocol::{ApiRequest, NewContact, Role};

use super::{Format, Invalid, Line};

/// What to do for a line.
#[derive(Clone, Debug)]
pub(crate) enum Task {
    /// Send this request.
    Send(Box<ApiRequest>),
    /// Create or update this contact.
    Upsert(Box<NewContact>),
}

impl Line {
    /// Returns what to do for the line, or why that is unknown.
    pub(crate) fn task(&self, format: Format) -> Result<Task, Invalid> {
        match format {
            Format::Requests => Ok(Task::Send(Box::new(self.request()?))),
            _ => Ok(Task::Upsert(Box::new(self.contact()?))),
        }
    }
}

impl Task {
    /// Returns the request, if it is only one.
    pub(crate) const fn request(&self) -> Option<&ApiRequest> {
        match self {
            Self::Send(request) => Some(request),
            Self::Upsert(_) => None,
        }
    }

    /// Whether it can be done twice.
    pub(crate) fn is_replayable(&self) -> bool {
        match self {
            Self::Send(request) => request.replay().is_replayable(),
            // Two leads may share an e-mail.
            Self::Upsert(contact) => contact.role() == Role::User,
        }
    }
}
