//! What a client must not do, whatever the network does.

use std::error::Error as _;

use intercom_protocol::{Error, Reply};
use intercom_wire::Script;

use crate::cell::{Cell, Kind, NEXT, Outcome, TOKEN};
use crate::fault::{Fault, Phase, Verdict};

/// The most attempts of the policy.
const ATTEMPTS: usize = 3;

/// Returns the first thing that is wrong with an outcome.
pub(crate) fn judge(cell: &Cell, outcome: &Outcome) -> Result<(), String> {
    let what = || match &outcome.result {
        Ok(reply) => format!("the call returned {}", shown(reply)),
        Err(error) => format!("the call failed: {error}"),
    };
    requests(cell, outcome)
        .and_then(|read| applied(cell, outcome, read))
        .and_then(|()| result(cell, outcome))
        .map_err(|wrong| format!("{wrong} ({})", what()))?;
    for error in [&outcome.result, &outcome.next]
        .into_iter()
        .filter_map(|result| result.as_ref().err())
    {
        texts(error)?;
    }
    next(&outcome.next)
}

/// Checks that every attempt has sent the same request, and returns how many the server has read.
fn requests(cell: &Cell, outcome: &Outcome) -> Result<usize, String> {
    let method = cell.kind.method();
    let line = (method.as_str(), cell.kind.target());
    let read = outcome.read.iter().filter(|request| request.line() == line);
    let mut count = 0;
    for request in read {
        count += 1;
        if request.body() != cell.kind.body().as_bytes() {
            return Err(format!("an attempt had another body: {request:?}"));
        }
    }
    if count > ATTEMPTS {
        return Err(format!("{count} requests, {ATTEMPTS} at most"));
    }
    Ok(count)
}

/// Checks that no write is applied twice, and that none is denied that was applied.
fn applied(cell: &Cell, outcome: &Outcome, read: usize) -> Result<(), String> {
    // The server does not carry out a request that it refuses.
    let is_refused = !cell.fault.applies && !matches!(cell.phase, Phase::Unasked | Phase::Leftover);
    let applied = read - usize::from(is_refused && read > 0);
    if cell.kind == Kind::Post && applied > 1 {
        return Err(format!("the write was applied {applied} times"));
    }
    match &outcome.result {
        Err(error) if cell.kind != Kind::Get && applied > 0 && !error.may_have_been_applied() => {
            Err("the write was applied, and the error denies it".to_owned())
        }
        _ => Ok(()),
    }
}

/// Checks that the call returns a good response, and no other.
fn result(cell: &Cell, outcome: &Outcome) -> Result<(), String> {
    let Fault { body, .. } = &*cell.fault;
    let verdict = cell.fault.verdict(cell.phase);
    match (&outcome.result, verdict) {
        (Ok(reply), _) if is_echo(reply, cell.kind.target()) => {
            if verdict == Verdict::Delivered && reply.body() != body {
                return Err("a good response was lost, and the request was sent again".to_owned());
            }
            Ok(())
        }
        (Ok(reply), Verdict::Delivered | Verdict::Either) if reply.body() == body => Ok(()),
        (Ok(_), _) => Err("a response was accepted that is not the server's".to_owned()),
        (Err(_), Verdict::Delivered) => Err("a good response was lost".to_owned()),
        (Err(error), Verdict::Failed(status)) => match error.status() {
            Some(found) if found.as_u16() == status => Ok(()),
            found => Err(format!("the status is {status}, the error has {found:?}")),
        },
        (Err(_), _) if cell.phase == Phase::Leftover && !cell.is_broken() => {
            Err("a good response was lost because of what follows it".to_owned())
        }
        (Err(_), _) => Ok(()),
    }
}

/// Checks the next call: all responses to it are good.
fn next(result: &Result<Reply, Error>) -> Result<(), String> {
    match result {
        Ok(reply) if is_echo(reply, NEXT) => Ok(()),
        Ok(reply) => Err(format!("the next call returned {}", shown(reply))),
        Err(error) => Err(format!("the next call failed: {error}")),
    }
}

fn is_echo(reply: &Reply, target: &str) -> bool {
    reply.status() == 200 && reply.body() == Script::echo(target).as_bytes()
}

fn shown(reply: &Reply) -> String {
    let body = reply.body().escape_ascii().to_string();
    let short: String = body.chars().take(200).collect();
    format!("{} {short}", reply.status())
}

/// Checks that no text of an error has the token, and that its own texts have no control characters.
fn texts(error: &Error) -> Result<(), String> {
    let own = [format!("{error}"), format!("{error:#}")];
    let mut all = own.concat() + &format!("{error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        all += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    if all.contains(TOKEN) {
        return Err(format!("an error shows the token: {all}"));
    }
    match own.iter().find(|text| text.contains(char::is_control)) {
        Some(text) => Err(format!("an error has a control character: {text:?}")),
        None => Ok(()),
    }
}
