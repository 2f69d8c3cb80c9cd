//! A page that arrived, and the place after it.

use super::days::{Days, Turned};
use super::error::{Cause, WalkError};
use super::loaded::Loaded;
use super::place::{Place, is_numbered};
use super::plan::Plan;
use super::seen::IdKey;
use super::size::{PageSize, UNKNOWN};
use crate::ApiRequest;
use crate::flows::{Next, Page};

/// The maximum number of companies that a list with page numbers can read.
const LIST_LIMIT: u64 = 10_000;

/// How often in a row a walk goes back because the total has fallen, without a new item in between.
const MOST_FALLS: u32 = 3;

impl Plan {
    /// Reads a page.
    pub(super) fn accept(
        &mut self,
        page: Page,
        request: Option<ApiRequest>,
    ) -> Result<(), WalkError> {
        let next = match page.next() {
            Ok(next) => next.cloned(),
            Err(error) => return Err(self.end(Cause::Call(error))),
        };
        if let Some(why) = self.misfit(&page) {
            return Err(self.end(Cause::Call(page.foreign(why))));
        }
        self.counts.pages += 1;
        if self.reads_again() && self.counts.items > 0 && self.seen.is_empty() {
            self.counts.may_repeat = true;
        }
        if self.place == Place::Scroll {
            self.check_progress(&page)?;
            if let Some(Next::Scroll(scroll)) = &next {
                self.scroll = Some(scroll.clone());
            }
            let goes_on = !page.is_empty() && self.scroll.is_some();
            let next = if goes_on { Place::Scroll } else { Place::End };
            // A restarted scroll returns what came before. Some of it may have been deleted, but hardly half of it.
            if !goes_on && self.arrived < self.seen.len() / 2 {
                let why = "the scroll ended before the items of an earlier one came again";
                return Err(self.end(Cause::Call(page.foreign(why))));
            }
            self.page = Some(Loaded::new(page, next));
            return Ok(());
        }
        match &mut self.days {
            Some(days) if !days.is_whole() => days.set_total(page.total_count()),
            _ => self.counts.total = page.total_count().or(self.counts.total),
        }
        if self.leads_to_scroll(&page) {
            self.lead_over();
            return Ok(());
        }
        let size = self.size.now();
        self.size.succeed();
        self.good = request;
        let numbered = next.as_ref().is_some_and(is_numbered);
        let place = match (next, self.place.offset()) {
            (next, Some(offset)) if numbered || self.is_numbered() => {
                match self.numbered(offset, size, &page)? {
                    Some(place) if next.is_some() => place,
                    Some(_) => Place::End,
                    None => return Ok(()),
                }
            }
            (None, _) => Place::End,
            (Some(next), _) => self.followed(next, &page)?,
        };
        if place != Place::End {
            self.check_end(&page, &place)?;
        }
        self.page = Some(Loaded::new(page, place));
        Ok(())
    }

