//! The tokens around one, which decide whether it is allowed.

use super::private::{Private, plain};
use super::prose::{Class, Seen};
use super::token::{Kind, Token};
use super::{number, time, word};

/// The levels that are written as one letter or are not in the vocabulary. They stand at the start of a line.
pub(super) const LEVELS: &[&str] = &["D", "E", "F", "I", "TRACE", "W"];

/// The methods of HTTP.
pub(super) const METHODS: &[&str] = &["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The words that are between a name and its number: `failed with 503`, `limit of 83`.
const JOINING: &[&str] = &["after", "is", "of", "with"];

/// The tokens around one.
pub(super) struct Around<'t, 'l> {
    pub(super) at: usize,
    pub(super) earlier: Option<&'t Token<'l>>,
    pub(super) before: Option<&'t Token<'l>>,
    pub(super) next: Option<&'t Token<'l>>,
    pub(super) is_before_shown: bool,
}

impl<'t, 'l> Around<'t, 'l> {
    /// What is around this token, after what was seen so far.
    pub(super) fn of(tokens: &'t [Token<'l>], seen: &[Seen], at: usize) -> Self {
        let back = |by| at.checked_sub(by).and_then(|at| tokens.get(at));
        let before = back(1);
        // These are hidden, and a number can follow them.
        let is_joining = before.is_some_and(|before| JOINING.contains(&before.text));
        let is_other = |seen: &Seen| seen.class == Class::Other && !is_joining;
        Self {
            at,
            earlier: back(2),
            before,
            next: tokens.get(at + 1),
            is_before_shown: !seen
                .last()
                .is_some_and(|seen| is_other(seen) || seen.class == Class::Private),
        }
    }

    /// Whether the token is the whole of a quoted value. A bare value ends at a token of another kind.
    pub(super) fn is_whole(&self, private: Private) -> bool {
        let is_end = |gap: &str| gap.contains(['"', '\'', '`']);
        private == Private::Bare || self.next.is_none_or(|next| is_end(next.gap))
    }

    /// The name in front of the token, in small letters without `-` and `_`, if only separators are between.
    pub(super) fn key(&self, token: &Token<'_>) -> Option<String> {
        let before = self.before.filter(|_| self.is_before_shown)?;
        if token.gap.len() > 12 || token.gap.contains([',', ';', ')', '}', ']', '|', '<']) {
            return None;
        }
        let key = plain(before.text);
        let earlier = self.earlier.map(|earlier| plain(earlier.text));
        Some(match (key.as_str(), earlier) {
            // `status code 429`, `request id 0002mtll0fnt9s5aigpg`.
            ("code" | "id", Some(earlier)) => earlier + &key,
            // `os error 2`.
            ("error", Some(earlier)) if earlier == "os" => earlier + &key,
            // `rate limit of 83`.
            ("is" | "of", Some(earlier)) => earlier,
            _ => key,
        })
    }

    /// Whether the token is where a line has its time: at the start, maybe after a level or the name of a container, or after
    /// the name of a time.
    pub(super) fn has_time(&self, token: &Token<'_>) -> bool {
        let Some(before) = self.before else {
            return !token.gap.contains(char::is_whitespace);
        };
        let is_second = self.at == 1 && !token.gap.contains([':', '=']);
        let follows_start = LEVELS.contains(&before.text) || word::is_level(before.text);
        is_second && (follows_start || token.gap.contains('|'))
            || token.gap.ends_with('[') && time::is_of_access_log(token.text)
            || time::is_name(&plain(before.text)) && !token.gap.contains([',', ';', ')', '}'])
    }

    /// Whether a request is in front of the token: `"GET /me HTTP/1.1" 200`, `GET /me 200`.
    pub(super) fn ends_request(&self, token: &Token<'_>) -> bool {
        let is_close = token.gap.len() <= 3 && !token.gap.contains(',');
        let before = self.before.filter(|_| is_close);
        before.is_some_and(|before| match before.kind {
            Kind::Path | Kind::Url => self
                .earlier
                .is_some_and(|earlier| METHODS.contains(&earlier.text)),
            Kind::Word => before.text.starts_with("HTTP/") && is_product(before.text),
            Kind::Time => false,
        })
    }

    /// Whether a number is beside the token, like in a telephone number.
    pub(super) fn is_among_numbers(&self, token: &Token<'_>) -> bool {
        let joins = |gap: &str| {
            gap.chars()
                .all(|char| matches!(char, ' ' | '(' | ')' | '\t' | '\u{a0}'))
        };
        let is_number = |other: &&Token<'_>| {
            other.kind == Kind::Word
                && other.text.starts_with(|char: char| {
                    char.is_ascii_digit() || matches!(char, '+' | '-' | '.')
                })
                && other.text.chars().any(|char| char.is_ascii_digit())
        };
        let before = self
            .before
            .filter(is_number)
            .is_some_and(|_| joins(token.gap));
        let next = self
            .next
            .filter(is_number)
            .is_some_and(|next| joins(next.gap) && !number::has_unit(next.text));
        before || next
    }
}

/// A product with its version, like `HTTP/1.1`.
pub(super) fn is_product(word: &str) -> bool {
    word.split_once('/')
        .is_some_and(|(name, version)| word::is_allowed(name) && number::is_version(version))
}
