//! The error type of both clients and all flows.

mod debug;
mod ending;
mod kind;
mod line;
mod made;
mod predicates;
#[cfg(feature = "serde")]
mod stored;
mod undecodable;

use core::fmt;
use core::time::Duration;

use std::borrow::Cow;

use http::{Method, StatusCode};
use intercom_errors::{
    Action, AnsweredBy, ApiError, Category, Class, ErrorCode, ErrorItem, Fault, FilledFix,
    KnownCase, Line, Phase, RateLimit, Resend, UnixTime,
};
use intercom_retry::{Attempt, Failure, PolicyError, Stop, StopReason};

pub(crate) use self::ending::Ending;
use self::ending::EndingLine;
pub use self::kind::ErrorKind;
use self::line::{CHECK, DOWNLOAD_AGAIN, MORE_TIME};
pub(crate) use self::undecodable::Undecodable;
use crate::target::Target;

/// The reason why a call or a flow failed, with everything that is known about it.
///
/// Both clients have this one type. The examples import from `intercom_protocol`; a program with a client imports the same names
/// from `intercom_async` or `intercom_blocking`.
///
/// # Matching errors
///
/// Match on the [`category`](Self::category). Codes and statuses that call for the same reaction have the same category:
///
/// ```
/// use intercom_protocol::{Category, Error, ErrorKind};
///
/// fn react(error: &Error) -> &'static str {
///     match error.category() {
///         Some(Category::Authentication) => "stop, and get a new access token", // 401
///         Some(Category::Permission) => "stop, and add the scope",              // 403
///         Some(Category::NotFound) => "go on without it",                       // 404
///         Some(Category::Conflict) => "use the one that exists",                // 409
///         Some(Category::Validation) => "correct the input",                    // 422, 400
///         // The client has already retried; a job queue can come back at `error.retry_at()`.
///         Some(Category::RateLimit | Category::Overload) => "come back later", // 429, 503
///         Some(Category::Server | Category::Timeout) => "come back later",     // 5xx
///         Some(Category::Connection | Category::Blocked) => "check the network", // no response, or one from a firewall
///         // A page of HTML, another text (see `expect_any`), or a part of a response.
///         Some(Category::Unreadable) => "check the base URL",
///         // Other categories, and errors that come from neither the API nor the network.
///         _ => match error.kind() {
///             ErrorKind::NotStarted => "come back later", // no quota before the deadline
///             ErrorKind::Configuration => "correct the settings",
///             _ => "report it",
///         },
///     }
/// }
/// # use intercom_protocol::ApiError;
/// # assert_eq!(react(&ApiError::from_parts(429, [], b"").into()), "come back later");
/// # assert_eq!(react(&ApiError::from_parts(500, [], b"").into()), "come back later");
/// ```
///
/// - To check for a single case, use a predicate like [`is_not_found`](Self::is_not_found).
///   [`OptionalExt::optional`](crate::OptionalExt::optional) turns "not found" into `None`.
/// - [`kind`](Self::kind) says what failed: the API, the network, decoding a response, a setting.
/// - [`code`](Self::code) is Intercom's own error code. Match on it only if the category is not precise enough.
/// - [`api`](Self::api) and [`fault`](Self::fault) hold the response, or the reason why there is none.
///
/// A failed write may still have been applied: check [`may_have_been_applied`](Self::may_have_been_applied) before
/// sending it again.
///
/// # Text
///
/// `{}` is one line for logs. It names the method and the [route](Self::route) of the request. It leaves out the path and the
/// server's message, because both can contain e-mail addresses. `{:#}` adds the path, the message and the invalid field. `{:?}`
/// shows none of them.
///
/// ```
/// use intercom_protocol::{ApiError, ApiRequest, Error};
///
/// let body = br#"{"type":"error.list","errors":[{"code":"not_found","message":"User Not Found"}]}"#;
/// let error = Error::from(ApiError::from_parts(404, [], body))
///     .with_request(&ApiRequest::get("/contacts").segment("5f1"));
/// assert_eq!(error.to_string(), "GET /contacts/{id}: 404 not_found: check the id");
/// assert_eq!(format!("{error:#}"), r#"GET /contacts/5f1: 404 not_found "User Not Found": check the id"#);
/// ```
///
/// # Testing your own error handling
///
/// An error can be made from any response or fault, so tests of your error handling need no server:
///
/// ```
/// use std::time::Duration;
/// use intercom_protocol::{ApiError, Category, Error, Fault, FaultKind};
///
/// fn is_worth_an_alert(error: &Error) -> bool {
///     error.is_unauthorized() || error.is_forbidden()
/// }
///
/// let body = br#"{"type":"error.list","errors":[{"code":"token_revoked","message":"Revoked"}]}"#;
/// assert!(is_worth_an_alert(&Error::from(ApiError::from_parts(401, [], body))));
///
/// let limited = Error::from(ApiError::from_parts(429, [("Retry-After", b"7".as_slice())], b""));
/// assert!(!is_worth_an_alert(&limited));
/// assert_eq!(limited.retry_after(), Some(Duration::from_secs(7)));
///
/// let offline = Error::from(Fault::not_sent(FaultKind::Dns));
/// assert_eq!(offline.category(), Some(Category::Connection));
/// ```
///
/// Such an error has no request, no attempts and no stop. To test a whole call with its retries, run the client against the
/// server of `intercom-mock`.
pub struct Error(Box<Inner>);

