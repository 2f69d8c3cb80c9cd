//! The client, and the ways to start a call.

use std::sync::Arc;

use intercom_protocol::client::{self, Blocking};
use intercom_protocol::{ApiRequest, Caller, Connection, Error, Reply, Tick, client_methods};

use crate::driver::{self, Inner};

/// A blocking Intercom client, cheap to clone and shared by all threads.
///
/// Every call waits for the rate limit, retries what is safe to retry, and returns a response or an [`Error`] that says what
/// happened, attempt by attempt.
///
/// ```
/// # let mock = intercom_mock::MockServer::start()?;
/// # let client = intercom_blocking::Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// let shared = &client;
/// let results = std::thread::scope(|scope| {
///     let threads = ["/me", "/contacts"].map(|path| scope.spawn(move || shared.get(path).send()));
///     threads.map(|thread| thread.join().unwrap())
/// });
/// for reply in results {
///     println!("{}", reply?.status());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

/// A request, and the client that sends it.
///
/// ```
/// # let mock = intercom_mock::MockServer::start()?;
/// # let client = intercom_blocking::Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// let me: serde_json::Value = client.get("/me").send()?.json()?;
/// assert_eq!(me["type"], "admin");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Its methods are those of [`client::RequestBuilder`].
pub type RequestBuilder<'c> = client::RequestBuilder<&'c Client, Blocking>;

/// The companies of a workspace: read them all.
///
/// Its methods are those of [`client::Companies`].
pub type Companies<'c> = client::Companies<&'c Client, Blocking>;

/// The contacts of a workspace: list, find and create them.
///
/// Its methods are those of [`client::Contacts`].
pub type Contacts<'c> = client::Contacts<&'c Client, Blocking>;

/// The conversations of a workspace: read those that a search finds.
///
/// Its methods are those of [`client::Conversations`].
pub type Conversations<'c> = client::Conversations<&'c Client, Blocking>;

/// The pages of a list or a search, as an iterator.
///
/// ```
/// # let mock = intercom_mock::MockServer::start()?;
/// # let client = intercom_blocking::Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// use intercom_blocking::ApiRequest;
///
/// for page in client.pages(ApiRequest::get("/contacts").query("per_page", 50)) {
///     println!("{} contacts", page?.len());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Its methods are those of [`client::Pages`].
pub type Pages<'c> = client::Pages<'c, Client, Blocking>;

/// The items of a list or a search, as an iterator.
///
/// ```
/// # let mock = intercom_mock::MockServer::start()?;
/// # let client = intercom_blocking::Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// use intercom_blocking::{ApiRequest, Contact};
///
/// let all: Vec<Contact> = client.contacts().list().collect::<Result<_, _>>()?;
///
/// // Any other list, as your own type or any JSON.
/// for tag in client.pages(ApiRequest::get("/tags")).items::<serde_json::Value>() {
///     println!("{}", tag?["name"]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Its methods are those of [`client::Items`].
pub type Items<'c, T> = client::Items<'c, Client, Blocking, T>;

/// A walk: every item of a list, a search or a scroll, whatever happens on the way.
///
/// ```
/// # let mock = intercom_mock::MockServer::start()?;
/// # let client = intercom_blocking::Client::builder(mock.token()).base_url(mock.base_url()).build()?;
/// let mut walk = client.contacts().walk();
/// for contact in walk.by_ref() {
///     match contact {
///         Ok(contact) => println!("{}", contact.as_json()),
///         // Store the checkpoint, and later: `client.contacts().walk().resume(&checkpoint)`.
///         Err(error) => println!("{error}: {}", error.checkpoint()),
///     }
/// }
/// println!("{} contacts", walk.report().items());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Its methods are those of [`client::Walk`].
pub type Walk<'c, T> = client::Walk<'c, Client, Blocking, T>;

pub use intercom_protocol::client::Downloaded;

client_methods!(Client, Blocking, |client| &client.0.connection);

#[rustfmt::skip]
impl Caller for Client {
    async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
        let Inner { connection, gate, .. } = &*self.0;
        driver::drive(&self.0, connection, gate.as_deref(), request)
    }
    async fn call_elsewhere(&self, connection: &Connection, request: ApiRequest) -> Result<Reply, Error> {
        driver::drive(&self.0, connection, None, request)
    }
    fn connection(&self) -> Option<&Connection> { Some(&self.0.connection) }
    fn now(&self) -> Option<Tick> { Some(self.0.clock.now().tick()) }
    async fn sleep_until(&self, tick: Tick) {
        let clock = &self.0.clock;
        clock.sleep(tick.since(clock.now().tick()));
    }
}
