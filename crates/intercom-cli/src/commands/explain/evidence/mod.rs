//! Finds the evidence of an error in text: a status, headers, an error list, the request, or why no response arrived.
//!
//! The most reliable evidence counts: a raw response, an error list in any notation, then what the lines say. Of several
//! errors, the last one counts.

mod facts;
mod line;
mod list;
#[cfg(test)]
mod renderings;
mod response;
mod vocabulary;
mod words;

use intercom_errors::{Entry, ErrorItem};
use intercom_protocol::{ApiError, FaultKind, Phase};
use serde_json::json;

use super::notation::{self, Pattern, Tree, begin};
use facts::Facts;
use list::List;
use vocabulary as known;

/// How many of the last lines are searched for words, and for messages, which costs much more.
const MOST_LINES: usize = 20_000;
const MOST_MESSAGES: usize = 200;
/// The header with the request id.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// How far an exchange got, and what stopped it.
pub(crate) type FaultParts = (Phase, FaultKind);

/// What a text says about an error.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Evidence {
    pub(crate) status: Option<u16>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// The method and path of the request.
    pub(crate) request: Option<(http::Method, String)>,
    /// Why no response arrived.
    pub(crate) fault: Option<FaultParts>,
    /// Whether the text mentions another attempt that may have been applied.
    pub(crate) maybe_applied: bool,
    /// Why it is an error of another service.
    pub(crate) foreign: Option<String>,
}

impl Evidence {
    pub(crate) fn of(status: Option<u16>, body: Vec<u8>) -> Self {
        Self {
            status,
            body,
            ..Self::default()
        }
    }

