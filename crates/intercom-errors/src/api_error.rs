//! An error answer, with everything that came with it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::classify::{Response, classify};
use crate::parse::headers::Headers;
use crate::parse::{body, message, scope};
use crate::{
    Body, BodyKind, Category, Class, ErrorCode, ErrorItem, RateLimit, RequestLine, RetryAfter,
};

/// An error answer of Intercom's API: whatever came, nothing of it lost.
///
/// Parsing cannot fail: an HTML page, a JSON text that was cut off or an empty body becomes an error too, with its
/// status, the request id from the headers, and the bytes. `Display` is one line without the server's message, for
/// messages carry e-mail addresses; [`line`](Self::line) can show it.
///
/// ```
/// use intercom_errors::ApiError;
///
/// let error = ApiError::from_parts(502, [("x-request-id", b"b2i3mh".as_slice())], b"<html>Bad Gateway</html>");
/// assert_eq!((error.status(), error.request_id()), (502, Some("b2i3mh")));
/// assert_eq!(error.to_string(), "502: try again, and check the status page if it persists (request b2i3mh)");
/// ```
#[derive(Clone)]
pub struct ApiError(Box<Inner>);

#[derive(Clone)]
struct Inner {
    status: u16,
    class: Class,
    request_id: Option<Box<str>>,
    required_scope: Option<Box<str>>,
    items: Vec<ErrorItem>,
    headers: Headers,
    body: Body,
}

impl ApiError {
    /// Reads an answer. The headers may come in any order and case.
    ///
    /// The whole body given is read; its first 64 KiB are kept.
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

    /// Reads an answer to a known request, as [`from_parts`](Self::from_parts) does.
    ///
    /// Its [`class`](Self::class) is what the answer means [for this request](RequestLine).
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

    fn new<'h>(
        request: Option<&RequestLine<'_>>,
        status: u16,
        headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
        body: &[u8],
    ) -> Self {
        let headers = Headers::read(headers);
        let (kind, parsed) = body::parse(body);
        let response = Response {
            status,
            items: &parsed.items,
            body: kind,
            links_to_contact: headers.merged_into.is_some(),
        };
        Self(Box::new(Inner {
            status,
            class: classify(&response, request),
            request_id: parsed.request_id.or_else(|| headers.request_id.clone()),
            required_scope: scope::required_scope(&parsed.items),
            items: parsed.items,
            body: Body::new(headers.body_kind(kind), body),
            headers,
        }))
    }

    /// Reads an `http` response whose body has been collected.
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

    /// Reads an `http` response to a known request, as [`from_parts_to`](Self::from_parts_to) does.
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

    /// Says that the body was longer than what was handed over, for clients that stop reading at a limit.
    #[must_use]
    pub fn with_body_len(mut self, len: u64) -> Self {
        self.0.body = self.0.body.with_len(len);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The code of the first item that has one.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.errors().iter().find_map(ErrorItem::code)
    }

    /// The message of the first item that has one, in the server's words; it may carry personal data.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.errors().iter().find_map(ErrorItem::message)
    }

    /// The field or query parameter at fault, of the first item that names one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.errors().iter().find_map(ErrorItem::field)
    }

    /// All items of the answer; usually one, but there may be several or none.
    #[must_use]
    pub fn errors(&self) -> &[ErrorItem] {
        &self.0.items
    }

    /// The id to tell Intercom's support: of the body, else of the `X-Request-Id` header.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// What the headers say about the quota.
    #[must_use]
    pub fn rate_limit(&self) -> RateLimit {
        self.0.headers.limits.rate_limit
    }

    /// The longest wait that `Retry-After` headers ask for, by the answer's `Date`.
    ///
    /// Without a `Date` a delay goes before a time; [`hint`](Self::hint) compares them by this machine's clock.
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        self.0.headers.retry_after(self.rate_limit().date())
    }

    /// The `Content-Encoding` of a body that was not decoded, like `br`; the client should not have been sent it.
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

    /// The `Location` header, such as that of a redirect nobody asked for.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.0.headers.location.as_deref()
    }

    /// The body as it came, or its first 64 KiB.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.0.body
    }

    /// What the answer means: category, resend, action.
    ///
    /// It takes the [request](RequestLine) into account if the error was made with it.
    #[must_use]
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// The contact that stands in the way of a new one (409), as the message names it.
    ///
    /// Read it instead of creating another one; an archived one is unarchived first.
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
        message::existing_contact_of(self.errors())
            .map(|(id, archived)| ExistingContact { id, archived })
    }

    /// The id of the contact this one was merged into (410), from a `Link` to `/contacts/{id}`.
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

    /// The scope the token lacks (403), from the message or from the `required_permissions` of the item's data, of
    /// which it is the first.
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
            .field("class", &self.0.class)
            .field("rate_limit", &self.rate_limit())
            .field("body", &self.0.body)
            .finish_non_exhaustive()
    }
}

impl core::error::Error for ApiError {}

/// The contact a conflict names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExistingContact<'e> {
    id: &'e str,
    archived: bool,
}

impl<'e> ExistingContact<'e> {
    /// Its id, for `GET /contacts/{id}`.
    #[must_use]
    pub const fn id(&self) -> &'e str {
        self.id
    }

    /// Whether it is archived: `POST /contacts/{id}/unarchive` before it can be used.
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
