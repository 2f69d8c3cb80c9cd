//! The loop that does what a call says until it is done, and what it does that with.

use intercom_protocol::{ApiRequest, Call, Connection, Error, Reply, Step};

use crate::clock::Clock;
use crate::gate::Gate;
use crate::transport::UreqTransport;

/// What all calls of a client share.
pub(crate) struct Inner {
    pub(crate) connection: Connection,
    pub(crate) transport: UreqTransport,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) gate: Option<Box<dyn Gate>>,
}

/// The async twin of this is `intercom-async`'s `driver.rs`; only the waiting differs.
pub(crate) fn drive(
    client: &Inner,
    connection: &Connection,
    gate: Option<&dyn Gate>,
    request: ApiRequest,
) -> Result<Reply, Error> {
    let mut call = Call::new(connection, request, client.clock.now());
    loop {
        match call.next(client.clock.now()) {
            Step::Admit(ask) => {
                let admission = match gate {
                    Some(gate) => gate.admit(ask),
                    None => ask.free(),
                };
                call.admitted(admission, client.clock.now());
            }
            Step::Send(outgoing) => {
                let outcome = client.transport.send(outgoing);
                call.received(outcome, client.clock.now());
            }
            Step::Sleep(duration) => client.clock.sleep(duration),
            Step::Done(result) => return result,
        }
    }
}
