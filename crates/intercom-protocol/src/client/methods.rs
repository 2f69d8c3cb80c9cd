//! The methods of a client.

/// Writes the methods of a client, and a `Debug` that shows its connection.
///
/// The client must implement [`Caller`](crate::Caller), and its module must define the aliases `RequestBuilder`, `Companies`,
/// `Contacts`, `Conversations`, `Pages` and `Walk` for the types of [`client`](crate::client). The second argument is the mode. The third returns the client's
/// [`Connection`](crate::Connection).
///
/// ```
/// use intercom_protocol::client::{self, Blocking};
/// use intercom_protocol::{ApiRequest, Caller, Config, Connection, Error, Reply, client_methods};
///
/// pub struct Client {
///     connection: Connection,
/// }
///
/// pub type RequestBuilder<'c> = client::RequestBuilder<&'c Client, Blocking>;
/// pub type Companies<'c> = client::Companies<&'c Client, Blocking>;
/// pub type Contacts<'c> = client::Contacts<&'c Client, Blocking>;
/// pub type Conversations<'c> = client::Conversations<&'c Client, Blocking>;
/// pub type Pages<'c> = client::Pages<'c, Client, Blocking>;
/// pub type Walk<'c, T> = client::Walk<'c, Client, Blocking, T>;
///
/// client_methods!(Client, Blocking, |client| &client.connection);
///
/// impl Caller for Client {
///     async fn call(&self, request: ApiRequest) -> Result<Reply, Error> {
///         // The loop around a `Call` goes here.
/// #       let _ = request;
/// #       intercom_protocol::ready(std::future::pending())?
///     }
/// }
///
/// let client = Client { connection: Config::new("dG9rOjEyMw==").build()? };
/// let request = client.get("/contacts").segment("5f1").into_request();
/// assert_eq!(request.path_and_query(), "/contacts/5f1");
/// # Ok::<(), Error>(())
/// ```
#[rustfmt::skip]
#[macro_export]
macro_rules! client_methods {
    ($client:ident, $mode:ident, |$this:ident| $connection:expr) => {
        $crate::client_methods!(@calls $mode $client);

        impl $client {
            /// Returns the base URL that requests are sent to.
            pub fn base_url(&self) -> &str { let $this = self; $connection.base_url() }
            /// Starts a GET.
            pub fn get(&self, path: &str) -> RequestBuilder<'_> { self.request($crate::http::Method::GET, path) }
            /// Starts a POST.
            pub fn post(&self, path: &str) -> RequestBuilder<'_> { self.request($crate::http::Method::POST, path) }
            /// Starts a PUT.
            pub fn put(&self, path: &str) -> RequestBuilder<'_> { self.request($crate::http::Method::PUT, path) }
            /// Starts a PATCH. It is not retried after a failure whose outcome is unknown, unless [`replayable(true)`](RequestBuilder::replayable) is set.
            pub fn patch(&self, path: &str) -> RequestBuilder<'_> { self.request($crate::http::Method::PATCH, path) }
            /// Starts a DELETE.
            pub fn delete(&self, path: &str) -> RequestBuilder<'_> { self.request($crate::http::Method::DELETE, path) }
            /// Starts a request of any method.
            pub fn request(&self, method: $crate::http::Method, path: &str) -> RequestBuilder<'_> {
                RequestBuilder::new(self, $crate::ApiRequest::new(method, path))
            }
            /// Returns the methods that read companies.
            pub const fn companies(&self) -> Companies<'_> { Companies::new(self) }
            /// Returns the methods that list, search, find and create contacts.
            pub const fn contacts(&self) -> Contacts<'_> { Contacts::new(self) }
            /// Returns the methods that read conversations.
            pub const fn conversations(&self) -> Conversations<'_> { Conversations::new(self) }
            /// Returns the pages of a list or a search, starting with this request. A deadline that is set on the request limits all pages together.
            pub fn pages(&self, first: $crate::ApiRequest) -> Pages<'_> { Pages::new(self, first, None) }
            /// Reads a list, a search or a scroll to its end, whatever happens on the way, starting with this request. A deadline that is set on the request limits the whole walk.
            pub fn walk<T>(&self, first: $crate::ApiRequest) -> Walk<'_, T> { Walk::new(self, first, None) }
        }

        /// Shows where requests are sent and how.
        impl core::fmt::Debug for $client {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let $this = self;
                f.debug_struct(stringify!($client)).field("connection", &$connection).finish_non_exhaustive()
            }
        }
    };
    (@calls Blocking $client:ident) => {
        $crate::client_methods! {
            @written () $client, self, request,
            { $crate::ready($crate::Caller::call(self, request))? }
            { self.get("/me").send() }
            {
                let bounded = $crate::WithDeadline::new(self, $crate::Caller::deadline(self, None));
                $crate::ready($crate::flows::diagnose(&bounded)).unwrap_or_else($crate::flows::Diagnosis::not_started)
            }
        }
    };
    (@calls Async $client:ident) => {
        $crate::client_methods! {
            @written (async) $client, self, request,
            { $crate::Caller::call(self, request).await }
            { self.get("/me").send().await }
            {
                let bounded = $crate::WithDeadline::new(self, $crate::Caller::deadline(self, None));
                $crate::flows::diagnose(&bounded).await
            }
        }
    };
    (
        @written ($($async:ident)?) $client:ident, $this:ident, $request:ident,
        $execute:block $me:block $diagnose:block
    ) => {
        impl $client {
            /// Sends a request, with all the waits and retries it needs.
            ///
            /// # Errors
            ///
            /// Any error. Its `kind()` says what failed: the API, the network or the request itself.
            pub $($async)? fn execute(&$this, $request: $crate::ApiRequest) -> Result<$crate::Reply, $crate::Error> $execute
            /// Reads the admin and app that the token belongs to. This is the cheapest way to check a token.
            ///
            /// # Errors
            ///
            /// Any error of the call.
            pub $($async)? fn me(&$this) -> Result<$crate::Reply, $crate::Error> $me
            /// Checks the token, the quota and the clocks with the API, and looks for incidents on the status page.
            ///
            /// The status page is Intercom's own, unless the client is built with another `status_url`, like that of a mock server.
            pub $($async)? fn diagnose(&$this) -> $crate::flows::Diagnosis $diagnose
        }
    };
}
