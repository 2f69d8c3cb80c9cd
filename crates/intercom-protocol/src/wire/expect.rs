//! Which responses the caller of a request accepts.

use intercom_errors::names;

names! {
    /// Which responses the caller accepts.
    #[derive(Default)]
    #[non_exhaustive]
    pub enum Expect {
        /// Anything: a download, plain text, or a redirect whose `Location` is the result.
        Any = "any",
        /// JSON or an empty body. Nearly all endpoints send one of the two. HTML with a 200 is an error.
        ///
        /// The structure of the body is checked. A response that was cut off is thus a failed attempt, which is retried if the
        /// request allows it. [`Reply`](crate::Reply) describes the check.
        #[default]
        Json = "json",
    }
}

impl Expect {
    pub(crate) const fn accept(self) -> &'static str {
        match self {
            Self::Any => "application/json, application/octet-stream, */*;q=0.8",
            Self::Json => "application/json",
        }
    }
}
