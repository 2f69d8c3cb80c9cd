//! A status, a code, a request and signs of HTTP in a line of prose.

use intercom_errors::{CATALOG, Entry};

use crate::commands::explain::nearest::normalized;
use crate::commands::explain::notation::begin;

/// How many bytes around a number are examined. Lines can be very long.
const NEAR: usize = 64;
/// The length limit of the request in a line of an access log, in bytes.
const QUOTED: usize = 2048;

/// Names of a status that are used for HTTP only.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "status code", "statuscode", "http status", "httpstatus", "http code", "http error", "response code",
    "response status", "<response", "url returned error",
];
/// Log levels.
#[rustfmt::skip]
const LEVELS: &[&str] = &[
    "critical", "debug", "err", "error", "fatal", "info", "notice", "trace", "warn", "warning",
];
/// Verbs that precede a status, unless the number counts or measures something.
const VERBS: &[&str] = &[
    "answered",
    "answered with",
    "failed with",
    "got",
    "responded",
    "responded with",
    "returned",
];
/// Words before the status of a finished call, in this program's log.
const OUTCOMES: &[&str] = &[
    "done: ",
    "failed: api ",
    "failed: decode ",
    "failed: maybe_applied ",
];
/// Words that show that a number is the exit status of a process.
const EXITS: &[&str] = &["exit", "exited", "finished", "signal", "terminated"];
/// Units of numbers that are not a status.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "ms", "s", "sec", "seconds", "m", "min", "minutes", "h", "us", "ns", "bytes", "B", "KB", "kB", "MB", "KiB",
    "MiB",
];
/// Programs whose errors have statuses of other services.
const TOOLS: &[&str] = &["npm", "pip", "pnpm", "yarn"];
/// What can be between a status and its name.
const GAPS: [char; 6] = [' ', ':', '-', '(', '"', '\''];
pub(super) const METHODS: &[&str] = &["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];
/// Words in lower case that show that a line is about HTTP.
#[rustfmt::skip]
const SIGNS: &[&str] = &[
    "curl", "http", "https", "request_id", "statuscode", "status_code", "http_code", "response",
];

/// A status in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status<'t> {
    pub(super) number: u16,
    /// Whether the words around it show that it is one of HTTP.
    pub(super) is_signed: bool,
    /// The line from the number on.
    pub(super) from: &'t str,
}

/// The first number that is clearly a status. A number in prose is not a status.
pub(super) fn status(line: &str) -> Option<Status<'_>> {
    let tool = line.split_ascii_whitespace().next();
    if tool.is_some_and(|tool| TOOLS.contains(&tool)) {
        return None;
    }
    let mut found = numbers(line).filter_map(|(before, number, from)| {
        let after = from.get(3..).unwrap_or_default();
        let is_signed = strength(before, number, after)?;
        Some(Status {
            number,
            is_signed,
            from,
        })
    });
    found.next()
}

/// The status that directly precedes an error list: `{422, %{..}}`, `409: {..}`.
pub(super) fn adjacent(before: &str) -> Option<u16> {
    let near = tail(before, NEAR).trim_end_matches(|char: char| !is_word(char));
    let (rest, number) = near.split_at_checked(near.len().checked_sub(3)?)?;
    let number = number.parse().ok()?;
    let is_status = is_known(number) && number >= 400;
    (is_status && !rest.ends_with(|char: char| is_word(char) || ".-#/".contains(char)))
        .then_some(number)
}

/// Whether a line is a string in source code, like an element of a list.
pub(super) fn is_source_string(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('"') && ["\"", "\",", "\";"].iter().any(|end| line.ends_with(end))
}

/// Whether a line is about HTTP or Intercom.
pub(super) fn is_signed(line: &str) -> bool {
    words(line).any(|word| is_sign(word.text))
        || line.contains("(request ")
        || super::request::request(line).is_some()
}

/// Whether a word shows that a line is about HTTP or Intercom.
pub(super) fn is_sign(word: &str) -> bool {
    let is = |sign: &&str| word.eq_ignore_ascii_case(sign);
    SIGNS.iter().any(is) || is_intercom(word)
}

/// Whether a word names Intercom or a part of its SDKs, like `IntercomError`.
pub(super) fn is_intercom(word: &str) -> bool {
    let is_part = |part: &str| part.eq_ignore_ascii_case("intercom");
    // `intercom_version_invalid` is a code.
    word.contains("Intercom") || (word.split('_').any(is_part) && known_code(word).is_none())
}

