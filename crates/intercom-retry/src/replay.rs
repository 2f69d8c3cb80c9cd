//! Whether a request may be applied twice.

use core::fmt;

/// What happens if the server applies this request twice.
///
/// It matters only when the fate of an attempt is unknown: a request that was refused unprocessed, or that never
/// left, may be sent again whatever this says.
///
/// ```
/// use intercom_retry::Replay;
///
/// assert!(Replay::Read.is_replayable());
/// assert!(!Replay::No.is_replayable());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a new answer must be considered wherever a request is repeated"
)]
pub enum Replay {
    /// It changes nothing: a GET, or a search by POST.
    Read,
    /// It changes something, and twice is the same as once: setting a value, deleting by id.
    Converges,
    /// Twice is twice: creating, replying, sending. The right answer whenever in doubt.
    No,
    /// The caller takes the responsibility for a repeat.
    Allowed,
}

impl Replay {
    /// Whether a request of unknown fate may be sent again: for all but [`No`](Self::No).
    pub const fn is_replayable(self) -> bool {
        match self {
            Self::Read | Self::Converges | Self::Allowed => true,
            Self::No => false,
        }
    }

    /// Its name in snake case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Converges => "converges",
            Self::No => "no",
            Self::Allowed => "allowed",
        }
    }
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
