//! An error response, with everything that came with it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::classify::{Response, Verdict, classify, existing_contact};
use crate::parse::content::Content;
use crate::parse::headers::Headers;
use crate::parse::{body, scope};
use crate::{
    AnsweredBy, Body, BodyKind, Category, Class, ErrorCode, ErrorItem, KnownCase, RateLimit,
    RequestLine, RetryAfter,
};

/// An error response of Intercom's API.
///
/// Parsing never fails. An HTML page, truncated JSON or an empty body becomes an error too, with its status, the
/// request id from the headers, and the bytes of the body. `Display` writes one line without the server's message,
/// because messages contain e-mail addresses. [`line`](Self::line) can include it.
///
/// ```
/// use intercom_errors::ApiError;
///
/// let error = ApiError::from_parts(502, [("x-request-id", b"b2i3mh".as_slice())], b"<html>Bad Gateway</html>");
/// assert_eq!((error.status(), error.request_id()), (502, Some("b2i3mh")));
/// assert_eq!(error.to_string(), "502: try again, and check the status page if the error persists (request b2i3mh)");
/// ```
#[derive(Clone)]
pub struct ApiError(pub(crate) Box<Inner>);

#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) status: u16,
    pub(crate) verdict: Verdict,
    pub(crate) has_error_list: bool,
    pub(crate) is_html: bool,
    pub(crate) request_id: Option<Box<str>>,
    pub(crate) required_scope: Option<Box<str>>,
    pub(crate) items: Vec<ErrorItem>,
    pub(crate) headers: Headers,
    pub(crate) body: Body,
    #[cfg(feature = "serde")]
    pub(crate) origin: crate::stored::Origin,
}

impl ApiError {
    /// Parses a response. The headers may be in any order and in any case.
    ///
    /// Reads the whole body, and keeps its first 64 KiB.
    ///
    /// ```
    /// use intercom_errors::{ApiError, BodyKind};
    ///
    /// let body = br#"{"type":"error.list","errors":[{"code":"not_found","message":"User Not Found"}]}"#;
    /// let error = ApiError::from_parts(404, [("X-Request-Id", b"b2i3mh".as_slice())], body);
    /// assert_eq!(error.code().unwrap(), "not_found");
    /// assert_eq!(error.body().kind(), BodyKind::ErrorList);
    /// ```
    #[must_use]
    pub fn from_parts<'h, H>(status: u16, headers: H, body: &[u8]) -> Self
    where
        H: IntoIterator<Item = (&'h str, &'h [u8])>,
    {
        Self::new(None, status, headers, body)
    }

