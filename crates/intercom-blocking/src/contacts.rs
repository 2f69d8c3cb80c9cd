//! The recipes around contacts.

use std::time::Duration;

use intercom_protocol::flows::{self, OnArchived, Resolved};
use intercom_protocol::{Contact, ContactQuery, Error, NewContact, Until, ready};

use crate::{Client, PageIter};

/// Finds, searches and creates contacts; from [`Client::contacts`].
#[derive(Clone, Copy, Debug)]
#[must_use = "nothing is done until a recipe is asked for"]
pub struct Contacts<'c> {
    client: &'c Client,
    deadline: Option<Duration>,
    archived: OnArchived,
}

impl<'c> Contacts<'c> {
    pub(crate) const fn new(client: &'c Client) -> Self {
        Self {
            client,
            deadline: None,
            archived: OnArchived::Unarchive,
        }
    }

    /// Ends the whole recipe this long after its beginning, however many calls it makes.
    pub const fn deadline(mut self, duration: Duration) -> Self {
        self.deadline = Some(duration);
        self
    }

    /// What [`find_or_create`](Self::find_or_create) does about an archived contact; unarchives it unless said otherwise.
    pub const fn on_archived(mut self, archived: OnArchived) -> Self {
        self.archived = archived;
        self
    }

    /// Reads a contact by its id, following merges; `None` when there is none.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the calls, but for "not found".
    pub fn find(self, id: &str) -> Result<Option<Resolved>, Error> {
        ready(flows::find(&self.bounded(), id))?
    }

    /// Reads a contact by the id your system gave it, following merges; `None` when there is none.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the calls, but for "not found".
    pub fn find_by_external_id(self, external_id: &str) -> Result<Option<Resolved>, Error> {
        ready(flows::find_by_external_id(&self.bounded(), external_id))?
    }

    /// Finds contacts, page by page; the index behind the search lags by seconds to minutes.
    pub fn search(self, query: &ContactQuery) -> PageIter<'c> {
        PageIter::new(self.client, flows::search(query)).until(self.client.deadline(self.deadline))
    }

    /// Creates a contact, checked before anything is sent.
    ///
    /// # Errors
    ///
    /// Kind `invalid` when it breaks a documented limit; else any [`Error`] of the call.
    pub fn create(self, contact: &NewContact) -> Result<Contact, Error> {
        ready(flows::create(&self.bounded(), contact))?
    }

    /// Finds the contact, or creates it: any number of callers at once end with one contact and the same id.
    ///
    /// # Errors
    ///
    /// Kinds `invalid`, `ambiguous` and `mismatch` as [`flows::find_or_create`] says; else any [`Error`] of the calls.
    pub fn find_or_create(self, wanted: &NewContact) -> Result<Resolved, Error> {
        ready(flows::find_or_create(
            &self.bounded(),
            wanted,
            self.archived,
        ))?
    }

    fn bounded(&self) -> Until<&'c Client> {
        Until::new(self.client, self.client.deadline(self.deadline))
    }
}
