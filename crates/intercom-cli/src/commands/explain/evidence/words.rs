//! A status, a code, a request and signs of HTTP in a line of prose.

use intercom_errors::{CATALOG, Entry};

use crate::commands::explain::nearest::normalized;
use crate::commands::explain::notation::{Pattern, begin};

/// How many bytes around a number are examined. Lines can be very long.
const NEAR: usize = 64;
/// How much of a line is examined as a whole, in bytes.
pub(super) const LONGEST_LINE: usize = 16_000;
/// The length limit of the request in a line of an access log, in bytes.
const QUOTED: usize = 2048;
pub(super) const METHODS: &[&str] = &["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"];

/// A number of three digits that is not a part of another number, a version, a path or an amount.
static NUMBER: Pattern =
    Pattern::new(r"(?:^|[^\w.,/#$+-])([2-5]\d\d)(?:$|[.,](?:$|\D)|[^\w.,%/-])");
/// What can be between a name and its number: `status: Some(`, `"status" => `, `[status code] `.
macro_rules! named {
    ($names:literal) => {
        concat!(
            "(?i)(?:",
            $names,
            r#")[\s"'=:>()\[\]|`<\\]*(?:some\(|int\()?$"#
        )
    };
}
/// Names of a status that are used for HTTP only.
static CLEAR: Pattern = Pattern::new(named!(
    r"status[ _-]?code|http[ _-]?(?:status|code|error)|response[ _-]?(?:code|status)|url returned error|intercom:|\bhttp(?:/[\d.]+)?|<(?:title|h1|response)>|(?-i:Error|Exception|Intercom\w*)[ :\])]*[(\[]"
));
/// Names of a status that can be one of something else.
static NAMED: Pattern = Pattern::new(named!(r"(?:\b|_)status"));
/// Words before a status, unless the number counts or measures something.
static SAID: Pattern = Pattern::new(named!(
    r"\b(?:answered|failed|responded|returned|got)(?: with)?|error|\b(?:critical|debug|err|fatal|info|notice|trace|warn|warning)"
));
/// What shows that a number is not a status: the exit status of a process, or a comparison in source code.
static EXIT: Pattern = Pattern::new(
    r"(?i)\b(?:exit|exited|finished|signal|terminated)\b[^,;:.]*[\s:=]*$|[=<>!]=+\s*$",
);
/// The request in an access log, before the status.
static ACCESS: Pattern = Pattern::new(r#""(?:DELETE|GET|HEAD|PATCH|POST|PUT) [^"]*" $"#);
/// The text after a number that stands alone, and counts nothing.
static ALONE: Pattern = Pattern::new(r#"^\s*(?:$|[:;,.()"|{]|in \d)"#);
/// Units of numbers that are not a status.
static UNIT: Pattern =
    Pattern::new(r"^\s*(?:[mun]?s|sec|seconds|m|min|minutes|h|bytes|[kKM]?B|[KM]iB)\b");
/// Programs whose errors have statuses of other services.
static TOOL: Pattern = Pattern::new(r"^\s*(?:npm|pip|pnpm|yarn)\s");
/// What shows that a line is about HTTP.
static SIGN: Pattern =
    Pattern::new(r"(?i)\b(?:curl|https?|request_id|status_?code|http_code|response)\b|\(request ");
/// What names Intercom or a part of its SDKs. `intercom_version_invalid` is a code.
static INTERCOM: Pattern = Pattern::new("Intercom|(?i:(?:^|[^a-z])intercom(?:$|[^a-z_]|_[^v]))");
/// A line of source code, a comment, or an item of a change log. curl's remarks begin with a star, too.
static SOURCE: Pattern = Pattern::new(
    r#"^\s*(?:"[^"]*"[,;]?\s*$|"[^"]*", |//|[-|] |self\.|assert|(?:catch|class|except|import|raise|rescue|throw|use)\b)|^\s+\* |::<|ErrorKind::| => |;\s*$|^\s*\w+,$"#,
);
/// A code with its name, and a word that can only be a code.
static CODE: Pattern = Pattern::new(r#"(?i)\b(?:error_)?code\W*[=:|]\W*(\w+)"#);
static SNAKE: Pattern =
    Pattern::new(r#"(?:\b(cause|reason)\W*[=:]\W*|"?)\b([a-z0-9]+_\w+)(=|["']?:|")?"#);
/// Where a request begins: a method before a URL may be written like `Post`.
static REQUEST: Pattern = Pattern::new(
    r#"\b((?i:delete|get|head|patch|post|put))\W{1,3}(?:(?:->|to) )?["'`(<\[]*(https?://[^\s"'`<>()\[\]{},;\\]+|/[^\s"'`<>()\[\]{},;\\]*)"#,
);

/// A status in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status<'t> {
    pub(super) number: u16,
    /// Whether the words around it show that it is one of HTTP.
    pub(super) is_signed: bool,
    /// The line after the number.
    pub(super) after: &'t str,
}

/// The first number that is clearly a status. A number in prose is not a status.
pub(super) fn status(line: &str) -> Option<Status<'_>> {
    if TOOL.is_match(line) {
        return None;
    }
    let mut found = numbers(line);
    found.find_map(|(before, number, after)| {
        let is_signed = strength(before, number, after)?;
        Some(Status {
            number,
            is_signed,
            after,
        })
    })
}

/// The numbers that can be a status, with the text before and after each.
fn numbers(line: &str) -> impl Iterator<Item = (&str, u16, &str)> {
    let mut at = 0;
    let found = std::iter::from_fn(move || {
        let number = NUMBER.captures_at(line, at)?.get(1)?;
        at = number.end();
        Some((
            line.get(..number.start())?,
            number.as_str().parse().ok()?,
            line.get(at..)?,
        ))
    });
    found.filter(|(_, status, after)| is_known(*status) && !UNIT.is_match(begin(after, NEAR)))
}

/// Whether the status is standard, nginx's 499 for a client that closed the connection, or in the catalog.
fn is_known(status: u16) -> bool {
    let is_listed = || {
        CATALOG
            .iter()
            .any(|entry| entry.statuses().contains(&status))
    };
    reason_of(status).is_some() || status == 499 || is_listed()
}

fn reason_of(status: u16) -> Option<&'static str> {
    http::StatusCode::from_u16(status).ok()?.canonical_reason()
}

/// Whether a number is a status, and whether it is clearly one of HTTP.
fn strength(before: &str, status: u16, after: &str) -> Option<bool> {
    let (near, next) = (tail(before, NEAR), begin(after, NEAR));
    let name = next.trim_start_matches([' ', ':', '-', '(', '"', '\'']);
    let reason = reason_of(status).and_then(|reason| name.strip_prefix(reason));
    // Python's `requests` prints `404 Client Error: `.
    let is_reason = reason.is_some_and(|rest| !rest.starts_with(is_word))
        || ["Client Error: ", "Server Error: "]
            .iter()
            .any(|error| name.starts_with(error));
    let code = name
        .split(|char| !is_word(char))
        .next()
        .and_then(known_code);
    let is_access = || ACCESS.is_match(tail(before, QUOTED));
    if is_reason || (!EXIT.is_match(near) && (CLEAR.is_match(near) || is_access())) {
        return Some(true);
    }
    let has_code = code.is_some_and(|entry| entry.statuses().contains(&status));
    let is_alone = || code.is_some() || ALONE.is_match(next);
    let is_said = || SAID.is_match(near) && status >= 400 && is_alone();
    let is_status = !EXIT.is_match(near) && (has_code || NAMED.is_match(near) || is_said());
    is_status.then_some(false)
}

/// The status that directly precedes an error list: `{422, %{..}}`, `409: {..}`.
pub(super) fn adjacent(before: &str) -> Option<u16> {
    let near = tail(before, NEAR).trim_end_matches(|char: char| !is_word(char));
    let (_, status, _) = numbers(near).find(|(.., after)| after.is_empty())?;
    (status >= 400).then_some(status)
}

/// The status with this reason phrase, like `Too Many Requests`. Text with underscores is a code, and so is a single word.
pub(super) fn reason(text: &str) -> Option<u16> {
    let text = text.trim();
    let is_phrase = text.len() < NEAR && text.contains([' ', '-']) && !text.contains('_');
    reason_named(Some(text).filter(|_| is_phrase)?)
}

/// The status with this reason phrase, however it is written: `TooManyRequests`.
pub(super) fn reason_named(name: &str) -> Option<u16> {
    let name = normalized(name);
    (400..=599).find(|status| reason_of(*status).is_some_and(|reason| normalized(reason) == name))
}

/// Whether a line is source code or an item of a change log.
pub(super) fn is_source(line: &str) -> bool {
    SOURCE.is_match(begin(line, LONGEST_LINE))
}

/// Whether a line is about HTTP or Intercom.
pub(super) fn is_signed(line: &str) -> bool {
    SIGN.is_match(line) || names_intercom(line) || request(line).is_some()
}

/// Whether a text names Intercom or a part of its SDKs.
pub(super) fn names_intercom(text: &str) -> bool {
    INTERCOM.is_match(text)
}

/// The last method and path or URL in the text.
pub(super) fn request(text: &str) -> Option<(http::Method, String)> {
    let line = |line| {
        let [method, target] = REQUEST.captures(line)?.extract().1;
        let name = method.to_ascii_uppercase();
        let is_method = name == method || target.starts_with("http");
        let target = target.trim_end_matches(['.', ':']).to_owned();
        Some((name.parse().ok().filter(|_| is_method)?, target))
    };
    text.lines().rev().find_map(line)
}

/// The first known code that is a whole word, and either follows a name like `code` or contains an underscore.
pub(super) fn code(text: &str) -> Option<&'static Entry> {
    let named = CODE.captures(text).and_then(|found| known_code(&found[1]));
    let mut words = SNAKE.captures_iter(text).filter_map(|found| {
        let is_quoted = found[0].starts_with('"') && found[0].ends_with('"');
        let is_key = found.get(3).is_some() && !found[0].ends_with('"');
        let is_other = found.get(1).is_some() || is_key || is_quoted;
        known_code(&found[2]).filter(|_| !is_other)
    });
    named.or_else(|| words.next())
}

pub(super) fn known_code(word: &str) -> Option<&'static Entry> {
    Entry::of(&word.into()).filter(|entry| entry.code().as_str() == word)
}

pub(super) const fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

/// The last bytes of a text, or the whole text if it is shorter.
fn tail(text: &str, bytes: usize) -> &str {
    let mut starts = text.len().saturating_sub(bytes)..text.len();
    starts.find_map(|at| text.get(at..)).unwrap_or_default()
}
