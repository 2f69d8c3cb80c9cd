//! Contacts: list, search, find, create, find or create, upsert.

use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;

use super::{Async, Blocking, Items, Pages, Walk};
use crate::flows::{self, OnArchived, Resolved, Upserted};
use crate::{ApiRequest, Caller, Contact, ContactQuery, Error, NewContact, WithDeadline, ready};

/// The maximum size of a page.
const PER_PAGE: u32 = 150;

/// Lists, finds and creates contacts. A client's `contacts()` returns it.
#[must_use = "nothing is done until a method is called"]
pub struct Contacts<C, M> {
    caller: C,
    deadline: Option<Duration>,
    archived: OnArchived,
    mode: PhantomData<fn() -> M>,
}

impl<C, M> Contacts<C, M> {
    /// Creates the methods for contacts; `caller` makes their calls.
    pub const fn new(caller: C) -> Self {
        Self {
            caller,
            deadline: None,
            archived: OnArchived::Unarchive,
            mode: PhantomData,
        }
    }

    /// Limits the whole flow to this duration, however many calls it makes.
    pub const fn deadline(mut self, duration: Duration) -> Self {
        self.deadline = Some(duration);
        self
    }

    /// Sets what [`find_or_create`](Contacts::find_or_create) and [`upsert`](Contacts::upsert) do with an archived contact. By default, the contact is unarchived.
    pub const fn on_archived(mut self, archived: OnArchived) -> Self {
        self.archived = archived;
        self
    }
}

impl<'c, C: Caller, M> Contacts<&'c C, M> {
    /// Lists all contacts of the workspace, in pages of the server's default size.
    pub fn list(self) -> Items<'c, C, M, Contact> {
        self.items(ApiRequest::get("/contacts"))
    }

    /// Searches for contacts. The search index lags behind by seconds to minutes.
    pub fn search(self, query: &ContactQuery) -> Items<'c, C, M, Contact> {
        self.items(ApiRequest::post("/contacts/search").json(&query.body()))
    }

    fn items(self, first: ApiRequest) -> Items<'c, C, M, Contact> {
        Pages::new(self.caller, first, self.deadline).items()
    }

    /// Reads all contacts of the workspace, whatever happens on the way. The walk can be resumed after an error, or by another
    /// process.
    pub fn walk(self) -> Walk<'c, C, M, Contact> {
        let first = ApiRequest::get("/contacts").query("per_page", PER_PAGE);
        Walk::new(self.caller, first, self.deadline)
    }

    /// Reads all contacts that a search finds, whatever happens on the way.
    ///
    /// They come in the order of their creation. If the search is too large or too slow for the server, it is split into
    /// spans of days. The search index lags behind by seconds to minutes.
    pub fn walk_search(self, query: &ContactQuery) -> Walk<'c, C, M, Contact> {
        let query = match query.per_page_set() {
            Some(_) => query.clone(),
            None => query.clone().per_page(PER_PAGE),
        };
        let first = ApiRequest::post("/contacts/search").json(&query.body());
        Walk::new(self.caller, first, self.deadline)
    }
}

impl<C: Caller, M> Contacts<C, M> {
    fn bounded(self) -> WithDeadline<C> {
        let deadline = self.caller.deadline(self.deadline);
        WithDeadline::new(self.caller, deadline)
    }
}

impl<C: Caller> Contacts<C, Blocking> {
    /// Reads a contact by its id and follows merges. Returns `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the calls except "not found".
    pub fn find(self, id: &str) -> Result<Option<Resolved>, Error> {
        ready(flows::find(&self.bounded(), id))?
    }

    /// Reads a contact by its external id and follows merges. Returns `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the calls except "not found".
    pub fn find_by_external_id(self, external_id: &str) -> Result<Option<Resolved>, Error> {
        ready(flows::find_by_external_id(&self.bounded(), external_id))?
    }

    /// Creates a contact. The contact is checked before anything is sent.
    ///
    /// # Errors
    ///
    /// Kind `invalid` if the contact exceeds a documented limit; otherwise any [`Error`] of the call.
    pub fn create(self, contact: &NewContact) -> Result<Contact, Error> {
        ready(flows::create(&self.bounded(), contact))?
    }

