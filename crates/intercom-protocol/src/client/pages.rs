//! Lists, page by page.

use core::fmt;
use core::future::{Future, poll_fn};
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready as awaited};
use core::time::Duration;

use futures_core::Stream;
use intercom_retry::Tick;

use super::{Async, Blocking, Items};
use crate::flows::{Page, Walk};
use crate::{ApiRequest, Caller, Error, Reply, Until, ready};

/// A call that reads a page.
type Call<'c> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + Send + 'c>>;

/// The pages of a list or a search; made by a client's `pages()`. It ends after the last page or an error.
///
/// A blocking client's pages are an iterator. An async client's are a [`Stream`], and [`next`](Pages::next) reads one page
/// without the traits of the futures crates.
///
/// The next page is requested at the same path, with the cursor, page number or query that the last page named: a link in a
/// response never sends the token elsewhere. A cursor that does not move on, or goes round in circles, ends the walk with an
/// error of kind `decode`. A scroll (`GET /companies/scroll`) is walked in the same way, until a page is empty.
#[must_use = "a page is read when it is asked for"]
pub struct Pages<'c, C, M> {
    caller: &'c C,
    walk: Walk,
    /// The call for the next page, once it has begun: it outlives the future of a `next()` that is dropped.
    call: Option<Call<'c>>,
    deadline: Option<Tick>,
    mode: PhantomData<fn() -> M>,
}

impl<'c, C: Caller, M> Pages<'c, C, M> {
    /// Walks the pages from the first one on, which this request reads: a GET, or a search by POST.
    ///
    /// The time limit, else that of the request, else that of the caller, bounds the whole walk from here on.
    pub fn new(caller: &'c C, first: ApiRequest, limit: Option<Duration>) -> Self {
        let deadline = caller.deadline(limit.or_else(|| first.time_limit()));
        Self {
            caller,
            walk: Walk::new(first),
            call: None,
            deadline,
            mode: PhantomData,
        }
    }

    pub(super) fn poll_page(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Page, Error>>> {
        let Some(request) = self.walk.request() else {
            return Poll::Ready(None);
        };
        let call = self.call.get_or_insert_with(|| {
            let caller = Until::new(self.caller, self.deadline);
            let request = request.clone();
            Box::pin(async move { caller.call(request).await })
        });
        let outcome = awaited!(call.as_mut().poll(context));
        self.call = None;
        Poll::Ready(Some(self.walk.received(outcome)))
    }
}

impl<'c, C, M> Pages<'c, C, M> {
    /// The items of all pages, one by one, as values of your type.
    pub fn items<T>(self) -> Items<'c, C, M, T> {
        Items::new(self)
    }

    /// The request for the next page, which may be on its way; `None` after the last page or an error.
    ///
    /// Keep it before a page is read, and a walk that ended with an error can go on from there: start the new walk with it.
    /// A scroll cannot be continued.
    #[must_use]
    pub const fn request(&self) -> Option<&ApiRequest> {
        self.walk.request()
    }

    pub(super) fn end(&mut self) {
        self.walk.end();
        self.call = None;
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
    /// The next page; `None` after the last one or an error.
    ///
    /// If the future is dropped while it waits, no page is lost: the call for the page is kept, makes no progress meanwhile,
    /// and the next `next()` goes on with it.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call; kind `decode` when the response is not a list or the walk does not move on.
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
            .field("walk", &self.walk)
            .field("in_flight", &self.call.is_some())
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
