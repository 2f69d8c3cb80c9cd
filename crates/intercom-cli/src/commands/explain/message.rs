//! A message of Intercom's that says by itself what came: the few that the crates below read, and the usual ones.

use intercom_protocol::ApiError;

use super::found::list;
use super::pasted::Pasted;

/// Longer parts of a line are none of these messages.
const LONGEST: usize = 300;
/// As many parts of a line are looked at, and as many of the last lines: each look costs a reading or two.
const PARTS: usize = 16;
const LINES: usize = 100;

/// Beginnings of messages that come with one code only.
const USUAL: &[(&str, u16, &str)] = &[
    ("Access Token Invalid", 401, "unauthorized"),
    ("Exceeded rate limit of ", 429, "rate_limit_exceeded"),
    ("Rate limit exceeded", 429, "rate_limit_exceeded"),
    ("User Not Found", 404, "not_found"),
];

/// The answers whose message tells more than their code.
const TELLING: &[(u16, &str)] = &[
    (400, "client_error"),
    (403, "forbidden"),
    (404, "not_found"),
    (409, "conflict"),
    (422, "parameter_invalid"),
    (429, "rate_limit_exceeded"),
    (500, "server_error"),
];

/// The answer that the last of such messages came with.
pub(super) fn find(text: &str) -> Option<Pasted> {
    let mut last = text.lines().rev().take(LINES);
    let (status, code, message) = last.find_map(|line| readable(line).next())?;
    Some(Pasted {
        status: Some(status),
        ..Pasted::bare(list(code, Some(message)))
    })
}

/// The parts of a line that are such a message, with status and code.
pub(super) fn readable(line: &str) -> impl Iterator<Item = (u16, &'static str, &str)> {
    parts(line).take(PARTS).filter_map(|message| {
        let usual = USUAL.iter().find(|usual| message.starts_with(usual.0));
        let usual = usual.map(|usual| (usual.1, usual.2));
        let telling = || TELLING.iter().copied().find(|known| tells(*known, message));
        let (status, code) = usual.or_else(telling)?;
        Some((status, code, message))
    })
}

/// Whether the message makes another thing of the answer.
fn tells((status, code): (u16, &str), message: &str) -> bool {
    let read = |message| ApiError::from_parts(status, [], &list(code, message));
    let error = read(Some(message));
    error.class() != read(None).class()
        || (status == 409 && error.existing_contact().is_some())
        || (status == 403 && error.required_scope().is_some())
}

/// The line and what follows its colons and quotes, each without what is put behind a message.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let begins = [": ", "\"", "'"].into_iter();
    let inner = begins.flat_map(move |mark| {
        line.match_indices(mark)
            .filter_map(move |(at, mark)| line.get(at..)?.strip_prefix(mark))
    });
    std::iter::once(line).chain(inner).filter_map(|part| {
        let near = part
            .char_indices()
            .nth(LONGEST)
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
    fn a_message_that_is_read_below_brings_its_status() {
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
