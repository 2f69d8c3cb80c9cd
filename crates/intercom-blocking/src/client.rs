//! The client: what all calls share, and the ways to begin one.

use std::sync::Arc;

use intercom_protocol::client::{self, Blocking};
use intercom_protocol::flows::{self, Diagnosis};
use intercom_protocol::{
    ApiRequest, Caller, Connection, Error, Reply, Tick, Until, client_methods, ready,
};

use crate::gate::Gate;
use crate::transport::UreqTransport;
use crate::{ClientBuilder, Clock, driver};

/// A blocking Intercom client; cheap to clone, and one is enough for all threads.
///
/// Every call waits for the rate limit, repeats what may be repeated, and ends with an answer or an [`Error`] that says
/// what happened, attempt by attempt.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

/// A request and the client that sends it.
pub type RequestBuilder<'c> = client::RequestBuilder<&'c Client, Blocking>;

/// Finds, searches and creates contacts.
pub type Contacts<'c> = client::Contacts<&'c Client, Blocking>;

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
pub type Pages<'c> = client::Pages<&'c Client, Blocking>;

pub(crate) struct Inner {
    pub(crate) connection: Connection,
    pub(crate) transport: UreqTransport,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) gate: Option<Box<dyn Gate>>,
}

client_methods!(Client, |client| &client.0.connection);

impl Client {
    /// Starts a client with an access token from the Developer Hub.
    ///
    /// ```
    /// use intercom_blocking::{Client, Region};
    ///
    /// let client = Client::builder("dG9rOjEyMw==").region(Region::Eu).build()?;
    /// assert_eq!(client.base_url(), "https://api.eu.intercom.io");
    /// # Ok::<(), intercom_blocking::Error>(())
    /// ```
    pub fn builder(token: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(token.into())
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }
}

impl Client {
    /// Carries out a request with all its waiting and retrying.
    ///
    /// # Errors
    ///
    /// Any [`Error`]; its `kind()` says whether the API, the network or the request is at fault.
    pub fn execute(&self, request: ApiRequest) -> Result<Reply, Error> {
        let inner = &*self.0;
        driver::drive(inner, &inner.connection, inner.gate.as_deref(), request)
    }

    /// Reads the admin and app that the token belongs to, the cheapest way to see that it works.
    ///
    /// # Errors
    ///
    /// Any [`Error`] of the call.
    pub fn me(&self) -> Result<Reply, Error> {
        self.execute(ApiRequest::get("/me"))
    }

    /// Asks the API and the status page how things are: token, quota, incidents, clocks.
    ///
    /// ```
    /// # let mock = intercom_mock::MockServer::start()?;
    /// # let client = intercom_blocking::Client::builder(mock.token())
    /// #     .base_url(mock.base_url()).status_url(mock.status_url()).build()?;
    /// let diagnosis = client.diagnose();
    /// for advice in diagnosis.advice() {
    ///     println!("{advice}");
    /// }
    /// assert!(diagnosis.is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn diagnose(&self) -> Diagnosis {
        let bounded = Until::new(self, self.deadline(None));
        ready(flows::diagnose(&bounded)).unwrap_or_else(Diagnosis::not_begun)
    }
}

#[rustfmt::skip]
impl Caller for Client {
    async fn call(&self, request: ApiRequest) -> Result<Reply, Error> { self.execute(request) }
    async fn call_elsewhere(&self, connection: &Connection, request: ApiRequest) -> Result<Reply, Error> {
        driver::drive(&self.0, connection, None, request)
    }
    fn connection(&self) -> Option<&Connection> { Some(&self.0.connection) }
    fn now(&self) -> Option<Tick> { Some(self.0.clock.now().tick()) }
}