    /// Parses a response to a known request, like [`from_parts`](Self::from_parts).
    ///
    /// Its [`class`](Self::class) takes [the request](RequestLine) into account.
    #[must_use]
    pub fn from_parts_to<'h, H>(
        request: &RequestLine<'_>,
        status: u16,
        headers: H,
        body: &[u8],
    ) -> Self
    where
        H: IntoIterator<Item = (&'h str, &'h [u8])>,
    {
        Self::new(Some(request), status, headers, body)
    }

    /// Returns the error of a response, unless it is a success.
    ///
    /// A success is a 2xx with JSON or an empty body. A 2xx is an error if its body is not JSON, if the `type` in
    /// its body is `error` or `error.list`, or if a web application firewall sent it. The `type` also counts if it
    /// is in the object `error` of the body, or in the only element of a body that is a list. Errors elsewhere in
    /// the body of a 2xx are data.
    ///
    /// # Errors
    ///
    /// Returns the response as an error, like [`from_parts`](Self::from_parts).
    ///
    /// ```
    /// use intercom_errors::ApiError;
    ///
    /// assert!(ApiError::check(200, [], br#"{"type":"admin"}"#).is_ok());
    /// assert_eq!(ApiError::check(502, [], b"").unwrap_err().status(), 502);
    /// assert!(ApiError::check(200, [], b"<html>").is_err());
    /// assert!(ApiError::check(200, [], br#"{"error":{"type":"error.list","errors":[]}}"#).is_err());
    /// ```
    pub fn check<'h, H>(status: u16, headers: H, body: &[u8]) -> Result<(), Self>
    where
        H: IntoIterator<Item = (&'h str, &'h [u8])>,
    {
        let headers = Headers::read(headers);
        let is_passed = matches!(status, 200..=299) && headers.waf_action.is_none();
        match is_passed && Content::of(body) == Content::Json {
            true => Ok(()),
            false => Err(Self::with_headers(None, status, headers, body)),
        }
    }

    fn new<'h>(
        request: Option<&RequestLine<'_>>,
        status: u16,
        headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
        body: &[u8],
    ) -> Self {
        Self::with_headers(request, status, Headers::read(headers), body)
    }

    fn with_headers(
        request: Option<&RequestLine<'_>>,
        status: u16,
        headers: Headers,
        body: &[u8],
    ) -> Self {
        let (kind, parsed) = body::parse(body);
        let kind = headers.body_kind(kind);
        let request_id = parsed.request_id.or_else(|| headers.request_id.clone());
        let response = Response {
            status,
            items: &parsed.items,
            body: (&headers, kind, body),
            has_error_list: kind == BodyKind::ErrorList || parsed.is_enclosed,
            has_request_id: request_id.is_some(),
            waf_action: headers.waf_action.as_deref(),
            links_to_contact: headers.merged_into.is_some(),
        };
        Self(Box::new(Inner {
            status,
            verdict: classify(&response, request),
            has_error_list: response.has_error_list,
            is_html: response.is_html(),
            #[cfg(feature = "serde")]
            origin: crate::stored::Origin::of(request),
            request_id,
            required_scope: scope::required_scope(&parsed.items),
            items: parsed.items,
            body: Body::new(kind, body),
            headers,
        }))
    }

    /// Parses an [`http::Response`] with its whole body.
    ///
    /// ```
    /// use intercom_errors::ApiError;
    ///
    /// let response = http::Response::builder().status(429).header("Retry-After", "5").body("").unwrap();
    /// assert!(ApiError::from_response(&response).is_rate_limited());
    /// ```
    #[cfg(feature = "http")]
    #[must_use]
    pub fn from_response<B: AsRef<[u8]>>(response: &http::Response<B>) -> Self {
        Self::of_response(None, response)
    }

    /// Parses an [`http::Response`] to a known request, like [`from_parts_to`](Self::from_parts_to).
    ///
    /// ```
    /// use intercom_errors::{Action, ApiError, RequestLine};
    ///
    /// let response = http::Response::builder().status(404).body("").unwrap();
    /// let error = ApiError::from_response_to(&RequestLine::new("PATCH", "/contacts/5f1"), &response);
    /// assert_eq!(error.class().action(), Action::FixMethod);
    /// ```
    #[cfg(feature = "http")]
    #[must_use]
    pub fn from_response_to<B: AsRef<[u8]>>(
        request: &RequestLine<'_>,
        response: &http::Response<B>,
    ) -> Self {
        Self::of_response(Some(request), response)
    }

    #[cfg(feature = "http")]
    fn of_response<B: AsRef<[u8]>>(
        request: Option<&RequestLine<'_>>,
        response: &http::Response<B>,
    ) -> Self {
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
        let body = response.body().as_ref();
        Self::new(request, response.status().as_u16(), headers, body)
    }

    /// Sets the length of the whole body, for clients that stop reading at a limit.
    #[must_use]
    pub fn with_body_len(mut self, len: u64) -> Self {
        self.0.body = self.0.body.with_len(len);
        self
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// Returns the code of the first item that has one.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.errors().iter().find_map(ErrorItem::code)
    }

    /// Returns the server's message from the first item that has one. It may contain personal data.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.errors().iter().find_map(ErrorItem::message)
    }

    /// Returns the invalid field or query parameter from the first item that names one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.errors().iter().find_map(ErrorItem::field)
    }

    /// Returns all items of the error list. Usually there is one, but there can be several or none.
    #[must_use]
    pub fn errors(&self) -> &[ErrorItem] {
        &self.0.items
    }

    /// Returns the request id, which Intercom's support asks for. It comes from the body or from the `X-Request-Id`
    /// header.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the rate limit from the headers.
    #[must_use]
    pub fn rate_limit(&self) -> RateLimit {
        self.0.headers.limits.rate_limit
    }

    /// Returns the longest wait of all `Retry-After` headers, measured from the response's `Date`.
    ///
    /// A `Retry-After` contains a number of seconds or a time. If both occur and there is no `Date`, the seconds take
    /// precedence. [`hint`](Self::hint) can compare the two, using this machine's clock.
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.0.headers.retry_after(self.rate_limit().date())
    }

    /// Returns the `Content-Encoding`, like `br`, of a body that was not decoded.
    ///
    /// A server should not send an encoding that the client did not accept.
    ///
    /// ```
    /// use intercom_errors::{ApiError, BodyKind};
    ///
    /// let error = ApiError::from_parts(409, [("Content-Encoding", b"br".as_slice())], b"\x8b\x01\x80{}\x03");
    /// assert_eq!((error.content_encoding(), error.body().kind()), (Some("br"), BodyKind::Encoded));
    /// ```
    #[must_use]
    pub fn content_encoding(&self) -> Option<&str> {
        let encoding = self.0.headers.content_encoding.as_deref();
        encoding.filter(|_| self.0.body.kind() == BodyKind::Encoded)
    }

    /// Returns the `Location` header, for example of an unexpected redirect.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.0.headers.location.as_deref()
    }

    /// Returns the body as received, or its first 64 KiB.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.0.body
    }

    /// Returns `true` if the body is an error list, or encloses one.
    ///
    /// ```
    /// use intercom_errors::ApiError;
    ///
    /// let body = br#"{"error":{"type":"error.list","errors":[{"code":"not_found"}]}}"#;
    /// assert!(ApiError::from_parts(404, [], body).has_error_list());
    /// assert!(!ApiError::from_parts(404, [], br#"{"error":"not_found"}"#).has_error_list());
    /// ```
    #[must_use]
    pub fn has_error_list(&self) -> bool {
        self.0.has_error_list
    }

    /// Returns `true` if the body is a page of HTML, as its first bytes or the `Content-Type` show.
    ///
    /// ```
    /// use intercom_errors::ApiError;
    ///
    /// assert!(ApiError::from_parts(502, [], b"<html>Bad Gateway</html>").is_html());
    /// ```
    #[must_use]
    pub fn is_html(&self) -> bool {
        self.0.is_html
    }

    /// Returns the headers that were understood, in a form that leads to an equal error. Other headers and invalid values are
    /// left out, and so is the request id.
    ///
    /// ```
    /// use intercom_errors::ApiError;
    ///
    /// let headers = [("Retry-After", b" 6.5".as_slice()), ("x-ratelimit-limit", b"many"), ("server", b"nginx")];
    /// let error = ApiError::from_parts(429, headers, b"");
    /// assert_eq!(error.known_headers(), [("retry-after", "7".to_owned())]);
    /// ```
    #[must_use]
    pub fn known_headers(&self) -> Vec<(&'static str, String)> {
        self.headers().known()
    }

    /// Returns what the response means: its category, whether to resend, and what to do next.
    ///
    /// It takes the [request](RequestLine) into account if the error was created with one.
    #[must_use]
    pub fn class(&self) -> Class {
        self.0.verdict.class
    }

    /// Returns who sent the response: the API, or a firewall or proxy in front of it.
    ///
    /// A response of an intermediary has the category [`Blocked`](Category::Blocked): the API never saw the request, and
    /// the advice is about the network. Intercom's support cannot help with most of these.
    ///
    /// ```
    /// use intercom_errors::{AnsweredBy, ApiError, Resend};
    ///
    /// let captcha = [("x-amzn-waf-action", b"captcha".as_slice())];
    /// let error = ApiError::from_parts(405, captcha, b"<html>Human Verification</html>");
    /// assert_eq!(error.answered_by(), AnsweredBy::Intermediary);
    /// assert_eq!(error.class().resend(), Resend::Safe);
    /// assert_eq!(error.hint(None).unwrap().wait().as_secs(), 30);
    ///
    /// assert_eq!(ApiError::from_parts(502, [], b"").answered_by(), AnsweredBy::Unknown);
    /// ```
    #[must_use]
    pub fn answered_by(&self) -> AnsweredBy {
        self.0.verdict.answered_by
    }

    /// Returns the known case of this error, if there is one. In a known case, the error's request, status or sender says
    /// more than its code.
    ///
    /// ```
    /// use intercom_errors::{ApiError, RequestLine};
    ///
    /// let request = RequestLine::new("POST", "/companies");
    /// let error = ApiError::from_parts_to(&request, 500, [], b"");
    /// assert_eq!(error.known_case().unwrap().name(), "company_without_id");
    /// ```
    #[must_use]
    pub fn known_case(&self) -> Option<&'static KnownCase> {
        self.0.verdict.case
    }

    /// Returns the existing contact that the message of a conflict (409) names.
    ///
    /// Use it instead of creating another one. Unarchive it first if it is archived.
    ///
    /// ```
    /// use intercom_errors::ApiError;
    ///
    /// let body = br#"{"errors":[{"code":"conflict",
    ///     "message":"An archived contact matching those details already exists with id=5f1a"}]}"#;
    /// let error = ApiError::from_parts(409, [], body);
    /// let existing = error.existing_contact().unwrap();
    /// assert_eq!((existing.id(), existing.is_archived()), ("5f1a", true));
    /// ```
    #[must_use]
    pub fn existing_contact(&self) -> Option<ExistingContact<'_>> {
        existing_contact(self.errors()).map(|(id, rule)| ExistingContact {
            id,
            archived: rule.archived,
        })
    }

    /// Returns the id of the contact into which the requested contact was merged (410). The id comes from a `Link` to
    /// `/contacts/{id}`.
    ///
    /// ```
    /// use intercom_errors::ApiError;
    ///
    /// let link = [("Link", br#"</contacts/5f1a>; rel="canonical""#.as_slice())];
    /// assert_eq!(ApiError::from_parts(410, link, b"").merged_into(), Some("5f1a"));
    /// ```
    #[must_use]
    pub fn merged_into(&self) -> Option<&str> {
        self.0
            .headers
            .merged_into
            .as_deref()
            .filter(|_| self.class().category() == Category::Merged)
    }

    /// Returns the scope that the token lacks (403).
    ///
    /// It comes from the message, or is the first of `required_permissions` in an item's data.
    #[must_use]
    pub fn required_scope(&self) -> Option<&str> {
        self.0.required_scope.as_deref()
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("status", &self.0.status)
            .field("request_id", &self.0.request_id)
            .field("errors", &self.0.items)
            .field("class", &self.class())
            .field("answered_by", &self.answered_by())
            .field("rate_limit", &self.rate_limit())
            .field("body", &self.0.body)
            .finish_non_exhaustive()
    }
}

impl core::error::Error for ApiError {}

/// The existing contact that a conflict names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExistingContact<'e> {
    id: &'e str,
    archived: bool,
}

impl<'e> ExistingContact<'e> {
    /// Returns the contact's id, for `GET /contacts/{id}`.
    #[must_use]
    pub const fn id(&self) -> &'e str {
        self.id
    }

    /// Returns `true` if it is archived. `POST /contacts/{id}/unarchive` makes it usable again.
    #[must_use]
    pub const fn is_archived(&self) -> bool {
        self.archived
    }
}

impl ApiError {
    pub(crate) fn headers(&self) -> &Headers {
        &self.0.headers
    }
}
