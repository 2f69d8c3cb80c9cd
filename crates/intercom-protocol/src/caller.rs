//! What flows are written against: something that carries out one call.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use intercom_retry::Tick;

use crate::{ApiRequest, Error, Reply};

/// Carries out one call with all its waiting and retrying; both clients do.
///
/// Flows are written once, as `async fn`s over this trait, and know no runtime. A blocking caller answers with a future
/// that is ready at once, and [`ready`] drives a flow over it.
pub trait Caller: Sync {
    /// Carries out one call.
    fn call(&self, request: ApiRequest) -> impl Future<Output = Result<Reply, Error>> + Send;

    /// When a flow that starts now has to end: after this time limit, else after the caller's own.
    ///
    /// Without a clock it is `None`, and only each call is bounded.
    fn deadline(&self, _limit: Option<Duration>) -> Option<Tick> {
        None
    }
}

impl<C: Caller> Caller for &C {
    fn call(&self, request: ApiRequest) -> impl Future<Output = Result<Reply, Error>> + Send {
        (**self).call(request)
    }

    fn deadline(&self, limit: Option<Duration>) -> Option<Tick> {
        (**self).deadline(limit)
    }
}

/// A caller whose calls all end at one moment: how a deadline bounds a whole flow, not each of its calls.
#[derive(Clone, Copy, Debug)]
pub struct Until<C> {
    caller: C,
    deadline: Option<Tick>,
}

impl<C: Caller> Until<C> {
    /// Bounds `caller`; without a deadline it stays as it is.
    pub const fn new(caller: C, deadline: Option<Tick>) -> Self {
        Self { caller, deadline }
    }
}

impl<C: Caller> Caller for Until<C> {
    fn call(&self, request: ApiRequest) -> impl Future<Output = Result<Reply, Error>> + Send {
        self.caller.call(match self.deadline {
            Some(tick) => request.deadline_at(tick),
            None => request,
        })
    }
}

/// Runs a flow over a blocking caller: polls it once.
///
/// # Errors
///
/// An [`Error`] of kind `not_started` when the future has to wait for something, which a flow over a blocking caller
/// never does.
///
/// ```
/// assert_eq!(intercom_protocol::ready(async { 7 }).unwrap(), 7);
/// assert!(intercom_protocol::ready(std::future::pending::<()>()).is_err());
/// ```
pub fn ready<F: Future>(future: F) -> Result<F::Output, Error> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => Err(Error::not_started(
            "the caller of this flow is not a blocking one",
        )),
    }
}
