//! The tables of statuses: what each one means, and the most that it allows.

use super::statuses::{Statuses, statuses};
use super::{Action, Category, Class, Resend};
use crate::names;

/// What a status means if neither the message nor the code gives the response a class.
#[derive(Debug)]
#[non_exhaustive]
pub struct StatusRule {
    /// The statuses.
    pub statuses: Statuses,
    /// Whether the rule needs a `Link` that names the contact that this one was merged into.
    pub links_to_contact: bool,
    /// What they mean.
    pub class: Class,
}

macro_rules! rules {
    ($($($first:literal $(..= $last:literal)?)|+ $(, $link:ident)?
        => $category:ident $resend:ident $action:ident;)+) => {
        /// The rules, in order. The first one that matches wins. Any other status is [`UNKNOWN`].
        pub const STATUSES: &[StatusRule] = &[$(StatusRule {
            statuses: statuses!($($first $(..= $last)?)|+),
            links_to_contact: rules!(@link $($link)?),
            class: Class::new(Category::$category, Resend::$resend, Action::$action),
        },)+];
    };
    (@link link) => { true };
    (@link) => { false };
}

rules! {
    200..=299 => Unreadable IfReplayable ContactSupport;
    400 | 413..=415 | 422 | 431 => Validation Never FixInput;
    401 => Authentication Never RegenerateToken;
    402 => Plan Never UpgradePlan;
    // A 405 means that this type of admin is not allowed to do it. An unsupported method gets a 404.
    403 | 405 => Permission Never AddScope;
    404 => NotFound Never VerifyId;
    406 => Validation Never FixAcceptHeader;
    408 | 504 => Timeout IfReplayable RetryAndCheckStatus;
    409 => Conflict Never SearchBeforeCreate;
    410, link => Merged Never FollowMerge;
    410 => NotFound Never VerifyId;
    429 => RateLimit Safe BackOff;
    500..=599 => Server IfReplayable RetryAndCheckStatus;
}

/// The class of a status that no row of [`STATUSES`] matches.
pub const UNKNOWN: Class = Class::new(Category::Unknown, Resend::Never, Action::ContactSupport);

/// Returns the class of a status alone.
pub(super) fn class(status: u16, links_to_contact: bool) -> Class {
    let matches = |rule: &&StatusRule| {
        rule.statuses.contains(status) && (links_to_contact || !rule.links_to_contact)
    };
    STATUSES
        .iter()
        .find(matches)
        .map_or(UNKNOWN, |rule| rule.class)
}

/// An upper limit on how freely a request may be sent again, by the status of the response. A code can only make this stricter.
///
/// Only these responses refuse a request before anything is done: a 429, a 503 whose error list says that the request
/// was refused, a 400 because a scroll is already open, and one kind of conflict.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ceiling {
    /// The statuses.
    pub statuses: Statuses,
    /// What the response must have. All of the needs must be met.
    pub needs: &'static [Needs],
    /// The limit.
    pub most: Resend,
}

names! {
    /// What a response must have for a [`Ceiling`] to apply.
    #[non_exhaustive]
    pub enum Needs {
        ErrorList = "error_list", "The body is, or encloses, an error list.";
        OneItem = "one_item", "There is exactly one item.";
        Refusals = "refusals", "There are items, and each refuses the request: its message, or else its code, has the resend safe, and the code is known to occur with this status.";
    }
}

macro_rules! ceilings {
    ($($($first:literal $(..= $last:literal)?)|+, $($needs:ident)* => $most:ident;)+) => {
        /// The ceilings, in order. The first one that matches wins. Any other response allows [`Resend::Never`].
        pub const CEILINGS: &[Ceiling] = &[$(Ceiling {
            statuses: statuses!($($first $(..= $last)?)|+),
            needs: &[$(Needs::$needs),*],
            most: Resend::$most,
        },)+];
    };
}

ceilings! {
    429, => Safe;
    503, Refusals ErrorList => Safe;
    400, Refusals => Safe;
    409, Refusals OneItem => Safe;
    200..=299 | 408 | 500..=599, => IfReplayable;
}

/// The codes that mean a client error, and the statuses with which such a code does not count: the status alone then decides.
#[derive(Debug)]
#[non_exhaustive]
pub struct ClientCodes {
    /// A code belongs to client errors if it has statuses and all of them are in this set.
    pub statuses: Statuses,
    /// In a response with one of these statuses, such a code is ignored, and the status gives the class.
    pub ignored_with: Statuses,
}

/// The rule for a server error whose code belongs to client errors.
pub const CLIENT_CODES: ClientCodes = ClientCodes {
    statuses: statuses!(400..=428 | 430..=499),
    ignored_with: statuses!(500..=599),
};

/// Returns `true` if a code with these statuses contradicts the status of the response.
pub(super) fn contradicts(known: &[u16], status: u16) -> bool {
    let is_of_client = |status: &u16| CLIENT_CODES.statuses.contains(*status);
    CLIENT_CODES.ignored_with.contains(status)
        && !known.is_empty()
        && known.iter().all(is_of_client)
}
