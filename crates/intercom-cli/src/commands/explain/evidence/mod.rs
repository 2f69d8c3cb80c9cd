//! Finds the evidence of an error in text: a status, headers, an error list, the request, or why there is no response.
//!
//! The most reliable evidence counts: a raw response, an error list in any notation, then what the lines say. Of several
//! errors, the last one counts.

mod colour;
mod context;
mod known;
mod list;
mod messages;
#[cfg(test)]
mod renderings;
mod request;
mod response;
mod words;

use std::borrow::Cow;

use intercom_errors::Entry;
use intercom_protocol::{ApiError, Phase};
use serde_json::json;

use crate::commands::explain::notation::{self, Tree};
use context::Context;
pub(crate) use known::FaultParts;
use list::List;

/// How many of the last lines are searched for words.
const MOST_LINES: usize = 20_000;
/// How many of the last lines are searched for messages, which costs much more.
const MOST_MESSAGES: usize = 200;
/// The header with the request id.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// What a text says about an error.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    pub(crate) status: Option<u16>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// The method and path of the request.
    pub(crate) request: Option<(http::Method, String)>,
    /// Why there is no response.
    pub(crate) fault: Option<FaultParts>,
    /// Whether the text mentions another attempt that may have been applied.
    pub(crate) maybe_applied: bool,
    /// Why it is an error of another service.
    pub(crate) foreign: Option<String>,
    /// The text before a raw response.
    pub(crate) earlier: String,
}

impl Evidence {
    pub(crate) fn bare(body: Vec<u8>) -> Self {
        Self {
            body,
            ..Self::default()
        }
    }

    /// Reads a response, or text that describes a response or a fault.
    ///
    /// If the status is known, text without a status line is the body.
    pub(crate) fn read(text: &[u8], has_status: bool) -> Self {
        let shown = match has_status {
            true => Cow::Borrowed(text),
            false => colour::removed(text),
        };
        let text = &*shown;
        let shown = String::from_utf8_lossy(text);
        if let Some(response) = response::last(text) {
            return response.completed(&shown);
        }
        let start = response::start(text);
        if has_status {
            return Self::bare(start.to_vec()).completed(&shown);
        }
        let searched = search(&shown);
        let is_found = searched.is_some();
        let mut found = searched.unwrap_or_else(|| Self::bare(text.to_vec()));
        // A whole body is kept as it is.
        let is_whole = entry_of(start).is_some() && (!is_found || is_same(start, &found.body));
        if is_whole && is_json(start) {
            found.body = start.to_vec();
        }
        if !is_found {
            found.foreign = list::foreign(&notation::parse(&shown));
        }
        found
    }

    /// Whether there is neither a status, a fault, a header nor a body.
    pub(crate) fn is_nothing(&self) -> bool {
        let has_head = self.status.is_some() || self.fault.is_some() || !self.headers.is_empty();
        !has_head && self.body.trim_ascii().is_empty()
    }

    /// Whether it is an error of Intercom: it has a status, a fault or a known code, and no URL of another service.
    pub(crate) fn is_error(&self) -> bool {
        let is_known = || entry_of(&self.body).is_some();
        self.foreign.is_none() && (self.status.is_some() || self.fault.is_some() || is_known())
    }

    /// A response with the error list that its body contains in another notation, and with its request.
    fn completed(mut self, text: &str) -> Self {
        if ApiError::from_parts(0, [], &self.body).errors().is_empty() {
            let body = String::from_utf8_lossy(&self.body).into_owned();
            let tree = notation::parse(&body);
            self.body = list::last(&tree).map_or(self.body, |list| list.body);
        }
        let lines = self.earlier.lines();
        self.maybe_applied = lines.rev().take(MOST_LINES).any(known::maybe_applied);
        let sent = text.lines().rev().filter(|line| line.starts_with("> "));
        let request = sent.filter_map(request::request).next();
        self.request = request.or_else(|| request::request(&self.earlier));
        self
    }
}

/// Whether a body has the code and message of another one, or at least those that it has.
fn is_same(body: &[u8], other: &[u8]) -> bool {
    let (body, other) = (
        ApiError::from_parts(0, [], body),
        ApiError::from_parts(0, [], other),
    );
    let message = |error: &ApiError| error.errors().first()?.message().map(str::to_owned);
    body.code() == other.code() && (message(&other).is_none() || message(&body) == message(&other))
}

/// The catalog's entry of a body's code.
fn entry_of(body: &[u8]) -> Option<&'static Entry> {
    ApiError::from_parts(0, [], body).code().and_then(Entry::of)
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

