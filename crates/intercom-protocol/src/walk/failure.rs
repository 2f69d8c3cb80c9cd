//! What a walk does after a failed call.

use core::time::Duration;

use intercom_errors::rules::SCROLL_IDLE;
use intercom_errors::{Action, Category, FaultKind, Phase};
use intercom_retry::StopReason;

use super::days::{Days, Turned};
use super::error::{Cause, Unreadable, WalkError};
use super::place::Place;
use super::plan::Plan;
use crate::Error;

/// How many pages in a row can be too slow before a search is split.
const SLOW_PAGES: u32 = 2;

/// How often a scroll can fail without a new item in between.
const PATIENCE: u32 = 5;

impl Plan {
    /// Decides how to go on after this failure. An error ends the walk.
    pub(super) fn failed(&mut self, error: Error) -> Result<(), WalkError> {
        let action = error.class().map(|class| class.action());
        if is_final(&error) {
            Err(self.end(Cause::Call(error)))
        } else if self.is_scrolling() {
            self.scroll_failed(error)
        } else if action == Some(Action::UseScroll) && self.is_all_companies() {
            self.lead_over();
            Ok(())
        } else if !is_about_size(&error) {
            Err(self.end(Cause::Call(error)))
        } else if is_slow(&error) && self.size.failures() >= SLOW_PAGES && self.split() {
            Ok(())
        } else if self.size.fail() {
            self.counts.shrunk += 1;
            Ok(())
        } else if self.good.is_some() {
            // A single item fails. If a page that could be read fails as well, the item is not the cause.
            self.probing = Some(error);
            Ok(())
        } else {
            self.size.reset();
            Err(self.end(Cause::Call(error)))
        }
    }

    /// The API responds to another request, or it does not. Only in the first case, an item is unreadable.
    pub(super) fn probed(&mut self, failure: Error, works: bool) -> Result<(), WalkError> {
        if !works {
            // The size was not the cause.
            self.size.reset();
            return Err(self.end(Cause::Call(failure)));
        }
        match self.place.offset().filter(|_| self.is_numbered()) {
            Some(offset) if self.skips => {
                self.counts.skipped += 1;
                self.place = Place::Offset(offset + 1);
                self.size.reset();
                return Ok(());
            }
            Some(_) => {
                let place = self.unreadable(true);
                return Err(self.end(Cause::Unreadable(place, failure)));
            }
            None => {}
        }
        // The search may be too slow so far behind its beginning. From the end of a day, the rest of it may be readable.
        if self.split() {
            return Ok(());
        }
        let place = self.turned();
        if self.turn_back(place) {
            return Ok(());
        }
        let is_alone = self.days.as_ref().and_then(Days::missing) == Some(1);
        if is_alone && self.skips {
            self.counts.skipped += 1;
            self.leave_span();
            self.size.reset();
            return Ok(());
        }
        let day = self.days.as_ref().and_then(Days::day);
        if let (Some(day), true) = (day, is_slow(&failure)) {
            return Err(self.end(Cause::Day(day, failure)));
        }
        let place = self.unreadable(is_alone);
        Err(self.end(Cause::Unreadable(place, failure)))
    }

    /// The place of the item that cannot be read: between those that were read from the beginning and those from the end.
    fn unreadable(&self, can_be_skipped: bool) -> Unreadable {
        let turned = self.days.as_ref().and_then(Days::turned_at);
        let Turned {
            index,
            cursor,
            before,
        } = turned.cloned().unwrap_or_else(|| self.turned());
        Unreadable {
            after: self.last.clone().filter(|_| self.last != before),
            index,
            cursor,
            before,
            can_be_skipped,
        }
    }

    /// The place that the walk has come to.
    fn turned(&self) -> Turned {
        Turned {
            index: self.counts.items + self.counts.skipped,
            cursor: match &self.place {
                Place::After(cursor) => Some(cursor.clone()),
                _ => None,
            },
            before: self.last.clone(),
        }
    }

    /// A scroll cannot be continued after a failure, but it can be restarted.
    fn scroll_failed(&mut self, error: Error) -> Result<(), WalkError> {
        if error.is_concurrency_limited() {
            self.waiting = Some((SCROLL_IDLE, error));
            return Ok(());
        }
        if error.class().map(|class| class.action()) != Some(Action::RestartScroll) {
            return Err(self.end(Cause::Call(error)));
        }
        let (items, times) = self.stalled;
        let times = if self.counts.items > items {
            1
        } else {
            times + 1
        };
        self.stalled = (self.counts.items, times);
        if self.scroll.is_none() {
            // The scroll could not be opened.
            if times > PATIENCE {
                return Err(self.end(Cause::Call(error)));
            }
            self.waiting = Some((Duration::from_secs(1 << times), error));
            return Ok(());
        }
        if times > PATIENCE && self.arrived >= self.seen.len() {
            let place = self.unreadable(false);
            return Err(self.end(Cause::Unreadable(place, error)));
        }
        if self.restarts >= self.max_restarts {
            return Err(self.end(Cause::Restarts(error)));
        }
        self.restarts += 1;
        self.counts.restarts += 1;
        if error.is_not_found() {
            self.counts.expired += 1;
        }
        self.restart_scroll();
        Ok(())
    }
}

/// Whether the response was too late.
fn is_slow(error: &Error) -> bool {
    error.class().map(|class| class.category()) == Some(Category::Timeout)
}

/// Whether the walk has no time to go on.
fn is_final(error: &Error) -> bool {
    let reason = error.stop().map(|stop| stop.reason());
    reason == Some(StopReason::DeadlineExceeded)
}

/// Whether a smaller page can succeed: the server failed, or the response was too late or too large.
fn is_about_size(error: &Error) -> bool {
    let is_too_large = |kind: FaultKind| kind == FaultKind::TooLarge;
    if error
        .fault()
        .is_some_and(|fault| is_too_large(fault.kind()))
    {
        return true;
    }
    let was_sent = error
        .fault()
        .is_none_or(|fault| fault.phase() != Phase::NotSent);
    let category = error.class().map(|class| class.category());
    was_sent && matches!(category, Some(Category::Server | Category::Timeout))
}