    /// Finds the contact or creates it. Concurrent callers get the same user. Two callers that create the same lead can get two leads.
    ///
    /// It does **not** update an existing contact: the other fields of `wanted`, like its name, are used only for a new
    /// contact. [`Resolved::outcome`] says whether the contact is new. [`upsert`](Self::upsert) updates it.
    ///
    /// # Errors
    ///
    /// Kinds `invalid`, `ambiguous` and `mismatch`, as [`flows::find_or_create`] describes; otherwise any [`Error`] of the
    /// calls.
    pub fn find_or_create(self, wanted: &NewContact) -> Result<Resolved, Error> {
        let archived = self.archived;
        ready(flows::find_or_create(&self.bounded(), wanted, archived))?
    }

    /// Creates the contact, or updates the existing one, so that it ends as asked. [`Upserted::change`] says what was done.
    ///
    /// Only fields that differ are sent; fields that `wanted` does not set are left alone. [`flows::upsert`] describes how the
    /// contact is found.
    ///
    /// # Errors
    ///
    /// Kinds `invalid`, `ambiguous` and `mismatch`, as [`flows::upsert`] describes; otherwise any [`Error`] of the calls.
    pub fn upsert(self, wanted: &NewContact) -> Result<Upserted, Error> {
        let archived = self.archived;
        ready(flows::upsert(&self.bounded(), wanted, archived))?
    }
}

impl<C: Caller> Contacts<C, Async> {
    /// Reads a contact by its id and follows merges. Returns `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the calls except "not found".
    pub async fn find(self, id: &str) -> Result<Option<Resolved>, Error> {
        flows::find(&self.bounded(), id).await
    }

    /// Reads a contact by its external id and follows merges. Returns `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the calls except "not found".
    pub async fn find_by_external_id(self, external_id: &str) -> Result<Option<Resolved>, Error> {
        flows::find_by_external_id(&self.bounded(), external_id).await
    }

    /// Creates a contact. The contact is checked before anything is sent.
    ///
    /// # Errors
    ///
    /// Kind `invalid` if the contact exceeds a documented limit; otherwise any [`Error`] of the call.
    pub async fn create(self, contact: &NewContact) -> Result<Contact, Error> {
        flows::create(&self.bounded(), contact).await
    }

    /// Finds the contact or creates it. Concurrent callers get the same user. Two callers that create the same lead can get two leads.
    ///
    /// It does **not** update an existing contact: the other fields of `wanted`, like its name, are used only for a new
    /// contact. [`Resolved::outcome`] says whether the contact is new. [`upsert`](Self::upsert) updates it.
    ///
    /// # Errors
    ///
    /// Kinds `invalid`, `ambiguous` and `mismatch`, as [`flows::find_or_create`] describes; otherwise any [`Error`] of the
    /// calls.
    pub async fn find_or_create(self, wanted: &NewContact) -> Result<Resolved, Error> {
        let archived = self.archived;
        flows::find_or_create(&self.bounded(), wanted, archived).await
    }

    /// Creates the contact, or updates the existing one, so that it ends as asked. [`Upserted::change`] says what was done.
    ///
    /// Only fields that differ are sent; fields that `wanted` does not set are left alone. [`flows::upsert`] describes how the
    /// contact is found.
    ///
    /// # Errors
    ///
    /// Kinds `invalid`, `ambiguous` and `mismatch`, as [`flows::upsert`] describes; otherwise any [`Error`] of the calls.
    pub async fn upsert(self, wanted: &NewContact) -> Result<Upserted, Error> {
        let archived = self.archived;
        flows::upsert(&self.bounded(), wanted, archived).await
    }
}

impl<C: Clone, M> Clone for Contacts<C, M> {
    fn clone(&self) -> Self {
        Self {
            caller: self.caller.clone(),
            ..*self
        }
    }
}

impl<C: Copy, M> Copy for Contacts<C, M> {}

impl<C, M> fmt::Debug for Contacts<C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contacts")
            .field("deadline", &self.deadline)
            .field("archived", &self.archived)
            .finish_non_exhaustive()
    }
}
