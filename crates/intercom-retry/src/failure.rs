//! A failed attempt.

use core::fmt;

use intercom_errors::{
    Action, ApiError, Category, Class, ErrorCode, Fault, Hint, Phase, Resend, UnixTime,
};

/// A failed attempt: an error response, or no complete response at all.
///
/// It is an input of the decision, and becomes the error of the call.
///
/// ```
/// use intercom_errors::{ApiError, Fault, FaultKind};
/// use intercom_retry::Failure;
///
/// let error = ApiError::from_parts(404, [], br#"{"type":"error.list","errors":[{"code":"not_found"}]}"#);
/// assert_eq!(Failure::from(error).status(), Some(404));
/// assert_eq!(Failure::from(Fault::not_sent(FaultKind::Dns)).status(), None);
/// ```
#[derive(Debug)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[expect(
    clippy::exhaustive_enums,
    reason = "there either is a response or not; callers must handle both"
)]
pub enum Failure {
    /// The response is an error, or does not have the requested form.
    Api(ApiError),
    /// There was no complete response.
    Fault(Fault),
}

impl Failure {
    /// Returns what the failure means, and whether the same request can be sent again.
    pub fn class(&self) -> Class {
        match self {
            Self::Api(error) => error.class(),
            Self::Fault(fault) => fault.class(),
        }
    }

    /// Returns when the server says to come back. `wall` is the time of the local wall clock, if known.
    pub fn hint(&self, wall: Option<UnixTime>) -> Option<Hint> {
        self.response()?.hint(wall)
    }

    /// Returns the status of the response, if its head arrived.
    pub fn status(&self) -> Option<u16> {
        self.response().map(ApiError::status)
    }

    /// Returns the error code of the response, if it has one.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.response()?.code()
    }

    /// Returns the request id of the response, if it has one.
    pub fn request_id(&self) -> Option<&str> {
        self.response()?.request_id()
    }

    /// Returns the error response, or the part of a response that arrived before it was cut off.
    pub fn response(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            Self::Fault(fault) => fault.response(),
        }
    }

    /// Returns the reason why there was no complete response.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Api(_) => None,
            Self::Fault(fault) => Some(fault),
        }
    }

    /// Returns `true` if the server may have applied the request, or a part of it, although the attempt failed.
    ///
    /// It returns `false` if nothing was sent, or if the class or a 4xx status shows that the request was refused.
    /// A 4xx status does not show a refusal if the error code means that the server failed. A redirect may follow a
    /// success, and a conflict may say that a part was applied, so both return `true`.
    pub fn maybe_applied(&self) -> bool {
        if self
            .fault()
            .is_some_and(|fault| fault.phase() == Phase::NotSent)
        {
            return false;
        }
        match self.class().resend() {
            Resend::Safe => false,
            Resend::IfReplayable => true,
            Resend::Never => !self.is_refusal() || self.was_partly_applied(),
        }
    }

    /// Returns `true` if the status refuses the request and the code does not contradict it.
    ///
    /// A 408 is a time-out at the server, and a 499 is one at a proxy, so neither of them refuses the request.
    fn is_refusal(&self) -> bool {
        let is_server_failure = matches!(
            self.class().category(),
            Category::Server | Category::Timeout | Category::Unreadable
        );
        matches!(self.status(), Some(400..=407 | 409..=498)) && !is_server_failure
    }

    /// Returns `true` if the response is a permanent refusal of the request, which shows that the server works.
    ///
    /// A firewall's or proxy's refusal does not show it.
    pub(crate) fn is_conclusive(&self) -> bool {
        let of_server = !self.class().is_blocked();
        let refused = matches!(self.status(), Some(400..=499)) && self.fault().is_none();
        refused && of_server && self.class().resend() == Resend::Never
    }

    /// Returns `true` for the conflict that means that the members of a team were partly changed.
    fn was_partly_applied(&self) -> bool {
        let class = self.class();
        class.category() == Category::Conflict && class.action() == Action::VerifyId
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Writes the error or the fault.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}
