//! Lists, page by page.

use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;

use intercom_retry::Tick;

use super::{Async, Blocking};
use crate::flows::{self, Page};
use crate::{ApiRequest, Caller, Error, Until, ready};

/// The pages of a list or a search; made by a client's `pages()`, or by a search. It ends after the last page or an error.
///
/// Of a blocking client it is an iterator; of an async one, [`next`](Pages::next) is awaited.
#[must_use = "a page is read when it is asked for"]
pub struct Pages<C, M> {
    caller: C,
    pages: flows::Pages,
    deadline: Option<Tick>,
    mode: PhantomData<fn() -> M>,
}

impl<C: Caller, M> Pages<C, M> {
    /// Walks these pages; the time limit, else the caller's own, bounds the whole walk from here on.
    pub fn new(caller: C, pages: flows::Pages, limit: Option<Duration>) -> Self {
        let deadline = caller.deadline(limit);
        Self {
            caller,
            pages,
            deadline,
            mode: PhantomData,
        }
    }
}

impl<C, M> Pages<C, M> {
    /// The request for the next page; `None` after the last one or an error.
    ///
    /// Keep it before a page is read, and a walk that ended with an error can go on from there: start the new walk with it.
    /// A scroll cannot be continued.
    #[must_use]
    pub const fn request(&self) -> Option<&ApiRequest> {
        self.pages.request()
    }
}

impl<C: Caller> Iterator for Pages<C, Blocking> {
    type Item = Result<Page, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let caller = Until::new(&self.caller, self.deadline);
        ready(self.pages.next(&caller)).unwrap_or_else(|error| Some(Err(error)))
    }
}

impl<C: Caller> Pages<C, Async> {
    /// The next page; `None` after the last one or an error.
    ///
    /// If the future is dropped while it waits, the next call reads the same page. A page of a scroll cannot be read twice, so
    /// the walk then ends with an error.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call; kind `decode` when the response is not a list or the walk does not move on.
    pub async fn next(&mut self) -> Option<Result<Page, Error>> {
        let caller = Until::new(&self.caller, self.deadline);
        self.pages.next(&caller).await
    }
}

impl<C: Clone, M> Clone for Pages<C, M> {
    fn clone(&self) -> Self {
        Self {
            caller: self.caller.clone(),
            pages: self.pages.clone(),
            ..*self
        }
    }
}

impl<C, M> fmt::Debug for Pages<C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("pages", &self.pages)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
