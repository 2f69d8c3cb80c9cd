//! Companies: read to the last one.

use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;

use super::Walk;
use crate::{ApiRequest, Caller};

/// Reads companies. A client's `companies()` returns it.
#[must_use = "nothing is done until a method is called"]
pub struct Companies<C, M> {
    caller: C,
    deadline: Option<Duration>,
    mode: PhantomData<fn() -> M>,
}

impl<C, M> Companies<C, M> {
    /// Creates the methods for companies; `caller` makes their calls.
    pub const fn new(caller: C) -> Self {
        Self {
            caller,
            deadline: None,
            mode: PhantomData,
        }
    }

    /// Limits the whole walk to this duration, however many calls it makes.
    pub const fn deadline(mut self, duration: Duration) -> Self {
        self.deadline = Some(duration);
        self
    }
}

impl<'c, C: Caller, M> Companies<&'c C, M> {
    /// Reads all companies of the workspace, whatever happens on the way, as values of your type.
    ///
    /// Up to 10,000 companies are read as a list, which can be resumed. More can be read only with a scroll, which starts again
    /// from the beginning when it is resumed: keep the ids of the companies that were returned in a store that
    /// [`seen`](Walk::seen) uses. A workspace can have only one scroll, and it lives only as long as less than a minute passes
    /// between two pages.
    pub fn walk<T>(self) -> Walk<'c, C, M, T> {
        let first = ApiRequest::post("/companies/list")
            .query("order", "desc")
            .query("per_page", 50);
        Walk::new(self.caller, first, self.deadline)
    }
}

impl<C, M> fmt::Debug for Companies<C, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Companies")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
