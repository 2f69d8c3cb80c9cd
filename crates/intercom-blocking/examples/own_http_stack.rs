//! Makes calls with your own HTTP library: here, a plain `ureq` agent. Waits and retries work as in the client.
//!
//! In another terminal, `intercom mock --port 8080` waits for requests; then
//!
//! ```sh
//! export INTERCOM_ACCESS_TOKEN=mock-token INTERCOM_BASE_URL=http://127.0.0.1:8080
//! cargo run -p intercom-blocking --example own_http_stack
//! ```
//!
//! With a real token, unset `INTERCOM_BASE_URL`.

use intercom_blocking::bytes::{Buf as _, Bytes};
use intercom_blocking::http::{Request, Response};
use intercom_blocking::protocol::{Call, Config, Connection, Incoming, Step};
use intercom_blocking::transport::{Clock as _, Outgoing, SystemClock};
use intercom_blocking::{ApiRequest, Error, Fault, FaultKind, Reply};
use ureq::{Agent, SendBody};

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Error> {
    let connection = Config::from_vars(|name| std::env::var_os(name))?.build()?;
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None);
    let agent = config.build().new_agent();

    let reply = execute(&connection, &agent, ApiRequest::get("/me"))?;
    println!(
        "/me: {} (attempts: {})",
        reply.status(),
        reply.attempts().len()
    );
    Ok(())
}

/// Does what a call asks for, until it is done. A gate would pace it at `Step::Admit`.
fn execute(connection: &Connection, agent: &Agent, request: ApiRequest) -> Result<Reply, Error> {
    let clock = SystemClock::default();
    let mut call = Call::new(connection, request, clock.now());
    loop {
        match call.next(clock.now()) {
            Step::Admit(ask) => call.admitted(ask.free(), clock.now()),
            Step::Send(outgoing) => call.received(exchange(agent, outgoing), clock.now()),
            Step::Sleep(duration) => clock.sleep(duration),
            Step::Done(result) => return result,
        }
    }
}

/// Sends one request, and reads the response, of any status.
fn exchange(agent: &Agent, outgoing: Outgoing) -> Result<Response<Bytes>, Fault> {
    let (time, limit) = (outgoing.timeout(), outgoing.body_limit());
    let (head, bytes) = outgoing.into_request().into_parts();
    let method = head.method.clone();
    let body = if bytes.is_empty() {
        SendBody::none()
    } else {
        SendBody::from_owned_reader(bytes.reader())
    };
    let request = agent
        .configure_request(Request::from_parts(head, body))
        .timeout_global(time)
        .build();

    // The server may have acted on the request, so a write is not retried.
    let lost = |error| Fault::outcome_unknown(FaultKind::Other).with_source(error);
    let (head, body) = agent.run(request).map_err(lost)?.into_parts();

    let mut incoming = Incoming::new(&method, Response::from_parts(head, ()), limit);
    match body.into_with_config().limit(limit as u64).read_to_vec() {
        Ok(bytes) => {
            let _ = incoming.push(&bytes);
            incoming.finish()
        }
        Err(error) => Err(incoming.cut(FaultKind::Other).with_source(error)),
    }
}
