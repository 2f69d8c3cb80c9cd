//! The loop: does what a call says, until it is done.

use intercom_protocol::{ApiRequest, Call, Connection, Error, Reply, Step};

use crate::Gate;
use crate::client::Inner;

/// The async twin of this is `intercom-async`'s `run.rs`; only the waiting differs.
pub(crate) fn run(
    client: &Inner,
    connection: &Connection,
    gate: Option<&dyn Gate>,
    request: ApiRequest,
) -> Result<Reply, Error> {
    let mut call = Call::new(connection, request, client.clock.now());
    loop {
        match call.next(client.clock.now()) {
            Step::Admit(ask) => call.admitted(match gate {
                Some(gate) => gate.admit(ask),
                None => ask.free(),
            }),
            Step::Send(outgoing) => {
                call.received(client.transport.send(outgoing), client.clock.now());
            }
            Step::Sleep(duration) => client.clock.sleep(duration),
            Step::Done(result) => return result,
        }
    }
}