/// The status with this reason phrase, like `Too Many Requests`. Text with underscores is a code, and so is a single word.
pub(super) fn reason(text: &str) -> Option<u16> {
    // No reason phrase is that long.
    let name = normalized(Some(text.trim()).filter(|text| text.len() < NEAR)?);
    let mut reasons = (100..=599).filter_map(|number| {
        let status = http::StatusCode::from_u16(number).ok()?;
        Some((number, status.canonical_reason()?))
    });
    let is = |reason: &str| reason.contains(' ') && normalized(reason) == name;
    let (status, _) = reasons.find(|(_, reason)| !text.contains('_') && is(reason))?;
    Some(status)
}

/// The numbers that can be a status: the text before each, the number, and the line from there on.
fn numbers(line: &str) -> impl Iterator<Item = (&str, u16, &str)> {
    let digit = |char: char| char.is_ascii_digit();
    line.match_indices(digit).filter_map(move |(at, _)| {
        let (before, from) = line.split_at_checked(at)?;
        let (number, after) = from.split_at_checked(3)?;
        let mut next = after.chars();
        let goes_on = match next.next() {
            Some('.' | ',') => next.next().is_some_and(|char| char.is_ascii_digit()),
            Some(char) => is_word(char) || matches!(char, '%' | '/' | '-'),
            None => false,
        };
        let is_part = |char: char| is_word(char) || ".,-/#$+".contains(char);
        if before.ends_with(is_part) || goes_on || !number.chars().all(digit) {
            return None;
        }
        // The unit is read last: reading a word at each digit of a long number would take quadratic time.
        let unit = after.trim_start().split(|char| !is_word(char)).next();
        let status = number.parse().ok()?;
        let is_measure = unit.is_some_and(|unit| UNITS.contains(&unit));
        (!is_measure && is_known(status)).then_some((before, status, from))
    })
}

/// Whether the status is standard, nginx's 499 for a client that closed the connection, or in the catalog.
fn is_known(status: u16) -> bool {
    let http = http::StatusCode::from_u16(status).ok();
    if status < 200 {
        // An interim response is never an error.
        return false;
    }
    http.is_some_and(|status| status.canonical_reason().is_some())
        || status == 499
        || CATALOG
            .iter()
            .any(|entry| entry.statuses().contains(&status))
}

/// Whether a number is a status, and whether it is clearly one of HTTP.
fn strength(before: &str, status: u16, after: &str) -> Option<bool> {
    if is_named(status, after) {
        return Some(true);
    }
    let near = tail(before, NEAR).to_ascii_lowercase();
    let name = label(&near);
    let is_compared = near
        .get(name.len()..)
        .is_some_and(|marks| ["==", ">=", "<="].iter().any(|mark| marks.contains(mark)));
    let last = name.rsplit([' ', '\t', '(']).next().unwrap_or_default();
    let spaced = name.replace(['_', '-'], " ");
    let ends = |words: &[&str]| words.iter().any(|word| ends_with_word(&spaced, word));
    let level = last.trim_matches(['[', ']', '<', '>']);
    let clause = name.rsplit([',', ';', ':', '.']).next().unwrap_or(name);
    let mut words = clause.split(|char: char| !char.is_ascii_alphanumeric());
    if is_compared || words.any(|word| EXITS.contains(&word)) {
        return None;
    }
    let is_clear = ends(NAMES)
        || near.trim_end().ends_with("intercom:")
        || last == "http"
        || last.starts_with("http/")
        || (OUTCOMES.iter().any(|end| near.ends_with(end))
            && begin(after, NEAR).contains(" attempt"))
        || ["<title>", "<h1>"].iter().any(|tag| near.ends_with(tag))
        || is_of_error(before, after)
        || is_access_log(before, after);
    let is_likely = ends(&["status"])
        || has_code(status, after)
        || (ends(VERBS) && is_whole(after))
        || (last.ends_with("error") && status >= 400 && is_whole(after))
        || (LEVELS.contains(&level) && status >= 400 && is_whole(after));
    (is_clear || is_likely).then_some(is_clear)
}

/// Whether a number is in brackets after the name of an error or of Intercom: `ApiError(422)`, `IntercomError: [404]`.
fn is_of_error(before: &str, after: &str) -> bool {
    let is_space = |char: char| matches!(char, ' ' | ':' | ']' | ')');
    let name = before
        .strip_suffix(['(', '['])
        .map(|name| name.trim_end_matches(is_space));
    let word = name.and_then(|name| name.rsplit(|char| !is_word(char)).next());
    let is_error = |word: &str| word.ends_with("Error") || word.ends_with("Exception");
    after.starts_with([')', ']']) && word.is_some_and(|word| is_error(word) || is_sign(word))
}

/// The text before a value without the separator, as in `status: Some(` or `"status" => `.
fn label(near: &str) -> &str {
    let marks = |char: char| char.is_whitespace() || "\"'=:>([])|`<".contains(char);
    let name = near.trim_end_matches(marks);
    name.strip_suffix("some")
        .filter(|_| near.ends_with("some("))
        .map_or(name, |name| name.trim_end_matches(marks))
}

