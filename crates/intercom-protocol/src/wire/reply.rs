//! A successful answer, and how an HTTP response becomes one or an error.

use core::fmt;
use core::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, LOCATION};
use http::{Response, StatusCode};
use intercom_errors::{ApiError, RateLimit};
use intercom_retry::{Attempt, History};
use serde::Deserialize;
use serde::de::value::UnitDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, IntoDeserializer};

use super::content::{Content, without_mark};
use super::request::{ApiRequest, Expect};
use super::target::Target;
use crate::Error;
use crate::error::{Ending, Undecodable};

/// A successful answer and how it came about.
///
/// Before a response counts as a success, its body is checked once: it must be one whole JSON document and not an error
/// list. The check covers brackets, commas, colons and literals. It does not look inside strings and numbers, so an unknown
/// escape, a control character, invalid UTF-8 or a number like `01` is found only by [`json`](Self::json), as an error of
/// kind `decode`. Such a response is not asked for again, and a caller that does not read the body does not learn of it.
#[derive(Clone)]
pub struct Reply {
    response: Response<Bytes>,
    rate_limit: RateLimit,
    pub(crate) target: Target,
    pub(crate) attempts: History,
    pub(crate) elapsed: Duration,
    pub(crate) clock_offset: Option<i64>,
    /// Whether the call may have changed something, as every call does that is no read.
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

    /// The HTTP status: 200, 201, 202 or 204 as a rule.
    ///
    /// A 404 or 410 is that of a DELETE that was sent again: an earlier attempt, of unknown fate, did what was asked.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// All headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The body as it came, possibly empty.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        self.response.body()
    }

    /// The body, taken out.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.response.into_body()
    }

    /// The id to tell Intercom's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.headers()
            .get("x-request-id")
            .and_then(|id| id.to_str().ok())
    }

    /// How much quota was left.
    #[must_use]
    pub const fn rate_limit(&self) -> RateLimit {
        self.rate_limit
    }

    /// Every attempt of the call, the successful one last.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// How long the call took, waits included.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// How many milliseconds the server's clock is ahead of this machine's, within about a second.
    ///
    /// `None` when the answer carried no `Date` or the client has no wall clock.
    #[must_use]
    pub const fn clock_offset_ms(&self) -> Option<i64> {
        self.clock_offset
    }

    /// The body as a value of yours; an empty body is `null`, which `Option` accepts. `()` accepts any JSON.
    ///
    /// The error body of a 404 or 410 reads as `null` too: there was nothing left to delete.
    ///
    /// # Errors
    ///
    /// An [`Error`] of kind `decode` that keeps the status, the request id and the body, and names the place in the
    /// JSON. The call was done all the same: do not repeat a write because of it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.parse()
    }

    /// As [`json`](Self::json), for values that borrow from the body.
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
                // A type without room for anything, like `()`, takes any value, but JSON it must be.
                self.parse_with_path::<IgnoredAny>(text)?;
                let unit: UnitDeserializer<serde_json::Error> = ().into_deserializer();
                if let Ok(value) = T::deserialize(unit) {
                    return Ok(value);
                }
            }
            self.parse_with_path(text)
        })
    }

    /// Reads again what did not fit, to name the place: that takes half as long again, so no answer that fits pays for it.
    fn parse_with_path<'r, T: Deserialize<'r>>(&self, text: &'r [u8]) -> Result<T, Error> {
        let mut json = serde_json::Deserializer::from_slice(text);
        serde_path_to_error::deserialize(&mut json)
            .map_err(|error| self.undecodable(error.path().to_string(), error.into_inner()))
    }

    /// The error of a response that does not fit at this place, although the call was done.
    pub(crate) fn undecodable(&self, path: String, source: serde_json::Error) -> Error {
        Error::undecodable(Undecodable {
            status: Some(self.status()),
            request_id: self.request_id().map(str::to_owned),
            body: self.body().clone(),
            path,
            source,
        })
        .with_target(self.target.clone())
        .ended(Ending {
            attempts: self.attempts.clone(),
            elapsed: self.elapsed,
            clock_offset: self.clock_offset,
            maybe_applied: self.wrote,
            ..Ending::default()
        })
    }

    /// A part of the body, shared with it.
    pub(crate) fn part_of_body(&self, part: &str) -> Bytes {
        self.body().slice_ref(part.as_bytes())
    }
}

