//! The call for the next page.

use core::mem;
use core::task::{Context, Poll};

use intercom_retry::Tick;

use crate::{ApiRequest, BoxFuture, Caller, Error, Fault, FaultKind, Reply, WithDeadline};

/// The call for the next page. It is kept when the future of a `next()` is dropped.
#[derive(Default)]
pub(super) enum PageCall<'c> {
    #[default]
    Idle,
    Started(BoxFuture<'c, Result<Reply, Error>>),
    /// It is being polled. It remains so only if the poll panicked.
    Polled,
}

/// The call panicked, and its page cannot be requested again.
pub(super) struct Panicked(pub(super) Error);

impl<'c> PageCall<'c> {
    /// Starts the call for this request, or goes on with the one that has started.
    pub(super) fn poll<C: Caller>(
        &mut self,
        caller: &'c C,
        deadline: Option<Tick>,
        request: &ApiRequest,
        context: &mut Context<'_>,
    ) -> Poll<Result<Result<Reply, Error>, Panicked>> {
        let mut call = match mem::replace(self, Self::Polled) {
            Self::Started(call) => call,
            Self::Polled if !request.replay().is_replayable() => {
                *self = Self::Idle;
                let fault = Fault::outcome_unknown(FaultKind::Other)
                    .with_source("the call for this page panicked");
                return Poll::Ready(Err(Panicked(Error::from(fault).with_request(request))));
            }
            Self::Idle | Self::Polled => {
                let caller = WithDeadline::new(caller, deadline);
                let request = request.clone();
                Box::pin(async move { caller.call(request).await })
            }
        };
        let Poll::Ready(outcome) = call.as_mut().poll(context) else {
            *self = Self::Started(call);
            return Poll::Pending;
        };
        *self = Self::Idle;
        Poll::Ready(Ok(outcome))
    }

    pub(super) const fn is_in_flight(&self) -> bool {
        matches!(self, Self::Started(_))
    }
}
