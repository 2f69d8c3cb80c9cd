//! `intercom api`: any call, with all the waiting and retrying.

use std::fs::File;
use std::io::{self, Read};

use intercom_protocol::{ApiRequest, Attempt, Error, Reply, UnixTime};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::args::Api;
use crate::client::Client;
use crate::error::{Exit, Failure, describe, exit_of};
use crate::explanation::{Explanation, Request, millis};
use crate::json;
use crate::output::Output;

#[derive(Serialize)]
struct Report {
    ok: bool,
    status: Option<u16>,
    body: Option<Box<RawValue>>,
    /// Where a redirect leads.
    location: Option<String>,
    /// What went wrong, in a word.
    kind: Option<&'static str>,
    may_have_been_applied: bool,
    error: Option<Explanation>,
    attempts: Vec<Tried>,
    stop: Option<&'static str>,
    retry_at: Option<u64>,
    elapsed_ms: u64,
}

#[derive(Serialize)]
struct Tried {
    n: u32,
    status: Option<u16>,
    code: Option<String>,
    fault: Option<String>,
    wait_ms: Option<u64>,
    cause: Option<&'static str>,
}

/// The body is checked before a token is looked for: what was typed wrong is told first.
pub(crate) fn run(
    args: &Api,
    connect: impl FnOnce() -> Result<Client, Failure>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let request = request(args)?;
    let sent = Request::from(&request);
    let outcome = connect()?.execute(request);
    if output.is_json() {
        output.document(&Report::of(&outcome, sent))?;
    } else {
        let body = match &outcome {
            Ok(reply) => reply.body(),
            Err(error) => error.body().unwrap_or_default(),
        };
        show(body, args.any, output)?;
    }
    output.flush()?;
    match outcome {
        Ok(reply) => {
            if let Some(place) = elsewhere(&reply) {
                output.note(&format!("the answer is at {place}"));
            }
            Ok(Exit::Done)
        }
        Err(error) => {
            output.note(&complaint(&error, args));
            Ok(exit_of(&error))
        }
    }
}

/// Where a redirect leads: it is not followed, for the token belongs to one host.
fn elsewhere(reply: &Reply) -> Option<String> {
    let place = reply.headers().get(http::header::LOCATION)?;
    let place = String::from_utf8_lossy(place.as_bytes());
    reply.status().is_redirection().then(|| place.into_owned())
}

/// What the error says; of a redirect also where it leads, and how to take it if asking again does no harm.
fn complaint(error: &Error, args: &Api) -> String {
    let place = error.api().and_then(|api| api.location());
    match (error.status(), place) {
        (Some(status), Some(place)) if status.is_redirection() && !args.any => {
            let next = if args.method.is_safe() {
                "; add --any to take it"
            } else {
                ""
            };
            format!("{}: the answer is at {place}{next}", status.as_u16())
        }
        _ => describe(error),
    }
}

fn request(args: &Api) -> Result<ApiRequest, Failure> {
    let mut request = ApiRequest::new(args.method.clone(), &args.path);
    if let Some(data) = &args.data {
        request = request.json_bytes(body(data)?);
    }
    for (name, value) in &args.headers {
        request = request.header(name, value);
    }
    if args.replayable {
        request = request.replayable(true);
    }
    if args.any {
        request = request.expect_any();
    }
    Ok(request)
}

/// The body, from the argument itself, a file or stdin; it has to be JSON.
fn body(data: &str) -> Result<Vec<u8>, Failure> {
    let (bytes, from) = match data.strip_prefix('@') {
        Some("-") => (read("stdin", Ok(io::stdin()))?, "stdin"),
        Some(path) => (read(path, File::open(path))?, path),
        None => (data.as_bytes().to_vec(), "--data"),
    };
    match serde_json::from_slice::<&RawValue>(&bytes) {
        Ok(_) => Ok(bytes),
        Err(_) if bytes.trim_ascii().is_empty() => {
            Err(Failure::usage(format!("{from} is empty; nothing was sent")))
        }
        Err(error) => Err(Failure::usage(format!(
            "{from} is not JSON: {error}; nothing was sent"
        ))),
    }
}

fn read(name: &str, source: io::Result<impl Read>) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    source
        .and_then(|mut source| source.read_to_end(&mut bytes))
        .map_err(|error| Failure::usage(format!("{name} cannot be read: {error}")))?;
    Ok(bytes)
}

/// The body as it came, but JSON ends its line, lest an error on stderr be glued to it; laid out and escaped at a terminal.
fn show(body: &[u8], any: bool, output: &mut Output) -> Result<(), Failure> {
    let watched = output.is_terminal();
    if body.is_empty() || (any && !watched) {
        return output.body(body);
    }
    match json::value(body) {
        Some(value) if watched => output.json(&json::pretty(value.get())),
        None if !watched => output.body(body),
        _ if body.ends_with(b"\n") => output.body(body),
        _ => output.body(&[body, b"\n"].concat()),
    }
}

impl Report {
    fn of(outcome: &Result<Reply, Error>, sent: Request) -> Self {
        match outcome {
            Ok(reply) => Self {
                ok: true,
                status: Some(reply.status().as_u16()),
                body: json::value_or_text(reply.body()),
                location: elsewhere(reply),
                kind: None,
                may_have_been_applied: false,
                error: None,
                attempts: reply.attempts().iter().map(Tried::of).collect(),
                stop: None,
                retry_at: None,
                elapsed_ms: millis(reply.elapsed()),
            },
            Err(error) => Self {
                ok: false,
                status: error.status().map(|status| status.as_u16()),
                body: error.body().and_then(json::value_or_text),
                location: error
                    .api()
                    .and_then(|api| api.location())
                    .map(str::to_owned),
                kind: Some(error.kind().as_str()),
                may_have_been_applied: error.may_have_been_applied(),
                error: Some(Explanation::of_error(error, Some(sent))),
                attempts: error.attempts().iter().map(Tried::of).collect(),
                stop: error.stop().map(|stop| stop.reason().as_str()),
                retry_at: error.retry_at().map(UnixTime::as_secs_rounded_up),
                elapsed_ms: millis(error.elapsed()),
            },
        }
    }
}

impl Tried {
    fn of(attempt: &Attempt) -> Self {
        Self {
            n: attempt.number(),
            status: attempt.status(),
            code: attempt.code().map(str::to_owned),
            fault: attempt
                .fault()
                .map(|(phase, kind)| format!("{}/{}", kind.as_str(), phase.as_str())),
            wait_ms: attempt.wait().map(|wait| millis(wait.duration())),
            cause: attempt.wait().map(|wait| wait.cause().as_str()),
        }
    }
}
