//! One line, without everything that is not allowed.

use super::private::{Private, plain};
use super::token::{Kind, Token, tokens};
use super::{number, time, url, word};
use crate::safe::HIDDEN;

/// The longest line that is read, in bytes. The rest is hidden.
const LONGEST: usize = 16 * 1024;

/// The levels that are written as one letter or are not in the vocabulary. They stand at the start of a line.
const LEVELS: &[&str] = &["D", "E", "F", "I", "TRACE", "W"];

const METHODS: &[&str] = &["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The names that a request id follows, in small letters without `-` and `_`.
const REQUEST_IDS: &[&str] = &["requestid", "xrequestid"];

/// Returns the line with its allowed tokens. Everything else becomes `...`.
pub(crate) fn redact(line: &str) -> String {
    let (line, is_cut) = bounded(line);
    let (tokens, end) = tokens(line);
    let mut shown = Shown::default();
    let mut private = Private::default();
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        private = private.at(token, before);
        let earlier = at.checked_sub(2).and_then(|at| tokens.get(at));
        let around = Around {
            at,
            earlier,
            before,
            next: tokens.get(at + 1),
            is_before_shown: !shown.is_hidden,
        };
        let is_private = private != Private::No;
        let shown_token = if is_private {
            None
        } else {
            allowed(token, &around)
        };
        shown.push(token.gap, shown_token);
    }
    if is_cut {
        shown.push(end, None);
    } else {
        shown.gap(end);
    }
    shown.text
}

/// The start of a long line, up to its last space, so that no token is cut.
fn bounded(line: &str) -> (&str, bool) {
    if line.len() <= LONGEST {
        return (line, false);
    }
    let end = (0..=LONGEST).rev().find(|&at| line.is_char_boundary(at));
    let start = line.get(..end.unwrap_or(0)).unwrap_or_default();
    let last_space = start.rfind(char::is_whitespace).unwrap_or(0);
    (start.get(..last_space).unwrap_or_default(), true)
}

/// The tokens around one.
struct Around<'t, 'l> {
    at: usize,
    earlier: Option<&'t Token<'l>>,
    before: Option<&'t Token<'l>>,
    next: Option<&'t Token<'l>>,
    is_before_shown: bool,
}

/// The token as it is shown, or `None` if it is hidden.
fn allowed(token: &Token<'_>, around: &Around<'_, '_>) -> Option<String> {
    match token.kind {
        Kind::Time => return Some(time::shortened(token.text)),
        Kind::Url => return shown(url::redacted_url(token.text)),
        Kind::Path => return shown(url::redacted_path(token.text)),
        Kind::Word => {}
    }
    let text = token.text;
    let word = text.trim_end_matches(['.', '!', '?']);
    let is_allowed = word::is_allowed(word)
        || is_request_id(word, token, around)
        || is_number(word, token, around)
        || is_product(word)
        || url::is_known_host(word)
        || is_method(word, around)
        || LEVELS.contains(&word) && around.at <= 1;
    // A few dots end a sentence; many would be a code of their own.
    let is_short_end = text.len() - word.len() <= 3;
    (is_allowed && is_short_end).then(|| text.to_owned())
}

fn shown(text: String) -> Option<String> {
    (text != HIDDEN).then_some(text)
}

fn is_request_id(word: &str, token: &Token<'_>, around: &Around<'_, '_>) -> bool {
    let key = around.key(token);
    key.is_some_and(|key| REQUEST_IDS.iter().any(|name| key == *name)) && word::is_request_id(word)
}

