//! A request as the caller builds it.

use core::fmt;
use core::time::Duration;
use std::borrow::Cow;
use std::collections::HashMap;

use http::Method;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING,
};
use intercom_errors::{ErrorItem, RequestPath};
use intercom_pace::Priority;
use intercom_retry::{Replay, RetryPolicy, Tick};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::value::RawValue;

use super::body::Body;
use super::complete::Complete;
use super::download::Receiver;
use super::expect::Expect;
use super::replay::{replay_of_method, replay_row};
use super::url;
use crate::Error;
use crate::target::Target;

/// The characters that are encoded: all but those that RFC 3986 calls unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The headers that only the connection sets.
pub(super) const OWNED: [HeaderName; 5] = [
    AUTHORIZATION,
    CONNECTION,
    CONTENT_LENGTH,
    HOST,
    TRANSFER_ENCODING,
];

/// The methods that both HTTP libraries send unchanged.
const METHODS: &[Method] = &[
    Method::GET,
    Method::HEAD,
    Method::OPTIONS,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

/// One request to Intercom's API.
///
/// Setters never fail. An invalid value (a path with a space, a body that cannot be serialized) is reported when the call
/// starts, before anything is sent.
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
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Body>,
    pub(super) expect: Expect,
    replay: Option<Replay>,
    priority: Priority,
    /// `Some` for a request that was made from a complete HTTP request.
    pub(super) complete: Option<Box<Complete>>,
    /// Boxed, because few requests have one.
    policy: Option<Box<RetryPolicy>>,
    /// Receives the body of the response, if it is a download. Boxed, because few requests have one.
    pub(super) receiver: Option<Box<Receiver>>,
    /// Ends the call this long after it began.
    time_limit: Option<Duration>,
    /// Ends the call at this tick. A flow limits all its calls in this way.
    deadline: Option<Tick>,
    pub(super) problems: Vec<ErrorItem>,
}

impl ApiRequest {
    /// Creates a request with any method. The path begins with `/` and may contain a query.
    ///
    /// The path is sent in its [normal form](RequestPath). A path that contains a `.` or `..` segment, an encoded slash or a
    /// backslash is refused when the call starts, because servers interpret such paths differently. If an id may contain one of
    /// these, add it with [`segment`](Self::segment).
    #[must_use]
    pub fn new(method: Method, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let normal = RequestPath::new(path);
        let problem = url::ambiguity(&normal).map(|problem| unfit("path", problem));
        let mut request = Self::as_sent(method, &Cow::from(normal), query);
        request.problems.extend(problem);
        request
    }

    /// Creates a request with a path that is sent unchanged.
    pub(super) fn as_sent(method: Method, path: &str, query: &str) -> Self {
        Self {
            problems: Vec::new(),
            target: Target {
                method,
                path: path.to_owned(),
                query: query.to_owned(),
            },
            headers: HeaderMap::new(),
            body: None,
            expect: Expect::Json,
            replay: None,
            priority: Priority::Normal,
            complete: None,
            policy: None,
            receiver: None,
            time_limit: None,
            deadline: None,
        }
    }

    /// Creates a GET.
    #[must_use]
    pub fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    /// Creates a POST.
    #[must_use]
    pub fn post(path: &str) -> Self {
        Self::new(Method::POST, path)
    }

    /// Creates a PUT.
    #[must_use]
    pub fn put(path: &str) -> Self {
        Self::new(Method::PUT, path)
    }

    /// Creates a PATCH.
    #[must_use]
    pub fn patch(path: &str) -> Self {
        Self::new(Method::PATCH, path)
    }

