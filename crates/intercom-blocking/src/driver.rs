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
    pub(crate) tokens: Option<Tokens>,
}

/// The program's own source of access tokens.
pub(crate) type Tokens = Box<dyn Fn() -> Result<String, BoxError> + Send + Sync>;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

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
            Step::Authorize(_) => {
                let token = match &client.tokens {
                    Some(provider) => provider(),
                    None => Err("the client has no token provider".into()),
                };
                now = client.clock.now();
                call.authorized(token, now);
            }
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
