//! Flows of several calls, written once for both clients over [`Caller`].

mod advice;
mod caller;
mod contact;
mod diagnosis;
mod download;
mod export;
mod find;
mod find_or_create;
mod follow;
mod pages;
mod redirect;
mod status_page;
mod upsert;

use intercom_errors::names;

pub use advice::Advice;
pub use caller::{Caller, WithDeadline, ready};
pub use contact::{AttributeValue, Contact, ContactQuery, NewContact, Role};
pub use diagnosis::{AuthReport, Diagnosis, ServiceReport, TokenState, diagnose, service_status};
pub(crate) use download::{Done, download};
pub use export::{ExportJob, ExportPeriod, ExportStatus, exported, start_export, wait_for_export};
pub use find::{create, find, find_by_external_id};
pub use find_or_create::{OnArchived, find_or_create};
pub(crate) use follow::Follow;
pub use pages::Page;
pub(crate) use pages::{Cursor, Next, Shape, advance, with_pagination};
pub use status_page::{Component, Incident, ServiceStatus, StatusIndicator};
pub use upsert::{Change, Upserted, upsert};

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

    /// Returns the contact.
    #[must_use]
    pub const fn contact(&self) -> &Contact {
        &self.contact
    }

    /// Returns the contact, and consumes the rest.
    #[must_use]
    pub fn into_contact(self) -> Contact {
        self.contact
    }

    /// Returns how the contact was obtained.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }
}

names! {
    /// How a contact was obtained.
    #[non_exhaustive]
    pub enum Outcome {
        /// It was created by this call.
        Created = "created",
        /// The search did not find it, but creating it reported that it exists. Either another caller was faster, the search
        /// index lags behind, or an earlier attempt created it and the response was lost. It was not updated.
        Existing = "existing",
        /// It was found. It was not updated: [`find_or_create`] uses fields like the name only for a new contact.
        Found = "found",
        /// The requested contact had been merged into another one. The result is that other contact, which was not updated.
        Merged = "merged",
        /// It was archived, and the call unarchived it. Its other fields were not updated.
        Unarchived = "unarchived",
    }
}