/// Finds the error that a text describes.
fn search(text: &str) -> Option<Evidence> {
    if let Some(status) = words::reason(text) {
        return Some(Evidence {
            status: Some(status),
            ..Evidence::default()
        });
    }
    let tree = notation::parse(text);
    let list = list::last(&tree).filter(|list| list.is_sure || is_about_http(text, &tree, list));
    let is_typed = list.as_ref().is_some_and(|list| list.is_typed);
    let described = match list {
        Some(list) => {
            let end = tree
                .node(list.group)
                .map_or(0, |node| node.span.end.min(text.len()));
            let found = listed(&tree, list, text);
            let after = text.get(end..).and_then(|after| after.split_once('\n'));
            let later = after.and_then(|(_, lines)| later(&found, lines, text));
            Some(later.unwrap_or(found))
        }
        None => described(text, text).or_else(|| lost(text)),
    };
    let context = Context::new(&tree);
    let mut found = described?;
    found.foreign = (!is_typed)
        .then(|| foreign_host(text, found.fault.is_some()))
        .flatten();
    found.request = found
        .request
        .or_else(|| request::request(text))
        .or_else(|| context.request())
        .or_else(|| read_url(text, &context));
    let ids = || own_request_id(text).or_else(|| context.request_id());
    let has_id = found.headers.iter().any(|(name, _)| name == REQUEST_ID);
    if let Some(id) = (!has_id).then(ids).flatten() {
        found.headers.push((REQUEST_ID.to_owned(), id.into_bytes()));
    }
    if found.fault.is_none() && found.headers.len() <= 1 {
        let headers = context.headers().into_iter();
        found
            .headers
            .extend(headers.filter(|(name, _)| name != REQUEST_ID));
    }
    found.maybe_applied = text
        .lines()
        .rev()
        .take(MOST_LINES)
        .any(known::maybe_applied);
    Some(found)
}

/// An error list with what stands around it.
fn listed(tree: &Tree, list: List, text: &str) -> Evidence {
    let context = Context::of(tree, &list);
    let before = |index| text.get(..tree.node(index)?.span.start);
    let adjacent = || {
        tree.path(list.group)
            .find_map(|group| words::adjacent(before(group)?))
    };
    let near = || {
        before(list.group)?
            .lines()
            .rev()
            .take(3)
            .find_map(words::status)
    };
    let mut headers = context.headers();
    if let Some(id) = context.request_id() {
        headers.retain(|(name, _)| name != REQUEST_ID);
        headers.push((REQUEST_ID.to_owned(), id.into_bytes()));
    }
    Evidence {
        status: context
            .status()
            .or_else(adjacent)
            .or_else(|| near().map(|status| status.number)),
        headers,
        body: list.body,
        request: context.request(),
        ..Evidence::default()
    }
}

/// Finds a different error on a later line than the one already found.
fn later(found: &Evidence, lines: &str, text: &str) -> Option<Evidence> {
    let later = described(lines, text)?;
    let entry = entry_of(&found.body);
    let is_usual = |status| entry.is_some_and(|entry| entry.statuses().contains(&status));
    let is_same = |status| found.status == Some(status) || is_usual(status);
    let has_body = !later.body.is_empty();
    let is_different = |status| status >= 400 && (has_body || !is_same(status));
    later.status.is_none_or(is_different).then_some(later)
}

/// Finds a status with its code, or else a code, an exception or a message of Intercom.
fn described(lines: &str, text: &str) -> Option<Evidence> {
    let is_alone = is_alone(text);
    let is_word = is_alone && !text.trim().contains(char::is_whitespace);
    let is_signed = |line: &str| words::is_signed(line) || messages::first(line, false).is_some();
    let statuses = || {
        let lines = lines.lines().rev().take(MOST_LINES);
        lines.filter_map(|line| Some((line, words::status(line)?)))
    };
    let mut signed = statuses().filter(|(line, status)| {
        is_alone || status.is_signed || is_signed(line.trim()) || is_signed_nearby(text, line)
    });
    let (mut last, mut failed) = (None, None);
    for (line, status) in signed.by_ref() {
        if status.number >= 400 {
            failed = Some((line, status));
            break;
        }
        last = last.or(Some((line, status)));
    }
    if let Some((line, status)) = failed.or(last) {
        return Some(messages::response(text, line, status.number, status.from));
    }
    let returned = || lines.lines().rev().find_map(known::returned);
    if let Some(status) = returned() {
        return Some(Evidence {
            status: Some(status),
            ..Evidence::default()
        });
    }
    let others = lines.lines().rev().take(MOST_LINES).enumerate();
    let mut others = others.filter(|(at, line)| *at < MOST_MESSAGES || words::code(line).is_some());
    others.find_map(|(_, line)| messages::without_status(line, is_word || is_signed(line.trim())))
}

/// Whether the text is only a name and a status, like `status=429` or `429 rate_limit_exceeded`.
fn is_alone(text: &str) -> bool {
    let text = text.trim();
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "_-=: ".contains(char);
    text.len() < 80 && text.chars().all(is_plain) && words::words(text).nth(3).is_none()
}

