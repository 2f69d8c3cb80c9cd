//! Flows of several calls, written once for both clients over [`Caller`].

mod caller;
mod contact;
mod diagnosis;
mod find;
mod find_or_create;
mod pages;
mod status_page;

pub use caller::{Caller, Until, ready};
pub use contact::{AttributeValue, Contact, ContactQuery, NewContact, Role};
pub use diagnosis::{AuthReport, Diagnosis, ServiceReport, diagnose};
pub use find::{create, find, find_by_external_id, search};
pub use find_or_create::{OnArchived, find_or_create};
pub use pages::{Page, Pages};
pub use status_page::{ServiceStatus, StatusIndicator};

/// A contact and how it was obtained.
#[derive(Clone, Debug)]
pub struct Resolved {
    contact: Contact,
    outcome: Outcome,
}

impl Resolved {
    const fn new(contact: Contact, outcome: Outcome) -> Self {
        Self { contact, outcome }
    }

    /// The contact.
    #[must_use]
    pub const fn contact(&self) -> &Contact {
        &self.contact
    }

    /// The contact, taken out.
    #[must_use]
    pub fn into_contact(self) -> Contact {
        self.contact
    }

    /// How it was obtained.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }
}

/// How a contact was obtained.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was created by this call.
    Created,
    /// It was not found, but creating it said that it exists: somebody was faster, the search lags behind, or an attempt
    /// to create it was carried out without an answer and its repeat met what it had made.
    Existing,
    /// It was found.
    Found,
    /// It had been merged into another contact, which this is.
    Merged,
    /// It was archived and has been unarchived.
    Unarchived,
}

impl Outcome {
    /// The outcome in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Existing => "existing",
            Self::Found => "found",
            Self::Merged => "merged",
            Self::Unarchived => "unarchived",
        }
    }
}
