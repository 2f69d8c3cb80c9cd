//! The loop: does what a call says, until it is done.

use intercom_protocol::{ApiRequest, Call, Error, Reply, Step};

use crate::client::Inner;

/// The async twin of this is `intercom-async`'s `run.rs`; only the waiting differs.
pub(crate) fn run(client: &Inner, request: ApiRequest) -> Result<Reply, Error> {
    let mut call = Call::new(
        &client.connection,
        request,
        &client.settings,
        client.clock.now(),
    );
    loop {
        match call.next(client.clock.now()) {
            Step::Admit(ask) => call.admitted(match &client.gate {
                Some(gate) => gate.admit(ask),
                None => ask.free(),
            }),
            Step::Send(outgoing) => call.received(client.transport.send(outgoing)),
            Step::Sleep(duration) => client.clock.sleep(duration),
            Step::Done(result) => return result,
        }
    }
}
