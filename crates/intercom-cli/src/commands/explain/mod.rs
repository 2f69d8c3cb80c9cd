//! `intercom explain`: the meaning of a code, a status or a response.

mod all;
mod evidence;
mod lines;
mod nearest;
mod notation;
mod subject;
mod vocabulary;

use std::io::{self, IsTerminal as _};

use intercom_errors::Entry;
use intercom_protocol::{ApiError, ErrorCode, Fault, Phase};
use serde::Serialize;

use crate::args::Explain;
use crate::clock;
use crate::error::{Exit, Failure};
use crate::explanation::{Case, Explanation, Request};
use crate::output::Output;
use crate::render::{self, Page};
use evidence::Evidence;
use subject::Subject;
use vocabulary::Word;

/// The document for an unknown code.
#[derive(Serialize)]
struct Unknown {
    #[serde(flatten)]
    explanation: Explanation,
    /// The known code with the most similar spelling.
    did_you_mean: Option<&'static str>,
}

pub(crate) fn run(args: &Explain, output: &mut Output) -> Result<Exit, Failure> {
    if args.all {
        return all::run(output);
    }
    if args.lines.as_deref() == Some("-") || args.subject.as_deref() == Some("-") {
        prompt(args.lines.is_some(), output);
    }
    if let Some(file) = &args.lines {
        return lines::run(file, output);
    }
    let subject = Subject::resolve(args.subject.as_deref())?;
    let word = subject.unknown_code().and_then(Word::of);
    if let Some(word) = word.filter(|_| args.status.is_none()) {
        word.explain(output)?;
        return Ok(Exit::Done);
    }
    let unknown = subject.unknown_code().map(str::to_owned);
    let case = case(args, subject.into_evidence(args.status), unknown.is_some())?;
    match unknown {
        Some(code) => unknown_code(&code, &case, output),
        None => show(&case, output),
    }
}

fn show(case: &Case, output: &mut Output) -> Result<Exit, Failure> {
    if output.is_json() {
        output.document(&Explanation::of(case))?;
        return Ok(Exit::Done);
    }
    let mut page = Page::new();
    render::explanation(case, &mut page);
    output.page(&page)?;
    Ok(Exit::Done)
}

/// Reports an unknown code. Explains the status instead, if one is given.
fn unknown_code(code: &str, case: &Case, output: &mut Output) -> Result<Exit, Failure> {
    let did_you_mean = nearest::nearest(code);
    let unknown = nearest::unknown(code, did_you_mean);
    let (exit, next) = match case.status {
        Some(_) => (Exit::Done, "explaining the status instead"),
        None => (
            Exit::Usage,
            "if you know the response's HTTP status, add --status",
        ),
    };
    output.note(&format!("{unknown}; {next}"));
    if output.is_json() {
        output.document(&Unknown {
            explanation: Explanation::of(case),
            did_you_mean,
        })?;
    } else if exit == Exit::Done {
        show(case, output)?;
    }
    Ok(exit)
}

/// Asks for input if stdin is a terminal.
fn prompt(lines: bool, output: &Output) {
    if io::stdin().is_terminal() {
        let what = if lines { "lines" } else { "a response" };
        output.note(&format!("paste {what} here, then press Enter and Ctrl-D"));
    }
}

/// Combines the response with the method, path, headers and status from the arguments.
fn case(args: &Explain, mut found: Evidence, status_optional: bool) -> Result<Case, Failure> {
    let given = args.headers.iter();
    found
        .headers
        .extend(given.map(|(name, value)| (name.clone(), value.clone().into_bytes())));
    let status = args
        .status
        .or(found.status)
        .or_else(|| usual_status(&found));
    if status.is_none() && found.is_nothing() {
        return Err(Failure::usage(
            "nothing to explain: the input is empty; pass a code like not_found, a status like 429, a response or a file; --all lists the codes",
        ));
    }
    if args.status.is_none() && !status_optional && !found.is_error() {
        return Err(subject::no_error(&found));
    }
    let request = match (&args.method, &found.request) {
        (Some(method), _) => Some(Request::new(method, args.path.as_deref())),
        (None, Some((method, path))) => Some(Request::new(method, Some(path))),
        (None, None) => None,
    };
    let error = read(request.as_ref(), status.unwrap_or(0), &found);
    let fault = found.fault.filter(|_| status.is_none());
    let fault = fault.map(|(phase, kind)| match phase {
        Phase::NotSent => Fault::not_sent(kind),
        Phase::OutcomeUnknown | Phase::Cut => Fault::outcome_unknown(kind),
    });
    let mut headers = found.headers.iter();
    Ok(Case {
        error,
        // The only header that a log line can contain is the request id.
        headless: headers.all(|(name, _)| name == evidence::REQUEST_ID),
        fault,
        status,
        wall: args.now.or_else(clock::wall),
        request,
        maybe_applied: found.maybe_applied,
    })
}

fn read(request: Option<&Request>, status: u16, found: &Evidence) -> ApiError {
    let headers = found
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_slice()));
    Request::error(request, status, headers, &found.body)
}

/// The usual status of the code in the body.
fn usual_status(found: &Evidence) -> Option<u16> {
    let error = read(None, 0, found);
    error.code().and_then(usual_status_of)
}

fn usual_status_of(code: &ErrorCode) -> Option<u16> {
    Entry::of(code)?.statuses().first().copied()
}
