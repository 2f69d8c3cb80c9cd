//! Conversations: read to the last one.

use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;

use serde::Serialize;

use super::Walk;
use crate::{ApiRequest, Caller};

/// Reads conversations. A client's `conversations()` returns it.
#[must_use = "nothing is done until a method is called"]
pub struct Conversations<C, M> {
    caller: C,
    deadline: Option<Duration>,
    mode: PhantomData<fn() -> M>,
}

impl<C, M> Conversations<C, M> {
    /// Creates the methods for conversations; `caller` makes their calls.
    pub const fn new(caller: C) -> Self {
        Self {
            caller,
            deadline: None,
            mode: PhantomData,
        }
    }

    /// Limits the whole walk to this duration, however many calls it makes.
    pub const fn deadline(mut self, duration: Duration) -> Self {
        self.deadline = Some(duration);
        self
    }
}

impl<'c, C: Caller, M> Conversations<&'c C, M> {
    /// Reads all conversations that a search finds, whatever happens on the way, as values of your type.
    ///
    /// `query` is the member `query` of the search, like
    /// `json!({ "field": "state", "operator": "=", "value": "open" })`. To list all conversations, walk over
    /// `GET /conversations`.
    pub fn walk<T>(self, query: &(impl Serialize + ?Sized)) -> Walk<'c, C, M, T> {
        let first = ApiRequest::post("/conversations/search").json(&Search {
            query,
            pagination: Pagination { per_page: 150 },
        });
        Walk::new(self.caller, first, self.deadline)
    }
}

impl<C, M> fmt::Debug for Conversations<C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversations")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Search<'q, Q: ?Sized> {
    query: &'q Q,
    pagination: Pagination,
}

#[derive(Serialize)]
struct Pagination {
    per_page: u32,
}
