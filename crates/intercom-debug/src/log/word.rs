//! Words that are allowed in a log line.

use intercom_errors::CATALOG;

use crate::safe::{Secrets, request_id};

/// The vocabulary, sorted. A test checks that no word of it is a person's name.
const WORDS: &str = include_str!("words.txt");

/// The longest token that is looked up, in bytes, and the most words that it can have.
const LONGEST: usize = 64;
const MOST_PARTS: usize = 8;

/// Whether the token is made of words of the vocabulary: `timeout`, `rate-limit`, `intercom.sync`, `TooManyRequestsError`.
pub(super) fn is_allowed(token: &str) -> bool {
    // A single letter is only a part, like in `x-request-id`.
    if token.len() < 2 || token.len() > LONGEST || !token.is_ascii() {
        return false;
    }
    if is_listed(token) || is_code(token) {
        return true;
    }
    let mut parts = token
        .split(['-', '_', '.', '/'])
        .flat_map(capitals)
        .peekable();
    let mut count = 0;
    parts.peek().is_some()
        && parts.all(|part| {
            count += 1;
            count <= MOST_PARTS && is_listed(part)
        })
}

/// Whether the token is an error code of the catalog.
pub(super) fn is_code(token: &str) -> bool {
    CATALOG.iter().any(|entry| entry.code().as_str() == token)
}

/// Whether the token has the form of Intercom's request ids: 20 characters of base 32, or a UUID.
///
/// Hexadecimal text of 20 characters has both forms. It is refused, because it can be the encoding of something else.
pub(crate) fn is_request_id(token: &str) -> bool {
    let is_hex = token.bytes().all(|byte| byte.is_ascii_hexdigit());
    !is_hex && request_id(token, &Secrets::default()).is_some()
}

/// Whether the word is in the vocabulary, in small letters, in capitals, or with one capital at the start.
fn is_listed(word: &str) -> bool {
    let rest = word.get(1..).unwrap_or_default();
    let has_small = rest.bytes().any(|byte| byte.is_ascii_lowercase());
    let has_large = rest.bytes().any(|byte| byte.is_ascii_uppercase());
    let starts_small = word.starts_with(|char: char| char.is_ascii_lowercase());
    if has_large && (has_small || starts_small) {
        return false;
    }
    let word = word.to_ascii_lowercase();
    words().binary_search(&word.as_str()).is_ok()
}

fn words() -> &'static [&'static str] {
    static SORTED: std::sync::LazyLock<Vec<&str>> = std::sync::LazyLock::new(|| {
        let mut words: Vec<_> = WORDS.lines().collect();
        words.sort_unstable();
        words
    });
    &SORTED
}

/// Cuts at capitals: `APIError` has the words `API` and `Error`.
fn capitals(token: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(token);
    std::iter::from_fn(move || {
        let text = rest?;
        let bytes = text.as_bytes();
        let is_large = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
        let is_small = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
        let cut = (1..text.len())
            .find(|&at| is_large(at) && (!is_large(at - 1) || is_small(at + 1)))
            .unwrap_or(text.len());
        let (word, after) = text.split_at_checked(cut)?;
        rest = (!after.is_empty()).then_some(after);
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::{is_allowed, is_request_id, words};

    #[test]
    fn names_of_classes_loggers_and_headers_are_allowed() {
        for token in [
            "timeout",
            "Timeout",
            "TIMEOUT",
            "x-ratelimit-remaining",
            "X-RateLimit-Remaining",
            "intercom.core.api_error",
            "TooManyRequestsError",
            "APIError",
            "IntercomSync",
            "NoMethodError",
            "rate_limit_exceeded",
            "ECONNRESET",
            "application/json",
        ] {
            assert!(is_allowed(token), "{token}");
        }
    }

    #[test]
    fn names_of_people_and_fragments_are_not_allowed() {
        for token in [
            "Mark",
            "Grant",
            "May",
            "Will",
            "Rose",
            "Page",
            "Post",
            "TIMeOUT",
            "tIMEOUT",
            "timeout-Mark",
            "timeout_",
            "_",
            "-",
            "",
            "Error5",
            "err",
            "a",
            "Zoë",
        ] {
            assert!(!is_allowed(token), "{token}");
        }
    }

    #[test]
    fn the_vocabulary_is_small_and_sorted() {
        assert!(words().len() <= 1_000, "{}", words().len());
        assert!(super::WORDS.lines().is_sorted());
        let is_word = |word: &&str| {
            word.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
        };
        assert!(words().iter().all(|word| !word.is_empty() && is_word(word)));
    }

    #[test]
    fn no_word_of_the_vocabulary_is_a_name() {
        let names = include_str!("../../tests/it/names.txt");
        let names: std::collections::BTreeSet<_> = names
            .lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(str::split_whitespace)
            .collect();
        assert!(names.len() > 2_000);
        let found: Vec<_> = words()
            .iter()
            .filter(|word| names.contains(**word))
            .collect();
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn both_forms_of_request_ids_are_known() {
        assert!(is_request_id("0002mtll0fnt9s5aigpg"));
        assert!(is_request_id("9f0c3c52-8a4e-4cde-9b47-1f2a3b4c5d6e"));
        for other in [
            "4d61726b204772616e74",
            "01234567890123456789",
            "Ada-Lovelace-of-long-",
            "0002mtll0fnt9s5aigp",
        ] {
            assert!(!is_request_id(other), "{other}");
        }
    }
}
