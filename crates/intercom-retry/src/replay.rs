//! Whether a request may be applied twice.

use intercom_errors::names;

names! {
    /// Whether the server may apply this request twice.
    ///
    /// It only matters if the outcome of an attempt is unknown. A request that was not sent, or that was refused before
    /// anything was done, can always be sent again.
    ///
    /// ```
    /// use intercom_retry::Replay;
    ///
    /// assert!(Replay::Read.is_replayable());
    /// assert!(!Replay::No.is_replayable());
    /// ```
    #[expect(
        clippy::exhaustive_enums,
        reason = "callers must handle every variant before they send a request again"
    )]
    pub enum Replay {
        /// The request changes nothing, like a GET or a search with POST.
        Read = "read",
        /// The request is an idempotent write, like setting a value or deleting by id.
        Idempotent = "idempotent",
        /// The request must not be applied twice, like creating, replying or sending. Choose this if you are not sure.
        No = "no",
        /// The caller accepts that the request may be applied twice.
        Allowed = "allowed",
    }
}

impl Replay {
    /// Returns `true` if the request may be sent again when its outcome is unknown. Only [`No`](Self::No) forbids it.
    pub const fn is_replayable(self) -> bool {
        match self {
            Self::Read | Self::Idempotent | Self::Allowed => true,
            Self::No => false,
        }
    }
}
