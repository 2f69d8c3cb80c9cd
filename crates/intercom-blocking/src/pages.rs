//! Lists, page by page.

use intercom_protocol::flows::{Page, Pages};
use intercom_protocol::{ApiRequest, Error, Tick, Until, ready};

use crate::Client;

/// The pages of a list or a search; ends after the last page or an error.
#[derive(Clone, Debug)]
#[must_use = "pages are read as they are asked for"]
pub struct PageIter<'c> {
    client: &'c Client,
    pages: Pages,
    deadline: Option<Tick>,
}

impl<'c> PageIter<'c> {
    pub(crate) const fn new(client: &'c Client, pages: Pages) -> Self {
        Self {
            client,
            pages,
            deadline: None,
        }
    }

    pub(crate) const fn until(mut self, deadline: Option<Tick>) -> Self {
        self.deadline = deadline;
        self
    }

    /// The request for the page that comes next; `None` after the last one or an error.
    ///
    /// Kept before a page is asked for, it lets a walk that an error ended go on from there: begin with it in the place of
    /// the first request. A scroll cannot be gone on with.
    #[must_use]
    pub const fn request(&self) -> Option<&ApiRequest> {
        self.pages.request()
    }
}

impl Iterator for PageIter<'_> {
    type Item = Result<Page, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let caller = Until::new(self.client, self.deadline);
        ready(self.pages.next(&caller)).unwrap_or_else(|error| Some(Err(error)))
    }
}
