//! Why a walk ended early.

use core::fmt;
use std::error::Error as StdError;

use intercom_errors::{Action, names};

use super::checkpoint::Checkpoint;
use super::identity::Difference;
use crate::Error;

names! {
    /// Why a walk ended early, in one word.
    #[non_exhaustive]
    pub enum WalkErrorKind {
        /// A call failed: [`WalkError::error`] says how.
        Call = "call",
        /// The checkpoint is of another walk.
        Checkpoint = "checkpoint",
        /// The contacts of a single day cannot be read, and a search cannot be split further.
        Day = "day",
        /// An item does not match the requested type.
        Item = "item",
        /// The server returned pages again that had been read, or more of them than there can be.
        Loop = "loop",
        /// The scroll had to be restarted too often.
        Restarts = "restarts",
        /// Another walk of the same client reads a scroll.
        ScrollInUse = "scroll_in_use",
        /// The store of the ids that were returned failed.
        Store = "store",
        /// The server cannot return an item, even on a page of its own.
        Unreadable = "unreadable",
        /// The request may change something. Nothing was sent.
        Write = "write",
    }
}

/// Why a walk ended early, and where it can go on.
///
/// `{}` is one line without personal data. The [`source`](StdError::source) is the error of the call, if a call failed.
pub struct WalkError(Box<Inner>);

struct Inner {
    cause: Cause,
    checkpoint: Checkpoint,
}

pub(super) enum Cause {
    Call(Error),
    Checkpoint(Difference),
    Day(String, Error),
    Item(Error),
    Loop(Option<Error>),
    Restarts(Error),
    ScrollInUse,
    Store(Box<dyn StdError + Send + Sync>),
    Unreadable(Unreadable, Error),
    Write(String),
}

/// The place of an item that the server cannot return.
#[derive(Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub(super) index: u64,
    pub(super) cursor: Option<String>,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) can_be_skipped: bool,
}

impl Unreadable {
    /// Returns how many items of the walk come before it.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Returns the cursor after which it comes; `None` for the first item, and in lists without cursors.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Returns the id of the item before it.
    #[must_use]
    pub fn id_before(&self) -> Option<&str> {
        self.before.as_deref()
    }

    /// Returns the id of the item after it; `None` if it has not been read.
    #[must_use]
    pub fn id_after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Returns whether [`skip_unreadable`](crate::client::Walk::skip_unreadable) skips it without missing any other item.
    #[must_use]
    pub const fn can_be_skipped(&self) -> bool {
        self.can_be_skipped
    }
}

/// Shows only the index.
impl fmt::Debug for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unreadable")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

impl WalkError {
    pub(super) fn new(cause: Cause, checkpoint: Checkpoint) -> Self {
        Self(Box::new(Inner { cause, checkpoint }))
    }

    /// Returns what went wrong, in one word.
    #[must_use]
    pub const fn kind(&self) -> WalkErrorKind {
        match self.0.cause {
            Cause::Call(_) => WalkErrorKind::Call,
            Cause::Checkpoint(_) => WalkErrorKind::Checkpoint,
            Cause::Day(..) => WalkErrorKind::Day,
            Cause::Item(_) => WalkErrorKind::Item,
            Cause::Loop(_) => WalkErrorKind::Loop,
            Cause::Restarts(_) => WalkErrorKind::Restarts,
            Cause::ScrollInUse => WalkErrorKind::ScrollInUse,
            Cause::Store(_) => WalkErrorKind::Store,
            Cause::Unreadable(..) => WalkErrorKind::Unreadable,
            Cause::Write(_) => WalkErrorKind::Write,
        }
    }

