//! The items of a page: which are returned, and which were returned before.

use serde::de::DeserializeOwned;

use super::contents::Contents;
use super::days::{Days, Known};
use super::error::{Cause, WalkError};
use super::identity::Difference;
use super::loaded::Item;
use super::place::Place;
use super::plan::Plan;
use super::seen::SeenIds;

impl Plan {
    /// Finds the next item of the page that has not been returned.
    pub(super) fn find_item(&mut self) -> Result<bool, WalkError> {
        if self.item.is_some() {
            return Ok(true);
        }
        while let Some(page) = &mut self.page {
            let item = match page.item() {
                Some(Ok(item)) => item,
                Some(Err(error)) => return Err(self.end(Cause::Item(error))),
                None => {
                    self.turn_page();
                    break;
                }
            };
            self.check_workspace(&item)?;
            match self.known(&item)? {
                Known::New => {
                    self.item = Some(item);
                    return Ok(true);
                }
                Known::Returned => {
                    if let Some(page) = &mut self.page {
                        page.take(&item);
                    }
                }
                Known::Rest => self.leave_span(),
            }
        }
        Ok(false)
    }

    fn check_workspace(&mut self, item: &Item) -> Result<(), WalkError> {
        match (&self.workspace, &item.workspace) {
            (None, Some(_)) => self.workspace.clone_from(&item.workspace),
            (Some(of), Some(here)) if of != here => {
                let (of, here) = (of.clone(), here.clone());
                return Err(self.end(Cause::Checkpoint(Difference::Workspace { of, here })));
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the item was returned before, by this walk or the one that it resumes.
    fn known(&mut self, item: &Item) -> Result<Known, WalkError> {
        let mark = item.key.mark();
        let mut before = self.returned_before.iter();
        if let Some(index) = before.position(|other| *other == mark) {
            self.returned_before.swap_remove(index);
            self.returned.push(mark);
            if let Some(page) = &mut self.page {
                page.overlaps = true;
            }
            return Ok(Known::Returned);
        }
        let known = self
            .days
            .as_mut()
            .map_or(Known::New, |days| days.known(item));
        if known != Known::New {
            self.counts.duplicates += 1;
            self.returned.push(mark);
            return Ok(known);
        }
        if self.reads_again() {
            self.arrived += 1;
        } else if !self.keeps(item) {
            return Ok(Known::New);
        }
        match self.seen.contains(item.key) {
            Ok(false) => Ok(Known::New),
            Ok(true) => {
                self.counts.duplicates += 1;
                if !self.reads_again() {
                    self.returned.push(mark);
                }
                Ok(Known::Returned)
            }
            Err(error) => Err(self.end(Cause::Store(error))),
        }
    }

    /// Whether items can arrive twice here, so that their ids are kept.
    pub(super) const fn reads_again(&self) -> bool {
        matches!(self.place, Place::Scroll) || self.is_numbered()
    }

    /// Whether the id is kept. Where pages are not read again, items without an id can be equal.
    fn keeps(&self, item: &Item) -> bool {
        self.reads_again() || (self.has_store && !item.id.is_empty())
    }

    /// Decodes the item that [`next`](Self::next) found. An error ends the walk.
    pub(crate) fn decode<T: DeserializeOwned>(&mut self) -> Option<Result<T, WalkError>> {
        let item = self.page.as_ref()?.decode()?;
        Some(item.map_err(|error| self.end(Cause::Item(error))))
    }

    /// The item is being returned to the caller.
    pub(crate) fn returned(&mut self) -> Result<(), WalkError> {
        let Some(item) = self.item.take() else {
            return Ok(());
        };
        if self.keeps(&item) {
            if let Err(error) = self.seen.insert(item.key) {
                return Err(self.end(Cause::Store(error)));
            }
        }
        if self.place != Place::Scroll {
            self.returned.push(item.key.mark());
        }
        if let Some(days) = &mut self.days {
            days.returned(&item);
        }
        self.counts.items += 1;
        if let Some(page) = &mut self.page {
            page.fresh += 1;
            page.take(&item);
            if page.is_read() {
                self.turn_page();
            }
        }
        self.last = Some(item.id).filter(|id| !id.is_empty());
        Ok(())
    }

    /// Leaves the page that has been read.
    fn turn_page(&mut self) {
        let Some(page) = self.page.take() else {
            return;
        };
        if page.fresh == 0 && !page.is_empty() {
            self.counts.read_again += 1;
        }
        self.place = page.next;
        self.returned.clear();
        // The page can be smaller than the one whose items were returned.
        if !page.overlaps {
            self.returned_before.clear();
        }
        if self.place == Place::End {
            self.leave_span();
        }
    }

    /// Goes on with the next span of days, or ends.
    pub(super) fn leave_span(&mut self) {
        let goes_on = self.days.as_mut().is_some_and(Days::finish_span);
        self.begin(if goes_on { Place::Start } else { Place::End });
    }

    /// Goes on at this place of another list.
    pub(super) fn begin(&mut self, place: Place) {
        self.place = place;
        self.places = SeenIds::new();
        self.contents = Contents::default();
        self.page = None;
        self.returned.clear();
        self.returned_before.clear();
    }
}