/// Whether a status is followed by its reason phrase.
fn is_named(status: u16, after: &str) -> bool {
    let after = after.trim_start_matches(GAPS);
    let known = http::StatusCode::from_u16(status).ok();
    let reason = known.and_then(|status| status.canonical_reason());
    let rest = reason.and_then(|reason| after.strip_prefix(reason));
    // Python's `requests` prints this.
    rest.is_some_and(|rest| !rest.starts_with(is_word))
        || after.starts_with("Client Error: ")
        || after.starts_with("Server Error: ")
}

/// Whether a status is followed by a code with this status.
fn has_code(status: u16, after: &str) -> bool {
    begins_with_code(after.trim_start_matches(GAPS))
        .is_some_and(|entry| entry.statuses().contains(&status))
}

fn begins_with_code(text: &str) -> Option<&'static Entry> {
    text.split(|char| !is_word(char))
        .next()
        .and_then(known_code)
}

/// Whether the number stands alone, with no word after it that it counts.
fn is_whole(after: &str) -> bool {
    let rest = after.trim_start();
    let took = rest.strip_prefix("in ").unwrap_or_default();
    rest.is_empty()
        || rest.starts_with([':', ';', ',', '.', '(', ')', '"', '|', '{'])
        || begins_with_code(rest).is_some()
        || took.starts_with(|char: char| char.is_ascii_digit())
}

/// Whether the status is in a line like `... "POST /contacts HTTP/1.1" 422 187`.
fn is_access_log(before: &str, after: &str) -> bool {
    let quoted = tail(before, QUOTED).strip_suffix("\" ");
    let request = quoted.and_then(|text| text.rsplit('"').next());
    let method = request.and_then(|request| request.split(' ').next());
    let counts = |char: char| char.is_ascii_digit() || char == '-' || char == '"';
    method.is_some_and(|method| METHODS.contains(&method))
        && (after.is_empty() || after.trim_start().starts_with(counts))
}

/// The first known code that is a whole word, and either follows a name like `code` or contains an underscore.
pub(super) fn code(text: &str) -> Option<&'static Entry> {
    let named = words(text).find(|word| word.is_named(&["code", "error_code"]));
    let named = named.and_then(|word| known_code(word.text));
    named.or_else(|| {
        let words = words(text)
            .filter(|word| word.text.contains('_') && !word.is_other() && !word.is_only_quoted());
        words.filter_map(|word| known_code(word.text)).next()
    })
}

pub(super) fn known_code(word: &str) -> Option<&'static Entry> {
    Entry::of(&word.into()).filter(|entry| entry.code().as_str() == word)
}

/// A word in its context.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'t> {
    /// The word before.
    pub(super) label: &'t str,
    /// The text between the two words.
    pub(super) gap: &'t str,
    pub(super) text: &'t str,
    /// The rest of the text.
    pub(super) after: &'t str,
}

impl Word<'_> {
    fn is_named(&self, names: &[&str]) -> bool {
        let name = self.label.to_ascii_lowercase();
        names.contains(&name.as_str()) && self.gap.contains(['=', ':', '|'])
    }

    /// Whether the word is a string without a name, as in source code.
    fn is_only_quoted(&self) -> bool {
        let is_quoted = self.gap.ends_with('"') && self.after.starts_with('"');
        is_quoted && !self.gap.contains([':', '='])
    }

    /// Whether the word is the name of a value, or a value that is not the error.
    fn is_other(&self) -> bool {
        ["=", "\":", "':", ": "].iter().any(|mark| {
            self.after.starts_with(mark) && (self.text == "retry_after" || *mark != ": ")
        }) || self.is_named(&["cause", "reason"])
    }
}

pub(super) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let (mut rest, mut label) = (text, "");
    std::iter::from_fn(move || {
        let (gap, from) = rest.split_at_checked(rest.find(is_word)?)?;
        let end = from.find(|char| !is_word(char)).unwrap_or(from.len());
        let (text, after) = from.split_at_checked(end)?;
        rest = after;
        Some(Word {
            label: std::mem::replace(&mut label, text),
            gap,
            text,
            after,
        })
    })
}

pub(super) const fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let before = text.strip_suffix(word);
    before.is_some_and(|before| !before.ends_with(|char: char| char.is_ascii_alphanumeric()))
}

/// The last bytes of a text, or the whole text if it is shorter.
fn tail(text: &str, bytes: usize) -> &str {
    let from = text.len().saturating_sub(bytes);
    (from..text.len())
        .find_map(|at| text.get(at..))
        .unwrap_or_default()
}