    /// Reads a response, or text that describes a response or a fault.
    ///
    /// If the status is known, text without a status line is the body.
    pub(crate) fn read(text: &[u8], has_status: bool) -> Self {
        let text = String::from_utf8_lossy(text);
        let plain = known::COLOUR.replace_all(&text, "");
        let shown = if has_status { &text } else { &plain };
        let is_space = |char: char| char.is_whitespace() || char == '\u{feff}';
        let body = shown.trim_start_matches(is_space);
        let bare = || has_status.then(|| Self::of(None, body.into()));
        if let Some(response) = response::last(shown).or_else(bare) {
            return response.completed();
        }
        // Without evidence, the first bytes say what to do about it.
        let begin = || Self::of(None, begin(body, 5).into());
        let mut found = search(shown).unwrap_or_else(begin);
        // A whole body is kept as it is.
        if is_same(body.as_bytes(), &found.body) {
            found.body = body.into();
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

    /// The response with the error list that its body contains in another notation.
    fn completed(mut self) -> Self {
        if ApiError::from_parts(0, [], &self.body).errors().is_empty() {
            let list = list::last(&notation::parse(&String::from_utf8_lossy(&self.body)));
            self.body = list.map_or(self.body, |list| list.body.to_string().into());
        }
        self
    }
}

fn maybe_applied(text: &str) -> bool {
    let mut lines = text.lines().rev().take(MOST_LINES);
    lines.any(line::maybe_applied)
}

/// The last request that `curl -v` shows.
fn sent(text: &str) -> Option<(http::Method, String)> {
    let mut sent = text.lines().rev().filter(|line| line.starts_with("> "));
    sent.find_map(words::request)
}

/// Whether a body has a known code, and the code and message of another one.
fn is_same(body: &[u8], other: &[u8]) -> bool {
    let first = |body| ApiError::from_parts(0, [], body).errors().first().cloned();
    let said = |item: ErrorItem| (item.code().cloned(), item.message().map(str::to_owned));
    entry_of(body).is_some() && first(body).map(said) == first(other).map(said)
}

/// The catalog's entry of a body's code.
fn entry_of(body: &[u8]) -> Option<&'static Entry> {
    ApiError::from_parts(0, [], body).code().and_then(Entry::of)
}

/// Finds the error that a text describes.
fn search(text: &str) -> Option<Evidence> {
    let tree = notation::parse(text);
    let list = list::last(&tree).filter(|list| list.is_sure || is_about_http(text, &tree, list));
    let facts = Facts::new(&tree, list.as_ref());
    let phrase = Some(text.trim()).filter(|text| text.contains([' ', '-']));
    let status = phrase.and_then(words::reason_named);
    let of_phrase = status.map(|_| Evidence::of(status, Vec::new()));
    let of_list = || Some(listed(&tree, list.as_ref()?, &facts, text));
    let found = of_phrase.or_else(of_list).or_else(|| described(text));
    let mut found = found.or_else(|| lost(text))?;
    let is_fault = found.fault.is_some();
    let is_typed = list.is_some_and(|list| list.body.get("type") == Some(&"error.list".into()));
    found.foreign = foreign_host(text, is_fault).filter(|_| !is_typed);
    found.request = words::request(text).or_else(|| facts.request(text));
    if !is_fault {
        found.headers = facts.headers();
    }
    let own_id = || known::OWN_REQUEST_ID.captures_iter(text).last();
    let own_id = || Some(own_id()?[1].to_owned());
    if let Some(id) = facts.request_id().or_else(own_id) {
        found.headers.push((REQUEST_ID.to_owned(), id.into()));
    }
    found.maybe_applied = maybe_applied(text);
    Some(found)
}

/// An error list with the status that stands around it.
fn listed(tree: &Tree, list: &List, facts: &Facts<'_>, text: &str) -> Evidence {
    let near = |index: usize| {
        let before = text.get(..tree.node(index)?.start)?;
        let mut lines = before.lines().rev().take(3);
        let in_lines = || Some(lines.find_map(words::status)?.number);
        words::adjacent(before).or_else(in_lines)
    };
    let status = facts.status();
    let status = status.or_else(|| tree.path(list.errors).skip(1).find_map(near));
    Evidence::of(status, list.body.to_string().into())
}

/// Finds a status with its code, or else a code, an exception or a message of Intercom.
fn described(text: &str) -> Option<Evidence> {
    let lines: Vec<&str> = text.lines().rev().take(MOST_LINES).collect();
    let is_alone = known::ONLY_STATUS.is_match(text);
    let is_signed_nearby = |at: usize| {
        let mut nearby = lines.iter().skip(at.saturating_sub(2)).take(5);
        nearby.any(|line| words::is_signed(line))
    };
    let numbered = || {
        let lines = lines.iter().copied().enumerate();
        lines.filter(|(_, line)| !words::is_source(line))
    };
    let statuses = numbered().filter_map(|(at, line)| {
        let status = words::status(line)?;
        let mut messages = line::messages(line, &known::BEGIN_UNSIGNED);
        let mut has_message = || messages.next().is_some();
        let is_signed = is_alone || status.is_signed || is_signed_nearby(at) || has_message();
        is_signed.then_some((line, status))
    });
    if let Some((line, status)) = statuses.min_by_key(|(_, status)| status.number < 400) {
        return Some(line::response(text, line, status));
    }
    let is_word = is_alone && !text.trim().contains(char::is_whitespace);
    let is_read = |at, line| at < MOST_MESSAGES || words::code(line).is_some();
    let mut read = numbered().filter(|(at, line)| is_read(*at, line));
    read.find_map(|(_, line)| line::error(line, is_word || words::is_signed(line)))
}

fn is_about_http(text: &str, tree: &Tree, list: &List) -> bool {
    let has_status = || Facts::new(tree, Some(list)).status().is_some();
    let is_status = |line| words::status(line).is_some();
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text.trim()).is_ok();
    is_json || words::is_signed(text) || has_status() || text.lines().any(is_status)
}

/// The last fault in the text. It counts as "not sent" only if no attempt was sent.
fn lost(text: &str) -> Option<Evidence> {
    let lines = || text.lines().rev().take(MOST_LINES);
    let of_curl = lines().filter(|line| line.starts_with("curl: ("));
    let (phase, kind) = of_curl.chain(lines()).find_map(line::fault)?;
    let was_sent = sent(text).is_some() || maybe_applied(text);
    let phase = if was_sent { known::SENT } else { phase };
    let mut found = Evidence::of(None, Vec::new());
    found.fault = Some((phase, kind));
    Some(found)
}

/// Says that a text has the URL of another service, or a fault of a call to its host, and names nothing of Intercom.
fn foreign_host(text: &str, is_fault: bool) -> Option<String> {
    let last = |pattern: &Pattern| pattern.captures_iter(text).last();
    let called = || last(&known::CALLED).filter(|_| is_fault);
    let found = last(&known::URL).or_else(called)?;
    let host = &found[1];
    let is_local = host.starts_with("127.") || host.starts_with('[') || !host.contains('.');
    let names_intercom = known::INTERCOM.is_match(&known::URL.replace_all(text, " "));
    let is_foreign = !is_local && !host.contains("intercom") && !names_intercom;
    is_foreign.then(|| format!("its URL is on {host}"))
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
