//! The loop: does what a call says, until it is done.

use intercom_protocol::{ApiRequest, Call, Connection, Error, Reply, Step};

use crate::client::Inner;
use crate::gate::Gate;

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
