//! Lists, page by page.

use core::fmt;
use core::future::poll_fn;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready as awaited};
use core::time::Duration;

use futures_core::Stream;
use intercom_retry::Tick;

use super::page_call::PageCall;
use super::{Async, Blocking};
use crate::flows::{Follow, Page};
use crate::{ApiRequest, Caller, Error, ready};

/// The pages of a list or a search. A client's `pages()` returns it.
///
/// A blocking client's pages are an iterator. An async client's are a [`Stream`], and [`next`](Pages::next) reads one page
/// without the traits of the futures crates. The pages end after the last one or after an error.
///
/// The next page is requested at the same path, with the cursor, page number or query from the last page, so a link in a
/// response never sends the token to another host. If the pages repeat, the walk ends with an error of kind `decode`. A scroll
/// (`GET /companies/scroll`) works in the same way and ends at an empty page. If a call panics, the page is requested again when
/// you read on, but a scroll ends with an error.
#[must_use = "pages are read only when the iterator or stream is advanced"]
pub struct Pages<'c, C, M> {
    caller: &'c C,
    follow: Follow,
    call: PageCall<'c>,
    deadline: Option<Tick>,
    mode: PhantomData<fn() -> M>,
}

impl<'c, C: Caller, M> Pages<'c, C, M> {
    /// Starts a walk. The request `first`, a GET or a search by POST, reads the first page.
    ///
    /// A time limit starts now and covers the whole walk. It is the first of these that is set: `limit`, the deadline of the
    /// request, the total time-out of the client.
    pub fn new(caller: &'c C, first: ApiRequest, limit: Option<Duration>) -> Self {
        let deadline = caller.deadline(limit.or_else(|| first.time_limit()));
        Self {
            caller,
            follow: Follow::new(first),
            call: PageCall::default(),
            deadline,
            mode: PhantomData,
        }
    }

    pub(super) fn poll_page(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Page, Error>>> {
        let Some(request) = self.follow.request() else {
            return Poll::Ready(None);
        };
        let outcome = awaited!(self.call.poll(self.caller, self.deadline, request, context));
        let page = match outcome {
            Ok(outcome) => self.follow.received(outcome),
            Err(panicked) => {
                self.end();
                Err(panicked.0)
            }
        };
        Poll::Ready(Some(page))
    }
}

impl<'c, C, M> Pages<'c, C, M> {
    /// Returns the request for the next page, also while it is in flight; `None` after the last page or an error.
    ///
    /// To continue after an error, save this request before you read each page, and start a new walk with it. A scroll cannot
    /// be continued.
    #[must_use]
    pub const fn request(&self) -> Option<&ApiRequest> {
        self.follow.request()
    }

    pub(super) fn end(&mut self) {
        self.follow.end();
        self.call = PageCall::default();
    }
}

impl<C: Caller> Iterator for Pages<'_, C, Blocking> {
    type Item = Result<Page, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        ready(poll_fn(|context| self.poll_page(context))).unwrap_or_else(|error| {
            self.end();
            Some(Err(error))
        })
    }
}

impl<C: Caller> Pages<'_, C, Async> {
    /// Returns the next page; `None` after the last one or an error.
    ///
    /// You can drop the future, for example in a `select!`, without losing the page. The call then pauses until you call `next`
    /// again. Call `next` soon, or drop the pages. During the pause, the attempt keeps its permit at the gate, which can hold up
    /// other calls. Its time-out and the deadline run on.
    ///
    /// If the time-out passes before the whole response has been read, the attempt fails. The page of a list is then requested
    /// again, as the retry policy allows. The page of a scroll is lost: the walk ends with an error, and the scroll has to be
    /// started again.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call. Kind `decode` if the response is not a list, or the pages repeat.
    pub async fn next(&mut self) -> Option<Result<Page, Error>> {
        poll_fn(|context| self.poll_page(context)).await
    }
}

impl<C: Caller> Stream for Pages<'_, C, Async> {
    type Item = Result<Page, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_page(context)
    }
}

impl<C, M> fmt::Debug for Pages<'_, C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("follow", &self.follow)
            .field("in_flight", &self.call.is_in_flight())
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
