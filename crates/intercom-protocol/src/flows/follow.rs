//! The requests of a list, one for each page.

use super::pages::{Next, Page, advance};
use crate::walk::{IdKey, is_numbered};
use crate::{ApiRequest, Error, Reply};

/// The requests of a list or a search, one for each page, without the calls.
///
/// The next page is requested at the same path, with the cursor, page number or query from the last page, so a link in a
/// response never sends the token to another host. If the pages repeat, an error ends the list. A scroll
/// (`GET /companies/scroll`) works in the same way and ends at an empty page.
#[derive(Debug)]
pub(crate) struct Follow {
    request: Option<ApiRequest>,
    /// A next page seen earlier. Seeing it again means that the pages repeat.
    landmark: Option<Next>,
    /// How many pages have been read, and at which number the landmark is replaced.
    read: u64,
    landmark_at: u64,
    /// The ids on the page before.
    content: Option<IdKey>,
}

impl Follow {
    /// Starts with the request for the first page: a GET, or a search by POST.
    pub(crate) const fn new(first: ApiRequest) -> Self {
        Self {
            request: Some(first),
            landmark: None,
            read: 0,
            landmark_at: 1,
            content: None,
        }
    }

    /// Returns the request for the next page; `None` after the last one or an error.
    pub(crate) const fn request(&self) -> Option<&ApiRequest> {
        self.request.as_ref()
    }

    /// Ends the list.
    pub(crate) fn end(&mut self) {
        self.request = None;
    }

    /// Reads the response to [`request`](Self::request), and moves on to the next page. An error ends the list.
    pub(crate) fn received(&mut self, outcome: Result<Reply, Error>) -> Result<Page, Error> {
        let request = self.request.take();
        let page = Page::new(outcome?)?;
        let next = page.next()?;
        if self.is_repeated(next) || self.is_same(&page, next) {
            return Err(page.repeated());
        }
        self.request = request
            .zip(next)
            .map(|(request, next)| advance(request, next));
        Ok(page)
    }

    /// Whether the page is that before it under another cursor. With page numbers, items that were created can move others there.
    fn is_same(&mut self, page: &Page, next: Option<&Next>) -> bool {
        let has_cursor = next.is_some_and(|next| !is_numbered(next));
        let content = page.content().filter(|_| has_cursor);
        let before = core::mem::replace(&mut self.content, content);
        content.is_some() && before == content
    }

    /// Whether the pages repeat. A cycle is found within three rounds, although only one place is remembered.
    fn is_repeated(&mut self, next: Option<&Next>) -> bool {
        // All pages of a scroll have the same request.
        let Some(next) = next.filter(|next| !matches!(next, Next::Scroll(_))) else {
            return false;
        };
        if self.landmark.as_ref() == Some(next) {
            return true;
        }
        self.read = self.read.saturating_add(1);
        if self.read == self.landmark_at {
            self.landmark = Some(next.clone());
            self.landmark_at = self.landmark_at.saturating_mul(2);
        }
        false
    }
}
