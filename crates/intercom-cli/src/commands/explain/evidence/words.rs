//! A status, a code, a request and signs of HTTP in a line of prose.

use http::{Method, StatusCode};
use intercom_errors::Entry;

use super::vocabulary as known;
use crate::commands::explain::nearest::normalized;
use crate::commands::explain::notation::{begin, end, group};

/// How many bytes around a number are examined. Lines can be very long.
const NEAR: usize = 64;
/// How much of a line is examined as a whole, in bytes.
pub(super) const LONGEST_LINE: usize = 16_000;

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
    let mut found = numbers(line).filter(|_| !known::TOOL.is_match(line));
    found.find_map(|(before, number, after)| {
        let is_signed = is_signed_status(before, number, after)?;
        Some(Status {
            number,
            is_signed,
            after,
        })
    })
}

/// The numbers that can be a status, with the text before and after each.
fn numbers(line: &str) -> impl Iterator<Item = (&str, u16, &str)> {
    // Standard, or nginx's for a client that closed the connection.
    let is_known = |status| reason(status).is_some() || status == 499;
    known::NUMBER.find_iter(line).filter_map(move |number| {
        let (before, after) = (line.get(..number.start())?, line.get(number.end()..)?);
        let status = number.as_str().parse().ok()?;
        let is_part = before.ends_with(['.', ',', '/', '#', '$', '+', '-']);
        let is_amount = is_part || known::UNIT.is_match(begin(after, NEAR));
        (is_known(status) && !is_amount).then_some((before, status, after))
    })
}

fn reason(status: u16) -> Option<&'static str> {
    StatusCode::from_u16(status).ok()?.canonical_reason()
}

/// Whether a status is clearly one of HTTP. `None` if the number is not a status.
fn is_signed_status(before: &str, status: u16, after: &str) -> Option<bool> {
    let (near, next) = (end(before, NEAR), begin(after, NEAR));
    let name = known::NAME.captures(near);
    let is = |kind| name.as_ref().is_some_and(|name| name.name(kind).is_some());
    let said = next.trim_start_matches([' ', ':', '-', '(', '"', '\'']);
    // Python's `requests` prints `404 Client Error: `.
    let reason = reason(status).unwrap_or("\n");
    let mut reasons = ["Client Error:", "Server Error:", reason].into_iter();
    let is_exit = known::EXIT.is_match(near);
    let is_access = || near.ends_with("\" ") && known::ACCESS.is_match(end(before, 2048));
    let is_clear = || !is_exit && (is("clear") || is_access());
    if reasons.any(|reason| said.starts_with(reason)) || is_clear() {
        return Some(true);
    }
    let is_end = |char: char| !char.is_alphanumeric() && char != '_';
    let code = said.split(is_end).next().and_then(code_named);
    let has_code = code.is_some_and(|entry| entry.statuses().contains(&status));
    let is_alone = code.is_some() || known::ALONE.is_match(next);
    let is_said = is_alone && status >= 400 && is("said");
    (!is_exit && (has_code || is_said || is("named"))).then_some(false)
}

/// The status that directly precedes an error list: `{422, %{..}}`, `409: {..}`.
pub(super) fn adjacent(before: &str) -> Option<u16> {
    let near = end(before, NEAR).trim_end_matches(|char: char| !char.is_alphanumeric());
    let mut found = numbers(near).filter(|(_, status, after)| after.is_empty() && *status >= 400);
    found.next().map(|(_, status, _)| status)
}

/// The status with this reason phrase, however it is written: `TooManyRequests`.
pub(super) fn reason_named(name: &str) -> Option<u16> {
    let name = normalized(name);
    (400..=599).find(|status| reason(*status).is_some_and(|reason| normalized(reason) == name))
}

/// Whether a line is source code or an item of a change log.
pub(super) fn is_source(line: &str) -> bool {
    known::SOURCE.is_match(begin(line, LONGEST_LINE))
}

/// Whether a line is about HTTP or Intercom.
pub(super) fn is_signed(line: &str) -> bool {
    known::SIGN.is_match(line) || known::INTERCOM.is_match(line) || request(line).is_some()
}

/// The last method and path or URL in the text.
pub(super) fn request(text: &str) -> Option<(Method, String)> {
    text.lines().rev().find_map(|line| {
        let [method, target] = known::REQUEST.captures(line)?.extract().1;
        let name = method.to_ascii_uppercase();
        let is_method = name == method || target.starts_with("http");
        let target = target.trim_end_matches(['.', ':']).to_owned();
        Some((name.parse().ok().filter(|_| is_method)?, target))
    })
}

/// The first known code that is a whole word, and either follows a name like `code` or contains an underscore.
pub(super) fn code(text: &str) -> Option<&'static str> {
    let named = group(&known::CODE, text).and_then(code_named);
    let mut words = known::SNAKE.captures_iter(text).filter_map(|found| {
        let after = found.get(3).map_or("", |after| after.as_str());
        let is_end = after == "\"" && !found[0].starts_with('"');
        let is_code = found.get(1).is_none() && (after.is_empty() || is_end);
        code_named(&found[2]).filter(|_| is_code)
    });
    let entry = named.or_else(|| words.next());
    entry.map(|entry| entry.code().as_str())
}

pub(super) fn code_named(word: &str) -> Option<&'static Entry> {
    Entry::of(&word.into()).filter(|entry| entry.code().as_str() == word)
}