/// Shows neither headers nor body: both can carry personal data, and a server may echo anything.
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

/// Reads the response to a request: a success as a [`Reply`], anything else as an [`ApiError`] that has lost nothing.
pub(crate) fn read(response: Response<Bytes>, request: &ApiRequest) -> Result<Reply, ApiError> {
    let expect = request.expect();
    let redirects = response.status().is_redirection() && response.headers().contains_key(LOCATION);
    let succeeds = response.status().is_success() || (expect == Expect::Any && redirects);
    let fits = || match Content::of(response.body()) {
        Content::Error => false,
        Content::Json => true,
        Content::Other => expect == Expect::Any,
    };
    if succeeds && fits() {
        Ok(Reply::new(response))
    } else {
        Err(error_of(&response, Some(request)))
    }
}

/// The error an answer is, which knows how long its body was to be although not all of it was read.
pub(crate) fn error_of<B: AsRef<[u8]>>(
    response: &Response<B>,
    request: Option<&ApiRequest>,
) -> ApiError {
    let error = match request {
        Some(request) => ApiError::from_response_to(&request.line(), response),
        None => ApiError::from_response(response),
    };
    let read = response.body().as_ref().len() as u64;
    // The answer to a HEAD has a length and no body; that of a compressed body says nothing about what was read.
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
        let request = ApiRequest::get("/me");
        let request = match expect {
            Expect::Any => request.expect_any(),
            Expect::Json => request,
        };
        super::read(response, &request)
    }

    fn response(status: u16, body: &'static str) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from_static(body.as_bytes()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        response
    }

    #[test]
    fn success_is_any_2xx_with_json_or_nothing() {
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
    fn a_2xx_that_is_no_answer_is_an_error() {
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
    fn downloads_and_their_redirects_are_answers_where_anything_is() {
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
    fn json_that_does_not_fit_names_the_place() {
        #[derive(Debug, serde::Deserialize)]
        struct Wanted {
            #[expect(dead_code, reason = "only the attempt to read it matters")]
            contacts: Vec<u32>,
        }
        let reply = read(response(200, r#"{"contacts":[1,"two"]}"#), Expect::Json).unwrap();
        let error = reply.json::<Wanted>().unwrap_err();
        insta::assert_snapshot!(error, @"GET /: the answer (200) does not fit the type asked for, at contacts[1]; the call was done");
        assert_eq!(error.body().map(<[u8]>::len), Some(22));
    }

    #[test]
    fn nothing_is_asked_for_by_what_has_room_for_nothing() {
        #[derive(serde::Deserialize)]
        struct Accepted;
        for body in ["", r#"{"type":"contact","id":"5f1"}"#, "[]"] {
            let reply = read(response(200, body), Expect::Json).unwrap();
            reply.json::<()>().unwrap();
            reply.json::<Accepted>().unwrap();
        }
    }

    #[test]
    fn json_that_is_wrong_inside_a_string_or_a_number_is_refused_when_it_is_read() {
        for body in [r#"{"a":"\x"}"#, "{\"a\":\"\n\"}", r#"{"a":01}"#] {
            let reply = read(response(200, body), Expect::Json).unwrap();
            assert!(reply.json::<()>().is_err(), "{body}");
            assert!(reply.json::<serde_json::Value>().is_err(), "{body}");
        }
    }

    #[test]
    fn an_error_list_in_disguise_keeps_its_code() {
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
    fn nothing_fits_where_nothing_is_needed() {
        let reply = read(response(202, ""), Expect::Json).unwrap();
        reply.json::<()>().unwrap();
        assert_eq!(reply.json::<Option<String>>().unwrap(), None);
        assert!(reply.json::<String>().is_err());
    }
}