    /// Returns where the walk can go on. For kind [`Checkpoint`](WalkErrorKind::Checkpoint), it is the one that was given.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.0.checkpoint
    }

    /// Returns the error of the call that ended the walk, or of the item that does not match the type.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        match &self.0.cause {
            Cause::Call(error)
            | Cause::Day(_, error)
            | Cause::Item(error)
            | Cause::Loop(Some(error))
            | Cause::Restarts(error)
            | Cause::Unreadable(_, error) => Some(error),
            Cause::Checkpoint(_)
            | Cause::Loop(None)
            | Cause::ScrollInUse
            | Cause::Store(_)
            | Cause::Write(_) => None,
        }
    }

    /// Returns how the walk differs from that of the checkpoint, for kind [`Checkpoint`](WalkErrorKind::Checkpoint).
    #[must_use]
    pub fn difference(&self) -> Option<&dyn fmt::Display> {
        match &self.0.cause {
            Cause::Checkpoint(difference) => Some(difference),
            _ => None,
        }
    }

    /// Returns the place of the item that the server cannot return, for kind [`Unreadable`](WalkErrorKind::Unreadable).
    #[must_use]
    pub const fn unreadable(&self) -> Option<&Unreadable> {
        match &self.0.cause {
            Cause::Unreadable(place, _) => Some(place),
            _ => None,
        }
    }

    /// Returns the day that cannot be read, like `2026-03-29`, for kind [`Day`](WalkErrorKind::Day). The workspace's time zone
    /// decides when it begins.
    #[must_use]
    pub fn day(&self) -> Option<&str> {
        match &self.0.cause {
            Cause::Day(day, _) => Some(day),
            _ => None,
        }
    }
}

impl fmt::Display for WalkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.checkpoint().report();
        let items = report.items();
        match &self.0.cause {
            Cause::Call(error) if refuses_cursor(error) => write!(
                f,
                "the server does not accept the cursor after {items} items; start the walk again without the checkpoint"
            ),
            Cause::Call(_) => write!(
                f,
                "a call failed after {items} items; fix the cause, and resume from the checkpoint"
            ),
            Cause::Checkpoint(difference @ Difference::Store) => write!(
                f,
                "{difference}; pass the store of the walk that the checkpoint is of, or start without both"
            ),
            Cause::Checkpoint(difference) => write!(
                f,
                "{difference}; resume with the same request and client, or start without the checkpoint"
            ),
            Cause::Day(day, _) => write!(
                f,
                "the contacts of {day} cannot be read, and a search cannot be split below one day; add a condition to the search"
            ),
            Cause::Item(_) => write!(
                f,
                "an item does not match the requested type after {items} items; correct the type, and resume from the checkpoint"
            ),
            Cause::Loop(None) => write!(
                f,
                "the list does not end: it has more pages than its items can fill, after {items} items; start the walk again"
            ),
            Cause::Loop(Some(_)) => write!(
                f,
                "the server returned pages again that had been read, after {items} items; start the walk again"
            ),
            Cause::Restarts(_) => {
                write!(f, "the scroll was restarted {}", times(report.restarts()))?;
                if report.expired() > 0 {
                    write!(
                        f,
                        ", {} because it was idle for a minute; take the items faster, or store them first and work on them later",
                        times(report.expired())
                    )
                } else {
                    f.write_str("; resume from the checkpoint when the server is stable")
                }
            }
            Cause::ScrollInUse => f.write_str(
                "another walk of this client reads a scroll, and a workspace can have only one; finish or drop that walk first",
            ),
            Cause::Store(_) => f.write_str(
                "the store of the ids that were returned failed; fix it, and resume from the checkpoint",
            ),
            Cause::Write(request) => write!(
                f,
                "{request} is not a list or a search, so it may change something; nothing was sent"
            ),
            Cause::Unreadable(place, _) => {
                write!(f, "the server cannot return the item after {} others", place.index)?;
                f.write_str(if place.can_be_skipped {
                    "; skip it with `skip_unreadable`, or report it"
                } else {
                    ", nor those behind it; find it by its neighbours and report it, or narrow the search"
                })
            }
        }
    }
}

fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

/// Whether the server does not accept a cursor, perhaps because the cursor is too old.
fn refuses_cursor(error: &Error) -> bool {
    let action = error.class().map(|class| class.action());
    action == Some(Action::RestartPagination)
}

impl fmt::Debug for WalkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WalkError")
            .field("kind", &self.kind())
            .field("error", &self.error())
            .field("report", self.checkpoint().report())
            .finish_non_exhaustive()
    }
}

impl StdError for WalkError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.cause {
            Cause::Store(error) => Some(&**error),
            _ => self.error().map(|error| error as _),
        }
    }
}
