//! The steps of the model.

use std::fmt;

/// How an attempt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Response,
    NeverSent,
    Unknown,
}

/// A step. The first number is that of the member, or of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A call asks for admission.
    Ask(u8),
    /// The member's oldest attempt ends.
    End(u8, Ending),
    /// The driver asks the member what to do, and sends its request.
    Drive(u8),
    /// The driver reports that there was no reply.
    Fail(u8),
    /// A request reaches the ledger.
    Deliver(u8),
    /// A request reaches the ledger, and so will its copy.
    Repeat(u8),
    /// A request is lost.
    Lose(u8),
    /// A reply reaches the member.
    Reply(u8),
    /// A reply is lost.
    LoseReply(u8),
    /// The process dies, and another one starts.
    Restart(u8),
    /// The process ends, and another one starts.
    Leave(u8),
    /// The ledger loses its memory.
    Forget,
    /// Half a second passes, after which random numbers are the highest or the lowest.
    Pass(bool),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |member: u8| char::from(b'A' + member);
        match *self {
            Self::Ask(member) => write!(f, "{} asks for a call", name(member)),
            Self::End(member, ending) => write!(f, "{} settles: {ending:?}", name(member)),
            Self::Drive(member) => write!(f, "{} is driven", name(member)),
            Self::Fail(member) => write!(f, "{} has no reply", name(member)),
            Self::Deliver(message) => write!(f, "request {message} reaches the ledger"),
            Self::Repeat(message) => write!(f, "request {message} reaches the ledger a first time"),
            Self::Lose(message) => write!(f, "request {message} is lost"),
            Self::Reply(message) => write!(f, "reply {message} arrives"),
            Self::LoseReply(message) => write!(f, "reply {message} is lost"),
            Self::Restart(member) => write!(f, "{} is killed and replaced", name(member)),
            Self::Leave(member) => write!(f, "{} leaves and is replaced", name(member)),
            Self::Forget => f.write_str("the ledger loses its memory"),
            Self::Pass(false) => f.write_str("half a second passes, low random numbers"),
            Self::Pass(true) => f.write_str("half a second passes, high random numbers"),
        }
    }
}
