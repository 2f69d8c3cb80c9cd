//! The client, and the ways to start a call.

use std::sync::Arc;

use intercom_protocol::client::{self, Async};
use intercom_protocol::{
    ApiRequest, Caller, Connection, Error, MaybeSend, Reply, Tick, client_methods,
};

use crate::driver::{self, Inner, Shared};

/// An async Intercom client, cheap to clone and shared by all tasks.
///
/// Every call waits for the rate limit, retries what is safe to retry, and returns a response or an [`Error`] that says what
/// happened, attempt by attempt. Dropping a call's future cancels the call. A
/// request that was not sent gives back its place at the gate; one that was sent counts as used quota.
///
/// Requests borrow the client, so a spawned task needs a clone:
///
/// ```
/// # use intercom_async::{Client, Error};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mock = intercom_mock::MockServer::start()?;
/// # let client = Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// let task = tokio::spawn({
///     let client = client.clone();
///     async move { client.get("/me").await?.json::<serde_json::Value>() }
/// });
/// assert_eq!(task.await??["type"], "admin");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

/// A request, and the client that sends it. Awaiting it is the same as awaiting [`send`](RequestBuilder::send):
///
/// ```no_run
/// # async fn send(client: intercom_async::Client) -> Result<(), intercom_async::Error> {
/// let me: serde_json::Value = client.get("/me").await?.json()?;
/// # Ok(())
/// # }
/// ```
///
/// Its methods are those of [`client::RequestBuilder`].
pub type RequestBuilder<'c> = client::RequestBuilder<&'c Client, Async>;

/// The companies of a workspace: read them all.
///
/// Its methods are those of [`client::Companies`].
pub type Companies<'c> = client::Companies<&'c Client, Async>;

/// The contacts of a workspace: list, find and create them.
///
/// Its methods are those of [`client::Contacts`].
pub type Contacts<'c> = client::Contacts<&'c Client, Async>;

/// The conversations of a workspace: read those that a search finds.
///
/// Its methods are those of [`client::Conversations`].
pub type Conversations<'c> = client::Conversations<&'c Client, Async>;

/// The pages of a list or a search, as a stream.
///
/// Its own method `next` reads one page:
///
/// ```no_run
/// # async fn walk(client: intercom_async::Client) -> Result<(), intercom_async::Error> {
/// use intercom_async::ApiRequest;
///
/// let mut pages = client.pages(ApiRequest::get("/contacts").query("per_page", 50));
/// while let Some(page) = pages.next().await {
///     println!("{} contacts", page?.len());
/// }
/// # Ok(())
/// # }
/// ```
///
/// The adapters of the futures crates work too:
///
/// ```
/// use futures_util::TryStreamExt;
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
/// let lengths: Vec<usize> = pages.map_ok(|page| page.len()).try_collect().await?;
/// assert_eq!(lengths, [2, 1]);
/// # Ok(()) }
/// ```
///
/// Its methods are those of [`client::Pages`].
pub type Pages<'c> = client::Pages<'c, Client, Async>;

/// The items of a list or a search, as a stream. Its own method `next` reads one.
///
/// ```
/// use futures_util::TryStreamExt;
/// use intercom_async::{ApiRequest, Contact};
/// # use intercom_async::{Client, NewContact};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mock = intercom_mock::MockServer::start()?;
/// # let client = Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// # for id in ["a", "b", "c"] {
/// #     client.contacts().create(&NewContact::user().external_id(id)).await?;
/// # }
/// let all: Vec<Contact> = client.contacts().list().try_collect().await?;
/// assert_eq!(all.len(), 3);
///
/// // Any other list, as your own type or any JSON.
/// let mut tags = client.pages(ApiRequest::get("/tags")).items::<serde_json::Value>();
/// while let Some(tag) = tags.next().await {
///     println!("{}", tag?["name"]);
/// }
/// # Ok(()) }
/// ```
///
/// Its methods are those of [`client::Items`].
pub type Items<'c, T> = client::Items<'c, Client, Async, T>;

/// A walk: every item of a list, a search or a scroll, whatever happens on the way.
///
/// ```no_run
/// # async fn walk(client: intercom_async::Client) {
/// let mut walk = client.contacts().walk();
/// while let Some(contact) = walk.next().await {
///     match contact {
///         Ok(contact) => println!("{}", contact.as_json()),
///         // Store the checkpoint, and later: `client.contacts().walk().resume(&checkpoint)`.
///         Err(error) => println!("{error}: {}", error.checkpoint()),
///     }
/// }
/// println!("{} contacts", walk.report().items());
/// # }
/// ```
///
/// Its methods are those of [`client::Walk`].
pub type Walk<'c, T> = client::Walk<'c, Client, Async, T>;

pub use intercom_protocol::client::Downloaded;

client_methods!(Client, Async, |client| &client.0.shared.connection);

#[rustfmt::skip]
impl Caller for Client {
    fn call(&self, request: ApiRequest) -> impl Future<Output = Result<Reply, Error>> + MaybeSend {
        let Shared { connection, gate, .. } = &self.0.shared;
        driver::drive(&self.0.shared, &*self.0, connection, gate.as_deref(), request)
    }
    async fn call_elsewhere(&self, connection: &Connection, request: ApiRequest) -> Result<Reply, Error> {
        driver::drive(&self.0.shared, &*self.0, connection, None, request).await
    }
    fn connection(&self) -> Option<&Connection> { Some(&self.0.shared.connection) }
    fn now(&self) -> Option<Tick> { Some(self.0.shared.timer.now().tick()) }
    async fn sleep_until(&self, tick: Tick) {
        let timer = &self.0.shared.timer;
        timer.sleep(tick.since(timer.now().tick())).await;
    }
}
