//! A successful response, and how an HTTP response becomes one or an error.

use core::fmt;
use core::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, LOCATION};
use http::{Response, StatusCode};
use intercom_errors::rules::WAF_HEADER;
use intercom_errors::{ApiError, Content, RateLimit, without_mark};
use intercom_retry::{Attempt, History};
use serde::Deserialize;
use serde::de::value::UnitDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, IntoDeserializer};

use super::expect::Expect;
use crate::Error;
use crate::error::{Ending, Undecodable};
use crate::target::Target;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// With this header, a web application firewall says that it kept the request from the API.
const WAF_ACTION: HeaderName = HeaderName::from_static(WAF_HEADER);

/// A successful response, with the history of its call.
///
/// Before a response counts as a success, its body is checked: it must be one complete JSON document and not an error list.
/// The check covers brackets, commas, colons and literals. It does not look inside strings and numbers: an unknown escape, a
/// control character, invalid UTF-8 or a number like `01` is found only by [`json`](Self::json), which returns an error of kind
/// `decode`. The request is not retried because of it.
#[derive(Clone)]
pub struct Reply {
    pub(super) response: Response<Bytes>,
    rate_limit: RateLimit,
    pub(crate) target: Target,
    pub(crate) attempts: History,
    pub(crate) elapsed: Duration,
    pub(crate) clock_offset: Option<i64>,
    /// Whether the call may have changed something: true for every call that is not a read.
    pub(crate) wrote: bool,
}

impl Reply {
    pub(crate) fn new(response: Response<Bytes>) -> Self {
        Self {
            rate_limit: RateLimit::from_header_map(response.headers()),
            response,
            target: Target::default(),
            attempts: History::default(),
            elapsed: Duration::ZERO,
            clock_offset: None,
            wrote: false,
        }
    }

    /// Returns the HTTP status, usually 200, 201, 202 or 204.
    ///
    /// A 404 or 410 is the response to a DELETE that was retried: the resource was already deleted, probably by an earlier
    /// attempt whose outcome was unknown.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Returns the head of the response.
    pub(crate) fn head(&self) -> Response<()> {
        let mut head = Response::new(());
        *head.status_mut() = self.status();
        head.headers_mut().clone_from(self.headers());
        head
    }

    /// Returns all headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Returns the body, which can be empty.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        self.response.body()
    }

    /// Returns the body, and consumes the rest.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.response.into_body()
    }

    /// Returns the id of the request, for Intercom's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.headers()
            .get(REQUEST_ID)
            .and_then(|id| id.to_str().ok())
    }

    /// Returns what the response says about the quota.
    #[must_use]
    pub const fn rate_limit(&self) -> RateLimit {
        self.rate_limit
    }

    /// Returns every attempt of the call. The successful one is last.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Returns how long the call took, including waits.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns how many milliseconds the server's clock is ahead of this machine's, to within about a second.
    ///
    /// `None` if the response has no `Date`, or the client has no wall clock.
    #[must_use]
    pub const fn clock_offset_ms(&self) -> Option<i64> {
        self.clock_offset
    }

    /// Decodes the body into your type. `()` accepts any JSON.
    ///
    /// An empty body reads as `null`, which `Option` accepts. The body of a 404 or 410 reads as `null` too: such a reply is the
    /// success of a DELETE whose resource was already deleted.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `decode` that contains the status, the request id and the body, and names the place in the JSON.
    /// The request was carried out all the same, so do not send a write again because of it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.parse()
    }

    /// Like [`json`](Self::json), for values that borrow from the body.
    pub(crate) fn parse<'r, T: Deserialize<'r>>(&'r self) -> Result<T, Error> {
        let body = without_mark(self.body());
        let was_gone = matches!(self.status(), StatusCode::NOT_FOUND | StatusCode::GONE);
        let text = if body.trim_ascii().is_empty() || was_gone {
            b"null"
        } else {
            body
        };
        serde_json::from_slice(text).or_else(|_| {
            if size_of::<T>() == 0 {
                // A zero-sized type like `()` accepts any value, but the value must be valid JSON.
                self.parse_with_path::<IgnoredAny>(text)?;
                let unit: UnitDeserializer<serde_json::Error> = ().into_deserializer();
                if let Ok(value) = T::deserialize(unit) {
                    return Ok(value);
                }
            }
            self.parse_with_path(text)
        })
    }

    /// Decodes the body a second time to find the place of an error. The second pass takes half as
    /// long again, so it happens only after an error.
    fn parse_with_path<'r, T: Deserialize<'r>>(&self, text: &'r [u8]) -> Result<T, Error> {
        let mut json = serde_json::Deserializer::from_slice(text);
        serde_path_to_error::deserialize(&mut json)
            .map_err(|error| self.undecodable(error.path().to_string(), error.into_inner()))
    }

    /// Creates the error of a response that does not match the requested type at this place.
    pub(crate) fn undecodable(&self, path: String, source: serde_json::Error) -> Error {
        self.complete(Error::undecodable(Undecodable {
            status: Some(self.status()),
            request_id: self.request_id().map(str::to_owned),
            body: self.body().clone(),
            path,
            source: Some(source),
        }))
    }

    /// Completes an error about the content of this response with its request and the history of its call.
    pub(crate) fn complete(&self, error: Error) -> Error {
        error.with_target(self.target.clone()).ended(Ending {
            attempts: self.attempts.clone(),
            elapsed: self.elapsed,
            clock_offset: self.clock_offset,
            maybe_applied: self.wrote,
            ..Ending::default()
        })
    }

    /// Returns a part of the body without copying it.
    pub(crate) fn part_of_body(&self, part: &str) -> Bytes {
        self.body().slice_ref(part.as_bytes())
    }
}

