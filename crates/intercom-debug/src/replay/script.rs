//! The server's part of a recording, as a script of `intercom mock`.

use core::time::Duration;

use intercom_protocol::{BodyKind, FaultKind, Phase};
use serde_json::{Map, Value, json};

use super::response::{body, headers};
use crate::recording::{Exchange, Nanos, Recording, Response, Then};

/// Returns the script of `intercom mock --script` that sends the recorded responses again, in the order of their requests. It also returns
/// how many exchanges have no line, because nothing reached the server.
///
/// A path ends in `*` where the recorded route has its first id. The bodies have the recorded codes, but no other content.
#[must_use]
pub fn script(recording: &Recording) -> (Vec<String>, usize) {
    let mut exchanges: Vec<&Exchange> = recording.exchanges.iter().collect();
    exchanges.sort_by_key(|exchange| sent(exchange));
    let lines: Vec<String> = exchanges
        .iter()
        .filter_map(|exchange| line(exchange))
        .collect();
    let missing = exchanges.len() - lines.len();
    (lines, missing)
}

/// Returns when a request was sent. Runs have different clocks, so the time of day comes first.
fn sent(exchange: &Exchange) -> (Option<Duration>, Nanos, u64) {
    let times = &exchange.times;
    let took = times.received_ns.since(times.sent_ns);
    let wall = times
        .time
        .map(|time| time.since_epoch().saturating_sub(took));
    (wall, times.sent_ns, exchange.request.call)
}

fn line(exchange: &Exchange) -> Option<String> {
    let mut line = Map::new();
    line.insert("method".into(), json!(exchange.request.method));
    line.insert("path".into(), json!(path(&exchange.request.route)));
    let took = exchange.times.received_ns.since(exchange.times.sent_ns);
    let is_sendable = |response: &Response| matches!(response.status, 200..=999);
    if !exchange.response.as_ref().is_none_or(is_sendable) {
        return None;
    }
    match (
        exchange.fault.map(|fault| (fault.phase, fault.kind)),
        &exchange.response,
    ) {
        (Some((Phase::NotSent, _)), _) | (None, None) => return None,
        (Some((_, FaultKind::Timeout)), None) => {
            // Longer than the client waited.
            let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            line.insert("answer".into(), json!("normal"));
            line.insert("delay_ms".into(), json!(millis.saturating_add(1_000)));
        }
        (Some(_), None) => {
            line.insert("answer".into(), json!("close_before"));
        }
        (None, Some(response)) => add(&mut line, response, exchange),
        (Some((_, FaultKind::TooLarge)), Some(response)) => {
            add(&mut line, response, exchange);
            line.insert("oversized".into(), json!(response.body.len));
        }
        (Some(_), Some(response)) => {
            add(&mut line, response, exchange);
            if !line.contains_key("body") {
                line.insert("body".into(), json!({}));
            }
            line.insert("truncate_after".into(), json!(1));
        }
    }
    Some(Value::Object(line).to_string())
}

/// Returns the path that the mock compares: a prefix, if the route has an id.
fn path(route: &str) -> String {
    match route.split_once("{id}").or(route.split_once("...")) {
        Some((before, _)) => [before, "*"].concat(),
        None => route.to_owned(),
    }
}

fn add(line: &mut Map<String, Value>, response: &Response, exchange: &Exchange) {
    line.insert("status".into(), json!(response.status));
    let body = body(response, exchange.outcome.then == Then::Done);
    let text = String::from_utf8_lossy(&body);
    if !text.is_empty() {
        let json = serde_json::from_str(&text).ok();
        line.insert("body".into(), json.unwrap_or_else(|| json!(text)));
    }
    let mut all = Map::new();
    // The mock adds these itself unless they are left out.
    all.insert("date".into(), Value::Null);
    all.insert("x-request-id".into(), Value::Null);
    for (name, value) in headers(response) {
        match all.get_mut(name) {
            Some(Value::Array(values)) => values.push(json!(value)),
            Some(Value::Null) | None => {
                all.insert(name.into(), json!(value));
            }
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    if response.body.kind == BodyKind::Json && !all.contains_key("content-type") {
        all.insert("content-type".into(), json!("application/json"));
    }
    line.insert("headers".into(), Value::Object(all));
}
