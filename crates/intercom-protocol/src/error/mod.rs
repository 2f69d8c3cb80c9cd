//! The one error of both clients and all flows.

mod ending;
mod line;

use core::fmt;
use core::time::Duration;

use bytes::Bytes;
use intercom_errors::{
    ApiError, Class, ErrorCode, ErrorItem, Fault, Line, Phase, RateLimit, Resend, names,
};
use intercom_retry::{Attempt, Failure, Stop, StopReason};

pub(crate) use self::ending::Ending;
use self::ending::EndingLine;
use self::line::{CHECK, MORE_TIME};

names! {
    /// What went wrong, in one word.
    #[non_exhaustive]
    pub enum ErrorKind {
        /// Several contacts match what was asked for, and none of them exactly.
        Ambiguous = "ambiguous",
        /// Intercom answered with an error: see [`Error::api`].
        Api = "api",
        /// The call was done, but its answer does not fit the type asked for. Never retried.
        Decode = "decode",
        /// No complete answer came: see [`Error::fault`].
        Fault = "fault",
        /// The request or a setting was refused before anything was sent: see [`Error::errors`].
        Invalid = "invalid",
        /// An earlier attempt of this write may have been carried out, and its repeat met a conflict: perhaps with what that
        /// attempt did. [`Error::api`] is the conflict; read what is there before writing again.
        MaybeApplied = "maybe_applied",
        /// The contact found is another one than was asked for.
        Mismatch = "mismatch",
        /// Nothing was sent: the deadline had passed or the gate refused.
        NotStarted = "not_started",
    }
}

/// Why a call or a flow did not succeed, with everything that is known about it.
///
/// `Display` is one line without the server's own message, for messages carry e-mail addresses; ask [`message`](Self::message)
/// or [`api`](Self::api) for it.
///
/// ```
/// use intercom_protocol::{Config, ErrorKind};
///
/// let error = Config::new("").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Invalid);
/// assert_eq!(error.errors()[0].field(), Some("token"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    cause: Cause,
    ending: Ending,
}

enum Cause {
    Ambiguous(Vec<String>),
    Archived { id: String },
    Decode(Undecodable),
    Failed(Failure),
    Invalid(Vec<ErrorItem>),
    Mismatch { id: String, field: &'static str },
    NotStarted(&'static str),
}

/// A response, or a part of one, that does not fit the type asked for, and where.
pub(crate) struct Undecodable {
    /// Of the response, unless only a part of it was decoded.
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<String>,
    pub(crate) body: Bytes,
    pub(crate) path: String,
    pub(crate) source: serde_json::Error,
}

impl Error {
    fn new(cause: Cause) -> Self {
        Self(Box::new(Inner {
            cause,
            ending: Ending::default(),
        }))
    }

    /// A request refused before anything was sent; each item names a field and how to fix it.
    #[must_use]
    pub fn invalid(items: Vec<ErrorItem>) -> Self {
        Self::new(Cause::Invalid(items))
    }

    pub(crate) fn failed(failure: Failure) -> Self {
        Self::new(Cause::Failed(failure))
    }

    pub(crate) fn not_started(why: &'static str) -> Self {
        Self::new(Cause::NotStarted(why))
    }

    pub(crate) fn ambiguous(ids: Vec<String>) -> Self {
        Self::new(Cause::Ambiguous(ids))
    }

    pub(crate) fn archived(id: &str) -> Self {
        Self::new(Cause::Archived { id: id.to_owned() })
    }

    pub(crate) fn mismatch(id: &str, field: &'static str) -> Self {
        Self::new(Cause::Mismatch {
            id: id.to_owned(),
            field,
        })
    }

    /// A value that was read already and does not fit the type asked for.
    pub(crate) fn unfit(path: String, source: serde_json::Error) -> Self {
        Self::undecodable(Undecodable {
            status: None,
            request_id: None,
            body: Bytes::new(),
            path,
            source,
        })
    }

    pub(crate) fn undecodable(what: Undecodable) -> Self {
        Self::new(Cause::Decode(what))
    }

    pub(crate) fn ended(mut self, ending: Ending) -> Self {
        self.0.ending = ending;
        self
    }

    /// Sets whether something may have been changed, by this call or by an earlier one of its flow.
    pub(crate) fn maybe_applied(mut self, maybe_applied: bool) -> Self {
        self.0.ending.maybe_applied = maybe_applied;
        self
    }

    fn failure(&self) -> Option<&Failure> {
        match &self.0.cause {
            Cause::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// What went wrong, in one word.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self.0.cause {
            _ if self.0.ending.clashes_with_itself => ErrorKind::MaybeApplied,
            Cause::Ambiguous(_) => ErrorKind::Ambiguous,
            Cause::Decode(_) => ErrorKind::Decode,
            Cause::Failed(Failure::Api(_)) => ErrorKind::Api,
            Cause::Failed(Failure::Fault(_)) => ErrorKind::Fault,
            Cause::Invalid(_) => ErrorKind::Invalid,
            Cause::Archived { .. } | Cause::Mismatch { .. } => ErrorKind::Mismatch,
            Cause::NotStarted(_) => ErrorKind::NotStarted,
        }
    }

    /// The answer that refused the call; of an answer that was cut off, what arrived of it.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        self.failure()?.response()
    }

    /// Why no complete answer came.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.failure()?.fault()
    }