fn is_number(word: &str, token: &Token<'_>, around: &Around<'_, '_>) -> bool {
    if !word.starts_with(|char: char| char.is_ascii_digit() || char == '#') {
        return false;
    }
    // An access log has a status after the version of HTTP or after the path, and other numbers after that.
    if number::status(word).is_some() && around.ends_request(token) {
        return true;
    }
    // The start of a line can be the rest of a number that began on the line before.
    if around.at == 0 || around.is_among_numbers(token) {
        return false;
    }
    let key = around.key(token);
    let has_unit_after = number::is_short(word)
        && around.next.is_some_and(|next| {
            next.gap == " " && number::is_unit_word(next.text.trim_end_matches(['.', '!', '?']))
        });
    let has_code_after = number::status(word).is_some()
        && around
            .next
            .is_some_and(|next| next.gap == " " && word::is_code(next.text));
    key.is_some_and(|key| number::fits(&key, word))
        || has_code_after
        || number::has_unit(word)
        || has_unit_after
        || number::is_status_with_reason(word, token.rest)
}

/// A product with its version, like `HTTP/1.1`.
fn is_product(word: &str) -> bool {
    word.split_once('/')
        .is_some_and(|(name, version)| word::is_allowed(name) && number::is_version(version))
}

/// A method in front of a path, or after its name.
fn is_method(word: &str, around: &Around<'_, '_>) -> bool {
    let is_before_path = around
        .next
        .is_some_and(|next| matches!(next.kind, Kind::Path | Kind::Url));
    let is_after_name = around
        .before
        .is_some_and(|before| plain(before.text).ends_with("method"));
    let is_listed = |word: &str| {
        METHODS
            .iter()
            .any(|method| method.eq_ignore_ascii_case(word))
    };
    METHODS.contains(&word) && is_before_path || is_listed(word) && is_after_name
}

impl Around<'_, '_> {
    /// The name in front of the token, in small letters without `-` and `_`, if only separators are between.
    fn key(&self, token: &Token<'_>) -> Option<String> {
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

    /// Whether a request is in front of the token: `"GET /me HTTP/1.1" 200`, `GET /me 200`.
    fn ends_request(&self, token: &Token<'_>) -> bool {
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
    fn is_among_numbers(&self, token: &Token<'_>) -> bool {
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

/// The line as far as it is shown.
#[derive(Default)]
struct Shown {
    text: String,
    /// Whether it ends with hidden tokens.
    is_hidden: bool,
}

impl Shown {
    /// Appends a token and the gap in front of it. One `...` stands for a run of hidden tokens and their gaps.
    fn push(&mut self, gap: &str, token: Option<String>) {
        match token {
            Some(token) => {
                self.gap(gap);
                self.text.push_str(&token);
                self.is_hidden = false;
            }
            None if self.is_hidden => {}
            None => {
                self.gap(gap);
                self.text.push_str(HIDDEN);
                self.is_hidden = true;
            }
        }
    }

    /// Appends a gap: white space as one space, and at most two of any separator in a row.
    fn gap(&mut self, gap: &str) {
        for char in gap.chars() {
            let is_space = char.is_whitespace() || char.is_control();
            let is_repeated = if is_space {
                self.text.ends_with(' ')
            } else {
                let mut last = self.text.chars().rev();
                [last.next(), last.next()] == [Some(char); 2]
            };
            if !is_repeated {
                self.text.push(if is_space { ' ' } else { char });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn a_number_on_two_lines_has_at_most_its_first_five_digits() {
        assert_eq!(
            redact("intercom: retry after 75453"),
            "intercom: retry after 75453"
        );
        assert_eq!(redact("  34426 seconds"), " ... seconds");
    }

    #[test]
    fn groups_of_a_telephone_number_are_hidden_after_any_name() {
        for name in [
            "status",
            "limit:",
            "attempt",
            "took",
            "x-ratelimit-reset:",
            "version",
        ] {
            for number in [
                "415 555 0132",
                "(415) 555-0132",
                "+49 171 1234567",
                "06 12 34 56 78",
            ] {
                let shown = redact(&format!("{name} {number} seconds"));
                assert!(
                    !shown.contains(|char: char| char.is_ascii_digit()),
                    "{shown}"
                );
            }
        }
    }

    #[test]
    fn the_end_of_a_very_long_line_is_hidden() {
        let line = format!("intercom {}status 429", "x".repeat(20_000));
        assert_eq!(redact(&line), "intercom...");
    }
}
