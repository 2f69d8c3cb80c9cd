//! Text of people: words of the vocabulary that stand in a sentence.

use super::number;
use super::token::Token;

/// Sentences and parts of sentences that programs write: the messages of the API, and those of HTTP libraries. `#` stands for a
/// number.
const PHRASES: &str = include_str!("phrases.txt");

/// The most words of the vocabulary that are shown of a sentence.
const MOST: usize = 3;

/// Words that programs need less than people do. None of a sentence with one of them is shown.
const MARKERS: &[&str] = &[
    "a", "an", "and", "any", "are", "be", "been", "but", "can", "could", "did", "do", "does",
    "had", "has", "have", "he", "her", "hi", "his", "i", "is", "it", "its", "me", "my", "not",
    "or", "our", "please", "she", "should", "that", "the", "their", "them", "these", "they",
    "this", "those", "us", "we", "were", "will", "would", "you", "your",
];

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Not allowed.
    Other,
    /// A word of a known phrase.
    Phrase,
    /// A part of a private value.
    Private,
    /// Allowed, and not a word of a sentence.
    Token,
    /// A word of the vocabulary.
    Word,
}

/// A token as it is shown, or `None` if it is hidden.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) class: Class,
    pub(super) shown: Option<String>,
}

impl Seen {
    pub(super) const fn hidden(class: Class) -> Self {
        Self { class, shown: None }
    }
}

