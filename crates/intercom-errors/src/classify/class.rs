//! What an error means: a category, whether to resend, and an action.

use super::Action;
use crate::names;

names! {
    /// The kind of an error. The variants are in alphabetical order. Only a [`Fault`](crate::Fault) has the category
    /// `Connection`.
    #[non_exhaustive]
    pub enum Category {
        Authentication = "authentication", "The token was not accepted.";
        Blocked = "blocked", "A firewall or proxy between the client and Intercom refused the request.";
        ConcurrencyLimit = "concurrency_limit", "Something that can run only once at a time is already running: a job, a scroll or an upload.";
        Conflict = "conflict", "The request conflicts with existing data.";
        Connection = "connection", "There was no complete response.";
        Merged = "merged", "The contact was merged into another one.";
        NotFound = "not_found", "The resource does not exist.";
        Overload = "overload", "The server or this resource is overloaded. The app's quota is not the cause.";
        Permission = "permission", "The token lacks a permission.";
        Plan = "plan", "The workspace's plan does not include this.";
        RateLimit = "rate_limit", "The app has used up its quota for this window.";
        Server = "server", "Intercom failed.";
        Timeout = "timeout", "The request timed out.";
        Unknown = "unknown", "The response has no known meaning.";
        Unreadable = "unreadable", "The status says success, but the body does not.";
        Validation = "validation", "The input is not valid.";
    }
}

names! {
    /// Whether the same request can be sent again. Ordered from most to least careful; if two apply, the more careful
    /// one wins.
    #[expect(
        clippy::exhaustive_enums,
        reason = "a verdict: callers must handle every variant"
    )]
    pub enum Resend {
        Never = "never", "Sending it again does not help.";
        IfReplayable = "if_replayable", "The outcome is unknown. Sending it again can help, but only if the request may be applied twice.";
        Safe = "safe", "It was refused before anything was done. Any request can be sent again, after the wait.";
    }
}

/// What an error means. It is computed once, when the error is created.
///
/// ```
/// use intercom_errors::{Action, ApiError, Category, Resend};
///
/// let class = ApiError::from_parts(429, [], b"").class();
/// assert_eq!((class.category(), class.resend(), class.action()), (Category::RateLimit, Resend::Safe, Action::BackOff));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Class {
    category: Category,
    resend: Resend,
    action: Action,
}

impl Class {
    /// Creates a class from its three parts.
    #[must_use]
    pub const fn new(category: Category, resend: Resend, action: Action) -> Self {
        Self {
            category,
            resend,
            action,
        }
    }

    /// Returns the kind of the error.
    #[must_use]
    pub const fn category(self) -> Category {
        self.category
    }

    /// Returns whether the same request can be sent again.
    #[must_use]
    pub const fn resend(self) -> Resend {
        self.resend
    }

    /// Returns what to do next.
    #[must_use]
    pub const fn action(self) -> Action {
        self.action
    }
}
