//! Lists, item by item.

use core::fmt;
use core::future::poll_fn;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready as awaited};

use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::{Async, Blocking, Pages};
use crate::flows::{Cursor, Page};
use crate::{Caller, Error, ready};

/// The items of a list or a search, read page by page.
///
/// [`Pages::items`] returns it, and so do the methods that list or search contacts.
///
/// A blocking client's items are an iterator. An async client's are a [`Stream`], and [`next`](Items::next) reads one item
/// without the traits of the futures crates. The items end after the last one or after an error. The error comes from
/// a call, or has the kind `decode` if an item does not match `T`.
#[must_use = "items are read only when the iterator or stream is advanced"]
pub struct Items<'c, C, M, T> {
    pages: Pages<'c, C, M>,
    page: Option<(Page, Cursor)>,
    item: PhantomData<fn() -> T>,
}

impl<'c, C, M> Pages<'c, C, M> {
    /// Returns the items of all pages, one by one, as values of your type.
    pub fn items<T>(self) -> Items<'c, C, M, T> {
        Items::new(self)
    }
}

impl<'c, C, M, T> Items<'c, C, M, T> {
    pub(super) const fn new(pages: Pages<'c, C, M>) -> Self {
        Self {
            pages,
            page: None,
            item: PhantomData,
        }
    }

    /// Returns the pages after the current one, or all pages if no item has been read. The unread items of the current page are
    /// lost.
    pub fn into_pages(self) -> Pages<'c, C, M> {
        self.pages
    }

    fn end(&mut self) {
        self.page = None;
        self.pages.end();
    }
}

impl<C: Caller, M, T: DeserializeOwned> Items<'_, C, M, T> {
    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some((page, cursor)) = &mut self.page {
                if let Some(item) = page.item(cursor) {
                    if item.is_err() {
                        self.end();
                    }
                    return Poll::Ready(Some(item));
                }
                self.page = None;
            }
            match awaited!(self.pages.poll_page(context)) {
                Some(Ok(page)) => self.page = Some((page, Cursor::default())),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<C: Caller, T: DeserializeOwned> Iterator for Items<'_, C, Blocking, T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        ready(poll_fn(|context| self.poll_item(context))).unwrap_or_else(|error| {
            self.end();
            Some(Err(error))
        })
    }
}

impl<C: Caller, T: DeserializeOwned> Items<'_, C, Async, T> {
    /// Returns the next item; `None` after the last one or an error.
    ///
    /// If you drop the future while it waits for a page, call `next` again soon (see [`Pages::next`]). No item is skipped.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call. Kind `decode` if the response is not a list, or an item does not match `T`.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|context| self.poll_item(context)).await
    }
}

impl<C: Caller, T: DeserializeOwned> Stream for Items<'_, C, Async, T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(context)
    }
}

impl<C, M, T> fmt::Debug for Items<'_, C, M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("pages", &self.pages)
            .field("page", &self.page)
            .finish()
    }
}