struct Inner {
    /// The request that failed, if there was one.
    target: Option<Target>,
    cause: Cause,
    ending: Ending,
    /// The program's own error that led to this one.
    source: Option<Box<dyn core::error::Error + Send + Sync>>,
    /// The class in the record that the error was read from.
    #[cfg(feature = "serde")]
    stored_class: Option<intercom_errors::StoredClass>,
}

#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
enum Cause {
    Ambiguous(Vec<String>),
    Archived {
        id: String,
    },
    Configuration(ErrorItem),
    Decode(Undecodable),
    Failed(Failure),
    Invalid(Vec<ErrorItem>),
    Mismatch {
        id: String,
        field: Cow<'static, str>,
    },
    NotStarted(Cow<'static, str>),
    /// The kind of the writer's error, in words.
    Writer(String),
}

impl Error {
    fn failure(&self) -> Option<&Failure> {
        match &self.0.cause {
            Cause::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// Returns what went wrong, in one word.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self.0.cause {
            _ if self.0.ending.conflicts_with_itself => ErrorKind::MaybeApplied,
            Cause::Ambiguous(_) => ErrorKind::Ambiguous,
            Cause::Configuration(_) => ErrorKind::Configuration,
            Cause::Decode(_) => ErrorKind::Decode,
            Cause::Failed(Failure::Api(_)) => ErrorKind::Api,
            Cause::Failed(Failure::Fault(_)) => ErrorKind::Fault,
            Cause::Invalid(_) => ErrorKind::Invalid,
            Cause::Archived { .. } | Cause::Mismatch { .. } => ErrorKind::Mismatch,
            Cause::NotStarted(_) => ErrorKind::NotStarted,
            Cause::Writer(_) => ErrorKind::Writer,
        }
    }

    /// Returns the method of the request that failed. A flow makes several requests; this is the one that ended it.
    ///
    /// `None` for an error that involves no request, like a configuration error.
    #[must_use]
    pub fn method(&self) -> Option<&Method> {
        self.0.target.as_ref().map(|target| &target.method)
    }

    /// Returns the [route](crate::route_of) of the request that failed, like `/contacts/{id}`.
    ///
    /// It contains no ids and has few distinct values, so it suits logs and metrics. Each segment that is not a known word of the API is
    /// shown as `{id}`.
    #[must_use]
    pub fn route(&self) -> Option<Cow<'static, str>> {
        self.0.target.as_ref().map(Target::route)
    }

