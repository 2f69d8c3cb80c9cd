//! One request as its author means it: what, to where, and how it may be repeated.

use core::fmt;
use core::time::Duration;
use std::borrow::Cow;
use std::collections::HashMap;

use bytes::Bytes;
use http::Method;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING,
};
use intercom_errors::{ErrorItem, RequestLine, RequestPath, names};
use intercom_retry::{Replay, RetryPolicy, Tick};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::value::RawValue;

use super::replay::{replay_of, replay_row};
use super::target::Target;
use super::url;

/// What RFC 3986 calls unreserved is left alone.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The headers of a connection, which no request sets.
const OWNED: [HeaderName; 5] = [
    AUTHORIZATION,
    CONNECTION,
    CONTENT_LENGTH,
    HOST,
    TRANSFER_ENCODING,
];

/// The methods both HTTP libraries send as they are.
const METHODS: &[Method] = &[
    Method::GET,
    Method::HEAD,
    Method::OPTIONS,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

names! {
    /// What the caller can use of an answer.
    #[derive(Default)]
    #[non_exhaustive]
    pub enum Expect {
        /// Anything: a download, a text, a redirect whose `Location` is the answer.
        Any = "any",
        /// JSON or nothing, as nearly every endpoint answers; HTML on a 200 is an error.
        ///
        /// The structure of the body is checked, so that a response that broke off counts as a failed attempt, which is
        /// repeated where that is allowed. [`Reply`](crate::Reply) says what the check covers.
        #[default]
        Json = "json",
    }
}

impl Expect {
    pub(crate) const fn accept(self) -> &'static str {
        match self {
            Self::Any => "application/json, application/octet-stream, */*;q=0.8",
            Self::Json => "application/json",
        }
    }
}

/// One request to Intercom's API.
///
/// Setters never fail: what cannot be sent (a path with a space, a body that does not serialise) is kept and reported
/// when the call starts, before anything is sent.
///
/// ```
/// use intercom_protocol::ApiRequest;
///
/// let request = ApiRequest::get("/contacts").segment("a/b").query("per_page", 5);
/// assert_eq!(request.path_and_query(), "/contacts/a%2Fb?per_page=5");
/// ```
#[derive(Clone)]
pub struct ApiRequest {
    pub(crate) target: Target,
    query: String,
    headers: HeaderMap,
    body: Option<Bytes>,
    expect: Expect,
    replay: Option<Replay>,
    policy: Option<RetryPolicy>,
    /// Ends the call this long after it began.
    time_limit: Option<Duration>,
    /// Ends the call then, whenever it began; how a flow bounds all its calls.
    deadline: Option<Tick>,
    problems: Vec<ErrorItem>,
}

impl ApiRequest {
    /// A request with any method; the path begins with `/` and may carry a query.
    ///
    /// The path is sent in its [normal form](RequestPath). One that contains a segment of dots, an encoded slash or a
    /// backslash is refused when the call starts, for servers read it differently: add an id that may contain one with
    /// [`segment`](Self::segment).
    #[must_use]
    pub fn new(method: Method, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let normal = RequestPath::new(path);
        Self {
            problems: url::ambiguity(&normal)
                .map(|problem| unfit("path", problem))
                .into_iter()
                .collect(),
            target: Target {
                method,
                path: Cow::from(normal).into_owned(),
            },
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: None,
            expect: Expect::Json,
            replay: None,
            policy: None,
            time_limit: None,
            deadline: None,
        }
    }

    /// A GET.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    /// A POST.
    #[must_use]
    pub fn post(path: &str) -> Self {
        Self::new(Method::POST, path)
    }

    /// A PUT.
    #[must_use]
    pub fn put(path: &str) -> Self {
        Self::new(Method::PUT, path)
    }

    /// A PATCH.
    #[must_use]
    pub fn patch(path: &str) -> Self {
        Self::new(Method::PATCH, path)
    }

    /// A DELETE.
    #[must_use]
    pub fn delete(path: &str) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Adds one segment to the path, percent-encoded: how an id from outside enters a path.
    #[must_use]
    pub fn segment(mut self, segment: &str) -> Self {
        if matches!(segment, "" | "." | "..") {
            let why = format!("{segment:?} is not an id; the path needs one here");
            self.problems
                .push(ErrorItem::new("parameter_missing", why).with_field("path"));
        }
        self.target.path.push('/');
        self.target
            .path
            .extend(utf8_percent_encode(segment, ENCODED));
        self
    }

