//! What a walk does next.
//!
//! ```text
//!  next() returns   when                               the driver then calls
//!  Step::Item       an item can be returned            decode, returned
//!  Step::Send       a page has to be read              received
//!  Step::Wait       another scroll is open, or the     waited, or out_of_time
//!                   API failed
//!  Step::Done       the walk has ended
//! ```

use core::fmt;
use core::time::Duration;

use http::Method;
use intercom_errors::rules::SCROLL_IDLE;
use intercom_retry::{Replay, RetryPolicy, Stop, StopReason};
use serde_json::Value;

use super::accept::page_of;
use super::checkpoint::{Checkpoint, Marks, State};
use super::contents::Contents;
use super::days::Days;
use super::error::{Cause, WalkError};
use super::identity::{Difference, Identity};
use super::loaded::{Item, Loaded};
use super::place::Place;
use super::report::Report;
use super::seen::{IdKey, Seen, SeenIds};
use super::size::PageSize;
use crate::flows::{Page, Shape, with_pagination};
use crate::{ApiRequest, Error, Reply};

/// The scroll over all companies.
const SCROLL: &str = "/companies/scroll";

/// How often a scroll is restarted, unless the caller sets another number.
const MAX_RESTARTS: u64 = 20;

/// What a driver has to do next for a [`Plan`].
#[derive(Debug)]
pub(crate) enum Step<'p> {
    /// Return the item.
    Item,
    /// Carry out this call.
    Send(&'p ApiRequest),
    /// Sleep for this long.
    Wait(Duration),
    /// The walk has ended.
    Done,
}

/// What a walk does next, without the calls.
pub(crate) struct Plan {
    /// The request for the first page.
    pub(super) first: ApiRequest,
    identity: Identity,
    pub(super) workspace: Option<String>,
    pub(super) place: Place,
    /// The parameter of the open scroll.
    pub(super) scroll: Option<String>,
    pub(super) size: PageSize,
    /// `Some` if the walk can be split into spans of days.
    pub(super) days: Option<Days>,
    pub(super) page: Option<Loaded>,
    pub(super) item: Option<Item>,
    /// The items of the current page that were returned.
    pub(super) returned: Vec<u64>,
    /// The items of the next page that were returned before the walk was resumed.
    pub(super) returned_before: Vec<u64>,
    pub(super) seen: Box<dyn Seen>,
    /// The cursors and links that were followed: 24 bytes for each page.
    pub(super) places: SeenIds,
    /// What the pages so far had.
    pub(super) contents: Contents,
    /// The shape of the pages of this list, once it is known.
    pub(super) shape: Option<Shape>,
    /// Whether the caller has a store, so that the ids of a list with cursors are kept as well.
    pub(super) has_store: bool,
    /// How many items arrived since the list or scroll was begun.
    pub(super) arrived: u64,
    pub(super) counts: Report,
    /// The total in the last page of a list with page numbers.
    pub(super) told: Option<u64>,
    /// How many items had been returned when the walk last went back because the total had fallen, and how often it has since.
    pub(super) went_back: (u64, u32),
    /// The id of the item that was returned last.
    pub(super) last: Option<String>,
    /// A request that succeeded.
    pub(super) good: Option<ApiRequest>,
    /// A page of one item failed like this. Whether the API works is being found out.
    pub(super) probing: Option<Error>,
    pub(super) waiting: Option<(Duration, Error)>,
    /// How many items had been returned when the scroll failed last, and how often it has failed since.
    pub(super) stalled: (u64, u32),
    /// How often this walk has restarted a scroll, and how often it may.
    pub(super) restarts: u64,
    pub(super) max_restarts: u64,
    pub(super) skips: bool,
    policy: RetryPolicy,
    /// The request for the next page, once it is made.
    request: Option<ApiRequest>,
    /// The walk was resumed, and the store was not checked yet.
    unchecked: bool,
    /// The checkpoint is of another walk.
    unfit: Option<(Difference, Checkpoint)>,
    ended: bool,
}

impl Plan {
    /// Starts with the request for the first page.
    pub(crate) fn new(
        first: ApiRequest,
        base_url: &str,
        version: Option<&str>,
        policy: RetryPolicy,
    ) -> Self {
        let is_scroll = first.path() == SCROLL;
        let policy = first.own_policy().cloned().unwrap_or(policy);
        let identity = Identity::new(&first, base_url, version);
        let (days, first) = match Days::new(&first) {
            Some((days, first)) => (Some(days), first),
            None => (None, first),
        };
        Self {
            identity,
            days,
            workspace: None,
            place: match (page_of(&first), size_of(&first)) {
                _ if is_scroll => Place::Scroll,
                (page @ 2.., Some(size)) => Place::Offset((page - 1).saturating_mul(size.into())),
                _ => Place::Start,
            },
            scroll: None,
            size: PageSize::new(size_of(&first)),
            page: None,
            item: None,
            returned: Vec::new(),
            returned_before: Vec::new(),
            seen: Box::new(SeenIds::new()),
            places: SeenIds::new(),
            contents: Contents::default(),
            shape: None,
            has_store: false,
            arrived: 0,
            counts: Report {
                is_rest: begins_behind(&first),
                ..Report::default()
            },
            told: None,
            went_back: (0, 0),
            last: None,
            good: None,
            probing: None,
            waiting: None,
            stalled: (0, 0),
            restarts: 0,
            max_restarts: MAX_RESTARTS,
            skips: false,
            policy: policy.with_max_server_attempts(2),
            request: None,
            unchecked: false,
            unfit: None,
            ended: false,
            first,
        }
    }

