//! Finds the evidence of an error in text: a status, headers, an error list, the request, or why there is no response.
//!
//! The most reliable evidence counts: a raw response, an error list in any notation, then what the lines say. Of several
//! errors, the last one counts.

mod facts;
mod faults;
mod list;
mod messages;
#[cfg(test)]
mod renderings;
mod response;
mod words;

use std::borrow::Cow;

use intercom_errors::Entry;
use intercom_protocol::{ApiError, Phase};
use serde_json::json;

use crate::commands::explain::notation::{self, Pattern, Tree};
use facts::Facts;
pub(crate) use faults::FaultParts;
use list::List;

/// How many of the last lines are searched for words, and for messages, which costs much more.
const MOST_LINES: usize = 20_000;
const MOST_MESSAGES: usize = 200;
/// The header with the request id.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// A control sequence of a terminal, which colours logs, in the spellings of logs and strings.
static COLOUR: Pattern = Pattern::new(
    r"(?:\x1b|\\u001[bB]|\\x1[bB]|\\033|\\e|\^\[)\[[0-9;:?]{0,32}[A-Za-z]|\x1b\][^\x07\x1b]{0,2048}(?:\x07|\x1b\\?)",
);
/// A URL, with its host.
static URL: Pattern = Pattern::new(
    r#"https?://(?:[^\s/@"']*@)?(\[?[^\s/?#:"'`<>()\[\]{},\\]+)[^\s"'`<>()\[\]{},\\]*"#,
);
/// The host of a call that failed.
static CALLED: Pattern = Pattern::new(
    r"(?i)\b(?:EAI_AGAIN|ENOTFOUND|connect|host|lookup|resolve|to)[^\w.@-]+([\w.-]+\.(?:com|dev|io|net|org))\.?(?:[^\w.@-]|$)",
);
/// The request id as this program prints it.
static OWN_REQUEST_ID: Pattern = Pattern::new(r"\(request ([^\s)]+)\)");

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
        let text = String::from_utf8_lossy(text);
        let shown = match has_status {
            true => Cow::Borrowed(&*text),
            false => COLOUR.replace_all(&text, ""),
        };
        if let Some(response) = response::last(&shown) {
            return response.completed(&shown);
        }
        let start =
            shown.trim_start_matches(|char: char| char.is_whitespace() || char == '\u{feff}');
        if has_status {
            return Self::bare(start.into()).completed(&shown);
        }
        let searched = search(&shown);
        // A whole body is kept as it is.
        let is_body = entry_of(start.as_bytes()).is_some() && is_json(start);
        let is_whole = searched
            .as_ref()
            .is_none_or(|found| is_same(start.as_bytes(), &found.body));
        let foreign = || list::foreign(&notation::parse(&shown));
        let foreign = if searched.is_none() { foreign() } else { None };
        let mut found = searched.unwrap_or_else(|| Self {
            foreign,
            ..Self::bare(start.into())
        });
        if is_body && is_whole {
            found.body = start.into();
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
            let list = list::last(&notation::parse(&String::from_utf8_lossy(&self.body)));
            self.body = list.map_or(self.body, |list| list.body.to_string().into());
        }
        self.maybe_applied = maybe_applied(&self.earlier);
        self.request = sent(text).or_else(|| words::request(&self.earlier));
        self
    }
}

fn maybe_applied(text: &str) -> bool {
    text.lines()
        .rev()
        .take(MOST_LINES)
        .any(faults::maybe_applied)
}

/// The last request that `curl -v` shows.
fn sent(text: &str) -> Option<(http::Method, String)> {
    let mut sent = text.lines().rev().filter(|line| line.starts_with("> "));
    sent.find_map(words::request)
}

/// Whether a body has the code and message of another one, or at least those that it has.
fn is_same(body: &[u8], other: &[u8]) -> bool {
    let read = |body: &[u8]| ApiError::from_parts(0, [], body);
    let (body, other) = (read(body), read(other));
    let message = |error: &ApiError| error.errors().first()?.message().map(str::to_owned);
    body.code() == other.code() && message(&other).is_none_or(|said| message(&body) == Some(said))
}

/// The catalog's entry of a body's code.
fn entry_of(body: &[u8]) -> Option<&'static Entry> {
    ApiError::from_parts(0, [], body).code().and_then(Entry::of)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
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
    let facts = Facts::new(&tree, list.as_ref());
    let mut found = match &list {
        Some(list) => listed(&tree, list, &facts, text),
        None => described(text).or_else(|| lost(text))?,
    };
    let is_typed = list
        .as_ref()
        .is_some_and(|list| list.body.get("type").is_some_and(|kind| !kind.is_null()));
    found.foreign = foreign_host(text, found.fault.is_some()).filter(|_| !is_typed);
    let request = || facts.request().or_else(|| scroll(text, &facts));
    found.request = words::request(text).or_else(request);
    if found.fault.is_none() {
        found.headers = facts.headers();
    }
    let own_id = || {
        OWN_REQUEST_ID
            .captures_iter(text)
            .last()
            .map(|found| found[1].to_owned())
    };
    if let Some(id) = facts.request_id().or_else(own_id) {
        found.headers.retain(|(name, _)| name != REQUEST_ID);
        found.headers.push((REQUEST_ID.to_owned(), id.into()));
    }
    found.maybe_applied = maybe_applied(text);
    Some(found)
}