    /// The items of the answer's error list, or what is wrong with a request that was refused before it was sent.
    #[must_use]
    pub fn errors(&self) -> &[ErrorItem] {
        match &self.0.cause {
            Cause::Invalid(items) => items,
            _ => self.api().map_or(&[], ApiError::errors),
        }
    }

    /// The class of the answer or fault: category, resend, action.
    ///
    /// It is what the answer means [for its request](intercom_errors::RequestLine): the 404 of a message, say, may come from
    /// a contact that is too new.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        Some(self.failure()?.class())
    }

    /// The HTTP status, where an answer came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match &self.0.cause {
            Cause::Decode(decode) => decode.status,
            _ => self.api().map(ApiError::status),
        }
    }

    /// The first error code.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.errors().iter().find_map(ErrorItem::code)
    }

    /// The first message, in the server's words; it may carry personal data.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.errors().iter().find_map(ErrorItem::message)
    }

    /// The id to tell Intercom's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match &self.0.cause {
            Cause::Decode(decode) => decode.request_id.as_deref(),
            _ => self.api().and_then(ApiError::request_id),
        }
    }

    /// What the answer said about the quota.
    #[must_use]
    pub fn rate_limit(&self) -> Option<&RateLimit> {
        self.api()
            .map(ApiError::rate_limit)
            .filter(|limit| !limit.is_empty())
    }

    /// The answer's body: of an error its first 64 KiB, of an answer that did not fit all of it.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        match &self.0.cause {
            Cause::Decode(decode) => Some(&decode.body),
            _ => self.api().map(|error| error.body().bytes()),
        }
    }

    /// The ids of the contacts that match, where several do.
    #[must_use]
    pub fn candidates(&self) -> &[String] {
        if let Cause::Ambiguous(ids) = &self.0.cause {
            ids
        } else {
            &[]
        }
    }

    /// Every attempt that was made, in order.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.ending.attempts
    }

    /// How long the call took, waits included.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.ending.elapsed
    }

    /// Why the call was not tried again; retries of your own around it would repeat what was done here.
    #[must_use]
    pub fn stop(&self) -> Option<Stop> {
        self.0.ending.stop
    }

    /// How long after the end of the call trying again makes sense.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.stop().and_then(|stop| stop.retry_after())
    }

    /// When trying again makes sense, for a job queue that can reschedule: a moment, as the time since the Unix epoch. To
    /// sleep there is [`retry_after`](Self::retry_after).
    #[must_use]
    pub fn retry_at(&self) -> Option<Duration> {
        self.stop().and_then(|stop| stop.retry_at())
    }

    /// Whether a write may have been carried out although the call failed.
    #[must_use]
    pub fn may_have_been_applied(&self) -> bool {
        self.0.ending.maybe_applied
    }

    /// What to do, in a line without personal data; `None` where the error itself says it, as an invalid setting does.
    ///
    /// It is the [`meaning`](intercom_errors::Action::meaning) of the class's action; but of a write that
    /// [may have been applied](Self::may_have_been_applied) and must not be applied twice it says to check first, and of a
    /// deadline that cut an attempt short, to allow more time.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        let class = self.class()?;
        let is_open = self.may_have_been_applied() && !self.0.ending.clashes_with_itself;
        if is_open && !self.0.ending.replayable && class.resend() != Resend::Never {
            return Some(CHECK);
        }
        if self.is_cut_by_its_deadline() {
            return Some(MORE_TIME);
        }
        Some(class.action().meaning())
    }

    /// Whether the call's own deadline ended it while an answer was waited for; a connection that is not made is another
    /// matter.
    fn is_cut_by_its_deadline(&self) -> bool {
        let reason = self.stop().map(|stop| stop.reason());
        let waited = |fault: &Fault| fault.is_timeout() && fault.phase() != Phase::NotSent;
        reason == Some(StopReason::DeadlineExceeded) && self.fault().is_some_and(waited)
    }

    /// The line of the answer that refused the call, with this error's [`advice`](Self::advice) and without its
    /// [`ending`](Self::ending).
    #[must_use]
    pub fn line(&self) -> Option<Line<'_>> {
        match self.failure()? {
            Failure::Api(error) => Some(self.advised(error.line())),
            Failure::Fault(_) => None,
        }
    }

    /// The answer's own advice may name a scope, so it is changed only where it is another one.
    fn advised<'e>(&self, line: Line<'e>) -> Line<'e> {
        let own = self.api().map(|error| error.class().action().meaning());
        match self.advice().filter(|advice| Some(*advice) != own) {
            Some(advice) => line.with_advice(advice),
            None => line,
        }
    }

    /// How the call ended, where that is more than the error itself: how often it was sent, why no more, when it is worth
    /// trying again. For lines of your own; `Display` ends with it.
    ///
    /// Either empty or with a semicolon in front.
    pub fn ending(&self) -> impl fmt::Display + '_ {
        EndingLine(self)
    }

    /// How many milliseconds the server's clock is ahead of this machine's, if the last answer told.
    #[must_use]
    pub fn clock_offset_ms(&self) -> Option<i64> {
        self.0.ending.clock_offset
    }

    fn is(&self, predicate: fn(Class) -> bool) -> bool {
        self.class().is_some_and(predicate)
    }

    /// Whether the token was not accepted (401): regenerate it in the Developer Hub.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.is(Class::is_unauthorized)
    }

    /// Whether the token lacks a permission, usually a scope (403).
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.is(Class::is_forbidden)
    }

    /// Whether the resource does not exist (404).
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is(Class::is_not_found)
    }

    /// Whether existing data clashes with the request (409).
    ///
    /// Of a write that was repeated it may be the call's own earlier attempt that stands in the way: the kind is then
    /// [`MaybeApplied`](ErrorKind::MaybeApplied).
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.is(Class::is_conflict)
    }

    /// Whether the contact was merged into another one (410).
    #[must_use]
    pub fn is_merged(&self) -> bool {
        self.is(Class::is_merged)
    }

    /// Whether the workspace's plan does not include this (402, 403).
    #[must_use]
    pub fn is_plan_restricted(&self) -> bool {
        self.is(Class::is_plan_restricted)
    }

    /// Whether the input is at fault, found by the server (400, 422) or before sending.
    #[must_use]
    pub fn is_validation(&self) -> bool {
        self.kind() == ErrorKind::Invalid || self.is(Class::is_validation)
    }

    /// Whether the rate limit of the window was reached (429); a quota of jobs and an overloaded resource are not meant.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.is(Class::is_rate_limited)
    }

    /// Whether something that may run only once at a time is running already: an export job, a scroll, an upload.
    #[must_use]
    pub fn is_concurrency_limited(&self) -> bool {
        self.is(Class::is_concurrency_limited)
    }

    /// Whether the server, or this resource, has too much to do (503 `service_unavailable`, 429 `too_many_requests`).
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.is(Class::is_overloaded)
    }

    /// Whether Intercom failed: a 5xx as a rule, but not a 504, which is a time-out, nor a 503 that says too much to do.
    #[must_use]
    pub fn is_server_error(&self) -> bool {
        self.is(Class::is_server_error)
    }

    /// Whether time ran out: of an attempt, at the server, or of the whole call.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        let deadline = self
            .stop()
            .is_some_and(|stop| stop.reason() == StopReason::DeadlineExceeded);
        deadline || self.is(Class::is_timeout) || self.fault().is_some_and(Fault::is_timeout)
    }
}

