//! Messages of Intercom, and the errors that a line names without an error list.

use intercom_protocol::ApiError;

use super::{Evidence, known, list_of, words};
use crate::commands::explain::notation::begin;

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
const INTERPRETED: &[(u16, &str)] = &[
    (400, "client_error"),
    (403, "forbidden"),
    (404, "not_found"),
    (409, "conflict"),
    (422, "parameter_invalid"),
    (429, "rate_limit_exceeded"),
    (500, "server_error"),
];

/// What ends a message in a line.
const ENDS: &[&str] = &[" (request ", "\"", " and http_code:"];

/// The response that a line with a status describes.
pub(super) fn response(text: &str, line: &str, status: u16, from: &str) -> Evidence {
    let exception = known::exception(line).filter(|_| words::is_signed(line));
    let code = code_after(from)
        .or_else(|| words::code(line).map(|entry| entry.code().as_str()))
        .or_else(|| {
            let entry = words::code(text).filter(|entry| entry.statuses().contains(&status));
            Some(entry?.code().as_str())
        })
        .or_else(|| Some(exception?.1).filter(|code| !code.is_empty()));
    let message = messages(line, &[": ", "\"", "'", "("]).find(|(known, of, _)| {
        code.is_none_or(|code| code == *of) && (*known == status || code.is_some())
    });
    let code = code.or(message.map(|(_, code, _)| code));
    let said = message
        .map(|(.., message)| message)
        .or_else(|| quoted(from));
    let body = match code {
        Some(code) => list_of(Some(code), said),
        None if text.trim_start().starts_with('<') => text.trim().as_bytes().to_vec(),
        None => Vec::new(),
    };
    Evidence {
        status: Some(status),
        body,
        ..Evidence::default()
    }
}

/// The code directly after a status, also one that is not known: `422 new_code "message": ...`.
fn code_after(from: &str) -> Option<&str> {
    let after = from.get(3..)?.strip_prefix([' ', ':', ']', ')'])?;
    let after = after.trim_start_matches([' ', ':']);
    let end = after
        .find(|char: char| !char.is_ascii_alphanumeric() && char != '_')
        .unwrap_or(after.len());
    let word = after
        .get(..end)
        .filter(|_| !after.get(end..).is_some_and(|rest| rest.starts_with('=')))?;
    let is_code = word
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    (is_code && (word.contains('_') || words::known_code(word).is_some())).then_some(word)
}

/// The quoted message in an error line of this program, which may itself contain quotes.
fn quoted(from: &str) -> Option<&str> {
    let (_, rest) = from.split_once(" \"")?;
    let (quoted, _) = rest.rsplit_once("\":")?;
    Some(quoted)
}

/// The error in a line without a status: an exception of an SDK, a message of Intercom, or a code.
pub(super) fn without_status(line: &str, is_signed: bool) -> Option<Evidence> {
    let code = || {
        words::code(line)
            .filter(|_| is_signed && !words::is_source_string(line))
            .map(|entry| entry.code().as_str())
    };
    let (status, code, message) = match known::exception(line).filter(|_| is_signed) {
        Some((status, code, after)) => (
            Some(status),
            Some(code).filter(|code| !code.is_empty()),
            said(after),
        ),
        None => match first(line, is_signed) {
            Some((status, code, message)) => (Some(status), Some(code), Some(message)),
            None => (None, Some(code()?), None),
        },
    };
    let body = match (code, message) {
        (None, None) => Vec::new(),
        (code, message) => list_of(code, message),
    };
    Some(Evidence {
        status,
        body,
        ..Evidence::default()
    })
}

/// The message after the name of an exception: `(User Not Found)`, `: User Not Found`.
fn said(after: &str) -> Option<&str> {
    let after = after.trim_start();
    let message = match after.strip_prefix('(') {
        Some(inner) => inner.rsplit_once(')')?.0,
        None => after.strip_prefix(':')?,
    };
    let message = message.trim().trim_matches(['\'', '"']);
    (!message.is_empty() && message.len() <= MAX_BYTES).then_some(message)
}

/// The first message of Intercom in a line. In a line about something else, a quoted string is not a message.
pub(super) fn first(line: &str, is_signed: bool) -> Option<(u16, &'static str, &str)> {
    let trimmed = line.trim();
    match is_signed {
        // A string in source code.
        _ if trimmed.starts_with('"') && trimmed.ends_with("\",") => None,
        true => messages(line, &[": ", "\"", "'", "("]).next(),
        false => messages(line, &[": ", "=\""]).next(),
    }
}

/// The parts of a line that are a message of Intercom, with their status and code.
fn messages<'t>(
    line: &'t str,
    marks: &'static [&str],
) -> impl Iterator<Item = (u16, &'static str, &'t str)> {
    parts(line, marks).take(MAX_PARTS).filter_map(|message| {
        let known = KNOWN.iter().find(|known| message.starts_with(known.0));
        let known = known.map(|known| (known.1, known.2));
        let interpreted = || {
            INTERPRETED
                .iter()
                .copied()
                .find(|pair| matters(*pair, message))
        };
        let (status, code) = known.or_else(interpreted)?;
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

/// The line, and the text after each of the marks. The text ends where the message ends.
fn parts<'t>(line: &'t str, marks: &'static [&str]) -> impl Iterator<Item = &'t str> {
    let inner = marks.iter().flat_map(move |mark| {
        line.match_indices(mark)
            .filter_map(move |(at, mark)| line.get(at..)?.strip_prefix(mark))
    });
    let is_trimmed = |char: char| char.is_whitespace() || "'`,;)".contains(char);
    std::iter::once(line).chain(inner).filter_map(move |part| {
        // Most parts end here, so a long line is read in linear time.
        let begins = part
            .trim_start_matches(is_trimmed)
            .starts_with(|char: char| char.is_ascii_alphabetic());
        let part = Some(part).filter(|_| begins)?;
        let near = begin(part, MAX_BYTES);
        let end = ENDS.iter().filter_map(|end| near.find(end)).min();
        let part = near.get(..end.unwrap_or(near.len()))?;
        Some(part.trim_matches(is_trimmed))
    })
}