    /// Adds one parameter to the query, percent-encoded.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.extend(utf8_percent_encode(name, ENCODED));
        self.query.push('=');
        self.query
            .extend(utf8_percent_encode(&value.to_string(), ENCODED));
        self
    }

    /// Replaces the whole query, already encoded.
    pub(crate) fn with_raw_query(mut self, query: &str) -> Self {
        query.clone_into(&mut self.query);
        self
    }

    /// The query without one of its parameters.
    pub(crate) fn without_query(mut self, name: &str) -> Self {
        let kept: Vec<&str> = self
            .query
            .split('&')
            .filter(|pair| pair.split('=').next() != Some(name) && !pair.is_empty())
            .collect();
        self.query = kept.join("&");
        self
    }

    /// Adds a header; those a connection owns (`Authorization`, `Host`, and how the body is framed) are refused.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            (Ok(name), Ok(_)) if OWNED.contains(&name) => {
                self.problems.push(unfit(
                    name.as_str(),
                    format!("the header {name} is set by the connection"),
                ));
            }
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            _ => self.problems.push(unfit(
                "header",
                format!("the header {name:?} cannot be sent"),
            )),
        }
        self
    }

    /// Sends this value as JSON.
    #[must_use]
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(bytes) => self.body = Some(bytes.into()),
            Err(error) => self
                .problems
                .push(unfit("body", format!("the body is not JSON: {error}"))),
        }
        self
    }

    /// Sends these bytes, which are JSON already.
    #[must_use]
    pub fn json_bytes(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Accepts any answer, not only JSON: downloads, texts, and redirects whose `Location` is the answer.
    #[must_use]
    pub const fn expect_any(mut self) -> Self {
        self.expect = Expect::Any;
        self
    }

    /// Says whether this request may be sent twice when the fate of the first is unknown.
    ///
    /// Without a word of yours [`replay_of`] decides. `true` is right for a write that you know to converge, such as an
    /// event whose `created_at` you fixed.
    #[must_use]
    pub const fn replayable(mut self, yes: bool) -> Self {
        self.replay = Some(if yes { Replay::Allowed } else { Replay::No });
        self
    }

    /// As [`replayable`](Self::replayable), with the reason.
    #[must_use]
    pub(crate) const fn with_replay(mut self, replay: Replay) -> Self {
        self.replay = Some(replay);
        self
    }

    /// Retries this call by another policy than its client's.
    #[must_use]
    pub fn policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Ends this call this long after its beginning, waits and repeats included. It replaces the client's total time-out.
    #[must_use]
    pub const fn deadline(mut self, duration: Duration) -> Self {
        self.time_limit = Some(duration);
        self
    }

    /// Ends this call at a fixed moment, unless the request has to end earlier already. It replaces the client's total time-out.
    #[must_use]
    pub fn deadline_at(mut self, tick: Tick) -> Self {
        self.deadline = Some(self.deadline.map_or(tick, |earlier| earlier.min(tick)));
        self
    }

    /// The HTTP method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.target.method
    }

    /// The path, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.target.path
    }

    /// The [route](crate::route_of) of the path, which shows no id.
    #[must_use]
    pub fn route(&self) -> Cow<'static, str> {
        self.target.route()
    }

    /// The path and the query as they are sent.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        self.behind("")
    }

    /// The path and the query behind a path or URL that ends without a slash.
    pub(crate) fn behind(&self, base: &str) -> String {
        let mark = if self.query.is_empty() { "" } else { "?" };
        [base, self.path(), mark, &self.query].concat()
    }

    /// The body, if there is one.
    #[must_use]
    pub const fn body(&self) -> Option<&Bytes> {
        self.body.as_ref()
    }

    /// How long the call may take, where [`deadline`](Self::deadline) said so.
    #[must_use]
    pub const fn time_limit(&self) -> Option<Duration> {
        self.time_limit
    }

    /// What sending this request twice does: your word, else the table's.
    ///
    /// The word that it may be repeated changes nothing about a request that may be anyway: a read stays a read.
    #[must_use]
    pub fn replay(&self) -> Replay {
        let row = replay_row(self.method(), self.path());
        let listed = match row.and_then(|row| row.key) {
            Some(key) if !self.names(key) => Replay::No,
            _ => replay_of(self.method(), self.path()),
        };
        match self.replay {
            Some(Replay::Allowed) if listed.is_replayable() => listed,
            Some(word) => word,
            None => listed,
        }
    }

    /// Whether the body is an object with this member, and that is an id.
    fn names(&self, key: &str) -> bool {
        let body = self.body.as_deref().unwrap_or_default();
        serde_json::from_slice::<HashMap<Cow<'_, str>, &RawValue>>(body)
            .is_ok_and(|members| members.get(key).is_some_and(|value| is_id(value)))
    }

    pub(crate) fn line(&self) -> RequestLine<'_> {
        self.target.line()
    }

    pub(crate) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) const fn expect(&self) -> Expect {
        self.expect
    }

    pub(crate) const fn own_policy(&self) -> Option<&RetryPolicy> {
        self.policy.as_ref()
    }

    /// When a call that begins at this tick has to end, if the request itself says so.
    pub(crate) fn deadline_from(&self, began: Tick) -> Option<Tick> {
        let limit = self.time_limit.map(|limit| began.after(limit));
        match (limit, self.deadline) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Says whether the request can be sent.
    pub(crate) fn check(&self) -> Result<(), Vec<ErrorItem>> {
        let mut problems = self.problems.clone();
        if let Some(problem) = url::path_problem(self.path()) {
            problems.push(unfit("path", problem));
        }
        if self.query.contains('#') {
            let problem =
                "the query contains a #, and what follows it is never sent; encode it as %23";
            problems.push(unfit("query", problem));
        }
        if !METHODS.contains(self.method()) {
            let problem = format!(
                "{} is not a method of the API; use GET, POST, PUT, PATCH or DELETE",
                self.method()
            );
            problems.push(unfit("method", problem));
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }
}

/// Shows the route and no path, query, header or body: all of these can hold personal data.
impl fmt::Debug for ApiRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiRequest")
            .field("target", &self.target)
            .field("body_len", &self.body.as_ref().map(Bytes::len))
            .field("replay", &self.replay())
            .finish_non_exhaustive()
    }
}

