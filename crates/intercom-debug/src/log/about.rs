//! Whether a line of a log is about Intercom.

use intercom_errors::CATALOG;

use super::word::is_request_id;

/// What only a line about Intercom contains: its name, also in hosts, headers and exceptions, and the type of its errors.
const SIGNS: &[&str] = &["intercom", "x-ratelimit-", "error.list"];

/// What a request id follows. Other services have one as well, so its form decides.
const IDS: &[&str] = &["request_id", "request-id", "requestid"];

/// Whether the line names Intercom, or has one of its request ids or error codes.
pub(super) fn speaks_of_intercom(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    SIGNS.iter().any(|sign| line.contains(sign)) || has_request_id(&line) || has_code(&line)
}

/// Whether the line can belong to the one before it: it is indented, or closes a bracket.
pub(super) fn continues(line: &str) -> bool {
    line.starts_with([' ', '\t', '}', ']', ')'])
}

fn has_request_id(line: &str) -> bool {
    let is_short_id = |word: &&str| word.len() == 20 && is_request_id(word);
    IDS.iter().any(|name| {
        line.split(name).skip(1).any(|rest| {
            rest.split(|char: char| !char.is_ascii_alphanumeric())
                .find(|word| !word.is_empty())
                .is_some_and(|word| is_short_id(&word))
        })
    })
}

/// Whether the line has a code that is not also an English word.
fn has_code(line: &str) -> bool {
    let is_of_code = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let mut words = line.split(|char| !is_of_code(char));
    words
        .any(|word| word.contains('_') && CATALOG.iter().any(|entry| entry.code().as_str() == word))
}

#[cfg(test)]
mod tests {
    use super::speaks_of_intercom;

    #[test]
    fn hosts_ids_and_codes_are_signs() {
        for line in [
            "POST https://api.eu.intercom.io/contacts",
            "Intercom::ResourceNotFound (User Not Found)",
            "request_id: '0002mtll0fnt9s5aigpg'",
            "{\"code\":\"rate_limit_exceeded\"}",
            "X-RateLimit-Remaining: 0",
        ] {
            assert!(speaks_of_intercom(line), "{line}");
        }
        for line in [
            "Completed 200 OK in 12ms",
            "request_id=9f0c3c52-8a4e-4cde-9b47-1f2a3b4c5d6e GET /orders",
            "not_found_handler",
            "conflict",
        ] {
            assert!(!speaks_of_intercom(line), "{line}");
        }
    }
}
