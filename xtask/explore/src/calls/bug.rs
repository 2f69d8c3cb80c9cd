//! Seeded bugs: each breaks one duty of a driver, a gate or a transport, as code does if its author got it wrong.

use super::scene::{ALONE, Scene, WIDE};

/// A seeded bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    AnnounceEndsTheTurn,
    BudgetOfItsOwn,
    CutIsComplete,
    DebitIsForgotten,
    DebitIsReturnedTwice,
    DeadlineIsForgotten,
    HintIsLost,
    PauseIsForgotten,
    PauseEndsWithoutAsking,
    PermitIsForgotten,
    PermitIsSettledTwice,
    PlaceIsNeverLeft,
    PriorityIsIgnored,
    RefusalIsHidden,
    RestartsWhenExhausted,
    RestartsWhenUnsafe,
    RetryIsUngated,
    RetryIsNew,
    SentAgainAfterTimeout,
    SleepIsSkipped,
    StaleClock,
    TimeoutIsIgnored,
    TimeoutIsNotReported,
    UnknownIsNeverSent,
    WakesNobodyAfterAdmission,
    WakesNobodyAfterCancelling,
    WakesNobodyAfterGivingUp,
    WallClockIsMonotonic,
}

impl Bug {
    /// The scene that shows it soonest.
    pub(crate) fn scene(self) -> &'static Scene {
        match self {
            Self::WallClockIsMonotonic => &ALONE,
            _ => &WIDE,
        }
    }

    /// Every bug, with what it does.
    #[rustfmt::skip]
    pub(crate) const ALL: &'static [(Self, &'static str)] = &[
        (Self::AnnounceEndsTheTurn, "the gate announces a wait and does not ask again"),
        (Self::BudgetOfItsOwn, "a call does not share the budget"),
        (Self::CutIsComplete, "the transport passes a cut response on as a complete refusal"),
        (Self::DebitIsForgotten, "a call cancelled in its wait is leaked, and its debit with it"),
        (Self::DebitIsReturnedTwice, "a success is refunded twice"),
        (Self::DeadlineIsForgotten, "the gate does not pass the deadline on"),
        (Self::HintIsLost, "the transport drops `Retry-After`"),
        (Self::PauseIsForgotten, "the gate rests until woken, although it should ask after a pause"),
        (Self::PauseEndsWithoutAsking, "the gate admits a call whose pause is over, without asking the pacer"),
        (Self::PermitIsForgotten, "a cancelled call is leaked, and its permit with it"),
        (Self::PermitIsSettledTwice, "the gate joins a permit with itself"),
        (Self::PlaceIsNeverLeft, "a cancelled call stays in the queue"),
        (Self::PriorityIsIgnored, "the gate gives every call the same priority"),
        (Self::RefusalIsHidden, "the gate does not pass a refusal on to the pacer"),
        (Self::RestartsWhenExhausted, "the driver begins again when the attempts are used up"),
        (Self::RestartsWhenUnsafe, "the driver begins again when a retry is not safe"),
        (Self::RetryIsUngated, "the driver asks the gate only before the first attempt"),
        (Self::RetryIsNew, "the gate queues a retry as a new call"),
        (Self::SentAgainAfterTimeout, "the transport reports a time-out as never sent"),
        (Self::SleepIsSkipped, "the driver reports the end of a sleep at once"),
        (Self::StaleClock, "the driver sends with the time of the admission"),
        (Self::TimeoutIsIgnored, "the transport waits for the whole time-out of an attempt, whatever is left"),
        (Self::TimeoutIsNotReported, "the transport never ends a silent exchange"),
        (Self::UnknownIsNeverSent, "the gate takes back the permit of a request of unknown outcome"),
        (Self::WakesNobodyAfterAdmission, "an admitted call does not wake the next one"),
        (Self::WakesNobodyAfterCancelling, "a call that leaves the queue does not wake the next one"),
        (Self::WakesNobodyAfterGivingUp, "a call that gives up in the queue does not wake the next one"),
        (Self::WallClockIsMonotonic, "the driver takes the wall clock for the monotonic one"),
    ];
}