/// Shows neither headers nor body, because both can contain personal data, and a server can echo anything.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("request", &self.target)
            .field("status", &self.status().as_u16())
            .field("request_id", &self.request_id())
            .field("body_len", &self.body().len())
            .field("attempts", &self.attempts.len())
            .finish_non_exhaustive()
    }
}

/// Converts the response to a request: a success into a [`Reply`], anything else into an [`ApiError`].
pub(crate) fn read(
    response: Response<Bytes>,
    expect: Expect,
    target: &Target,
) -> Result<Reply, ApiError> {
    let redirects = response.status().is_redirection() && response.headers().contains_key(LOCATION);
    let succeeds = response.status().is_success() || (expect == Expect::Any && redirects);
    let fits = || match Content::of(response.body()) {
        Content::Error => false,
        Content::Json => true,
        Content::Other => expect == Expect::Any,
    };
    if succeeds && !response.headers().contains_key(WAF_ACTION) && fits() {
        Ok(Reply::new(response))
    } else {
        Err(error_of(&response, Some(target)))
    }
}

/// Whether the body of this response can be what a download asks for.
pub(super) fn is_downloadable(head: &Response<()>) -> bool {
    head.status().is_success() && !head.headers().contains_key(WAF_ACTION)
}

/// Converts a response into an error. The error knows the announced length of the body, even if not all of it was read.
pub(crate) fn error_of<B: AsRef<[u8]>>(
    response: &Response<B>,
    target: Option<&Target>,
) -> ApiError {
    let error = match target {
        Some(target) => ApiError::from_response_to(&target.line(), response),
        None => ApiError::from_response(response),
    };
    let read = response.body().as_ref().len() as u64;
    // The response to a HEAD announces a length but has no body. The announced length of a compressed body cannot be compared.
    let plain = read > 0 && !response.headers().contains_key(CONTENT_ENCODING);
    let announced = response
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    match announced {
        Some(length) if plain && length > read => error.with_body_len(length),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Response, StatusCode};

    use crate::{ApiError, ApiRequest, Category, ErrorCode, Expect, Reply};

    fn read(response: Response<Bytes>, expect: Expect) -> Result<Reply, ApiError> {
        super::read(response, expect, &ApiRequest::get("/me").target)
    }

    fn response(status: u16, body: &'static str) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from_static(body.as_bytes()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        response
    }

    #[test]
    fn a_2xx_with_json_or_an_empty_body_is_a_success() {
        for (status, body) in [
            (200, "{}"),
            (200, ""),
            (201, "{}"),
            (202, " \n"),
            (204, ""),
            (200, "\u{feff}{}"),
            (200, "null"),
        ] {
            assert!(
                read(response(status, body), Expect::Json).is_ok(),
                "{status} {body:?}"
            );
        }
    }

    #[test]
    fn a_2xx_with_non_json_or_an_error_list_is_an_error() {
        for body in [
            "<html>",
            "{\"a\":",
            r#"{"type":"error.list","errors":[]}"#,
            r#"{"errors":[],"type":"error.list"}"#,
            r#"{"type":"error\u002elist","errors":[]}"#,
        ] {
            assert_eq!(
                read(response(200, body), Expect::Json)
                    .unwrap_err()
                    .status(),
                200,
                "{body}"
            );
        }
    }

    #[test]
    fn a_2xx_of_a_firewall_is_an_error() {
        for (status, body) in [(202, ""), (200, "{}"), (302, "")] {
            let mut response = response(status, body);
            let headers = response.headers_mut();
            headers.insert(super::WAF_ACTION, "challenge".parse().unwrap());
            headers.insert("location", "https://files.example/x".parse().unwrap());
            let error = read(response, Expect::Any).unwrap_err();
            assert_eq!(error.class().category(), Category::Blocked);
        }
    }

    #[test]
    fn downloads_and_redirects_are_successes_if_any_response_is_accepted() {
        let mut redirect = response(302, "");
        redirect
            .headers_mut()
            .insert("location", "https://files.example/x".parse().unwrap());
        assert!(read(redirect.clone(), Expect::Any).is_ok());
        assert!(read(redirect, Expect::Json).is_err());
        assert!(read(response(200, "<html>"), Expect::Any).is_ok());
        assert!(read(response(304, ""), Expect::Any).is_err());
    }

    #[test]
    fn a_decode_error_names_the_place_in_the_json() {
        #[derive(Debug, serde::Deserialize)]
        struct Wanted {
            #[expect(dead_code, reason = "only the attempt to read it matters")]
            contacts: Vec<u32>,
        }
        let reply = read(response(200, r#"{"contacts":[1,"two"]}"#), Expect::Json).unwrap();
        let error = reply.json::<Wanted>().unwrap_err();
        insta::assert_snapshot!(error, @"GET /: the response (200) does not match the requested type at contacts[1]; the request was carried out");
        assert_eq!(error.body().map(<[u8]>::len), Some(22));
    }

    #[test]
    fn a_zero_sized_type_accepts_any_json() {
        #[derive(serde::Deserialize)]
        struct Accepted;
        for body in ["", r#"{"type":"contact","id":"5f1"}"#, "[]"] {
            let reply = read(response(200, body), Expect::Json).unwrap();
            reply.json::<()>().unwrap();
            reply.json::<Accepted>().unwrap();
        }
    }

    #[test]
    fn json_with_an_invalid_string_or_number_is_a_decode_error() {
        for body in [r#"{"a":"\x"}"#, "{\"a\":\"\n\"}", r#"{"a":01}"#] {
            let reply = read(response(200, body), Expect::Json).unwrap();
            assert!(reply.json::<()>().is_err(), "{body}");
            assert!(reply.json::<serde_json::Value>().is_err(), "{body}");
        }
    }

    #[test]
    fn an_error_list_with_a_2xx_keeps_its_code() {
        for body in [
            r#"{"type":"error.list","errors":[{"code":"not_found"}]}"#,
            r#"{"error":{"type":"error.list","errors":[{"code":"not_found"}]}}"#,
            r#"[{"type":"error.list","errors":[{"code":"not_found"}]}]"#,
        ] {
            for expect in [Expect::Any, Expect::Json] {
                let error = read(response(200, body), expect).unwrap_err();
                assert_eq!(error.class().category(), Category::NotFound, "{body}");
                assert_eq!(error.code(), Some(&ErrorCode::NotFound), "{body}");
            }
        }
    }

    #[test]
    fn an_empty_body_reads_as_null() {
        let reply = read(response(202, ""), Expect::Json).unwrap();
        reply.json::<()>().unwrap();
        assert_eq!(reply.json::<Option<String>>().unwrap(), None);
        assert!(reply.json::<String>().is_err());
    }

    /// What an error knows of its body: how long it is, and how much was read.
    #[test]
    fn error_knows_how_long_its_body_was_announced_to_be() {
        let lengths = |body: &'static str, header: [(&'static str, &'static str); 2]| {
            let mut response = response(500, body);
            for (name, value) in header {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            let error = read(response, Expect::Json).unwrap_err();
            (error.body().len(), error.body().bytes().len())
        };
        let announced = |length| [("content-length", length), ("x-powered-by", "x")];
        assert_eq!(lengths("abc", announced("10")), (10, 3));
        assert_eq!(lengths("abc", announced("3")), (3, 3));
        assert_eq!(lengths("abc", announced("2")), (3, 3));
        // The response to a HEAD, and one that a library has decoded.
        assert_eq!(lengths("", announced("10")), (0, 0));
        let encoded = [("content-length", "10"), ("content-encoding", "gzip")];
        assert_eq!(lengths("abc", encoded), (3, 3));
    }
}