    /// Creates a DELETE.
    #[must_use]
    pub fn delete(path: &str) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// Adds one segment to the path, percent-encoded. Use it for ids.
    #[must_use]
    pub fn segment(mut self, segment: &str) -> Self {
        if matches!(segment, "" | "." | "..") {
            let why = format!("{segment:?} cannot be an id in the path");
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
        let query = &mut self.target.query;
        if !query.is_empty() {
            query.push('&');
        }
        query.extend(utf8_percent_encode(name, ENCODED));
        query.push('=');
        query.extend(utf8_percent_encode(&value.to_string(), ENCODED));
        self
    }

    /// Replaces the whole query, already encoded.
    pub(crate) fn with_raw_query(mut self, query: &str) -> Self {
        query.clone_into(&mut self.target.query);
        self
    }

    /// Removes one parameter from the query.
    pub(crate) fn without_query(mut self, name: &str) -> Self {
        let kept: Vec<&str> = self
            .target
            .query
            .split('&')
            .filter(|pair| pair.split('=').next() != Some(name) && !pair.is_empty())
            .collect();
        self.target.query = kept.join("&");
        self
    }

    /// Adds a header. Those that the connection sets (`Authorization`, `Host`, and the length of the body) are refused.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            (Ok(name), Ok(_)) if OWNED.contains(&name) => {
                self.problems.push(unfit(
                    name.as_str(),
                    format!("the client sets the header {name} itself; remove it from the request"),
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

    /// Accepts any response, not only JSON: downloads, plain text, and redirects whose `Location` is the result.
    #[must_use]
    pub const fn expect_any(mut self) -> Self {
        self.expect = Expect::Any;
        self
    }

    /// Sets whether this request may be sent again if the outcome of an attempt is unknown.
    ///
    /// By default [`replay_of`](crate::replay_of) decides. Pass `true` for a write that you know to be idempotent, like an
    /// event with a fixed `created_at`.
    #[must_use]
    pub const fn replayable(mut self, yes: bool) -> Self {
        self.replay = Some(if yes { Replay::Allowed } else { Replay::No });
        self
    }

    /// Sets what happens if this request is sent twice, whatever the table of requests says.
    ///
    /// It suits tools that know this from elsewhere, like the replay of a recorded call. Programs use
    /// [`replayable`](Self::replayable), which cannot turn a write into a read.
    #[must_use]
    pub const fn with_replay(mut self, replay: Replay) -> Self {
        self.replay = Some(replay);
        self
    }

    /// Sets how urgent this call is, compared with the others that wait for the rate limit.
    #[must_use]
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Retries this call by this policy instead of the client's.
    #[must_use]
    pub fn policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = Some(policy.into());
        self
    }

    /// Limits this call to this duration, including waits and retries. It replaces the client's total time-out.
    #[must_use]
    pub const fn deadline(mut self, duration: Duration) -> Self {
        self.time_limit = Some(duration);
        self
    }

    /// Ends this call at this tick, unless an earlier deadline is set. The tick replaces the client's total time-out.
    #[must_use]
    pub fn deadline_at(mut self, tick: Tick) -> Self {
        self.deadline = Some(self.deadline.map_or(tick, |earlier| earlier.min(tick)));
        self
    }

    /// Returns the HTTP method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.target.method
    }

    /// Returns the path, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.target.path
    }

