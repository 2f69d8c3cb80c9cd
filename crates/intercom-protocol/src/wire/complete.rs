//! Requests that are already complete HTTP requests, with credentials of their own.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, Entry};
use http::uri::{PathAndQuery, Uri};
use http::{Extensions, Request, Response, Version};

use super::body::Body;
use super::expect::Expect;
use super::reply::Reply;
use super::request::ApiRequest;

/// What a complete request has besides its method, headers and body.
#[derive(Clone)]
pub(crate) struct Complete {
    uri: Uri,
    version: Version,
    extensions: Extensions,
}

impl Complete {
    /// Returns the whole request, with this path and query.
    pub(super) fn request(&self, request: &ApiRequest) -> Option<Request<Bytes>> {
        let mut parts = self.uri.clone().into_parts();
        let target = request.path_and_query();
        if parts.path_and_query.as_ref().map(PathAndQuery::as_str) != Some(&target) {
            parts.path_and_query = Some(target.try_into().ok()?);
        }
        let mut http = Request::new(request.body().cloned().unwrap_or_default());
        *http.method_mut() = request.method().clone();
        *http.uri_mut() = Uri::from_parts(parts).ok()?;
        *http.version_mut() = self.version;
        *http.extensions_mut() = self.extensions.clone();
        http.headers_mut().clone_from(request.headers());
        Some(http)
    }
}

/// Makes a request from one that is already complete, if your program or SDK builds its requests itself.
///
/// It is sent as it is: to the host of its URI, with its own headers, which must hold the credentials. The
/// [`Connection`](crate::Connection) of the call adds nothing, so a connection without a token suffices. It expects JSON if its
/// `Accept` is `application/json`, and otherwise accepts any response, like [`expect_any`](ApiRequest::expect_any).
///
/// ```
/// use intercom_protocol::bytes::Bytes;
/// use intercom_protocol::{ApiRequest, Call, Config, Moment, Step, Tick, http};
///
/// let request = http::Request::post("https://api.intercom.io/events")
///     .header("authorization", "Bearer dG9rOjEyMw==")
///     .header("content-type", "application/json")
///     .body(Bytes::from_static(b"{}"))?;
///
/// let now = Moment::new(Tick::default());
/// let mut call = Call::new(&Config::anonymous().build()?, ApiRequest::from(request), now);
/// if let Step::Admit(ask) = call.next(now) {
///     assert_eq!(ask.route(), "/events");
///     call.admitted(ask.free(), now);
/// }
/// let Step::Send(outgoing) = call.next(now) else { unreachable!() };
/// assert_eq!(outgoing.request().headers()["authorization"], "Bearer dG9rOjEyMw==");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl From<Request<Bytes>> for ApiRequest {
    fn from(request: Request<Bytes>) -> Self {
        let (parts, body) = request.into_parts();
        let complete = Complete {
            version: parts.version,
            extensions: parts.extensions,
            uri: parts.uri,
        };
        let mut request = Self::as_sent(
            parts.method,
            complete.uri.path(),
            complete.uri.query().unwrap_or_default(),
        );
        request.expect = match parts.headers.get(ACCEPT) {
            Some(accept) if accept == Expect::Json.accept() => Expect::Json,
            _ => Expect::Any,
        };
        request.headers = parts.headers;
        if let Entry::Occupied(mut credentials) = request.headers.entry(AUTHORIZATION) {
            for value in credentials.iter_mut() {
                value.set_sensitive(true);
            }
        }
        request.body = (!body.is_empty()).then(|| Body::json(body));
        request.complete = Some(Box::new(complete));
        request
    }
}

impl ApiRequest {
    /// Returns the scheme and the host of a request that is already complete.
    pub(crate) fn own_origin(&self) -> Option<String> {
        let uri = &self.complete.as_ref()?.uri;
        Some(format!("{}://{}", uri.scheme()?, uri.authority()?))
    }
}

impl Reply {
    /// Returns the HTTP response as the transport returned it, without the history of the call. A gzip body is decoded.
    #[must_use]
    pub fn into_response(self) -> Response<Bytes> {
        self.response
    }
}
