//! The trait that flows are written against.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use intercom_retry::Tick;

use crate::{ApiRequest, Connection, Error, MaybeSend, MaybeSync, Reply};

/// Carries out calls, with all their waits and retries. Both clients implement it.
///
/// Flows are `async fn`s over this trait and depend on no runtime. A blocking caller returns a future that is ready at once, so
/// [`ready`] can run a flow over it.
pub trait Caller: MaybeSync {
    /// Carries out one call.
    fn call(&self, request: ApiRequest) -> impl Future<Output = Result<Reply, Error>> + MaybeSend;

    /// Carries out one call over another connection, without asking the gate. A diagnosis reads the status page with it.
    ///
    /// The default implementation fails with kind `not_started`, and a diagnosis then works without the status page.
    fn call_elsewhere(
        &self,
        connection: &Connection,
        request: ApiRequest,
    ) -> impl Future<Output = Result<Reply, Error>> + MaybeSend {
        let _ = (connection, request);
        core::future::ready(Err(Error::not_started(
            "this caller sends requests only to the API",
        )))
    }

    /// Returns the caller's own connection, which holds the status page and the time limit of a flow; `None` by default.
    fn connection(&self) -> Option<&Connection> {
        None
    }

    /// Returns the current tick of the caller's clock; `None` by default.
    ///
    /// Without a clock, a time limit applies to each call of a flow, but not to the flow as a whole.
    fn now(&self) -> Option<Tick> {
        None
    }

    /// Waits until this tick of the caller's clock. A download ends then, even if its writer never takes the last bytes. A walk
    /// waits in this way until another scroll has ended.
    ///
    /// The default implementation waits forever. Implement it if you implement [`now`](Self::now).
    fn sleep_until(&self, tick: Tick) -> impl Future<Output = ()> + MaybeSend {
        let _ = tick;
        core::future::pending()
    }

    /// Returns when a flow that starts now has to end. Without a `limit`, the time limit of the connection applies.
    fn deadline(&self, limit: Option<Duration>) -> Option<Tick> {
        let limit = limit.or_else(|| self.connection()?.total_timeout())?;
        Some(self.now()?.after(limit))
    }
}

impl<C: Caller> Caller for &C {
    fn call(&self, request: ApiRequest) -> impl Future<Output = Result<Reply, Error>> + MaybeSend {
        (**self).call(request)
    }

    fn call_elsewhere(
        &self,
        connection: &Connection,
        request: ApiRequest,
    ) -> impl Future<Output = Result<Reply, Error>> + MaybeSend {
        (**self).call_elsewhere(connection, request)
    }

    fn connection(&self) -> Option<&Connection> {
        (**self).connection()
    }

    fn now(&self) -> Option<Tick> {
        (**self).now()
    }

    fn sleep_until(&self, tick: Tick) -> impl Future<Output = ()> + MaybeSend {
        (**self).sleep_until(tick)
    }
}

/// A caller whose calls all share one deadline, so that the deadline limits a whole flow.
#[derive(Clone, Copy, Debug)]
pub struct WithDeadline<C> {
    caller: C,
    deadline: Option<Tick>,
}

impl<C: Caller> WithDeadline<C> {
    /// Limits `caller` to this deadline; `None` changes nothing.
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

impl<C: Caller> Caller for WithDeadline<C> {
    fn call(&self, request: ApiRequest) -> impl Future<Output = Result<Reply, Error>> + MaybeSend {
        self.caller.call(self.bounded(request))
    }

    fn call_elsewhere(
        &self,
        connection: &Connection,
        request: ApiRequest,
    ) -> impl Future<Output = Result<Reply, Error>> + MaybeSend {
        self.caller
            .call_elsewhere(connection, self.bounded(request))
    }

    fn connection(&self) -> Option<&Connection> {
        self.caller.connection()
    }

    fn now(&self) -> Option<Tick> {
        self.caller.now()
    }

    fn sleep_until(&self, tick: Tick) -> impl Future<Output = ()> + MaybeSend {
        self.caller.sleep_until(tick)
    }
}

/// Runs a flow over a blocking caller by polling it once.
///
/// # Errors
///
/// An [`Error`] of kind `not_started` if the future is not ready at once. A flow over a blocking caller is always ready.
///
/// ```
/// assert_eq!(intercom_protocol::ready(async { 7 }).unwrap(), 7);
/// assert!(intercom_protocol::ready(std::future::pending::<()>()).is_err());
/// ```
pub fn ready<F: Future>(future: F) -> Result<F::Output, Error> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => Err(Error::not_started(
            "the future was not ready at once; await it instead of passing it to `ready`",
        )),
    }
}
