//! Words that are allowed in a log line.

use intercom_errors::CATALOG;

use crate::safe::{Secrets, request_id};

/// The vocabulary, sorted. A test checks that no word of it is a person's name.
const WORDS: &str = include_str!("words.txt");

/// The longest token that is looked up, in bytes, and the most words that it can have.
const LONGEST: usize = 64;
const MOST_PARTS: usize = 8;

/// Words that only sentences need. They are allowed as a part of a name only, like in `ResourceNotFound`.
const OF_SENTENCES: &[&str] = &[
    "a", "above", "after", "again", "all", "already", "also", "always", "am", "an", "another",
    "any", "are", "as", "at", "be", "because", "been", "before", "being", "below", "between",
    "both", "but", "by", "can", "cannot", "could", "did", "do", "does", "doing", "during", "each",
    "else", "every", "few", "for", "from", "had", "has", "have", "he", "her", "here", "his", "i",
    "if", "in", "into", "is", "it", "its", "just", "later", "many", "me", "more", "most", "much",
    "must", "my", "no", "not", "of", "off", "on", "once", "only", "onto", "or", "other", "our",
    "please", "same", "several", "she", "should", "so", "some", "still", "such", "than", "that",
    "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "too",
    "until", "up", "us", "using", "via", "was", "we", "were", "when", "where", "which", "while",
    "will", "with", "within", "without", "would", "yet", "you", "your",
];

/// First parts of names of loggers and classes, like `intercom.sync`. Other words with dots between them can be a host.
const PREFIXES: &[&str] = &[
    "axios", "celery", "hyper", "intercom", "java", "rails", "reqwest", "sidekiq", "tokio",
];

/// Environments that loggers write in front of a level, like `production.ERROR`.
const ENVIRONMENTS: &[&str] = &["local", "production", "test"];

/// Last parts of hosts and of names of files that are also words of the vocabulary.
const ENDS_OF_HOSTS: &[&str] = &[
    "app",
    "archive",
    "company",
    "email",
    "gateway",
    "info",
    "internal",
    "java",
    "json",
    "local",
    "localhost",
    "log",
    "media",
    "name",
    "net",
    "network",
    "php",
    "security",
    "server",
    "services",
    "support",
    "systems",
    "test",
    "xml",
];

const MEDIA_TYPES: &[&str] = &[
    "application/json",
    "application/octet-stream",
    "application/xml",
    "text/plain",
    "text/xml",
];

/// The levels of loggers, in small letters.
const LEVELS: &[&str] = &[
    "critical", "debug", "error", "fatal", "info", "notice", "trace", "warn", "warning",
];

/// How an allowed token is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// An error code that is not also a word.
    Code,
    /// More than a word: the name of a class, a logger or a member, a level, or Intercom.
    Name,
    /// A word, or words with `-` between them.
    Plain,
}

/// Whether the token is made of words of the vocabulary: `timeout`, `rate-limit`, `intercom.sync`, `TooManyRequestsError`.
pub(super) fn is_allowed(token: &str) -> bool {
    form(token).is_some()
}

/// The form of the token, if it is allowed.
pub(super) fn form(token: &str) -> Option<Form> {
    // A single letter is only a part, like in `x-request-id`.
    if token.len() < 2 || token.len() > LONGEST || !token.is_ascii() {
        return None;
    }
    if is_code(token) && token.contains('_') {
        return Some(Form::Code);
    }
    if is_level(token) && token.bytes().all(|byte| byte.is_ascii_uppercase())
        || token.eq_ignore_ascii_case("intercom")
        || MEDIA_TYPES.contains(&token)
    {
        return Some(Form::Name);
    }
    if is_listed(token) || is_code(token) {
        let is_name = token.contains(['_', '.']);
        return Some(if is_name { Form::Name } else { Form::Plain });
    }
    if token.contains('.') && !is_dotted_name(token) {
        return None;
    }
    let parts: Vec<_> = token.split(['-', '_', '.']).flat_map(capitals).collect();
    let is_part = |part: &&str| is_listed(part) || is_of_sentence(part);
    if !(2..=MOST_PARTS).contains(&parts.len()) || !parts.iter().all(is_part) {
        return None;
    }
    let is_plain = token.split('-').count() == parts.len();
    Some(if is_plain { Form::Plain } else { Form::Name })
}

/// Whether the word is one that only sentences need.
fn is_of_sentence(word: &str) -> bool {
    is_written_as_word(word) && OF_SENTENCES.contains(&word.to_ascii_lowercase().as_str())
}

/// Whether the words with dots between them are the name of a logger or a class: it begins like one, and ends unlike a host.
fn is_dotted_name(token: &str) -> bool {
    let token = token.to_ascii_lowercase();
    let (first, _) = token.split_once('.').unwrap_or_default();
    let (start, last) = token.rsplit_once('.').unwrap_or_default();
    PREFIXES.contains(&first) && !ENDS_OF_HOSTS.contains(&last)
        || ENVIRONMENTS.contains(&start) && is_level(last)
}

/// Whether the word is a level of a logger.
pub(super) fn is_level(word: &str) -> bool {
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word))
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

/// Whether the word is in the vocabulary.
fn is_listed(word: &str) -> bool {
    let small = word.to_ascii_lowercase();
    is_written_as_word(word) && words().binary_search(&small.as_str()).is_ok()
}

/// Whether the word is in small letters, in capitals, or has one capital at the start.
fn is_written_as_word(word: &str) -> bool {
    let rest = word.get(1..).unwrap_or_default();
    let has_small = rest.bytes().any(|byte| byte.is_ascii_lowercase());
    let has_large = rest.bytes().any(|byte| byte.is_ascii_uppercase());
    let starts_small = word.starts_with(|char: char| char.is_ascii_lowercase());
    !has_large || !has_small && !starts_small
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
pub(super) fn capitals(token: &str) -> impl Iterator<Item = &str> {
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
            "gateway.company.net",
            "tickets.local",
            "intercom.company.local",
            "intercom.Internal",
            "lib/network/access/secret.json",
            "network/access",
            "the",
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