/// Shows the words of known phrases. A phrase in a private value has to be at its start.
pub(super) fn show_phrases(tokens: &[Token<'_>], seen: &mut [Seen], starts: &[bool]) {
    let mut at = 0;
    while at < tokens.len() {
        let is_private = seen
            .get(at)
            .is_some_and(|seen| seen.class == Class::Private);
        let may_start = !is_private || starts.get(at).is_some_and(|starts| *starts);
        let len = if may_start {
            phrase(tokens, seen, at)
        } else {
            0
        };
        let found = tokens.iter().zip(seen.iter_mut()).skip(at).take(len);
        for (token, seen) in found.filter(|(_, seen)| seen.class != Class::Token) {
            seen.class = Class::Phrase;
            seen.shown = Some(token.text.to_owned());
        }
        at += len.max(1);
    }
}

/// How many tokens the longest phrase has that starts at this one. One in a private value ends
/// in front of the next name.
fn phrase(tokens: &[Token<'_>], seen: &[Seen], at: usize) -> usize {
    let is_private = |seen: &Seen| seen.class == Class::Private;
    let is_in_value = seen.get(at).is_some_and(is_private);
    let fits = |phrase: &&str| {
        phrase.split(' ').enumerate().all(|(i, word)| {
            let token = tokens.get(at + i).zip(seen.get(at + i));
            token.is_some_and(|(token, seen)| {
                let is_joined =
                    i == 0 || matches!(token.gap, " " | ", " | ": " | " (" | ") " | "=");
                let text = trimmed(token.text);
                let is_word = text.eq_ignore_ascii_case(word);
                let is_name = tokens
                    .get(at + i + 1)
                    .is_some_and(|next| next.gap.starts_with('='));
                let is_outside = is_in_value && is_name && !is_private(seen);
                is_joined && !is_outside && (is_word || word == "#" && is_number(text, seen))
            })
        })
    };
    let found = PHRASES.lines().filter(fits);
    found
        .map(|phrase| phrase.split(' ').count())
        .max()
        .unwrap_or(0)
}

/// Whether the token is a number of a phrase. In a private value, only a status and a number with a unit are.
fn is_number(text: &str, seen: &Seen) -> bool {
    match seen.class {
        Class::Token => text.contains(|char: char| char.is_ascii_digit()),
        Class::Private => number::status(text).is_some() || number::has_unit(text),
        _ => false,
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_end_matches(['.', '!', '?'])
}

/// Hides the words of sentences: of more than [`MOST`] words, or with a word of [`MARKERS`].
pub(super) fn hide_sentences(tokens: &[Token<'_>], seen: &mut [Seen]) {
    let mut start = 0;
    for at in 0..=tokens.len() {
        let goes_on = at > start
            && tokens
                .get(at)
                .is_some_and(|token| is_in_sentence(token.gap))
            && is_of_sentence(tokens, seen, at)
            && is_of_sentence(tokens, seen, at - 1);
        if goes_on {
            continue;
        }
        let of_run = || tokens.iter().zip(seen.iter()).take(at).skip(start);
        let words = of_run().filter(|(_, seen)| seen.class == Class::Word);
        let is_marked = of_run().any(|(token, seen)| {
            let word = trimmed(token.text).to_ascii_lowercase();
            seen.class == Class::Other && MARKERS.contains(&word.as_str())
        });
        if is_marked || words.count() > MOST {
            let run = seen.iter_mut().take(at).skip(start);
            for word in run.filter(|seen| seen.class == Class::Word) {
                word.shown = None;
            }
        }
        start = at;
    }
}

fn is_in_sentence(gap: &str) -> bool {
    !gap.contains(['=', ':', '{', '}', '<', '>'])
}

/// Whether the token can be a word of a sentence. The name of a value is not one.
fn is_of_sentence(tokens: &[Token<'_>], seen: &[Seen], at: usize) -> bool {
    // A colon is also in sentences.
    let follows_word = tokens.get(at).is_some_and(|token| token.gap == " ");
    let is_name = tokens.get(at + 1).is_some_and(|next| {
        let sign = next.gap.trim_start_matches(['\\', '"', '\'', ' ']);
        let is_quoted = !next.gap.starts_with(sign);
        sign.starts_with('=') || sign.starts_with(':') && (is_quoted || !follows_word)
    });
    let class = seen.get(at).map(|seen| seen.class);
    !is_name && class.is_some_and(|class| !matches!(class, Class::Token | Class::Private))
}

#[cfg(test)]
mod tests {
    use crate::log::redact;

    #[test]
    fn sentences_of_people_are_hidden() {
        for line in [
            "intercom: Mark, cancel the order, the order failed again and Ada admin did not receive any emails",
            "intercom: blocked again, is the password reset broken? the team is waiting and Acme company is unsupported",
            "The patch for Acme tickets is incorrect and the support team has not Mark",
            "    Mark cancel the subscription of the company",
            "cancel subscription deliver email again",
            "CANCEL SUBSCRIPTION, DELIVER EMAIL AGAIN",
            "can't cancel Mark support team",
            "[cancel] [subscription] [support] | [team]",
            "cancel (the) support team",
        ] {
            let shown = redact(line);
            let words = shown.split(|char: char| !char.is_alphanumeric());
            let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
            assert!(words.is_empty() || words == ["intercom"], "{shown}");
        }
    }

    #[test]
    fn no_four_words_of_the_vocabulary_are_a_sentence_that_is_shown() {
        let words = include_str!("words.txt").lines();
        let is_plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
        let words: Vec<_> = words
            .filter(|word| word.len() > 1)
            .filter(is_plain)
            .filter(|word| !["intercom", "localhost"].contains(word))
            .collect();
        for step in [1, 7, 100] {
            for at in 0..words.len() {
                let four: Vec<_> = (0..4)
                    .map(|i| words[(at + i * step) % words.len()])
                    .collect();
                for joint in [" ", ", ", "\" \"", " - "] {
                    assert_eq!(
                        redact(&format!("intercom: {}", four.join(joint))),
                        "intercom: ..."
                    );
                }
            }
        }
    }

    #[test]
    fn a_sentence_does_not_hide_what_is_not_one() {
        assert_eq!(
            redact("ERROR intercom: the team is waiting: POST /messages 503 service_unavailable"),
            "ERROR intercom: ...: POST /messages 503 service_unavailable"
        );
    }

    #[test]
    fn hosts_and_files_are_hidden() {
        for line in [
            "connection to gateway.company.net failed",
            "upstream=tickets.local failed",
            "lib/network/access/secret.json failed",
            "Intercom.Company.Support failed",
            "contacts/tickets failed",
        ] {
            let shown = redact(line);
            let is_shown = ["company", "tickets", "network", "secret", "support"]
                .iter()
                .any(|word| shown.to_ascii_lowercase().contains(word));
            assert!(!is_shown && shown.ends_with(" failed"), "{shown}");
        }
    }

    #[test]
    fn known_phrases_are_kept() {
        for line in [
            "failed with status code 429",
            "Exceeded rate limit of 83 in 10_seconds",
            "A contact matching those details already exists with id=...",
            "{\"message\":\"Access Token Invalid\"}",
            "waiting 1.5s before the next attempt",
            "Connection reset by peer (os error 104)",
        ] {
            assert_eq!(redact(line), line);
        }
    }

    #[test]
    fn a_private_value_is_a_phrase_from_its_start_only() {
        assert_eq!(
            redact("{\"body\":\"team: request timed out\"}"),
            "{\"body\":\"...\"}"
        );
    }

    #[test]
    fn the_phrases_are_in_small_letters_and_sorted() {
        let lines = super::PHRASES.lines();
        assert!(lines.clone().is_sorted() && lines.clone().count() < 200);
        let is_plain = |char: char| !char.is_ascii_uppercase() && !",.:()".contains(char);
        assert!(lines.clone().all(|line| line.chars().all(is_plain)));
    }
}
