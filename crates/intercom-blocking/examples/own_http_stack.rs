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

use std::time::Duration;

use intercom_blocking::bytes::Bytes;
use intercom_blocking::http::{Request, Response};
use intercom_blocking::transport::{Incoming, MarkedBody, Outgoing, transport_fn};
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
    let (time, limit) = (outgoing.timeout(), outgoing.body_limit());
    let (head, bytes) = outgoing.into_request().into_parts();
    let method = head.method.clone();
    let mut body = MarkedBody::new(bytes);
    let sent = if body.is_empty() {
        agent.run(within(
            time,
            agent,
            Request::from_parts(head, SendBody::none()),
        ))
    } else {
        let send_body = SendBody::from_reader(&mut body);
        agent.run(within(time, agent, Request::from_parts(head, send_body)))
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
    let mut incoming = Incoming::new(&method, Response::from_parts(head, ()), limit);
    match body.into_with_config().limit(limit as u64).read_to_vec() {
        Ok(bytes) => {
            let _ = incoming.push(&bytes);
            incoming.finish()
        }
        Err(error) => Err(incoming.cut(FaultKind::Other).with_source(error)),
    }
}

fn within<'b>(
    time: Option<Duration>,
    agent: &Agent,
    request: Request<SendBody<'b>>,
) -> Request<SendBody<'b>> {
    let configured = agent.configure_request(request).timeout_global(time);
    configured.build()
}
