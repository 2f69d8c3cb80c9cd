//! Messages of Intercom that identify an error by themselves: those that `ApiError` interprets, and a few well-known ones.

use intercom_protocol::ApiError;

use super::pasted::Pasted;
use super::search::list;

/// The length limit of a message, in characters.
const MAX_CHARS: usize = 300;
/// How many parts of a line are examined. Each costs a parse or two.
const MAX_PARTS: usize = 16;
/// How many of the last lines are examined.
const MAX_LINES: usize = 100;

/// Beginnings of messages that occur with only one code.
const KNOWN: &[(&str, u16, &str)] = &[
    ("Access Token Invalid", 401, "unauthorized"),
    ("Exceeded rate limit of ", 429, "rate_limit_exceeded"),
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

/// The response that contains the last such message in the text.
pub(super) fn find(text: &str) -> Option<Pasted> {
    let mut last = text.lines().rev().take(MAX_LINES);
    let (status, code, message) = last.find_map(|line| messages(line).next())?;
    Some(Pasted {
        status: Some(status),
        ..Pasted::bare(list(code, Some(message)))
    })
}

/// The parts of a line that are such a message, with their status and code.
pub(super) fn messages(line: &str) -> impl Iterator<Item = (u16, &'static str, &str)> {
    parts(line).take(MAX_PARTS).filter_map(|message| {
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
fn matters((status, code): (u16, &str), message: &str) -> bool {
    let read = |message| ApiError::from_parts(status, [], &list(code, message));
    let error = read(Some(message));
    error.class() != read(None).class()
        || (status == 409 && error.existing_contact().is_some())
        || (status == 403 && error.required_scope().is_some())
}

/// The line, and the text after each of its colons and quotes. The text ends where the message ends.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let begins = [": ", "\"", "'"].into_iter();
    let inner = begins.flat_map(move |mark| {
        line.match_indices(mark)
            .filter_map(move |(at, mark)| line.get(at..)?.strip_prefix(mark))
    });
    std::iter::once(line).chain(inner).filter_map(|part| {
        let near = part
            .char_indices()
            .nth(MAX_CHARS)
            .map_or(part, |(at, _)| part.get(..at).unwrap_or_default());
        let part = near.split(" (request ").next()?.split('"').next()?;
        let part = part.trim_matches(|char: char| char.is_whitespace() || "'`,;".contains(char));
        part.starts_with(|char: char| char.is_ascii_alphabetic())
            .then_some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_message_identifies_its_status() {
        for (text, status) in [
            ("Exceeded rate limit of 83 in 10_seconds", 429),
            ("Error: Exceeded rate limit of 5 pending export jobs", 429),
            ("Access Token Invalid", 401),
            ("[x] \"Access Token Invalid\" (request r)", 401),
            (
                "A contact matching those details already exists with id=5f1a",
                409,
            ),
            (
                "x: An archived contact matching those details already exists with id=5f1a (request r)",
                409,
            ),
            ("Invalid starting_after param. Please try again", 400),
            ("Custom attribute 'plan' does not exist", 400),
            (
                "You do not have the required scope (read_macros) to access this resource",
                403,
            ),
            ("scroll parameter not found", 404),
        ] {
            assert_eq!(
                find(text).and_then(|found| found.status),
                Some(status),
                "{text}"
            );
        }
        for text in ["", "a contact exists", "It failed: Something went wrong"] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
