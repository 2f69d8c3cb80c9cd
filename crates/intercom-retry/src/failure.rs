//! What went wrong in one attempt, as the decision sees it.

use core::fmt;

use intercom_errors::{
    Action, ApiError, Category, Class, ErrorCode, Fault, Hint, Phase, Resend, UnixTime,
};

/// A failed attempt: a response that refused the request, or no complete response at all.
///
/// The decision reads it, and the error of a call is made from it.
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
#[expect(
    clippy::exhaustive_enums,
    reason = "a response either came or did not; callers must handle both"
)]
pub enum Failure {
    /// A response refused the request, or was not the response asked for.
    Api(ApiError),
    /// No complete response came.
    Fault(Fault),
}

impl Failure {
    /// What it means, and what sending the same again would do.
    pub fn class(&self) -> Class {
        match self {
            Self::Api(error) => error.class(),
            Self::Fault(fault) => fault.class(),
        }
    }

    /// When the server said to come back; `wall` is the reading of the local wall clock, if known.
    pub fn hint(&self, wall: Option<UnixTime>) -> Option<Hint> {
        self.response()?.hint(wall)
    }

    /// The status of the response, if its head arrived.
    pub fn status(&self) -> Option<u16> {
        self.response().map(ApiError::status)
    }

    /// The error code of the response, if it has one.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.response()?.code()
    }

    /// The request id of the response, if it has one.
    pub fn request_id(&self) -> Option<&str> {
        self.response()?.request_id()
    }

    /// The response that refused the request; of one that was cut off, what arrived of it.
    pub fn response(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            Self::Fault(fault) => fault.response(),
        }
    }

    /// Why no complete response came.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Api(_) => None,
            Self::Fault(fault) => Some(fault),
        }
    }

    /// Whether the server may have done what was asked, all or in part, though the attempt failed.
    ///
    /// It may unless the answer refused: by what it says, or by a 4xx status whose code is not one of a server's trouble.
    /// So a redirect, which may stand for a success, leaves it open, and so does an answer that says a part was done.
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

    /// Whether the answer refuses by its status, and its code does not say otherwise.
    ///
    /// Of the 4xx, 408 is a time-out at the server, and 499 one that a proxy saw.
    fn is_refusal(&self) -> bool {
        let trouble = matches!(
            self.class().category(),
            Category::Server | Category::Timeout | Category::Unreadable
        );
        matches!(self.status(), Some(400..=407 | 409..=498)) && !trouble
    }

    /// Whether the server answered, and for good: a refusal of the request, not a sign of trouble on its side.
    pub(crate) fn is_conclusive(&self) -> bool {
        let refused = matches!(self.status(), Some(400..=499)) && self.fault().is_none();
        refused && self.class().resend() == Resend::Never
    }

    /// The one conflict to be looked at instead of avoided: the members of a team, changed in part.
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

/// The line of the error or fault.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}