/// So that `optional()` works on what clients return.
///
/// ```
/// use intercom_protocol::{ApiError, Error, OptionalExt};
///
/// let gone: Result<u8, Error> = Err(ApiError::from_parts(404, [], b"").into());
/// assert_eq!(gone.optional().unwrap(), None);
/// ```
impl intercom_errors::SaysNotFound for Error {
    fn says_not_found(&self) -> bool {
        self.is_not_found()
    }
}

/// A failure outside a call: whether the request was a write is not known, so it counts as one.
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

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Failure::from(fault).into()
    }
}

/// The line of `Display`, for a `main` that returns an error prints this; `{:#?}` shows the parts.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(self, f);
        }
        let mut out = f.debug_struct("Error");
        out.field("text", &format_args!("{self}"));
        out.field("kind", &self.kind());
        match &self.0.cause {
            Cause::Failed(Failure::Api(error)) => out.field("api", error),
            Cause::Failed(Failure::Fault(fault)) => out.field("fault", fault),
            Cause::Invalid(items) => out.field("errors", items),
            _ => &mut out,
        };
        out.field("attempts", &self.0.ending.attempts.len())
            .field("stop", &self.0.ending.stop)
            .finish_non_exhaustive()
    }
}

impl core::error::Error for Error {
    /// The cause below: `Display` shows the answer's or fault's own line already, so this goes one deeper.
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.0.cause {
            Cause::Decode(decode) => Some(&decode.source),
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
    fn an_error_is_one_word() {
        assert_eq!(size_of::<Result<(), Error>>(), size_of::<usize>());
    }

    #[test]
    fn every_kind_reads_as_one_line() {
        insta::assert_snapshot!(Error::ambiguous(vec!["a".into(), "b".into()]), @"2 contacts match and none has the external id asked for; choose one of them or merge them");
        insta::assert_snapshot!(Error::mismatch("5f1", "email"), @"the contact 5f1 exists, but its email is another one than was asked for");
        insta::assert_snapshot!(Error::not_started("the deadline had passed"), @"nothing was sent: the deadline had passed");
    }
}
