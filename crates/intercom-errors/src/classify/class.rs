//! What an answer means, as three words.

use super::Action;
use crate::names;

names! {
    /// What kind of error it is, in alphabetical order. Only a [`Fault`](crate::Fault) is of the category `Connection`.
    #[non_exhaustive]
    pub enum Category {
        Authentication = "authentication", "The token was not accepted.";
        ConcurrencyLimit = "concurrency_limit", "Something that may run only once at a time is running already: a job, a scroll, an upload.";
        Conflict = "conflict", "Existing data clashes with the request.";
        Connection = "connection", "No complete answer came.";
        Merged = "merged", "The contact was merged into another one.";
        NotFound = "not_found", "The resource does not exist.";
        Overload = "overload", "The server, or this resource, has too much to do; not the app's quota.";
        Permission = "permission", "The token lacks a permission.";
        Plan = "plan", "The workspace's plan does not include this.";
        RateLimit = "rate_limit", "The app's quota of this window is spent.";
        Server = "server", "Intercom failed.";
        Timeout = "timeout", "Time ran out.";
        Unknown = "unknown", "The response has no known meaning.";
        Unreadable = "unreadable", "A success by its status, but not by what it carries.";
        Validation = "validation", "The input is at fault.";
    }
}

names! {
    /// What sending the same request again would do. Ordered from careful to bold; where two opinions meet, the more
    /// careful one wins.
    #[expect(
        clippy::exhaustive_enums,
        reason = "a verdict: code that acts on it must handle each"
    )]
    pub enum Resend {
        Never = "never", "It cannot help.";
        IfReplayable = "if_replayable", "Its fate is unknown: it helps, but only a request that may be applied twice may be sent.";
        Safe = "safe", "It was refused before anything was done: any request may be sent again, after the wait.";
    }
}

/// What an answer means; an error computes it once, when it is made.
///
/// ```
/// use intercom_errors::{Action, ApiError, Category, Resend};
///
/// let class = ApiError::from_parts(429, [], b"").class();
/// assert_eq!((class.category(), class.resend(), class.action()), (Category::RateLimit, Resend::Safe, Action::BackOff));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Class {
    category: Category,
    resend: Resend,
    action: Action,
}

impl Class {
    /// A class of these three.
    #[must_use]
    pub const fn new(category: Category, resend: Resend, action: Action) -> Self {
        Self {
            category,
            resend,
            action,
        }
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn category(self) -> Category {
        self.category
    }

    /// What sending the same request again would do.
    #[must_use]
    pub const fn resend(self) -> Resend {
        self.resend
    }

    /// What a person or a program does next.
    #[must_use]
    pub const fn action(self) -> Action {
        self.action
    }
}
