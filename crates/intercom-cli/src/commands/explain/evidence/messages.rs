//! Messages of Intercom, and the errors that a line names without an error list.

use intercom_protocol::ApiError;

use super::{Evidence, faults, list_of, words};
use crate::commands::explain::notation::{Pattern, begin};

/// The length limit of a message, in bytes.
const MAX_BYTES: usize = 600;
/// How many parts of a line are examined. Each costs a parse or two.
const MAX_PARTS: usize = 16;

/// Beginnings of messages that occur with only one code.
const KNOWN: &[(&str, u16, &str)] = &[
    ("Access Token Invalid", 401, "unauthorized"),
    ("Exceeded rate limit of ", 429, "rate_limit_exceeded"),
    (
        "Not authorized to access resource",
        401,
        "token_unauthorized",
    ),
    ("Rate limit exceeded", 429, "rate_limit_exceeded"),
    ("User Not Found", 404, "not_found"),
];
/// Statuses and codes of errors whose class can depend on the message.
#[rustfmt::skip]
const INTERPRETED: &[(u16, &str)] = &[
    (400, "client_error"), (403, "forbidden"), (404, "not_found"), (409, "conflict"), (422, "parameter_invalid"),
    (429, "rate_limit_exceeded"), (500, "server_error"),
];

/// Where a message can begin in a line, and where in a line without a sign of HTTP or Intercom.
static BEGIN: Pattern = Pattern::new(r#"^|: |["'(]"#);
static BEGIN_OF_VALUE: Pattern = Pattern::new(r#"^|: |[="]""#);
/// What ends a message in a line.
static END: Pattern = Pattern::new(r#" \(request |"| and http_code:"#);
/// The code directly after a status, and the message that this program quotes after it.
static AFTER_STATUS: Pattern = Pattern::new(r#"^[ :\])] ?:?([a-z0-9_]+)(?:[^\w=]|$)"#);
static QUOTED: Pattern = Pattern::new(r#" "(.*)":"#);

/// The response that a line with a status describes.
pub(super) fn response(text: &str, line: &str, status: &words::Status<'_>) -> Evidence {
    let after = AFTER_STATUS
        .captures(status.after)
        .map(|found| found.extract().1);
    let after = after
        .map(|[code]| code)
        .filter(|code| code.contains('_') || words::known_code(code).is_some());
    let exception = || faults::exception(line).filter(|_| words::is_signed(line));
    let usual = || words::code(text).filter(|entry| entry.statuses().contains(&status.number));
    let entry = || {
        words::code(line)
            .or_else(usual)
            .map(|entry| entry.code().as_str())
    };
    let code = after.or_else(entry).or_else(|| exception()?.1);
    let message = messages(line, &BEGIN).find(|(known, of, _)| match code {
        Some(code) => code == *of,
        None => *known == status.number,
    });
    let code = code.or(message.map(|(_, code, _)| code));
    let quoted = || QUOTED.captures(status.after).map(|found| found.extract().1);
    let said = message
        .map(|(.., message)| message)
        .or_else(|| quoted().map(|[said]| said));
    let body = match code {
        Some(code) => list_of(Some(code), said),
        None if text.trim_start().starts_with('<') => text.trim().into(),
        None => Vec::new(),
    };
    Evidence {
        status: Some(status.number),
        body,
        ..Evidence::default()
    }
}

/// The error in a line without a status: an exception of an SDK, a message of Intercom, or a code.
pub(super) fn without_status(line: &str, is_signed: bool) -> Option<Evidence> {
    let exception = || faults::exception(line).filter(|_| is_signed);
    let message = || {
        first(line, is_signed).map(|(status, code, said)| (Some(status), Some(code), Some(said)))
    };
    let code = || {
        words::code(line)
            .filter(|_| is_signed)
            .map(|entry| (None, Some(entry.code().as_str()), None))
    };
    let (status, code, said) = match exception() {
        Some((status, code, said)) => (status, code, said),
        None => message().or_else(code)?,
    };
    let is_empty = code.is_none() && said.is_none();
    let body = if is_empty {
        Vec::new()
    } else {
        list_of(code, said)
    };
    Some(Evidence {
        status,
        body,
        ..Evidence::default()
    })
}

/// The first message of Intercom in a line. In a line about something else, a quoted string is not a message.
pub(super) fn first(line: &str, is_signed: bool) -> Option<(u16, &'static str, &str)> {
    let begin = if is_signed { &BEGIN } else { &BEGIN_OF_VALUE };
    messages(line, begin).next()
}

/// The parts of a line that are a message of Intercom, with their status and code.
fn messages<'t>(
    line: &'t str,
    begins: &'static Pattern,
) -> impl Iterator<Item = (u16, &'static str, &'t str)> {
    let is_outside = |char: char| char.is_whitespace() || "'`,;)".contains(char);
    let parts = begins.find_iter(line).filter_map(move |mark| {
        let part = begin(
            line.get(mark.end()..)?.trim_start_matches(is_outside),
            MAX_BYTES,
        );
        let end = END.find(part).map_or(part.len(), |end| end.start());
        let part = part.get(..end)?.trim_end_matches(is_outside);
        part.starts_with(|char: char| char.is_ascii_alphabetic())
            .then_some(part)
    });
    parts.take(MAX_PARTS).filter_map(|message| {
        let known = KNOWN.iter().find(|known| message.starts_with(known.0));
        let known = known.map(|known| (known.1, known.2));
        let mut others = INTERPRETED.iter().copied();
        let (status, code) = known.or_else(|| others.find(|pair| matters(*pair, message)))?;
        Some((status, code, message))
    })
}

/// Whether the message changes the meaning of an error with this status and code.
pub(super) fn matters((status, code): (u16, &str), message: &str) -> bool {
    let read = |message| ApiError::from_parts(status, [], &list_of(Some(code), message));
    let error = read(Some(message));
    error.class() != read(None).class()
        || (status == 409 && error.existing_contact().is_some())
        || (status == 403 && error.required_scope().is_some())
}
