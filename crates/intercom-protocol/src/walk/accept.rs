//! A page that arrived, and the place after it.

use super::days::{Days, Turned};
use super::error::{Cause, WalkError};
use super::loaded::Loaded;
use super::place::{Place, is_numbered};
use super::plan::Plan;
use super::seen::IdKey;
use super::size::PageSize;
use crate::ApiRequest;
use crate::flows::{Next, Page};

/// The maximum number of companies that a list with page numbers can read.
const LIST_LIMIT: u64 = 10_000;

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
        self.size.succeed();
        self.good = request;
        let numbered = next.as_ref().is_some_and(is_numbered);
        let place = match (next, self.place.offset()) {
            (next, Some(offset)) if numbered || self.is_numbered() => {
                match self.numbered(offset, &page)? {
                    Some(place) if next.is_some() => place,
                    Some(_) => Place::End,
                    None => return Ok(()),
                }
            }
            (None, _) => Place::End,
            (Some(next), _) => self.followed(next, &page)?,
        };
        self.page = Some(Loaded::new(page, place));
        Ok(())
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

    /// Returns the place after a page with a number, or `None` if an earlier page has to be read again first.
    fn numbered(&mut self, offset: u64, page: &Page) -> Result<Option<Place>, WalkError> {
        self.check_progress(page)?;
        let len = u64::try_from(page.len()).unwrap_or(u64::MAX);
        let mut offset = offset;
        if self.place == Place::Start {
            // The size may be the server's own, or its maximum.
            let size = u32::try_from(len).unwrap_or(u32::MAX).max(1);
            if self.size.now().is_none_or(|asked| size < asked) {
                self.size.learn(size);
            }
            let before = page_of(&self.first).saturating_sub(1);
            offset = before.saturating_mul(u64::from(self.size.now().unwrap_or(size)));
        }
        let told = core::mem::replace(&mut self.told, page.total_count().or(Some(0)));
        let gone = told
            .zip(self.told)
            .map_or(0, |(told, now)| told.saturating_sub(now));
        if gone > 0 && offset > 0 {
            // The items after those that were deleted have moved to earlier pages.
            self.place = Place::Offset(offset.saturating_sub(gone));
            self.arrived = self.arrived.saturating_sub(gone);
            return Ok(None);
        }
        if page.is_empty() {
            return Ok(Some(Place::End));
        }
        let size = u64::from(self.size.now().unwrap_or(1).max(1));
        Ok(Some(Place::Offset(offset - offset % size + len)))
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