    /// Goes on from a checkpoint. If it is of another walk, the walk ends with an error.
    pub(crate) fn resume(&mut self, checkpoint: &Checkpoint) {
        let State {
            identity,
            workspace,
            place,
            returned,
            size,
            days,
            last,
            counts,
        } = (*checkpoint.0).clone();
        if let Some(difference) = self.identity.difference(&identity) {
            self.unfit = Some((difference, checkpoint.clone()));
            return;
        }
        self.ended = place == Place::End;
        if place == Place::Scroll {
            self.size = PageSize::new(None);
        } else {
            self.size.resume(size);
        }
        // The first item could be read once. A search may have become too slow as a whole, but not the list.
        self.good = (counts.items > 0).then(|| match self.days {
            Some(_) => ApiRequest::get("/contacts"),
            None => self.first.clone(),
        });
        self.workspace = workspace;
        self.last = last;
        self.unchecked = true;
        // Items may have been deleted meanwhile.
        self.told = match place {
            Place::Offset(_) => counts.total.or(Some(0)),
            _ => None,
        };
        if let Place::After(place) | Place::Query(place) = &place {
            self.places.add(IdKey::new(place));
        }
        if let Place::After(_) | Place::Query(_) | Place::Offset(1..) = &place {
            self.shape = Some(Shape::of_a_page_in_the_middle());
        }
        self.place = place;
        self.returned_before = returned.0;
        self.days = days.or(self.days.take());
        self.counts = counts;
    }

    /// The token reads this workspace. If the checkpoint is of another one, the walk ends with an error.
    pub(crate) fn set_workspace(&mut self, here: &str) {
        match &self.workspace {
            Some(of) if of != here => {
                let (of, here) = (of.clone(), here.to_owned());
                self.unfit = Some((Difference::Workspace { of, here }, self.checkpoint()));
            }
            _ => self.workspace = Some(here.to_owned()),
        }
    }

    pub(crate) fn remember_in(&mut self, seen: Box<dyn Seen>) {
        self.seen = seen;
        self.has_store = true;
    }

    pub(crate) fn into_seen(self) -> Box<dyn Seen> {
        self.seen
    }

    pub(crate) fn restart_at_most(&mut self, times: u64) {
        self.max_restarts = times;
    }

    pub(crate) fn skip_unreadable(&mut self) {
        self.skips = true;
    }

