//! `intercom api`: calls any endpoint, with waits and retries.

use std::fs::File;
use std::io::{self, Read};

use intercom_protocol::client::{Async, Walk};
use intercom_protocol::walk::{WalkError, WalkErrorKind};
use intercom_protocol::{ApiRequest, Attempt, Error, Reply, UnixTime};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::args::Api;
use crate::client::Client;
use crate::error::{Exit, Failure, describe, describe_walk, exit_of};
use crate::explanation::{Explanation, Request, millis};
use crate::json;
use crate::output::Output;
use crate::words::{compared, count};

#[derive(Serialize)]
struct Report {
    ok: bool,
    status: Option<u16>,
    body: Option<Box<RawValue>>,
    /// The target of a redirect.
    location: Option<String>,
    /// What failed.
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

/// Checks the request body before the token, so that mistakes in the arguments are reported first.
pub(crate) fn run(
    args: &Api,
    connect: impl FnOnce() -> Result<Client, Failure>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let request = request(args)?;
    if args.paginate && output.is_json() {
        return Err(Failure::usage(
            "--paginate prints each item as JSON on a line of its own; leave out --json",
        ));
    }
    if args.paginate {
        return paginate(&connect()?, request, output);
    }
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
            if let Some(target) = redirect_target(&reply) {
                output.note(&format!("redirect to {target} not followed"));
            }
            Ok(Exit::Done)
        }
        Err(error) => {
            output.note(&complaint(&error, args));
            Ok(exit_of(&error))
        }
    }
}

/// Prints each item of all pages on a line, as it arrives.
fn paginate(client: &Client, first: ApiRequest, output: &mut Output) -> Result<Exit, Failure> {
    let mut walk: Walk<'_, Client, Async, Box<RawValue>> = Walk::new(client, first, None);
    let walked: Result<(), Stopped> = client.drive(async {
        while let Some(item) = walk.next().await {
            let line = item?.get().replace(['\n', '\r'], " ") + "\n";
            output.body(line.as_bytes()).map_err(Stopped::Output)?;
        }
        Ok(())
    });
    output.flush()?;
    match walked {
        Ok(()) => match compared(walk.report()) {
            Some(short) if walk.report().is_short() => Err(Failure::refused(short)),
            difference => {
                difference.iter().for_each(|line| output.note(line));
                Ok(Exit::Done)
            }
        },
        Err(Stopped::Output(failure)) => Err(failure),
        Err(Stopped::Client(error)) => Err(error.into()),
        Err(Stopped::Walk(error)) if error.kind() == WalkErrorKind::Write => {
            Err(Failure::usage(error.to_string()))
        }
        Err(Stopped::Walk(error)) => {
            // There is no checkpoint to go on from: the items were printed.
            let why = error
                .error()
                .map_or_else(|| describe_walk(&error), describe);
            let items = count(error.checkpoint().report().items(), "item");
            Err(Failure::refused(format!("{why}; {items} were printed")))
        }
    }
}

/// Why the items end early.
enum Stopped {
    Client(Error),
    Output(Failure),
    Walk(WalkError),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Client(error)
    }
}

impl From<WalkError> for Stopped {
    fn from(error: WalkError) -> Self {
        Self::Walk(error)
    }
}

/// The target of a redirect. It is not followed, because the token belongs to one host.
fn redirect_target(reply: &Reply) -> Option<String> {
    let target = reply.headers().get(http::header::LOCATION)?;
    let target = String::from_utf8_lossy(target.as_bytes());
    reply.status().is_redirection().then(|| target.into_owned())
}

/// Describes the error. For a redirect, also its target, and how to accept it if a retry is safe.
fn complaint(error: &Error, args: &Api) -> String {
    let target = error.api().and_then(|api| api.location());
    match (error.status(), target) {
        (Some(status), Some(target)) if status.is_redirection() && !args.any => {
            let next = if args.method.is_safe() {
                "; add --any to accept it"
            } else {
                ""
            };
            format!(
                "{}: redirect to {target} not followed{next}",
                status.as_u16()
            )
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

/// The body from the argument, a file or stdin. It must be JSON.
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

/// Prints the body, with a line break after JSON so that an error on stderr starts on a new line. At a terminal, JSON is
/// formatted and the body escaped.
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
                location: redirect_target(reply),
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