/// Whether a value is a number or a string that is not blank.
///
/// A server may treat a blank id like a missing one, and then creates something new each time.
fn is_id(value: &RawValue) -> bool {
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) => !text.trim().is_empty(),
        Err(_) => value
            .get()
            .starts_with(|first: char| first == '-' || first.is_ascii_digit()),
    }
}

/// What is wrong with this part of a request.
pub(super) fn unfit(field: &str, message: impl Into<Box<str>>) -> ErrorItem {
    ErrorItem::new("parameter_invalid", message).with_field(field)
}

#[cfg(test)]
mod tests {
    use intercom_retry::Replay;
    use serde_json::json;

    use super::ApiRequest;
    use crate::Error;

    fn refused(request: &ApiRequest) -> String {
        Error::invalid(request.check().unwrap_err()).to_string()
    }

    #[test]
    fn paths_that_cannot_be_sent_are_explained() {
        let odd = http::Method::from_bytes(b"FOO").unwrap();
        insta::assert_snapshot!(refused(&ApiRequest::new(odd, "/me")), @"invalid request: FOO is not a method of the API; use GET, POST, PUT, PATCH or DELETE");
        insta::assert_snapshot!(refused(&ApiRequest::get("contacts")), @"invalid request: the path does not begin with a slash; a path looks like /contacts");
        insta::assert_snapshot!(refused(&ApiRequest::get("https://api.intercom.io/me")), @"invalid request: the path is a whole URL; give the path alone, like /contacts, and the host as base URL");
        insta::assert_snapshot!(refused(&ApiRequest::get("/con tacts")), @"invalid request: the path contains a character that is not allowed in it; encode it as %XX");
        insta::assert_snapshot!(refused(&ApiRequest::get("/contacts/../admins")), @"invalid request: the path contains a segment of dots; write the path out");
        insta::assert_snapshot!(refused(&ApiRequest::get("/contacts").segment("..")), @r#"invalid request: ".." is not an id; the path needs one here"#);
        insta::assert_snapshot!(refused(&ApiRequest::get("/contacts?email=a#b&x=1")), @"invalid request: the query contains a #, and what follows it is never sent; encode it as %23");
        insta::assert_snapshot!(refused(&ApiRequest::get("/me").header("Authorization", "Bearer x")), @"invalid request: the header authorization is set by the connection");
    }

    #[test]
    fn a_path_that_servers_read_differently_is_refused() {
        for path in [
            "/x/%2e%2e/companies/scroll",
            "/x/.%2E/y",
            "/x/%2e/y",
            "/contacts/a%2f..%2f..%2fmessages%3f/tags",
            "/contacts/a%2Fb",
            "/contacts/a%5cb",
            "/contacts/a\\b",
        ] {
            assert!(ApiRequest::get(path).check().is_err(), "{path}");
        }
        insta::assert_snapshot!(refused(&ApiRequest::get("/x/%2e%2e/companies/scroll")), @"invalid request: the path contains a segment of dots; write the path out");
        insta::assert_snapshot!(refused(&ApiRequest::get("/contacts/a%2fb")), @"invalid request: the path contains an encoded slash or a backslash, which servers read differently; an id that contains one is added with segment()");
    }

    #[test]
    fn a_path_is_sent_in_its_normal_form() {
        for (path, sent) in [
            ("/companies/%73croll", "/companies/scroll"),
            ("/%7Euser/a%2db", "/~user/a-b"),
            ("/tags/caf%c3%a9%20x", "/tags/caf%C3%A9%20x"),
            ("/tags/%252e%252e", "/tags/%252e%252e"),
            ("/tags/100%", "/tags/100%25"),
            ("/tags/%%32e%zz%+f", "/tags/%252e%25zz%25+f"),
            ("/contacts?q=%73%2f%", "/contacts?q=%73%2f%"),
        ] {
            let request = ApiRequest::get(path);
            assert_eq!(request.path_and_query(), sent);
            assert!(request.check().is_ok(), "{path}");
        }
        assert_eq!(ApiRequest::get("/companies/%73croll").replay(), Replay::No);
    }

    #[test]
    fn an_id_from_outside_stays_one_segment() {
        let request = ApiRequest::get("/contacts").segment("a/../b?c#d e");
        assert_eq!(request.path(), "/contacts/a%2F..%2Fb%3Fc%23d%20e");
        assert!(request.check().is_ok());
    }

    #[test]
    fn an_upsert_converges_by_the_key_in_its_body() {
        let company = || ApiRequest::post("/companies");
        for (request, replay) in [
            (
                company().json(&json!({"company_id": "7", "name": "A"})),
                Replay::Idempotent,
            ),
            (company().json(&json!({"name": "A"})), Replay::No),
            (
                company().json(&json!({"company_id": 7})),
                Replay::Idempotent,
            ),
            (company().json(&json!({"company_id": null})), Replay::No),
            (company().json(&json!({"company_id": ""})), Replay::No),
            (company().json(&json!({"company_id": " \n"})), Replay::No),
            (company().json(&json!({"company_id": false})), Replay::No),
            (company().json(&json!({"company_id": {}})), Replay::No),
            (
                company().json_bytes(r#"{"company_id":"7","company_id":""}"#),
                Replay::No,
            ),
            (company().json(&json!([{"company_id": "7"}])), Replay::No),
            (company(), Replay::No),
            (company().replayable(true), Replay::Allowed),
            (ApiRequest::post("/contacts/1/tags"), Replay::Idempotent),
        ] {
            assert_eq!(request.replay(), replay, "{:?}", request.body());
        }
    }

    #[test]
    fn queries_add_up_and_parameters_can_be_taken_out() {
        let request = ApiRequest::get("/contacts?per_page=5").query("starting_after", "a b&c");
        assert_eq!(
            request.path_and_query(),
            "/contacts?per_page=5&starting_after=a%20b%26c"
        );
        assert_eq!(
            request.without_query("per_page").path_and_query(),
            "/contacts?starting_after=a%20b%26c"
        );
    }
}
