//! What went wrong, in one word.

use intercom_errors::names;

names! {
    /// What went wrong, in one word.
    #[non_exhaustive]
    pub enum ErrorKind {
        /// Several contacts match what was asked for, and none of them exactly.
        Ambiguous = "ambiguous",
        /// Intercom answered with an error: see [`Error::api`](crate::Error::api).
        Api = "api",
        /// A setting of the client cannot be used: see [`Error::errors`](crate::Error::errors), which names it.
        Configuration = "configuration",
        /// The call was done, but its answer does not fit the type asked for. Never retried.
        Decode = "decode",
        /// No complete answer came: see [`Error::fault`](crate::Error::fault).
        Fault = "fault",
        /// The request cannot be sent as it is, so nothing was sent: see [`Error::errors`](crate::Error::errors).
        Invalid = "invalid",
        /// An earlier attempt of this write may have been carried out, and its repeat met a conflict: perhaps with what that
        /// attempt did. [`Error::api`](crate::Error::api) is the conflict; read what is there before writing again.
        MaybeApplied = "maybe_applied",
        /// The contact found is another one than was asked for.
        Mismatch = "mismatch",
        /// Nothing was sent: the deadline had passed or the gate refused.
        NotStarted = "not_started",
    }
}
