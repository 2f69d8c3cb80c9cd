//! Clues in a log line: a status, a known code, a request.

use intercom_errors::{CATALOG, Entry};

use super::nearest::normalized;

/// How many bytes around a number are examined. Lines can be very long.
const NEAR: usize = 64;
/// The length limit of the request in a line of an access log, in bytes.
const QUOTED: usize = 2048;

/// Names that precede a status.
const NAMES: &[&str] = &[
    "status",
    "status code",
    "status_code",
    "statuscode",
    "status-code",
    "http code",
    "http error",
    "http_code",
    "response code",
    "url returned error",
];
/// Log levels.
const LEVELS: &[&str] = &[
    "critical", "debug", "err", "error", "fatal", "info", "notice", "trace", "warn", "warning",
];
/// Verbs that precede a status, unless the number counts or measures something.
const VERBS: &[&str] = &[
    "answered",
    "got",
    "answered with",
    "responded",
    "responded with",
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
const UNITS: &[&str] = &["bytes", "kb", "ms", "s", "sec", "seconds"];
const METHODS: &[&str] = &["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];

/// The first number that is clearly a status, and the line from there on. A number in prose is not a status.
pub(super) fn status(line: &str) -> Option<(u16, &str)> {
    numbers(line).find_map(|(before, status, from)| {
        let after = from.get(3..).unwrap_or_default();
        is_status(before, status, after).then_some((status, from))
    })
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
    http.is_some_and(|status| status.canonical_reason().is_some())
        || status == 499
        || CATALOG
            .iter()
            .any(|entry| entry.statuses().contains(&status))
}

fn is_status(before: &str, status: u16, after: &str) -> bool {
    if is_named(status, after) {
        return true;
    }
    let near = tail(before, NEAR).to_ascii_lowercase();
    let name = label(&near);
    let last = name.split_whitespace().next_back().unwrap_or_default();
    let ends = |words: &[&str]| words.iter().any(|word| ends_with_word(name, word));
    let level = last.trim_matches(['[', ']', '<', '>']);
    let clause = name.rsplit([',', ';', ':', '.']).next().unwrap_or(name);
    let mut words = clause.split(|char: char| !char.is_ascii_alphanumeric());
    if words.any(|word| EXITS.contains(&word)) {
        return false;
    }
    ends(NAMES)
        || last == "http"
        || last.starts_with("http/")
        || (ends(VERBS) && is_whole(after))
        || (OUTCOMES.iter().any(|end| near.ends_with(end))
            && head(after, NEAR).contains(" attempt"))
        || (LEVELS.contains(&level) && status >= 400 && is_whole(after))
        || ["<title>", "<h1>"].iter().any(|tag| near.ends_with(tag))
        || is_access_log(before, after)
}

/// The text before a value without the separator, as in `status: Some(` or `"status" => `.
fn label(near: &str) -> &str {
    let marks = |char: char| char.is_whitespace() || "\"'=:>([".contains(char);
    let name = near.trim_end_matches(marks);
    name.strip_suffix("some")
        .filter(|_| near.ends_with("some("))
        .map_or(name, |name| name.trim_end_matches(marks))
}

/// Whether a status is followed by its reason phrase or by a code with this status.
fn is_named(status: u16, after: &str) -> bool {
    let after = after.trim_start_matches([' ', ':', '-', '(', '"', '\'']);
    let known = http::StatusCode::from_u16(status).ok();
    let reason = known.and_then(|status| status.canonical_reason());
    let rest = reason.and_then(|reason| after.strip_prefix(reason));
    if rest.is_some_and(|rest| !rest.starts_with(is_word)) {
        return true;
    }
    // Python's `requests` prints this.
    if after.starts_with("Client Error: ") || after.starts_with("Server Error: ") {
        return true;
    }
    let word = after.split(|char| !is_word(char)).next();
    word.and_then(known_code).is_some_and(|entry| {
        entry.code().as_str().contains('_') || entry.statuses().contains(&status)
    })
}

/// Whether the number stands alone, with no word after it that it counts.
fn is_whole(after: &str) -> bool {
    let rest = after.trim_start();
    let took = rest.strip_prefix("in ").unwrap_or_default();
    rest.is_empty()
        || rest.starts_with([':', ';', ',', '.', '(', ')', '"', '|'])
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
        let words = words(text).filter(|word| word.text.contains('_') && !word.is_other());
        words.filter_map(|word| known_code(word.text)).next()
    })
}

