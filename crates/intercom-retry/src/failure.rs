//! What went wrong in one attempt, as the decision sees it.

use core::time::Duration;

use intercom_errors::{
    Action, ApiError, Category, Class, ErrorCode, Fault, FaultKind, Hint, Phase, Resend,
};

/// A failed attempt: an error answer, or no complete answer at all.
///
/// ```
/// use intercom_errors::{ApiError, Fault, FaultKind};
/// use intercom_retry::Failure;
///
/// let error = ApiError::from_parts(404, [], br#"{"type":"error.list","errors":[{"code":"not_found"}]}"#);
/// assert_eq!(Failure::from(&error).status(), Some(404));
/// assert_eq!(Failure::from(&Fault::not_sent(FaultKind::Dns)).status(), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Failure<'a>(Cause<'a>);

#[derive(Clone, Copy, Debug)]
enum Cause<'a> {
    Answer(&'a ApiError),
    Fault(&'a Fault),
}

impl<'a> Failure<'a> {
    /// What it means, and what sending the same again would do.
    pub fn class(&self) -> Class {
        match self.0 {
            Cause::Answer(answer) => answer.class(),
            Cause::Fault(fault) => fault.class(),
        }
    }

    /// When the server said to come back; `wall` is the local wall clock since the Unix epoch, if known.
    pub fn hint(&self, wall: Option<Duration>) -> Option<Hint> {
        self.answer()?.hint(wall)
    }

    /// The status of the answer, if its head arrived.
    pub fn status(&self) -> Option<u16> {
        self.answer().map(ApiError::status)
    }

    /// The error code of the answer, if it has one.
    pub fn code(&self) -> Option<&'a ErrorCode> {
        self.answer()?.code()
    }

    /// The request id of the answer, if it has one.
    pub fn request_id(&self) -> Option<&'a str> {
        self.answer()?.request_id()
    }

    /// How far a fault let the attempt come, and what kind of fault it was; none for a complete answer.
    pub fn fault(&self) -> Option<(Phase, FaultKind)> {
        match self.0 {
            Cause::Answer(_) => None,
            Cause::Fault(fault) => Some((fault.phase(), fault.kind())),
        }
    }

    /// Whether the server may have done what was asked, all or in part, though the attempt failed.
    ///
    /// It may unless the answer refused: by what it says, or by a 4xx status whose code is not one of a server's trouble.
    /// So a redirect, which may stand for a success, leaves it open, and so does an answer that says a part was done.
    pub fn maybe_applied(&self) -> bool {
        if let Some((Phase::NotSent, _)) = self.fault() {
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

    fn answer(&self) -> Option<&'a ApiError> {
        match self.0 {
            Cause::Answer(answer) => Some(answer),
            Cause::Fault(fault) => fault.answer(),
        }
    }
}

impl<'a> From<&'a ApiError> for Failure<'a> {
    fn from(answer: &'a ApiError) -> Self {
        Self(Cause::Answer(answer))
    }
}

impl<'a> From<&'a Fault> for Failure<'a> {
    fn from(fault: &'a Fault) -> Self {
        Self(Cause::Fault(fault))
    }
}
