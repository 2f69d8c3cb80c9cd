//! What flows are written against: something that carries out one call.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use intercom_retry::Tick;

use crate::{ApiRequest, Connection, Error, Reply};

/// Carries out one call with all its waiting and retrying; both clients do.
///
/// Flows are written once, as `async fn`s over this trait, and know no runtime. A blocking caller returns a future that is
/// ready at once, and [`ready`] drives a flow over it.
pub trait Caller: Sync {
    /// Carries out one call.
    fn call(&self, request: ApiRequest) -> impl Future<Output = Result<Reply, Error>> + Send;

    /// Carries out one call over another connection, past the gate; a diagnosis reads the status page with it.
    ///
    /// By default it fails with kind `not_started`, and a diagnosis does without the status page.
    fn call_elsewhere(
        &self,
        connection: &Connection,
        request: ApiRequest,
    ) -> impl Future<Output = Result<Reply, Error>> + Send {
        let _ = (connection, request);
        core::future::ready(Err(Error::not_started("the caller calls the API alone")))
    }

    /// The caller's own connection, which names the status page and the limit of a flow; none by default.
    fn connection(&self) -> Option<&Connection> {
        None
    }

    /// The present tick of the caller's clock; none by default, and then only each call of a flow is bounded.
    fn now(&self) -> Option<Tick> {
        None
    }

    /// When a flow that starts now has to end: after this time limit, else after the limit of the connection.
    fn deadline(&self, limit: Option<Duration>) -> Option<Tick> {
        let limit = limit.or_else(|| self.connection()?.total_timeout())?;
        Some(self.now()?.after(limit))
    }
}

impl<C: Caller> Caller for &C {
    fn call(&self, request: ApiRequest) -> impl Future<Output = Result<Reply, Error>> + Send {
        (**self).call(request)
    }

    fn call_elsewhere(
        &self,
        connection: &Connection,
        request: ApiRequest,
    ) -> impl Future<Output = Result<Reply, Error>> + Send {
        (**self).call_elsewhere(connection, request)
    }

    fn connection(&self) -> Option<&Connection> {
        (**self).connection()
    }

    fn now(&self) -> Option<Tick> {
        (**self).now()
    }
}

/// A caller whose calls all end at one tick, so that a deadline bounds a whole flow and not each of its calls.
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

    fn bounded(&self, request: ApiRequest) -> ApiRequest {
        match self.deadline {
            Some(tick) => request.deadline_at(tick),
            None => request,
        }
    }
}

impl<C: Caller> Caller for Until<C> {
    fn call(&self, request: ApiRequest) -> impl Future<Output = Result<Reply, Error>> + Send {
        self.caller.call(self.bounded(request))
    }

    fn call_elsewhere(
        &self,
        connection: &Connection,
        request: ApiRequest,
    ) -> impl Future<Output = Result<Reply, Error>> + Send {
        self.caller
            .call_elsewhere(connection, self.bounded(request))
    }

    fn connection(&self) -> Option<&Connection> {
        self.caller.connection()
    }

    fn now(&self) -> Option<Tick> {
        self.caller.now()
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