    /// Returns the path of the request that failed, without the query. It can contain ids and e-mail addresses.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.target.as_ref().map(|target| target.path.as_str())
    }

    /// Returns the error response; if the response was cut off, the part that arrived.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        self.failure()?.response()
    }

    /// Returns the reason why no complete response arrived.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.failure()?.fault()
    }

    /// Returns the error response or the fault, and drops the rest. `None` for an error of another kind.
    ///
    /// ```
    /// use intercom_protocol::{ApiError, Error, Failure};
    ///
    /// let error = Error::from(ApiError::from_parts(404, [], b""));
    /// assert!(matches!(error.into_failure(), Some(Failure::Api(response)) if response.status() == 404));
    /// ```
    #[must_use]
    pub fn into_failure(self) -> Option<Failure> {
        match self.0.cause {
            Cause::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// Returns the items of the response's error list, or the problems of a request or a setting. The problem of a setting has
    /// no code.
    #[must_use]
    pub fn errors(&self) -> &[ErrorItem] {
        match &self.0.cause {
            Cause::Configuration(item) => core::slice::from_ref(item),
            Cause::Invalid(items) => items,
            _ => self.api().map_or(&[], ApiError::errors),
        }
    }

    /// Returns the class of the response or fault: category, resend, action.
    ///
    /// The class depends on [the request](intercom_errors::RequestLine) as well as the response. For example, a 404 for a new
    /// message can mean that its contact is too new, and a scroll whose page may be lost has to be started again.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        let class = self.failure()?.class();
        // A fault does not know its request.
        if self.fault().is_some() && class.resend() == Resend::IfReplayable && self.is_of_scroll() {
            let (category, action) = (class.category(), Action::RestartScroll);
            return Some(Class::new(category, Resend::Never, action));
        }
        Some(class)
    }

    /// Returns who sent the response, if one arrived: the API, or a firewall or proxy in front of it.
    #[must_use]
    pub fn answered_by(&self) -> Option<AnsweredBy> {
        self.api().map(ApiError::answered_by)
    }

    fn is_of_scroll(&self) -> bool {
        let is_scroll = |route: Cow<'_, str>| route == "/companies/scroll";
        self.method() == Some(&Method::GET) && self.route().is_some_and(is_scroll)
    }

    /// Returns the category of the error: the value to match on.
    ///
    /// It is the category of the [`class`](Self::class). A request that was refused before it was sent has the category
    /// [`Validation`](Category::Validation). `None` for an error that comes from neither the API nor the network: see
    /// [`kind`](Self::kind).
    #[must_use]
    pub fn category(&self) -> Option<Category> {
        match self.kind() {
            ErrorKind::Invalid => Some(Category::Validation),
            _ => self.class().map(|class| class.category()),
        }
    }

    /// Returns the HTTP status, if a response arrived.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match &self.0.cause {
            Cause::Decode(decode) => decode.status,
            // A status that `http` cannot represent does not come from a client.
            _ => StatusCode::from_u16(self.api()?.status()).ok(),
        }
    }

    /// Returns the first error code.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.errors().iter().find_map(ErrorItem::code)
    }

    /// Returns the first message, in the server's words. It can contain personal data.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.errors().iter().find_map(ErrorItem::message)
    }

    /// Returns the id of the request, for Intercom's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match &self.0.cause {
            Cause::Decode(decode) => decode.request_id.as_deref(),
            _ => self.api().and_then(ApiError::request_id),
        }
    }

    /// Returns what the response says about the quota.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.api()
            .map(ApiError::rate_limit)
            .filter(|limit| !limit.is_empty())
    }

    /// Returns the body of the response: the first 64 KiB of an error, or the whole body of a response that could not be decoded.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        match &self.0.cause {
            Cause::Decode(decode) => Some(&decode.body),
            _ => self.api().map(|error| error.body().bytes()),
        }
    }

    /// Returns the ids of the contacts that match, if there are several.
    #[must_use]
    pub fn candidates(&self) -> &[String] {
        if let Cause::Ambiguous(ids) = &self.0.cause {
            ids
        } else {
            &[]
        }
    }

    /// Returns every attempt that was made, in order.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.ending.attempts
    }

    /// Returns how long the call took, including waits. For a flow, it is the duration of the call that ended the flow.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.ending.elapsed
    }

    /// Returns why no further attempt was made. A loop around the call would only repeat its retries; a job queue can come back
    /// at [`retry_at`](Self::retry_at).
    #[must_use]
    pub fn stop(&self) -> Option<Stop> {
        self.0.ending.stop
    }

    /// Returns how long after the end of the call it is worth trying again.
    ///
    /// Without a [`stop`](Self::stop), as in an error that was made from a response, it is the wait that the server asks for.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.stop() {
            Some(stop) => stop.retry_after(),
            None => Some(self.failure()?.hint(None)?.wait()),
        }
    }

    /// Returns the time at which it is worth trying again. A job queue can reschedule a job for that time.
    ///
    /// To sleep, use [`retry_after`](Self::retry_after). `None` without a wall clock, and after the year 9999.
    #[must_use]
    pub fn retry_at(&self) -> Option<UnixTime> {
        self.stop().and_then(|stop| stop.retry_at())
    }

    /// Returns `true` if the call failed and its write may have been applied.
    #[must_use]
    pub fn may_have_been_applied(&self) -> bool {
        self.0.ending.maybe_applied
    }

    /// Returns what to do, in one line without personal data.
    ///
    /// Usually it is the [`meaning`](intercom_errors::Action::meaning) of the class's action. There are three exceptions: for a
    /// write that [may have been applied](Self::may_have_been_applied) and must not be applied twice, the advice is to check
    /// first; for a deadline that cut an attempt short, it is to allow more time; for a download that cannot be continued, it is
    /// to download the file again.
    ///
    /// `None` for an error whose message already says what to do, like that of an invalid setting.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        let class = self.class()?;
        let is_ambiguous = self.may_have_been_applied() && !self.0.ending.conflicts_with_itself;
        if is_ambiguous && !self.0.ending.replayable && class.resend() != Resend::Never {
            return Some(CHECK);
        }
        if self.is_cut_by_its_deadline() {
            return Some(MORE_TIME);
        }
        if self.stop().map(|stop| stop.reason()) == Some(StopReason::NotResumable) {
            return Some(DOWNLOAD_AGAIN);
        }
        Some(class.action().meaning())
    }

    /// Returns the known case that matches the response, if there is one. A known case says more about the error than its code
    /// does, because it also depends on the request or the sender.
    #[must_use]
    pub fn known_case(&self) -> Option<&'static KnownCase> {
        match self.failure()? {
            Failure::Api(error) => error.known_case(),
            Failure::Fault(_) => None,
        }
    }

    /// Returns the steps that fix the error, with the values that the response names. Empty for an error without a
    /// [`class`](Self::class).
    pub fn fixes(&self) -> impl Iterator<Item = FilledFix<'_>> {
        let of_case = self.known_case().map(KnownCase::fixes);
        let of_action = || Some(self.class()?.action().fixes());
        let fixes = of_case.or_else(of_action).unwrap_or_default().iter();
        fixes.map(|&fix| self.api().map_or_else(|| fix.step(), |api| api.step(fix)))
    }

    /// Whether the call's own deadline ended it while it waited for a response. A deadline that passes while connecting does
    /// not count.
    fn is_cut_by_its_deadline(&self) -> bool {
        let reason = self.stop().map(|stop| stop.reason());
        let waited = |fault: &Fault| fault.is_timeout() && fault.phase() != Phase::NotSent;
        reason == Some(StopReason::DeadlineExceeded) && self.fault().is_some_and(waited)
    }

    /// Returns the error response on one line, like `{}` but without the request and the [`ending`](Self::ending).
    #[must_use]
    pub fn line(&self) -> Option<Line<'_>> {
        match self.failure()? {
            Failure::Api(error) => Some(self.advised(error.line())),
            Failure::Fault(_) => None,
        }
    }

    /// Replaces the response's own advice only if the advice of this error is another one. The response's own can name a scope.
    fn advised<'e>(&self, line: Line<'e>) -> Line<'e> {
        let own = self.api().map(|error| error.class().action().meaning());
        match self.advice().filter(|advice| Some(*advice) != own) {
            Some(advice) => line.with_advice(advice),
            None => line,
        }
    }

    /// Returns what [`Display`](fmt::Display) appends to the error: how often the request was sent, why no further attempt was
    /// made, and when it is worth trying again. Use it in your own log lines.
    ///
    /// It is empty or starts with a semicolon.
    pub fn ending(&self) -> impl fmt::Display + '_ {
        EndingLine(self)
    }

    /// Returns how many milliseconds the server's clock is ahead of this machine's, if a response had a `Date`.
    #[must_use]
    pub fn clock_offset_ms(&self) -> Option<i64> {
        self.0.ending.clock_offset
    }
}

