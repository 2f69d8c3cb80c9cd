//! Lists, page by page.

use intercom_protocol::flows::{Page, Pages};
use intercom_protocol::{ApiRequest, Error, Tick, Until};

use crate::Client;

/// The pages of a list or a search; ends after the last page or an error.
///
/// [`next`](Self::next) is all there is to it. Where a `Stream` of the futures crates is wanted, `unfold` makes one:
///
/// ```
/// # #[cfg(feature = "hyper")] {
/// use futures_util::TryStreamExt;
/// use futures_util::stream::unfold;
/// use intercom_async::ApiRequest;
/// # use intercom_async::{Client, NewContact};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mock = intercom_mock::MockServer::start()?;
/// # let client = Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// # for id in ["a", "b", "c"] {
/// #     client.contacts().create(&NewContact::user().external_id(id)).await?;
/// # }
/// let pages = client.pages(ApiRequest::get("/contacts").query("per_page", 2));
/// let stream = unfold(pages, |mut pages| async move { Some((pages.next().await?, pages)) });
/// let lengths: Vec<usize> = stream.map_ok(|page| page.len()).try_collect().await?;
/// assert_eq!(lengths, [2, 1]);
/// # Ok(()) }
/// # main().unwrap(); }
/// ```
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

    /// The request for the page that comes next; `None` after the last one or an error.
    ///
    /// Kept before a page is asked for, it lets a walk that an error ended go on from there: begin with it in the place of
    /// the first request. A scroll cannot be gone on with.
    #[must_use]
    pub const fn request(&self) -> Option<&ApiRequest> {
        self.pages.request()
    }

    /// The next page; `None` after the last one or an error.
    ///
    /// Dropped while it waits, it asks for the same page when it is called again; a page of a scroll cannot be asked for
    /// twice, so that the walk ends with an error then.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call; kind `decode` when the answer is no list or the walk does not move on.
    pub async fn next(&mut self) -> Option<Result<Page, Error>> {
        let caller = Until::new(self.client, self.deadline);
        self.pages.next(&caller).await
    }
}