fn known_code(word: &str) -> Option<&'static Entry> {
    Entry::of(&word.into()).filter(|entry| entry.code().as_str() == word)
}

/// The last method and path in the text: `POST /contacts`, or `method="POST" path="/contacts"`.
pub(super) fn request(text: &str) -> Option<(http::Method, String)> {
    let adjacent = text.lines().rev().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let mut method = None;
        words.find_map(|word| {
            let before = method.replace(word.trim_start_matches(['"', '\'', '(']));
            let before = before.filter(|before| METHODS.contains(before) && word.starts_with('/'));
            Some((before?, word))
        })
    });
    let (method, path) = match adjacent {
        Some((method, path)) => (
            method,
            path.trim_end_matches([':', ',', ';', '"', '\'', ')']),
        ),
        None => (value(text, "method")?, value(text, "path")?),
    };
    let method = http::Method::from_bytes(method.as_bytes()).ok()?;
    Some((method, path.to_owned()))
}

/// The last value with this name, as in `request_id="req_abc123"`.
pub(super) fn value<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let found = text.rmatch_indices(name).find_map(|(at, _)| {
        let (before, from) = text.split_at_checked(at)?;
        let rest = from.strip_prefix(name)?.strip_prefix('=')?;
        (!before.ends_with(is_word)).then_some(rest)
    })?;
    match found.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => found.split([' ', ',', ';', ')', '\n', '\r']).next(),
    }
}

/// A word in its context.
struct Word<'t> {
    /// The word before.
    label: &'t str,
    /// The text between the two words.
    gap: &'t str,
    text: &'t str,
    /// The rest of the text.
    after: &'t str,
}

impl Word<'_> {
    fn is_named(&self, names: &[&str]) -> bool {
        let name = self.label.to_ascii_lowercase();
        names.contains(&name.as_str()) && self.gap.contains(['=', ':'])
    }

    /// Whether the word is the name of a value, or a value that is not the error.
    fn is_other(&self) -> bool {
        ["=", "\":", "':", ": "].iter().any(|mark| {
            self.after.starts_with(mark) && (self.text == "retry_after" || *mark != ": ")
        }) || self.is_named(&["cause", "reason"])
    }
}

fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
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

const fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let before = text.strip_suffix(word);
    before.is_some_and(|before| !before.ends_with(|char: char| char.is_ascii_alphanumeric()))
        || (word == "status" && text.ends_with(word))
}

/// The first bytes of a text, or the whole text if it is shorter.
fn head(text: &str, bytes: usize) -> &str {
    (bytes..text.len())
        .find_map(|at| text.get(..at))
        .unwrap_or(text)
}

