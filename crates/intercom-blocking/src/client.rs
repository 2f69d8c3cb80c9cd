//! The client: what all calls share, and the ways to begin one.

use std::fmt;
use std::sync::Arc;

use http::Method;
use intercom_protocol::client::{self, Blocking};
use intercom_protocol::flows::{self, Diagnosis};
use intercom_protocol::{ApiRequest, Caller, Connection, Error, Reply, Tick, Until, ready};

use crate::transport::UreqTransport;
use crate::{ClientBuilder, Clock, Gate, driver};

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
pub type Pages<'c> = client::Pages<&'c Client, Blocking>;

pub(crate) struct Inner {
    pub(crate) connection: Connection,
    pub(crate) transport: UreqTransport,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) gate: Option<Box<dyn Gate>>,
}

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

#[rustfmt::skip]
impl Client {
    /// The base URL that requests are sent to.
    pub fn base_url(&self) -> &str { self.0.connection.base_url() }

    /// Starts a GET.
    pub fn get(&self, path: &str) -> RequestBuilder<'_> { self.request(Method::GET, path) }
    /// Starts a POST.
    pub fn post(&self, path: &str) -> RequestBuilder<'_> { self.request(Method::POST, path) }
    /// Starts a PUT.
    pub fn put(&self, path: &str) -> RequestBuilder<'_> { self.request(Method::PUT, path) }
    /// Starts a PATCH. Not retried after an ambiguous failure unless marked [`replayable`](RequestBuilder::replayable).
    pub fn patch(&self, path: &str) -> RequestBuilder<'_> { self.request(Method::PATCH, path) }
    /// Starts a DELETE.
    pub fn delete(&self, path: &str) -> RequestBuilder<'_> { self.request(Method::DELETE, path) }
    /// Starts a request of any method.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder<'_> { RequestBuilder::new(self, ApiRequest::new(method, path)) }
    /// Contacts: find, search, create, find or create.
    pub const fn contacts(&self) -> Contacts<'_> { Contacts::new(self) }
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

    /// Walks the pages of a list or a search, starting with this request, whose deadline bounds the whole walk.
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
    pub fn pages(&self, first: ApiRequest) -> Pages<'_> {
        let limit = first.time_limit();
        Pages::new(self, flows::Pages::new(first), limit)
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

impl Caller for Client {
    async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
        self.execute(request)
    }

    async fn call_elsewhere(
        &self,
        connection: &Connection,
        request: ApiRequest,
    ) -> Result<Reply, Error> {
        driver::drive(&self.0, connection, None, request)
    }

    fn connection(&self) -> Option<&Connection> {
        Some(&self.0.connection)
    }

    fn now(&self) -> Option<Tick> {
        Some(self.0.clock.now().tick())
    }
}

/// Shows where it calls and how; what it is made of may have nothing to show.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("connection", &self.0.connection)
            .finish_non_exhaustive()
    }
}
