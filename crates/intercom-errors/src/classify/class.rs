//! What an answer means, as three words.

/// What kind of error it is.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// The token was not accepted.
    Authentication,
    /// Something that may run only once at a time is running already: a job, a scroll, an upload.
    ConcurrencyLimit,
    /// Existing data clashes with the request.
    Conflict,
    /// No complete answer came; only a [`Fault`](crate::Fault) has this category.
    Connection,
    /// The contact was merged into another one.
    Merged,
    /// The resource does not exist.
    NotFound,
    /// The server, or this resource, has too much to do; not the app's quota.
    Overload,
    /// The token lacks a permission.
    Permission,
    /// The workspace's plan does not include this.
    Plan,
    /// The app's quota of this window is spent.
    RateLimit,
    /// Intercom failed.
    Server,
    /// Time ran out.
    Timeout,
    /// Nothing is known that would fit better.
    Unknown,
    /// A success by its status, but not by what it carries.
    Unreadable,
    /// The input is at fault.
    Validation,
}

impl Category {
    /// All categories, in alphabetical order.
    pub const ALL: &'static [Self] = &[
        Self::Authentication,
        Self::ConcurrencyLimit,
        Self::Conflict,
        Self::Connection,
        Self::Merged,
        Self::NotFound,
        Self::Overload,
        Self::Permission,
        Self::Plan,
        Self::RateLimit,
        Self::Server,
        Self::Timeout,
        Self::Unknown,
        Self::Unreadable,
        Self::Validation,
    ];

    /// The category in one line.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Authentication => "The token was not accepted.",
            Self::ConcurrencyLimit => {
                "Something that may run only once at a time is running already: a job, a scroll, an upload."
            }
            Self::Conflict => "Existing data clashes with the request.",
            Self::Connection => "No complete answer came.",
            Self::Merged => "The contact was merged into another one.",
            Self::NotFound => "The resource does not exist.",
            Self::Overload => {
                "The server, or this resource, has too much to do; not the app's quota."
            }
            Self::Permission => "The token lacks a permission.",
            Self::Plan => "The workspace's plan does not include this.",
            Self::RateLimit => "The app's quota of this window is spent.",
            Self::Server => "Intercom failed.",
            Self::Timeout => "Time ran out.",
            Self::Unknown => "Nothing is known that would fit better.",
            Self::Unreadable => "A success by its status, but not by what it carries.",
            Self::Validation => "The input is at fault.",
        }
    }

    /// The category in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::ConcurrencyLimit => "concurrency_limit",
            Self::Conflict => "conflict",
            Self::Connection => "connection",
            Self::Merged => "merged",
            Self::NotFound => "not_found",
            Self::Overload => "overload",
            Self::Permission => "permission",
            Self::Plan => "plan",
            Self::RateLimit => "rate_limit",
            Self::Server => "server",
            Self::Timeout => "timeout",
            Self::Unknown => "unknown",
            Self::Unreadable => "unreadable",
            Self::Validation => "validation",
        }
    }
}

/// What sending the same request again would do. Ordered from careful to bold; where two opinions meet, the more
/// careful one wins.
#[expect(
    clippy::exhaustive_enums,
    reason = "a verdict: whoever acts on it must handle each"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resend {
    /// It cannot help.
    Never,
    /// Its fate is unknown: it helps, but only a request that may be applied twice may be sent.
    IfReplayable,
    /// It was refused before anything was done: any request may be sent again, after the wait.
    Safe,
}

impl Resend {
    /// The verdict in snake case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::IfReplayable => "if_replayable",
            Self::Safe => "safe",
        }
    }
}

/// What an answer means. Small, and made anew whenever it is asked for.
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
    action: super::Action,
}

impl Class {
    /// A class of these three.
    #[must_use]
    pub const fn new(category: Category, resend: Resend, action: super::Action) -> Self {
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
    pub const fn action(self) -> super::Action {
        self.action
    }
}
