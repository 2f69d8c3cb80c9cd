//! One line, without everything that is not allowed.

use super::around::{Around, LEVELS, METHODS, is_product};
use super::private::{Private, plain};
use super::prose::{Class, Seen};
use super::token::{Kind, Token, tokens};
use super::{number, private, prose, time, url, word};
use crate::safe::HIDDEN;

/// The longest line that is read, in bytes. The rest is hidden.
const LONGEST: usize = 16 * 1024;

/// The names that a request id follows, in small letters without `-` and `_`.
const REQUEST_IDS: &[&str] = &["requestid", "xrequestid"];

/// Returns the line with its allowed tokens. Everything else becomes `...`.
pub(crate) fn redact(line: &str) -> String {
    let (line, is_cut) = bounded(line);
    let (tokens, end) = tokens(line);
    let mut shown = Shown::default();
    for (token, seen) in tokens.iter().zip(seen(&tokens)) {
        shown.push(token.gap, seen.shown);
    }
    if is_cut {
        shown.push(end, None);
    } else {
        shown.gap(end);
    }
    shown.text
}

/// What is shown of each token.
fn seen(tokens: &[Token<'_>]) -> Vec<Seen> {
    let mut all: Vec<Seen> = Vec::with_capacity(tokens.len());
    let mut starts = Vec::with_capacity(tokens.len());
    let mut private = Private::default();
    for (at, token) in tokens.iter().enumerate() {
        let (state, is_start) = private.at(tokens, at);
        private = state;
        starts.push(is_start);
        let around = Around::of(tokens, &all, at);
        let mut seen = match private::is_after_name(tokens, at) {
            true if word::form(token.text) != Some(word::Form::Code) => Seen::hidden(Class::Other),
            _ => allowed(token, &around),
        };
        let is_number = token.text.starts_with(|char: char| char.is_ascii_digit());
        if private != Private::No {
            if is_of_another_kind(token, &seen, &around) && around.is_whole(private) {
                private = Private::No;
            } else {
                seen = Seen::hidden(Class::Private);
            }
        } else if let Some(name) = all.last_mut()
            && is_number
            && seen.class == Class::Token
            && name.class == Class::Word
        {
            // The name of a number is not a word of a sentence.
            name.class = Class::Token;
        }
        all.push(seen);
    }
    prose::show_phrases(tokens, &mut all, &starts);
    prose::hide_sentences(tokens, &mut all);
    all
}

/// Whether the token is allowed as what it is, and not because of its words.
fn is_of_another_kind(token: &Token<'_>, seen: &Seen, around: &Around<'_, '_>) -> bool {
    let is_word = word::form(token.text).is_some_and(|form| form != word::Form::Code);
    let is_exception = ["Error", "Exception"]
        .iter()
        .any(|end| token.text.ends_with(end) && token.text.len() > end.len());
    seen.class == Class::Token && (!is_word || is_exception || is_method(token.text, around))
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

/// The token, if it is allowed.
fn allowed(token: &Token<'_>, around: &Around<'_, '_>) -> Seen {
    let address = match token.kind {
        Kind::Time if !around.has_time(token) => Some(HIDDEN.to_owned()),
        Kind::Time => Some(time::shortened(token.text)),
        Kind::Url => Some(url::redacted_url(token.text)),
        Kind::Path => Some(url::redacted_path(token.text)),
        Kind::Word => None,
    };
    if let Some(shown) = address {
        return match shown == HIDDEN {
            true => Seen::hidden(Class::Other),
            false => Seen {
                class: Class::Token,
                shown: Some(shown),
            },
        };
    }
    let text = token.text;
    let word = text.trim_end_matches(['.', '!', '?']);
    let is_token = || {
        is_request_id(word, token, around)
            || is_number(word, token, around)
            || is_product(word)
            || is_value_of_code(word, token, around)
            || url::is_known_host(word)
            || is_method(word, around)
            || LEVELS.contains(&word) && around.at <= 1
    };
    let class = match word::form(word) {
        Some(word::Form::Code | word::Form::Name) => Class::Token,
        _ if is_token() => Class::Token,
        Some(word::Form::Plain) => Class::Word,
        None => Class::Other,
    };
    // A few dots end a sentence; many would be a code of their own.
    let is_short_end = text.len() - word.len() <= 3;
    let shown = class != Class::Other && is_short_end;
    Seen {
        class: if shown { class } else { Class::Other },
        shown: shown.then(|| text.to_owned()),
    }
}

fn is_request_id(word: &str, token: &Token<'_>, around: &Around<'_, '_>) -> bool {
    let key = around.key(token);
    key.is_some_and(|key| REQUEST_IDS.iter().any(|name| key == *name)) && word::is_request_id(word)
}

/// A code that is also a word, after its name.
fn is_value_of_code(word: &str, token: &Token<'_>, around: &Around<'_, '_>) -> bool {
    word::is_code(word) && around.key(token).is_some_and(|key| key.ends_with("code"))
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
    fn a_time_is_kept_where_lines_have_one() {
        for line in [
            "2026-11-02 09:30:00 ERROR intercom",
            "[2026-11-02T09:30:00Z] ERROR intercom",
            "ERROR [2026-11-02 09:30:00] intercom",
            "{\"@timestamp\":\"2026-11-02T09:30:00Z\",\"level\":\"error\"}",
            "intercom: Date: Mon, 02 Nov 2026 09:30:00 GMT",
            "intercom - [02/Nov/2026:09:30:00 +0000]",
        ] {
            let shown = redact(line);
            assert!(shown.contains("09:30:00"), "{line} {shown}");
        }
        for line in [
            "intercom born 2020-05-12 00:00:00",
            "intercom birth_date=2020-05-12T00:00:00Z",
            "intercom {\"birthday\":\"2020-05-12 00:00:00\"}",
            "  2020-05-12 00:00:00",
            "2001-05-12 00:00:00 intercom",
            "intercom date: Acme, 2020-05-12 00:00:00",
        ] {
            let shown = redact(line);
            assert!(!shown.contains("00:00") && !shown.contains("20"), "{shown}");
        }
    }

    #[test]
    fn the_end_of_a_very_long_line_is_hidden() {
        let line = format!("intercom {}status 429", "x".repeat(20_000));
        assert_eq!(redact(&line), "intercom...");
    }
}