    /// Returns where the walk can go on.
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        if let Some((_, checkpoint)) = &self.unfit {
            return checkpoint.clone();
        }
        let is_scroll = self.place == Place::Scroll;
        // Before the page is read again, nothing of it is returned again.
        let marks = [&self.returned, &self.returned_before];
        let marks = marks.into_iter().filter(|_| !is_scroll).flatten().copied();
        Checkpoint(Box::new(State {
            identity: self.identity.clone(),
            workspace: self.workspace.clone(),
            place: self.place.clone(),
            returned: Marks(marks.collect()),
            size: self.size.now().filter(|_| !is_scroll),
            days: self.days.clone(),
            last: self.last.clone(),
            counts: self.counts.clone(),
        }))
    }

    pub(crate) const fn report(&self) -> &Report {
        &self.counts
    }

    /// Whether the walk waits until another scroll of the workspace has ended.
    pub(crate) fn is_waiting_for_scroll(&self) -> bool {
        let error = self.waiting.as_ref().map(|(_, error)| error);
        error.is_some_and(Error::is_concurrency_limited)
    }

    /// The request that opens a scroll.
    pub(crate) fn scroll_request(&self) -> ApiRequest {
        // The walk waits for another scroll itself, so that this costs no attempts.
        let longest = SCROLL_IDLE.saturating_sub(Duration::from_secs(1));
        let policy = self.policy.clone().with_max_wait(longest);
        ApiRequest::get(SCROLL).policy(policy)
    }

    /// Whether the next request opens or continues a scroll.
    pub(crate) fn is_scrolling(&self) -> bool {
        self.place == Place::Scroll
    }

    /// Returns what to do now. An error ends the walk.
    pub(crate) fn next(&mut self) -> Result<Step<'_>, WalkError> {
        if let Some((difference, _)) = &self.unfit {
            let cause = Cause::Checkpoint(difference.clone());
            if self.ended {
                return Ok(Step::Done);
            }
            return Err(self.end(cause));
        }
        if self.ended {
            return Ok(Step::Done);
        }
        self.check_store()?;
        // A page is requested again in smaller pieces, which a write must not be.
        if self.first.method() != Method::GET && self.first.replay() != Replay::Read {
            let route = self.first.route();
            return Err(self.end(Cause::Write(format!("{} {route}", self.first.method()))));
        }
        if let Some((wait, _)) = self.waiting {
            return Ok(Step::Wait(wait));
        }
        if self.find_item()? {
            return Ok(Step::Item);
        }
        if self.place == Place::End {
            self.ended = true;
            return Ok(Step::Done);
        }
        if self.request.is_none() {
            self.request = Some(self.page_request());
        }
        Ok(self.request.as_ref().map_or(Step::Done, Step::Send))
    }

    /// Checks once that the store of a resumed walk has the item that was returned last.
    fn check_store(&mut self) -> Result<(), WalkError> {
        if !core::mem::take(&mut self.unchecked) || self.seen.is_empty() {
            return Ok(());
        }
        let last = self.last.as_deref().filter(|id| !id.is_empty());
        match last.map_or(Ok(true), |id| self.seen.contains(IdKey::new(id))) {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.end(Cause::Checkpoint(Difference::Store))),
            Err(error) => Err(self.end(Cause::Store(error))),
        }
    }

    fn page_request(&self) -> ApiRequest {
        let priority = self.first.own_priority();
        let request = match (&self.place, &self.scroll) {
            (Place::Scroll, Some(scroll)) => ApiRequest::get(SCROLL).query("scroll_param", scroll),
            (Place::Scroll, None) => return self.scroll_request().priority(priority),
            (place, _) => match (&self.probing, &self.good) {
                (Some(_), Some(good)) => with_pagination(good.clone(), "per_page", &1.into()),
                _ => {
                    let first = self.first.clone();
                    let list = match &self.days {
                        Some(days) => days.limit(first),
                        None => first,
                    };
                    place.request(list, self.size.now())
                }
            },
        };
        request.priority(priority).policy(self.policy.clone())
    }

    /// Reports the outcome of [`Step::Send`]. An error ends the walk.
    pub(crate) fn received(&mut self, outcome: Result<Reply, Error>) -> Result<(), WalkError> {
        let request = self.request.take();
        if let Some(unreadable) = self.probing.take() {
            return self.probed(unreadable, outcome.is_ok());
        }
        match outcome.and_then(Page::new) {
            Ok(page) => self.accept(page, request),
            Err(error) => self.failed(error),
        }
    }

    /// The driver has slept.
    pub(crate) fn waited(&mut self) {
        self.waiting = None;
    }

    /// The deadline comes before the end of the wait.
    pub(crate) fn out_of_time(&mut self) -> Option<WalkError> {
        let (_, error) = self.waiting.take()?;
        let stop = Stop::new(StopReason::DeadlineExceeded);
        Some(self.end(Cause::Call(error.stopped(stop))))
    }

    /// Another walk of the same client reads a scroll.
    pub(crate) fn scroll_in_use(&mut self) -> WalkError {
        self.end(Cause::ScrollInUse)
    }

    /// The call could not be made.
    pub(crate) fn broken(&mut self, error: Error) -> WalkError {
        self.end(Cause::Call(error))
    }

    /// Ends the walk.
    pub(super) fn end(&mut self, cause: Cause) -> WalkError {
        self.ended = true;
        WalkError::new(cause, self.checkpoint())
    }
}

/// The page size that a request asks for.
fn size_of(request: &ApiRequest) -> Option<u32> {
    let in_query = || parameter(request, "per_page")?.parse().ok();
    let in_body = pagination(request, "per_page").and_then(|size| size.as_u64());
    let size = in_body.or_else(in_query)?;
    u32::try_from(size).ok().filter(|size| *size > 0)
}

/// Whether the request does not begin at the first item of the list.
fn begins_behind(request: &ApiRequest) -> bool {
    let after = pagination(request, "starting_after").filter(|cursor| !cursor.is_null());
    after.is_some() || parameter(request, "starting_after").is_some() || page_of(request) > 1
}

/// A member of the pagination in the body of a search.
fn pagination(request: &ApiRequest, name: &str) -> Option<Value> {
    let body: Value = serde_json::from_slice(request.body()?).ok()?;
    body.get("pagination")?.get(name).cloned()
}

/// The last parameter with this name in the query.
fn parameter<'r>(request: &'r ApiRequest, name: &str) -> Option<&'r str> {
    let pairs = request.target.query.split('&');
    let pairs = pairs.filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value)
        .next_back()
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("walk", &self.identity.walk)
            .field("counts", &self.counts)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
