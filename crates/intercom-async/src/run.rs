//! The loop: does what a call says, until it is done.

use intercom_protocol::{ApiRequest, Call, Connection, Error, Reply, Step};

use crate::Gate;
use crate::client::Inner;

/// The blocking twin of this is `intercom-blocking`'s `run.rs`; only the waiting differs.
pub(crate) async fn run(
    client: &Inner,
    connection: &Connection,
    gate: Option<&dyn Gate>,
    request: ApiRequest,
) -> Result<Reply, Error> {
    let mut call = Call::new(connection, request, client.timer.now());
    loop {
        match call.next(client.timer.now()) {
            Step::Admit(ask) => call.admitted(match gate {
                Some(gate) => gate.admit(ask).await,
                None => ask.free(),
            }),
            Step::Send(outgoing) => {
                call.received(client.transport.send(outgoing).await, client.timer.now());
            }
            Step::Sleep(duration) => client.timer.sleep(duration).await,
            Step::Done(result) => return result,
        }
    }
}
