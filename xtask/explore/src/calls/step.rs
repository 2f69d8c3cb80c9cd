//! The steps of the model.

use std::fmt;

use super::plan::PLANS;
use super::server::Outcome;

/// A step. The number is that of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The program starts the call.
    Start(u8),
    /// The call asks the gate: it has just arrived, it was woken, its pause is over, or for no reason.
    Ask(u8),
    /// The admitted call sends its request.
    Depart(u8),
    /// The exchange ends.
    End(u8, Outcome),
    /// The call's sleep is over, or the driver was woken for no reason.
    Wake(u8),
    /// The program drops the call.
    Cancel(u8),
    /// A second passes, after which random numbers are the highest or the lowest.
    Pass(bool),
    /// The machine is suspended for longer than a window.
    Suspend,
    /// The wall clock is set forward by an hour.
    SetClock,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |call: u8| PLANS.get(usize::from(call)).map_or("?", |plan| plan.name);
        match *self {
            Self::Start(call) => write!(f, "{} starts", name(call)),
            Self::Ask(call) => write!(f, "{} asks the gate", name(call)),
            Self::Depart(call) => write!(f, "{} sends", name(call)),
            Self::End(call, outcome) => write!(f, "{} receives {outcome:?}", name(call)),
            Self::Wake(call) => write!(f, "{} wakes", name(call)),
            Self::Cancel(call) => write!(f, "{} is cancelled", name(call)),
            Self::Pass(false) => f.write_str("a second passes, low random numbers"),
            Self::Pass(true) => f.write_str("a second passes, high random numbers"),
            Self::Suspend => f.write_str("the machine is suspended for 5 s"),
            Self::SetClock => f.write_str("the wall clock is set forward by an hour"),
        }
    }
}
