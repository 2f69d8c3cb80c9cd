//! What went wrong, in one word.

use intercom_errors::names;

names! {
    /// What went wrong, in one word.
    #[non_exhaustive]
    pub enum ErrorKind {
        /// Several contacts match the request, and none of them exactly.
        Ambiguous = "ambiguous",
        /// Intercom responded with an error: see [`Error::api`](crate::Error::api).
        Api = "api",
        /// A setting of the client is invalid: [`Error::errors`](crate::Error::errors) names it.
        Configuration = "configuration",
        /// The request was carried out, but the response does not match the requested type. Never retried.
        Decode = "decode",
        /// No complete response arrived: see [`Error::fault`](crate::Error::fault).
        Fault = "fault",
        /// The request is invalid, so it was not sent: see [`Error::errors`](crate::Error::errors).
        Invalid = "invalid",
        /// An earlier attempt of this write may have been applied, and the retry met a conflict, perhaps with the result of
        /// that attempt. [`Error::api`](crate::Error::api) returns the conflict. Read the resource before writing again.
        MaybeApplied = "maybe_applied",
        /// A contact was found, but it does not match the request.
        Mismatch = "mismatch",
        /// Nothing was sent, because the deadline had passed or the gate refused the request.
        NotStarted = "not_started",
        /// The writer of a download failed, for example because the disk is full. [`source`](std::error::Error::source) returns
        /// the writer's error. Never retried.
        Writer = "writer",
    }
}
