//! Makes calls with your own HTTP library: here, a plain `ureq` agent as a transport for `build_with`.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-blocking --example own_http_stack
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`.

use std::io::Read as _;
use std::time::Duration;

use intercom_blocking::bytes::Bytes;
use intercom_blocking::http::{Request, Response};
use intercom_blocking::transport::{MarkedBody, Outgoing, transport_fn};
use intercom_blocking::{ClientBuilder, Error, Fault, FaultKind};
use ureq::{Agent, SendBody};

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Error> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None);
    let agent = config.build().new_agent();
    let transport = transport_fn(move |outgoing| exchange(&agent, outgoing));
    let client = ClientBuilder::from_env()?.build_with(transport)?;

    let reply = client.me()?;
    println!(
        "/me: {} (attempts: {})",
        reply.status(),
        reply.attempts().len()
    );
    Ok(())
}

/// Sends one request, and reads the response, of any status.
fn exchange(agent: &Agent, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
    let limits = Limits {
        whole: outgoing.timeout(),
        head: outgoing.head_timeout(),
        idle: outgoing.idle_timeout(),
    };
    let (request, reception) = outgoing.into_parts();
    let (head, bytes) = request.into_parts();
    let mut body = MarkedBody::new(bytes);
    let sent = if body.is_empty() {
        let request = Request::from_parts(head, SendBody::none());
        agent.run(limits.of(agent, request))
    } else {
        let request = Request::from_parts(head, SendBody::from_reader(&mut body));
        agent.run(limits.of(agent, request))
    };
    let response = match sent {
        Ok(response) => response,
        // The agent never read the body, so the server has seen no complete request.
        Err(error) if !body.is_empty() && !body.is_begun() => {
            return Err(Fault::not_sent(FaultKind::Connect).with_source(error));
        }
        // The server may have acted on the request, so a write is not retried.
        Err(error) => return Err(Fault::outcome_unknown(FaultKind::Other).with_source(error)),
    };
    let (head, body) = response.into_parts();
    let mut incoming = reception.head(Response::from_parts(head, ()));
    let mut reader = body.into_reader();
    let mut piece = [0; 16 * 1024];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return incoming.finish(),
            Ok(length) => {
                let arrived = piece.get(..length).unwrap_or_default();
                if incoming.push(arrived).is_break() {
                    return incoming.finish();
                }
            }
            Err(error) => return Err(incoming.cut(FaultKind::Other).with_source(error)),
        }
    }
}

/// The time limits of an exchange. Only a download has the last two.
struct Limits {
    whole: Option<Duration>,
    head: Option<Duration>,
    idle: Option<Duration>,
}

impl Limits {
    fn of<'b>(&self, agent: &Agent, request: Request<SendBody<'b>>) -> Request<SendBody<'b>> {
        let configured = agent.configure_request(request);
        let configured = configured.timeout_global(self.whole);
        let configured = configured.timeout_recv_response(self.head);
        configured.timeout_per_read(self.idle).build()
    }
}