/// The last bytes of a text, or the whole text if it is shorter.
fn tail(text: &str, bytes: usize) -> &str {
    let from = text.len().saturating_sub(bytes);
    (from..text.len())
        .find_map(|at| text.get(at..))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{code, reason, request, status};

    #[test]
    fn a_number_that_is_clearly_a_status_is_found() {
        for line in [
            "x status=404 y",
            "x status: 404",
            "{ status: 404, a: 1 }",
            "'statusCode': 404,",
            "Response { status: Some(404) }",
            "Request failed with status code 404",
            "\"GET /a HTTP/1.1\" 404 12",
            "\"GET /a HTTP/1.1\" 404",
            "1.2.3.4 - - [22/Mar/2024:09:34:13 +0000] \"GET /a?b=500 HTTP/2\" 404 - \"-\"",
            "\"GET /a\" 404 12",
            "#5 GET /a: attempt 1 answered 404 in 80ms",
            "<title>404 Not Found</title>",
            "<h1>404</h1>",
            "#5 POST /a: failed: api 404 after 1 attempt in 80ms",
            "#5 POST /a: failed: api 404, maybe applied, after 2 attempts in 80ms",
            "HTTPError: 404 Client Error: Not Found for url: https://x",
            "ERROR app: 404 not_found: check the id",
            "2026-03-22T09:34:13Z ERROR 404: x",
            "[error] 404",
            "they got 404 Not Found",
            "app: HTTP 404",
            "took 500 ms, status=404",
            "INFO 404",
            "the worker exited; status=404",
        ] {
            assert_eq!(status(line).map(|(status, _)| status), Some(404), "{line}");
        }
    }

    #[test]
    fn a_number_in_prose_is_not_a_status() {
        for line in [
            "took 404 ms",
            "took 404",
            "status took: 404 ms",
            "status 404 ms",
            "got 404 of them",
            "404ms",
            "answered 404 tickets",
            "INFO 404 contacts read",
            "exit status: 101",
            "the container exited with error 500",
            "process finished with status 404",
            "exit_status=500",
            "terminated with status: 500",
            "killed by signal (status 500)",
            "the container exited with error 137",
            "status=139",
            "MySQL error 145: table crashed",
            "ERROR 599",
            "DEBUG: 100",
            "INFO 226",
            "port: 443",
            "status=4040",
            "status=404.5",
            "status=9",
            "contacts: 404",
            "200 OKs",
            "\"yes\" 404 12",
            "at /app/index.js:404:12",
        ] {
            assert_eq!(status(line), None, "{line}");
        }
        for known in [200, 304, 451, 499, 502] {
            let line = format!("status={known}");
            assert_eq!(status(&line).map(|(status, _)| status), Some(known));
        }
    }

    #[test]
    fn a_long_line_of_digits_is_read_in_linear_time() {
        for unit in ["4", "404 ", "404."] {
            assert_eq!(status(&unit.repeat(1 << 17)), None, "{unit}");
        }
    }

    #[test]
    fn a_code_is_a_whole_word_and_not_the_name_of_a_value() {
        let found = |text| code(text).map(|entry| entry.code().as_str());
        assert_eq!(found("a (tag_not_found), b"), Some("tag_not_found"));
        assert_eq!(found("{'code': 'conflict'}"), Some("conflict"));
        assert_eq!(found("a not_found code=\"conflict\""), Some("conflict"));
        for text in [
            "a conflict of interest",
            "xtag_not_found",
            "TAG_NOT_FOUND",
            "cause=\"retry_after\"",
            "retry_after=5",
            "\"retry_after\": 5",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn a_request_is_found_as_words_or_as_named_values() {
        for text in [
            "#5 POST /contacts: attempt 1 sent",
            "\"POST /contacts HTTP/1.1\" 422 1",
            "call=5 method=\"POST\" path=\"/contacts\" attempt=1",
        ] {
            let found = request(text);
            assert_eq!(found, Some((http::Method::POST, "/contacts".to_owned())));
        }
        assert_eq!(request("POST it to /contacts"), None);
    }

    #[test]
    fn a_reason_phrase_means_its_status() {
        for (text, status) in [
            ("Too Many Requests", 429),
            ("service unavailable", 503),
            ("Request-Timeout", 408),
            ("NotFound", 404),
            ("Bad Gateway\n", 502),
        ] {
            assert_eq!(reason(text), Some(status), "{text}");
        }
        for text in ["too_many_requests", "Conflict", "not found here", ""] {
            assert_eq!(reason(text), None, "{text}");
        }
    }
}
