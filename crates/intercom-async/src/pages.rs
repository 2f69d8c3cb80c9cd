//! Lists, page by page.

use intercom_protocol::flows::{Page, Pages};
use intercom_protocol::{Error, Tick, Until};

use crate::Client;

/// The pages of a list or a search; ends after the last page or an error.
#[derive(Clone, Debug)]
#[must_use = "pages are read as they are asked for"]
pub struct PageStream<'c> {
    client: &'c Client,
    pages: Pages,
    deadline: Option<Tick>,
}

impl<'c> PageStream<'c> {
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

    /// The next page; `None` after the last one or an error.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call; kind `decode` when the answer is no list or the walk does not move on.
    pub async fn next(&mut self) -> Option<Result<Page, Error>> {
        let caller = Until::new(self.client, self.deadline);
        self.pages.next(&caller).await
    }
}
