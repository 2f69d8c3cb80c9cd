//! Whether a request may be applied twice.

use intercom_errors::names;

names! {
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
    #[expect(
        clippy::exhaustive_enums,
        reason = "a new answer must be considered wherever a request is repeated"
    )]
    pub enum Replay {
        /// It changes nothing: a GET, or a search by POST.
        Read = "read",
        /// It changes something, and twice is the same as once: setting a value, deleting by id.
        Idempotent = "idempotent",
        /// Twice is twice: creating, replying, sending. The right choice whenever it is not known.
        No = "no",
        /// The caller takes the responsibility for a repeat.
        Allowed = "allowed",
    }
}

impl Replay {
    /// Whether a request of unknown fate may be sent again: for all but [`No`](Self::No).
    pub const fn is_replayable(self) -> bool {
        match self {
            Self::Read | Self::Idempotent | Self::Allowed => true,
            Self::No => false,
        }
    }
}
