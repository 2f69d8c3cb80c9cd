//! The loop that drives a call to its end, and what all calls of a client share.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use intercom_protocol::{
    ApiRequest, BoxFuture, Call, Connection, Error, Fault, MaybeSend, MaybeSync, Outgoing, Reply,
    Step,
};

use crate::gate::Gate;
use crate::transport::{Timer, Transport};

/// What all calls share, apart from what carries out their exchanges.
pub(crate) struct Shared {
    pub(crate) connection: Connection,
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) gate: Option<Box<dyn Gate>>,
    pub(crate) tokens: Option<Box<dyn Tokens>>,
}

/// What all calls of a client share.
pub(crate) struct Inner {
    pub(crate) shared: Shared,
    pub(crate) transport: Box<dyn Transport>,
}

/// Carries out the exchanges of a call.
pub(crate) trait Wire: MaybeSend {
    fn send(&mut self, outgoing: Outgoing) -> impl Future<Output = Outcome> + MaybeSend;
}

pub(crate) type Outcome = Result<Response<Bytes>, Fault>;

impl Wire for &Inner {
    fn send(&mut self, outgoing: Outgoing) -> impl Future<Output = Outcome> + MaybeSend {
        // `Box<dyn Transport>` is a transport too, and would box the future again.
        (*self.transport).send(outgoing)
    }
}

/// The program's own source of access tokens.
pub(crate) trait Tokens: MaybeSend + MaybeSync {
    fn token(&self) -> BoxFuture<'static, Result<String, BoxError>>;
}

impl<F, A, E> Tokens for F
where
    F: Fn() -> A + MaybeSend + MaybeSync,
    A: Future<Output = Result<String, E>> + MaybeSend + 'static,
    E: Into<BoxError>,
{
    fn token(&self) -> BoxFuture<'static, Result<String, BoxError>> {
        let token = self();
        Box::pin(async { token.await.map_err(Into::into) })
    }
}

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Drives one call to its end. The loop in `intercom-blocking` differs only in the waiting.
pub(crate) async fn drive(
    shared: &Shared,
    mut wire: impl Wire,
    connection: &Connection,
    gate: Option<&dyn Gate>,
    request: ApiRequest,
) -> Result<Reply, Error> {
    let mut now = shared.timer.now();
    // Boxed to keep the future small: it is moved several times before it is polled.
    let mut call = Box::new(Call::new(connection, request, now));
    loop {
        match call.next(now) {
            Step::Authorize(ask) => {
                // Boxed, because few calls ask for a token.
                let token = Box::pin(token(shared, ask.time_left())).await;
                now = shared.timer.now();
                call.authorized(token, now);
            }
            Step::Admit(ask) => {
                let admission = match gate {
                    Some(gate) => gate.admit(ask).await,
                    None => ask.free(),
                };
                now = shared.timer.now();
                call.admitted(admission, now);
            }
            Step::Send(outgoing) => {
                let outcome = wire.send(outgoing).await;
                now = shared.timer.now();
                call.received(outcome, now);
            }
            Step::Sleep(duration) => {
                shared.timer.sleep(duration).await;
                now = shared.timer.now();
            }
            Step::Done(result) => return result,
        }
    }
}

/// Asks the provider for an access token, at most this long.
async fn token(shared: &Shared, time_left: Option<Duration>) -> Result<String, BoxError> {
    let Some(provider) = &shared.tokens else {
        return Err("the client has no token provider".into());
    };
    let token = within(&*shared.timer, time_left, provider.token()).await;
    token.unwrap_or_else(|| Err(TOO_LATE.into()))
}

/// Waits for a future, at most this long. `None` means that the time is over.
pub(crate) async fn within<F: Future>(
    timer: &dyn Timer,
    limit: Option<Duration>,
    future: F,
) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut limit = limit.map(|limit| timer.sleep(limit));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => match &mut limit {
            Some(limit) => limit.as_mut().poll(context).map(|()| None),
            None => Poll::Pending,
        },
    })
    .await
}

const TOO_LATE: &str = "the token provider returned no token before the deadline";