    /// Returns the [route](crate::route_of) of the path, which contains no ids.
    #[must_use]
    pub fn route(&self) -> Cow<'static, str> {
        self.target.route()
    }

    /// Returns the path and the query as they are sent.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        self.appended_to("")
    }

    /// Returns this base, a path or URL without a slash at the end, followed by the path and the query.
    pub(crate) fn appended_to(&self, base: &str) -> String {
        let query = &self.target.query;
        let mark = if query.is_empty() { "" } else { "?" };
        [base, self.path(), mark, query].concat()
    }

    /// Returns how long the call may take, if [`deadline`](Self::deadline) was set.
    #[must_use]
    pub const fn time_limit(&self) -> Option<Duration> {
        self.time_limit
    }

    /// Returns the policy of this call, if it has its own.
    #[must_use]
    pub fn own_policy(&self) -> Option<&RetryPolicy> {
        self.policy.as_deref()
    }

    /// Returns how urgent this call is.
    #[must_use]
    pub const fn own_priority(&self) -> Priority {
        self.priority
    }

    /// Returns what happens if this request is sent twice: as set by [`replayable`](Self::replayable), otherwise according to
    /// [`REPLAY_TABLE`](crate::REPLAY_TABLE) and the method.
    ///
    /// `replayable(true)` changes nothing for a request that may be sent twice anyway: a read is still a read.
    #[must_use]
    pub fn replay(&self) -> Replay {
        let listed = match replay_row(self.method(), self.path()) {
            Some(row) if row.key.is_some_and(|key| !self.has_id(key)) => Replay::No,
            Some(row) => row.replay,
            None => replay_of_method(self.method()),
        };
        match self.replay {
            Some(Replay::Allowed) if listed.is_replayable() => listed,
            Some(replay) => replay,
            None => listed,
        }
    }

    /// Whether the body is an object with this member, and the member is an id.
    fn has_id(&self, key: &str) -> bool {
        let body = self.body().map(AsRef::as_ref).unwrap_or_default();
        serde_json::from_slice::<HashMap<Cow<'_, str>, &RawValue>>(body)
            .is_ok_and(|members| members.get(key).is_some_and(|value| is_id(value)))
    }

    /// Whether the request carries its own credentials.
    pub(crate) const fn is_complete(&self) -> bool {
        self.complete.is_some()
    }

    pub(crate) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(crate) const fn expect(&self) -> Expect {
        self.expect
    }

    /// Returns when a call that begins at this tick has to end, if the request has a deadline of its own.
    pub(crate) fn deadline_from(&self, began: Tick) -> Option<Tick> {
        let limit = self.time_limit.map(|limit| began.after(limit));
        match (limit, self.deadline) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    /// Returns what is wrong with the request, if it cannot be sent.
    pub(crate) fn check(&self) -> Result<(), Vec<ErrorItem>> {
        let mut problems = self.problems.clone();
        if let Some(problem) = url::path_problem(self.path()) {
            problems.push(unfit("path", problem));
        }
        if self.target.query.contains('#') {
            let problem = "the query contains a #, and everything after it would not be sent; encode it as %23";
            problems.push(unfit("query", problem));
        }
        if !METHODS.contains(self.method()) {
            let problem = format!(
                "the API does not support {}; use GET, POST, PUT, PATCH or DELETE",
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

impl Error {
    /// Sets the request that failed. The request also decides whether a write may have been applied. A call does this by itself.
    ///
    /// ```
    /// use intercom_protocol::{ApiError, ApiRequest, Error};
    ///
    /// let error = Error::from(ApiError::from_parts(404, [], b""));
    /// let error = error.with_request(&ApiRequest::get("/contacts").segment("5f1"));
    /// assert_eq!(error.route().as_deref(), Some("/contacts/{id}"));
    /// ```
    #[must_use]
    pub fn with_request(self, request: &ApiRequest) -> Self {
        let replay = request.replay();
        let maybe_applied = self.may_have_been_applied() && replay != Replay::Read;
        self.with_target(request.target.clone())
            .maybe_applied(maybe_applied)
            .replayable(replay.is_replayable())
    }

    /// Sets the request that failed, unless it is already set.
    pub(crate) fn or_request(self, request: impl FnOnce() -> ApiRequest) -> Self {
        match self.target() {
            Some(_) => self,
            None => self.with_target(request().target),
        }
    }
}

/// Shows the route but no path, query, header or body, because all of these can contain personal data.
impl fmt::Debug for ApiRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiRequest")
            .field("target", &self.target)
            .field("body_len", &self.body().map(|body| body.len()))
            .field("replay", &self.replay())
            .finish_non_exhaustive()
    }
}

/// Whether a value is a number or a string that is not blank.
///
/// A server may treat a blank id as missing, and then creates a new resource each time.
fn is_id(value: &RawValue) -> bool {
    match serde_json::from_str::<String>(value.get()) {
        Ok(text) => !text.trim().is_empty(),
        Err(_) => value
            .get()
            .starts_with(|first: char| first == '-' || first.is_ascii_digit()),
    }
}

/// Creates an item that says what is wrong with this part of a request.
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
    fn the_error_of_an_invalid_request_says_how_to_fix_it() {
        let odd = http::Method::from_bytes(b"FOO").unwrap();
        insta::assert_snapshot!(refused(&ApiRequest::new(odd, "/me")), @"invalid request: the API does not support FOO; use GET, POST, PUT, PATCH or DELETE");
        insta::assert_snapshot!(refused(&ApiRequest::get("contacts")), @"invalid request: the path must begin with a slash, like /contacts");
        insta::assert_snapshot!(refused(&ApiRequest::get("https://api.intercom.io/me")), @"invalid request: the path is a full URL; pass only the path, like /contacts, and set the host as the base URL");
        insta::assert_snapshot!(refused(&ApiRequest::get("/con tacts")), @"invalid request: the path contains a character that is not allowed in a path; encode it as %XX");
        insta::assert_snapshot!(refused(&ApiRequest::get("/contacts/../admins")), @"invalid request: the path contains a . or .. segment; write the path without it");
        insta::assert_snapshot!(refused(&ApiRequest::get("/contacts").segment("..")), @r#"invalid request: ".." cannot be an id in the path"#);
        insta::assert_snapshot!(refused(&ApiRequest::get("/contacts?email=a#b&x=1")), @"invalid request: the query contains a #, and everything after it would not be sent; encode it as %23");
        insta::assert_snapshot!(refused(&ApiRequest::get("/me").header("Authorization", "Bearer x")), @"invalid request: the client sets the header authorization itself; remove it from the request");
    }

    #[test]
    fn a_path_that_servers_interpret_differently_is_refused() {
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
        insta::assert_snapshot!(refused(&ApiRequest::get("/x/%2e%2e/companies/scroll")), @"invalid request: the path contains a . or .. segment; write the path without it");
        insta::assert_snapshot!(refused(&ApiRequest::get("/contacts/a%2fb")), @"invalid request: the path contains an encoded slash or a backslash, which servers interpret differently; use segment() to add an id that contains one");
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
    fn an_id_is_always_one_segment() {
        let request = ApiRequest::get("/contacts").segment("a/../b?c#d e");
        assert_eq!(request.path(), "/contacts/a%2F..%2Fb%3Fc%23d%20e");
        assert!(request.check().is_ok());
    }

    #[test]
    fn an_upsert_is_idempotent_only_with_the_key_in_its_body() {
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
    fn parameters_are_added_to_the_query_and_removed_from_it() {
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