/// Converts a failure that happened outside a call. It counts as the failure of a write, because the request is not known.
impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let maybe_applied = failure.maybe_applied();
        Self::failed(failure).maybe_applied(maybe_applied)
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Failure::from(error).into()
    }
}

/// Lets `?` work on a policy that is built next to a client.
impl From<PolicyError> for Error {
    fn from(error: PolicyError) -> Self {
        Self::configuration(error.setting(), error.to_string())
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Failure::from(fault).into()
    }
}

impl core::error::Error for Error {
    /// Returns the cause of the fault (like the HTTP library's error) or of the decode error, or the error of the token
    /// provider or of the writer. `{}` already shows the fault itself.
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        if let Some(source) = &self.0.source {
            return Some(&**source);
        }
        match &self.0.cause {
            Cause::Decode(decode) => {
                let source = decode.source.as_ref()?;
                Some(source)
            }
            Cause::Failed(Failure::Api(error)) => core::error::Error::source(error),
            Cause::Failed(Failure::Fault(fault)) => core::error::Error::source(fault),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn a_result_has_the_size_of_a_pointer() {
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }

    #[test]
    fn errors_without_a_response_show_one_line() {
        insta::assert_snapshot!(Error::ambiguous(vec!["a".into(), "b".into()]), @"2 contacts match, and none has the requested external id; choose one of them or merge them");
        insta::assert_snapshot!(Error::mismatch("5f1", "email"), @"the contact 5f1 exists, but its email does not match");
        insta::assert_snapshot!(Error::not_started("the deadline had passed"), @"nothing was sent: the deadline had passed");
    }
}