/// An error list with the status that stands around it.
fn listed(tree: &Tree, list: &List, facts: &Facts<'_>, text: &str) -> Evidence {
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
    let status = facts.status().or_else(adjacent);
    let status = status.or_else(|| near().map(|status| status.number));
    Evidence {
        status,
        body: list.body.to_string().into(),
        ..Evidence::default()
    }
}

/// Finds a status with its code, or else a code, an exception or a message of Intercom.
fn described(text: &str) -> Option<Evidence> {
    let lines = || {
        text.lines()
            .rev()
            .filter(|line| !words::is_source(line))
            .take(MOST_LINES)
    };
    // Only a name and a status, like `status=429` or `429 rate_limit_exceeded`.
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "_-=: ".contains(char);
    let is_alone = text.trim().chars().all(is_plain) && text.split([' ', '=']).nth(3).is_none();
    let is_signed = |line: &str| words::is_signed(line) || messages::first(line, false).is_some();
    let statuses = lines().filter_map(|line| Some((line, words::status(line)?)));
    let is_signed_nearby = |line: &str| near(text, line).any(words::is_signed);
    let mut signed = statuses.filter(|(line, status)| {
        is_alone || status.is_signed || is_signed(line.trim()) || is_signed_nearby(line)
    });
    let first = signed.next();
    let is_failed = |(_, status): &(&str, words::Status<'_>)| status.number >= 400;
    let failed = first.into_iter().chain(signed).find(is_failed).or(first);
    if let Some((line, status)) = failed {
        return Some(messages::response(text, line, &status));
    }
    let mut others = lines()
        .enumerate()
        .filter(|(at, line)| *at < MOST_MESSAGES || words::code(line).is_some());
    let is_word = is_alone && !text.trim().contains(char::is_whitespace);
    others.find_map(|(_, line)| messages::without_status(line, is_word || is_signed(line.trim())))
}

/// The two lines before and after a line.
fn near<'t>(text: &'t str, line: &str) -> impl Iterator<Item = &'t str> {
    let at = (line.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    let (before, after) = text.split_at_checked(at).unwrap_or_default();
    before
        .lines()
        .rev()
        .take(2)
        .chain(after.lines().skip(1).take(2))
}

fn is_about_http(text: &str, tree: &Tree, list: &List) -> bool {
    let has_status = || text.lines().any(|line| words::status(line).is_some());
    is_json(text.trim())
        || words::is_signed(text)
        || Facts::new(tree, Some(list)).status().is_some()
        || has_status()
}

/// The last fault in the text. It counts as "not sent" only if no attempt was sent.
fn lost(text: &str) -> Option<Evidence> {
    let lines = || text.lines().rev().take(MOST_LINES);
    let last = lines()
        .find(|line| line.starts_with("curl: ("))
        .and_then(faults::fault);
    let (phase, kind) = last.or_else(|| lines().find_map(faults::fault))?;
    let was_sent = sent(text).is_some() || maybe_applied(text);
    let phase = if was_sent {
        Phase::OutcomeUnknown
    } else {
        phase
    };
    Some(Evidence {
        fault: Some((phase, kind)),
        ..Evidence::default()
    })
}

/// The request of a text that only has a URL. The method is unknown, except where only one is possible.
fn scroll(text: &str, facts: &Facts<'_>) -> Option<(http::Method, String)> {
    let in_text = || {
        URL.find_iter(text)
            .last()
            .map(|url| url.as_str().to_owned())
    };
    let url = facts.target().or_else(in_text)?;
    url.contains("/companies/scroll")
        .then_some((http::Method::GET, url))
}

/// Says that a text has the URL of another service, or a fault of a call to its host, and names nothing of Intercom.
fn foreign_host(text: &str, is_fault: bool) -> Option<String> {
    let url = URL.captures_iter(text).last();
    let called = || CALLED.captures_iter(text).filter(|_| is_fault).last();
    let found = url.or_else(called)?;
    let host = &found[1];
    let is_local = host.starts_with("127.") || host.starts_with('[') || !host.contains('.');
    let names_intercom = || words::names_intercom(&URL.replace_all(text, " "));
    let is_foreign = !is_local && !host.contains("intercom") && !names_intercom();
    is_foreign.then(|| format!("its URL is on {host}"))
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