    /// Returns why the body is not a page of this list, although its status is that of a success.
    fn misfit(&mut self, page: &Page) -> Option<&'static str> {
        let shape = page.shape();
        if !shape.is_page {
            return Some("the response is not a page of a list");
        }
        let is_scroll = self.place == Place::Scroll;
        let has_scroll = || matches!(page.next(), Ok(Some(Next::Scroll(_))));
        if is_scroll && self.scroll.is_none() && !page.is_empty() && !has_scroll() {
            return Some("the response has no scroll_param");
        }
        let Some(known) = &mut self.shape else {
            self.shape = Some(shape.clone());
            return None;
        };
        match (&known.list, &shape.list) {
            (Some(known), Some(found)) if known != found => {
                return Some("the list has another name than on the page before");
            }
            (_, None) if !is_scroll => return Some("the response has no list"),
            _ => {}
        }
        if known.has_pages && !shape.has_pages && !is_scroll {
            return Some("the response has no `pages`, unlike the page before");
        }
        if known.list.is_none() {
            known.list.clone_from(&shape.list);
        }
        None
    }

    /// Ends the walk at a page that names a next one, if there are more pages than the list can have.
    fn check_end(&mut self, page: &Page, next: &Place) -> Result<(), WalkError> {
        if self.contents.are_empty(page) {
            return Err(self.end(Cause::Loop(None)));
        }
        if next.offset().is_some() {
            return Ok(());
        }
        // A search that was split reads some items again.
        let duplicates = self.days.as_ref().map_or(self.counts.duplicates, |_| 0);
        let arrived = self.counts.items + duplicates;
        if self.contents.exceed(self.counts.total, arrived) {
            return Err(self.end(Cause::Loop(None)));
        }
        match self.contents.repeat(page) {
            true => Err(self.end(Cause::Loop(Some(page.repeated())))),
            false => Ok(()),
        }
    }

    /// Returns the place after a page with a cursor or a link.
    fn followed(&mut self, next: Next, page: &Page) -> Result<Place, WalkError> {
        let (place, is_new) = match next {
            Next::Cursor(cursor) => {
                let is_new = self.places.add(IdKey::new(&cursor));
                (Place::After(cursor), is_new)
            }
            Next::Query(query) => {
                let is_new = self.places.add(IdKey::new(&query));
                (Place::Query(query), is_new)
            }
            // A list that turns into a scroll, or numbers that begin in the middle.
            Next::Scroll(_) | Next::Number(_) => (Place::End, false),
        };
        if is_new {
            return Ok(place);
        }
        Err(self.end(Cause::Loop(Some(page.repeated()))))
    }

    /// Returns the place after a page with a number, or `None` if an earlier page has to be read again first. `size` is the size
    /// that was asked for.
    fn numbered(
        &mut self,
        offset: u64,
        size: Option<u32>,
        page: &Page,
    ) -> Result<Option<Place>, WalkError> {
        self.check_progress(page)?;
        let (mut offset, mut size) = (offset, size);
        if self.place == Place::Start {
            // The size may be the server's own, or its maximum.
            let found = u32::try_from(page.len()).unwrap_or(u32::MAX);
            let found = if found == 0 { UNKNOWN } else { found };
            if size.is_none_or(|asked| found < asked) {
                self.size.learn(found);
                size = Some(found);
            }
            let before = page_of(&self.first).saturating_sub(1);
            offset = before.saturating_mul(u64::from(size.unwrap_or(found)));
        }
        let told = self.told;
        self.told = page.total_count().or(told).or(Some(0));
        let gone = told
            .zip(self.told)
            .map_or(0, |(told, now)| told.saturating_sub(now));
        if gone > 0 && offset > 0 && self.can_go_back() {
            // The items after those that were deleted have moved to earlier pages.
            self.place = Place::Offset(offset.saturating_sub(gone));
            self.arrived = self.arrived.saturating_sub(gone);
            return Ok(None);
        }
        // A page can be short: its number says which places it covers.
        let size = u64::from(size.unwrap_or(1).max(1));
        Ok(Some(Place::Offset(offset - offset % size + size)))
    }

    /// Whether a fall of the total is followed. A total that only flaps would be followed for ever.
    fn can_go_back(&mut self) -> bool {
        let (items, times) = self.went_back;
        let times = if self.counts.items > items { 0 } else { times };
        self.went_back = (self.counts.items, times + 1);
        times < MOST_FALLS
    }

    /// Whether the list has page numbers.
    pub(super) const fn is_numbered(&self) -> bool {
        matches!(self.place, Place::Offset(_)) || self.told.is_some()
    }

    /// Ends the walk if more items have arrived than there can be.
    fn check_progress(&mut self, page: &Page) -> Result<(), WalkError> {
        let known = self.seen.len();
        if !page.is_empty() && self.arrived > known + known / 10 + 1_000 {
            return Err(self.end(Cause::Loop(None)));
        }
        Ok(())
    }

    fn leads_to_scroll(&self, page: &Page) -> bool {
        self.is_all_companies() && page.total_count().is_some_and(|total| total > LIST_LIMIT)
    }

    /// Whether the list has all companies, so that a scroll has the same ones.
    pub(super) fn is_all_companies(&self) -> bool {
        let is_filter = |pair: &str| !matches!(name_of(pair), "" | "order" | "page" | "per_page");
        let is_filtered = self.first.target.query.split('&').any(is_filter);
        matches!(self.first.path(), "/companies" | "/companies/list") && !is_filtered
    }

    /// Splits a search into spans of days, if that is possible.
    pub(super) fn split(&mut self) -> bool {
        let was_split = self.days.as_mut().is_some_and(Days::split);
        if was_split {
            self.counts.splits += 1;
            self.begin(Place::Start);
            self.size.reset();
        }
        was_split
    }

    /// Reads a span of days from its end, if it was not read so before.
    pub(super) fn turn_back(&mut self, at: Turned) -> bool {
        let turned = self.days.as_mut().is_some_and(|days| days.turn_back(at));
        if turned {
            self.begin(Place::Start);
            self.size.reset();
        }
        turned
    }

    /// Goes on with a scroll, and drops what the list has returned.
    pub(super) fn lead_over(&mut self) {
        self.begin(Place::Scroll);
        self.size = PageSize::new(None);
        self.shape = None;
        self.arrived = 0;
    }

    /// Begins to read from the beginning of a new scroll.
    pub(super) fn restart_scroll(&mut self) {
        self.scroll = None;
        self.page = None;
        self.arrived = 0;
    }
}

/// The number of the page that a request asks for.
pub(super) fn page_of(request: &ApiRequest) -> u64 {
    let mut pairs = request.target.query.split('&');
    let page = pairs.find_map(|pair| pair.strip_prefix("page=")?.parse().ok());
    page.unwrap_or(1)
}

/// The name of a parameter in a query.
fn name_of(pair: &str) -> &str {
    pair.split('=').next().unwrap_or_default()
}
