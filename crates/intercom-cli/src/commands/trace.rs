//! `intercom trace`: what happened in recordings.

use intercom_debug::Trace;

use super::record;
use crate::args;
use crate::error::{Exit, Failure};
use crate::output::Output;

pub(super) fn run(args: &args::Trace, output: &mut Output) -> Result<Exit, Failure> {
    let mut files = args.files.iter();
    let first = files.next().map_or("-", String::as_str);
    let recording = files.try_fold(record::read(first)?, |all, file| {
        Ok::<_, Failure>(all.and(record::read(file)?))
    })?;
    let mut trace = Trace::of(&recording);
    if let Some(id) = &args.request_id {
        trace = trace.with_request_id(id);
    }
    if let Some(name) = &args.call {
        trace = trace.with_call(name);
    }
    if let Some(route) = &args.route {
        trace = trace.with_route(route);
    }
    if output.is_json() {
        output.document(&trace)?;
    } else {
        output.text(&trace.to_string())?;
    }
    output.flush()?;
    record::note_unreadable(&recording, output);
    let is_filtered = args.request_id.is_some() || args.call.is_some() || args.route.is_some();
    if is_filtered && trace.calls().is_empty() {
        output.note("the recording has no such call");
        return Ok(Exit::Refused);
    }
    Ok(Exit::Done)
}
