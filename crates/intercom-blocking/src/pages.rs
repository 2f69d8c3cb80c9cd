//! Lists, page by page.

use intercom_protocol::flows::{Page, Pages};
use intercom_protocol::{Error, Tick, Until, ready};

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
}

impl Iterator for PageIter<'_> {
    type Item = Result<Page, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let caller = Until::new(self.client, self.deadline);
        ready(self.pages.next(&caller)).unwrap_or_else(|error| Some(Err(error)))
    }
}
