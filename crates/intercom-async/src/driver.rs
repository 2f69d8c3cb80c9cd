//! The loop that drives a call to its end, and what all calls of a client share.

use std::sync::Arc;

use intercom_protocol::{ApiRequest, Call, Connection, Error, Reply, Step};

use crate::gate::Gate;
use crate::transport::{Timer, Transport};

/// What all calls of a client share.
pub(crate) struct Inner {
    pub(crate) connection: Connection,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) gate: Option<Box<dyn Gate>>,
}

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
