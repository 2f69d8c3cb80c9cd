//! The loop that drives a call to its end, and what all calls of a client share.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use intercom_protocol::{ApiRequest, Call, Connection, Error, Reply, Step};

use crate::gate::Gate;
use crate::transport::{Timer, Transport};

/// What all calls of a client share.
pub(crate) struct Inner {
    pub(crate) connection: Connection,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) gate: Option<Box<dyn Gate>>,
    pub(crate) tokens: Option<Tokens>,
}

/// The program's own source of access tokens.
pub(crate) type Tokens = Box<dyn Fn() -> TokenFuture + Send + Sync>;

pub(crate) type TokenFuture = Pin<Box<dyn Future<Output = Result<String, BoxError>> + Send>>;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Drives one call to its end. The loop in `intercom-blocking` differs only in the waiting.
pub(crate) async fn drive(
    client: &Inner,
    connection: &Connection,
    gate: Option<&dyn Gate>,
    request: ApiRequest,
) -> Result<Reply, Error> {
    let mut now = client.timer.now();
    // Boxed to keep the future small: it is moved several times before it is polled.
    let mut call = Box::new(Call::new(connection, request, now));
    loop {
        match call.next(now) {
            Step::Authorize(ask) => {
                let token = token(client, ask.time_left()).await;
                now = client.timer.now();
                call.authorized(token, now);
            }
            Step::Admit(ask) => {
                let admission = match gate {
                    Some(gate) => gate.admit(ask).await,
                    None => ask.free(),
                };
                now = client.timer.now();
                call.admitted(admission, now);
            }
            Step::Send(outgoing) => {
                // `Box<dyn Transport>` is a transport too, and would box the future again.
                let outcome = (*client.transport).send(outgoing).await;
                now = client.timer.now();
                call.received(outcome, now);
            }
            Step::Sleep(duration) => {
                client.timer.sleep(duration).await;
                now = client.timer.now();
            }
            Step::Done(result) => return result,
        }
    }
}

/// Asks the provider for an access token, at most this long.
async fn token(client: &Inner, time_left: Option<Duration>) -> Result<String, BoxError> {
    let Some(provider) = &client.tokens else {
        return Err("the client has no token provider".into());
    };
    let mut token = provider();
    let mut limit = time_left.map(|left| client.timer.sleep(left));
    poll_fn(|context| {
        if let Poll::Ready(token) = token.as_mut().poll(context) {
            return Poll::Ready(token);
        }
        match &mut limit {
            Some(limit) => limit.as_mut().poll(context).map(|()| Err(TOO_LATE.into())),
            None => Poll::Pending,
        }
    })
    .await
}

const TOO_LATE: &str = "the token provider returned no token before the deadline";
