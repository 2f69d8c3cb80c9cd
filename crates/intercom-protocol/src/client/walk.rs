//! Lists, searches and scrolls, read to their end.

use core::fmt;
use core::future::poll_fn;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll, ready as awaited};
use core::time::Duration;

use futures_core::Stream;
use intercom_retry::{Moment, Tick};
use serde::de::DeserializeOwned;

use super::page_call::PageCall;
use super::{Async, Blocking};
use crate::observe::EventKind;
use crate::walk::{Checkpoint, Plan, Report, Seen, Step, WalkError};
use crate::wire::ScrollTurn;
use crate::{ApiRequest, BoxFuture, Caller, ready};

/// A walk: every item of a list, a search or a scroll, whatever happens on the way.
///
/// A client's `walk()`, `contacts().walk()`, `companies().walk()` and `conversations().walk(..)` return it. A blocking client's
/// walk is an iterator. An async client's is a [`Stream`], and [`next`](Walk::next) reads one item without the traits of the
/// futures crates. It ends after the last item or after an error.
///
/// Every item that is there throughout the walk is returned, or the walk ends with an error that holds a [`Checkpoint`]. From it,
/// another walk goes on, even in another process. It is returned exactly once, as long as the server keeps the order of a list with
/// cursors; with a [store of the ids](Self::seen), in any case.
///
/// - A page that the server cannot deliver is requested with fewer items.
/// - A scroll that breaks off or expires is started again, and what was returned is dropped. A scroll lives only as long as less
///   than a minute passes between two pages: take the items faster, or store them first. A client reads one scroll at a time.
/// - If another process has a scroll open, the walk waits until that scroll ends or the deadline comes.
/// - A list of companies that is too long for page numbers goes on as a scroll.
///
/// [`Items`](super::Items) is the simpler way for a few pages.
#[must_use = "items are read only when the iterator or stream is advanced"]
pub struct Walk<'c, C, M, T> {
    caller: &'c C,
    plan: Plan,
    call: PageCall<'c>,
    sleep: Option<BoxFuture<'c, ()>>,
    /// Held while the walk reads a scroll.
    turn: Option<ScrollTurn>,
    limit: Option<Duration>,
    deadline: Option<Tick>,
    mode: PhantomData<fn() -> (M, T)>,
}

impl<'c, C: Caller, M, T> Walk<'c, C, M, T> {
    /// Starts a walk. The request `first`, a GET or a search by POST, reads the first page. Its page size is the largest that the
    /// walk asks for.
    ///
    /// A time limit starts now and covers the whole walk. It is the first of these that is set: `limit`, the deadline of the
    /// request, the total time-out of the client.
    pub fn new(caller: &'c C, first: ApiRequest, limit: Option<Duration>) -> Self {
        let limit = limit.or_else(|| first.time_limit());
        let connection = caller.connection();
        let base_url = connection.map_or("", |connection| connection.base_url());
        let version = connection.and_then(|connection| connection.api_version());
        let policy = connection.map(|connection| connection.settings().policy.clone());
        Self {
            deadline: caller.deadline(limit),
            plan: Plan::new(first, base_url, version, policy.unwrap_or_default()),
            caller,
            call: PageCall::default(),
            sleep: None,
            turn: None,
            limit,
            mode: PhantomData,
        }
    }

    /// Limits the whole walk to this duration from now.
    pub fn deadline(mut self, duration: Duration) -> Self {
        self.limit = Some(duration);
        self.deadline = self.caller.deadline(self.limit);
        self
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, WalkError>>>
    where
        T: DeserializeOwned,
    {
        let item = awaited!(self.poll_step(context));
        if !matches!(item, Some(Ok(_))) {
            // The walk has ended, so another one may read a scroll.
            self.turn = None;
        }
        Poll::Ready(item)
    }

    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, WalkError>>>
    where
        T: DeserializeOwned,
    {
        Poll::Ready(loop {
            let is_scrolling = self.plan.is_scrolling();
            match self.plan.next() {
                Err(error) => break Some(Err(error)),
                Ok(Step::Done) => break None,
                Ok(Step::Item) => match self.plan.decode() {
                    Some(Ok(item)) => break Some(self.plan.returned().map(|()| item)),
                    Some(Err(error)) => break Some(Err(error)),
                    None => break None,
                },
                Ok(Step::Send(request)) => {
                    if is_scrolling && self.turn.is_none() {
                        if let Some(connection) = self.caller.connection() {
                            match connection.scroll_turn() {
                                Some(turn) => self.turn = Some(turn),
                                None => break Some(Err(self.plan.scroll_in_use())),
                            }
                        }
                    }
                    let outcome = self.call.poll(self.caller, self.deadline, request, context);
                    // A scroll that panicked is restarted like one whose page was lost.
                    let outcome = awaited!(outcome).unwrap_or_else(|panicked| Err(panicked.0));
                    if let Err(error) = self.plan.received(outcome) {
                        break Some(Err(error));
                    }
                }
                Ok(Step::Wait(duration)) => {
                    if self.sleep.is_none() {
                        match self.wake_after(duration) {
                            Some(tick) if self.deadline.is_some_and(|end| end <= tick) => {
                                break self.plan.out_of_time().map(Err);
                            }
                            tick => {
                                self.report_wait(duration);
                                self.sleep = self.sleep_until(tick);
                            }
                        }
                    }
                    if let Some(sleep) = &mut self.sleep {
                        awaited!(sleep.as_mut().poll(context));
                    }
                    self.sleep = None;
                    self.plan.waited();
                }
            }
        })
    }

    /// Reports a wait for another scroll to the observer.
    fn report_wait(&self, wait: Duration) {
        let (Some(connection), Some(now)) = (self.caller.connection(), self.caller.now()) else {
            return;
        };
        let observer = connection.settings().observer.as_ref();
        if let Some(observer) = observer.filter(|_| self.plan.is_waiting_for_scroll()) {
            let kind = EventKind::WaitingForScroll(wait);
            let request = self.plan.scroll_request();
            observer.report_outside(&request, connection.server(), Moment::new(now), kind);
        }
    }

    fn wake_after(&self, duration: Duration) -> Option<Tick> {
        Some(self.caller.now()?.after(duration))
    }

    /// Without a clock, the walk does not wait.
    fn sleep_until(&self, tick: Option<Tick>) -> Option<BoxFuture<'c, ()>> {
        Some(Box::pin(self.caller.sleep_until(tick?)))
    }
}

