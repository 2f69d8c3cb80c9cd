//! The loop that drives a call to its end, and what all calls of a client share.

use intercom_protocol::{ApiRequest, Call, Connection, Error, Reply, Step};

use crate::clock::Clock;
use crate::gate::Gate;
use crate::transport::Transport;

/// What all calls of a client share.
pub(crate) struct Inner {
    pub(crate) connection: Connection,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) gate: Option<Box<dyn Gate>>,
}

/// Drives one call to its end. The loop in `intercom-async` differs only in the waiting.
pub(crate) fn drive(
    client: &Inner,
    connection: &Connection,
    gate: Option<&dyn Gate>,
    request: ApiRequest,
) -> Result<Reply, Error> {
    let mut now = client.clock.now();
    let mut call = Call::new(connection, request, now);
    loop {
        match call.next(now) {
            Step::Admit(ask) => {
                let admission = match gate {
                    Some(gate) => gate.admit(ask),
                    None => ask.free(),
                };
                now = client.clock.now();
                call.admitted(admission, now);
            }
            Step::Send(outgoing) => {
                let outcome = client.transport.send(outgoing);
                now = client.clock.now();
                call.received(outcome, now);
            }
            Step::Sleep(duration) => {
                client.clock.sleep(duration);
                now = client.clock.now();
            }
            Step::Done(result) => return result,
        }
    }
}