/// Whether one of the lines around it is about HTTP.
fn is_signed_nearby(text: &str, line: &str) -> bool {
    let at = (line.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let before = text.get(..at).unwrap_or_default().lines().rev();
    let after = text.get(at..).unwrap_or_default().lines().skip(1);
    before.take(2).chain(after.take(2)).any(words::is_signed)
}

fn is_about_http(text: &str, tree: &Tree, list: &List) -> bool {
    let is_document = is_json(text.trim().as_bytes());
    is_document
        || words::is_signed(text)
        || Context::of(tree, list).status().is_some()
        || text.lines().any(|line| words::status(line).is_some())
}

/// The last fault in the text. It counts as "not sent" only if no attempt was sent.
fn lost(text: &str) -> Option<Evidence> {
    let lines = || text.lines().rev().take(MOST_LINES);
    let last_error = lines()
        .find(|line| line.starts_with("curl: ("))
        .and_then(known::fault);
    let (phase, kind) = last_error.or_else(|| lines().find_map(known::fault))?;
    let was_sent = text
        .lines()
        .any(|line| line.starts_with("> ") && request::request(line).is_some());
    let was_sent = was_sent || lines().any(known::maybe_applied);
    Some(Evidence {
        fault: Some((
            if was_sent {
                Phase::OutcomeUnknown
            } else {
                phase
            },
            kind,
        )),
        ..Evidence::default()
    })
}

/// The request of a text that only has a URL. The method is unknown, except where only one is possible.
fn read_url(text: &str, context: &Context<'_>) -> Option<(http::Method, String)> {
    let url = context
        .target()
        .or_else(|| request::url(text).map(str::to_owned))?;
    let is_scroll = url.contains("/companies/scroll");
    is_scroll.then_some((http::Method::GET, url))
}

/// Says that a text has the URL of another service, or a fault of a call to its host, and names nothing of Intercom.
fn foreign_host(text: &str, is_fault: bool) -> Option<String> {
    let called = || request::called_host(text).filter(|_| is_fault);
    let host = request::url(text).and_then(host).or_else(called)?;
    let is_local = host.starts_with("127.") || host.starts_with('[') || !host.contains('.');
    let outside = text
        .split_ascii_whitespace()
        .filter(|word| !word.contains("://"));
    let names_intercom = || {
        let mut words = outside.flat_map(words::words);
        words.any(|word| words::is_intercom(word.text))
    };
    let is_foreign = !is_local && !host.contains("intercom") && !names_intercom();
    is_foreign.then(|| format!("its URL is on {host}"))
}

fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#', ':']).next()?;
    Some(host.rsplit('@').next().unwrap_or(host)).filter(|host| !host.is_empty())
}

/// The request id as this program prints it: `(request req_abc123)`.
fn own_request_id(text: &str) -> Option<String> {
    let (_, after) = text.rsplit_once("(request ")?;
    let (id, _) = after.split_once(')')?;
    (!id.contains(char::is_whitespace)).then(|| id.to_owned())
}

/// The usual status of a code.
#[cfg(test)]
fn usual_status(code: &str) -> Option<u16> {
    Entry::of(&code.into())?.statuses().first().copied()
}

/// An error list of one item.
pub(super) fn list_of(code: Option<&str>, message: Option<&str>) -> Vec<u8> {
    let item = json!({ "code": code, "message": message });
    let list = json!({ "type": "error.list", "errors": [item] });
    list.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::Evidence;

    fn is_error(text: &str) -> bool {
        Evidence::read(text.as_bytes(), false).is_error()
    }

    #[test]
    fn lines_that_only_resemble_an_error_are_refused() {
        for line in [
            "\"client_error\",",
            ".ok_or_else(not_found)",
            "self.retry_after",
            "fn not_found() -> Refusal {",
            "400, \"Invalid starting_after param*\" => Validation Never RestartPagination;",
            "let message = \"Exceeded rate limit of 5 pending export jobs\";",
            "name: \"401 unauthorized\",",
            "(\"malformed http response\", SENT, FaultKind::Protocol),",
            "Connect = \"connect\", \"no connection could be made\";",
            "\"Connection timeout\",",
            "\"The request timed out at the server.\"",
            "There is a conflict between the two, and 404 users were not found.",
            "ModuleNotFoundError: No module named 'intercom'",
            "could not parse error response: [Unexpected character ('<' (code 60)): expected a valid value",
            "error[E0404]: expected trait, found struct",
            "INFO user session timed out, logged out",
            "the user said connection refused by contract",
            "{\"error\":{\"message\":\"No such customer\",\"type\":\"invalid_request_error\",\"param\":\"id\",\"code\":\"not_found\"}}",
            "{\"message\":\"Not Found\",\"documentation_url\":\"https://docs.example.com/rest\",\"status\":\"404\"}",
            "GET https://api.example.com/v1/users failed with status code 404",
        ] {
            assert!(!is_error(line), "{line}");
        }
    }

    #[test]
    fn a_name_of_the_vocabulary_alone_is_an_error() {
        for text in [
            "ECONNREFUSED",
            "httpx.ReadTimeout",
            "CURLE_COULDNT_CONNECT",
            "RateLimitExceeded",
            "status=429",
            "502 server_error",
        ] {
            assert!(is_error(text), "{text}");
        }
    }
}