impl<'c, C, M, T> Walk<'c, C, M, T> {
    /// Goes on from a checkpoint of an earlier walk with the same request.
    ///
    /// If the checkpoint is of another request, host, API version or workspace, the walk ends with an error of kind
    /// [`Checkpoint`](crate::walk::WalkErrorKind::Checkpoint) before it returns an item.
    ///
    /// A walk over a scroll starts again from the beginning, and so may one over page numbers. Pass [`seen`](Self::seen) the ids
    /// that were returned, or items are returned again and the report [says so](Report::may_repeat).
    pub fn resume(mut self, checkpoint: &Checkpoint) -> Self {
        self.plan.resume(checkpoint);
        self
    }

    /// Sets the workspace that the access token reads: the `app.id_code` of `GET /me`. Call it after [`resume`](Self::resume).
    ///
    /// If the checkpoint is of another workspace, the walk ends with an error before it returns an item. Contacts and companies
    /// name their workspace, so a walk over them notices by itself.
    pub fn set_workspace(&mut self, id: &str) {
        self.plan.set_workspace(id);
    }

    /// Returns the client.
    pub const fn caller(&self) -> &'c C {
        self.caller
    }

    /// Keeps the ids of returned items in this store, and drops an item whose id it has.
    ///
    /// A scroll and a list with page numbers do so in memory if there is no store. A list with cursors does so only if there is
    /// one: pass [`SeenIds`](crate::walk::SeenIds) if the server may return an item on two pages.
    ///
    /// If the walk is resumed with the store of another walk, it ends with an error of kind
    /// [`Checkpoint`](crate::walk::WalkErrorKind::Checkpoint) before it returns an item.
    pub fn seen(mut self, store: impl Seen + 'static) -> Self {
        self.plan.remember_in(Box::new(store));
        self
    }

    /// Skips items that the server cannot return, where that is possible: in a list with page numbers. The report counts them.
    ///
    /// The place after an unreadable item is unknown in a list with cursors, and a scroll cannot be read in part.
    pub fn skip_unreadable(mut self) -> Self {
        self.plan.skip_unreadable();
        self
    }

    /// Sets how often a scroll is restarted before the walk ends with an error (default 20). Each restart reads all pages again.
    pub fn max_restarts(mut self, times: u64) -> Self {
        self.plan.restart_at_most(times);
        self
    }

    /// Returns where the walk can go on: after the item that was returned last.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        self.plan.checkpoint()
    }

    /// Returns whether the walk waits because another scroll of the workspace is open, perhaps that of another process.
    ///
    /// It is an [event](crate::observe::EventKind::WaitingForScroll) for observers, too.
    #[must_use]
    pub fn is_waiting_for_scroll(&self) -> bool {
        self.plan.is_waiting_for_scroll()
    }

    /// Returns what the walk has done so far.
    #[must_use]
    pub const fn report(&self) -> &Report {
        self.plan.report()
    }

    /// Ends the walk and returns the store of the ids that were returned.
    #[must_use]
    pub fn into_seen(self) -> Box<dyn Seen> {
        self.plan.into_seen()
    }
}

impl<C: Caller, T: DeserializeOwned> Iterator for Walk<'_, C, Blocking, T> {
    type Item = Result<T, WalkError>;

    fn next(&mut self) -> Option<Self::Item> {
        ready(poll_fn(|context| self.poll_item(context)))
            .unwrap_or_else(|error| Some(Err(self.plan.broken(error))))
    }
}

impl<C: Caller, T: DeserializeOwned> Walk<'_, C, Async, T> {
    /// Returns the next item; `None` after the last one or an error.
    ///
    /// You can drop the future, for example in a `select!`, without losing an item. Call `next` again soon, or drop the walk:
    /// until then, a call that has started keeps its permit at the gate.
    ///
    /// # Errors
    ///
    /// A [`WalkError`] with a checkpoint.
    pub async fn next(&mut self) -> Option<Result<T, WalkError>> {
        poll_fn(|context| self.poll_item(context)).await
    }
}

impl<C: Caller, T: DeserializeOwned> Stream for Walk<'_, C, Async, T> {
    type Item = Result<T, WalkError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(context)
    }
}

impl<C, M, T> fmt::Debug for Walk<'_, C, M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
            .field("plan", &self.plan)
            .field("in_flight", &self.call.is_in_flight())
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
