//! Values that are hidden even if they are made of allowed words, like the name of a company.

use super::token::{Kind, Token};
use super::word;

/// The parts of names whose values are private, in small letters and without the `s` of a plural.
const PRIVATE: &[&str] = &[
    "addres",
    "address",
    "admin",
    "apikey",
    "assignee",
    "author",
    "authorization",
    "body",
    "city",
    "comment",
    "company",
    "content",
    "cookie",
    "credential",
    "customer",
    "description",
    "email",
    "host",
    "hostname",
    "key",
    "login",
    "mail",
    "message",
    "name",
    "note",
    "owner",
    "passwd",
    "password",
    "path",
    "phone",
    "pwd",
    "query",
    "recipient",
    "secret",
    "sender",
    "subject",
    "text",
    "title",
    "token",
    "uri",
    "url",
    "user",
    "username",
];

/// Ends of parts that are written as one word, like `fullname`.
const ENDS: &[&str] = &[
    "address", "email", "name", "password", "phone", "secret", "token",
];

/// Last parts of names whose values are not text, like `content-length` and `user-agent`.
const MEASURES: &[&str] = &[
    "agent", "bytes", "count", "encoding", "length", "limit", "size", "type",
];

/// Whether the tokens that come are parts of such a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Private {
    #[default]
    No,
    /// Up to the next quote of this kind, with at most so many backslashes in front of it.
    Quoted(char, usize),
    /// Up to the bracket.
    Listed,
    /// Up to a separator or the next name.
    Bare,
}

impl Private {
    /// The state at this token, after the state at the token before it; and whether a value starts here.
    pub(super) fn at(self, tokens: &[Token<'_>], at: usize) -> (Self, bool) {
        if self.goes_on(tokens, at) {
            return (self, false);
        }
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let has_name = before.is_some_and(|name| name.kind == Kind::Word && is_private(name.text));
        let token = tokens.get(at).filter(|_| has_name);
        let state = token.map_or(Self::No, |token| starts(token.gap, tokens.get(at + 1)));
        (state, state != Self::No)
    }

    /// Whether the value that began earlier has this token, too.
    fn goes_on(self, tokens: &[Token<'_>], at: usize) -> bool {
        let gap = tokens.get(at).map_or("", |token| token.gap);
        match self {
            Self::No => false,
            Self::Quoted(quote, depth) => !has_quote(gap, quote, depth),
            Self::Listed => !gap.contains(']'),
            Self::Bare => {
                let ends = [',', ';', '}', ']', ')', '|', '<', '"'];
                !gap.contains(ends) && !is_next_name(tokens, at)
            }
        }
    }
}

/// Whether the token is a value made like a variable, after a private name or the scheme of a token: `Bearer access_token`.
pub(super) fn is_after_name(tokens: &[Token<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let before = before.filter(|before| before.kind == Kind::Word);
    let Some((before, token)) = before.zip(tokens.get(at)) else {
        return false;
    };
    let is_scheme = ["basic", "bearer"]
        .iter()
        .any(|scheme| before.text.eq_ignore_ascii_case(scheme));
    let is_made_of_words = token.gap == " " && token.text.contains(['_', '-']);
    is_made_of_words && !is_next_name(tokens, at) && (is_scheme || is_private(before.text))
}

/// The state after this gap, which follows a private name.
fn starts(gap: &str, next: Option<&Token<'_>>) -> Private {
    if gap.contains("::") {
        return Private::No;
    }
    let Some(at) = gap.find(['=', ':', '>']) else {
        return Private::No;
    };
    let value = gap.get(at..).unwrap_or_default();
    let value = value.trim_start_matches(|char: char| char.is_whitespace() || "=:>".contains(char));
    // A name inside an object follows, and its own value is looked at.
    let is_name = next.is_some_and(|next| next.gap.contains([':', '=']));
    if value.contains('{') && is_name {
        return Private::No;
    }
    let depth = value.bytes().take_while(|byte| *byte == b'\\').count();
    let mut rest = value.get(depth..).unwrap_or_default().chars();
    match rest.next() {
        Some(quote @ ('"' | '\'' | '`')) => match has_quote(rest.as_str(), quote, depth) {
            true => Private::No,
            false => Private::Quoted(quote, depth),
        },
        Some('[') if !value.contains(']') => Private::Listed,
        _ if value.contains([',', ';', '}', ']', ')', '|']) => Private::No,
        _ => Private::Bare,
    }
}

/// Whether the gap has this quote, with at most so many backslashes in front of it.
fn has_quote(gap: &str, quote: char, depth: usize) -> bool {
    let mut backslashes = 0;
    gap.chars().any(|char| {
        let found = char == quote && backslashes <= depth;
        backslashes = if char == '\\' { backslashes + 1 } else { 0 };
        found
    })
}

/// Whether the token is a name with a value: `status=429`, `X-Request-Id: 0002mtll0fnt9s5aigpg`.
fn is_next_name(tokens: &[Token<'_>], at: usize) -> bool {
    let name = tokens.get(at).filter(|token| token.kind == Kind::Word);
    name.zip(tokens.get(at + 1)).is_some_and(|(name, next)| {
        let is_header = name.text.contains(['-', '_']) && next.gap.starts_with(':');
        next.gap.starts_with('=') || is_header
    })
}

/// Whether a part of the name is private: `full_name`, `fullName`, `company.name`, `INTERCOM_CLIENT_SECRET`.
fn is_private(name: &str) -> bool {
    if ["Error", "Exception"].iter().any(|end| name.ends_with(end)) {
        return false;
    }
    let parts = name.split(|char: char| !char.is_ascii_alphanumeric());
    let parts: Vec<_> = parts
        .flat_map(word::capitals)
        .map(str::to_ascii_lowercase)
        .collect();
    let is_measure = |part: &String| MEASURES.contains(&part.as_str());
    if parts.len() > 1 && parts.last().is_some_and(is_measure) {
        return false;
    }
    parts.iter().any(|part| {
        let one = part.strip_suffix('s').unwrap_or(part);
        PRIVATE.contains(&one) || ENDS.iter().any(|end| one.ends_with(end))
    })
}

/// The token in small letters, without `-` and `_`.
pub(super) fn plain(text: &str) -> String {
    let kept = text.chars().filter(|char| !matches!(char, '-' | '_' | '@'));
    kept.map(|char| char.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use crate::log::redact;

    #[test]
    fn values_made_of_allowed_words_are_hidden_after_private_names() {
        for (line, shown) in [
            (
                r#"{"company_name":"Active Service Delivery","status":429}"#,
                r#"{"company_name":"...","status":429}"#,
            ),
            ("password=service status=401", "password=... status=401"),
            (
                "name: 'AxiosError', status: 429",
                "name: 'AxiosError', status: 429",
            ),
            (r#"{"name":"","status":429}"#, r#"{"name":"","status":429}"#),
            ("user name not_found", "user name not_found"),
            (
                "subject => 'Open request', code: 'not_found'",
                "...', code: 'not_found'",
            ),
            ("user=admin login=support", "user=... login=..."),
            ("full_name=\"Active Service\"", "full_name=\"...\""),
            ("fullName: Active Service, x", "fullName: ..."),
            ("company.name=Network", "..."),
            (
                "INTERCOM_CLIENT_SECRET=active_server_password status=401",
                "INTERCOM_CLIENT_SECRET=... status=401",
            ),
            (
                "intercom_access_token: access_secret_token",
                "intercom_access_token: ...",
            ),
            ("Authorization: Bearer access_token", "Authorization: ..."),
            ("with Bearer access_token", "... Bearer ..."),
            ("token active_server_password", "token ..."),
            (
                r#"{"emails":["support","admin"],"status":429}"#,
                r#"{"emails":["..."],"status":429}"#,
            ),
            ("<name>Active</name><status>429", "<name>...><status>429"),
        ] {
            assert_eq!(redact(line), shown, "{line}");
        }
    }

    #[test]
    fn no_word_of_the_vocabulary_is_shown_as_a_private_value() {
        for name in [
            "full_name",
            "fullName",
            "fullname",
            "company.name",
            "CLIENT_SECRET",
            "user",
            "emails",
            "body",
            "note-text",
            "queryUrl",
        ] {
            for word in include_str!("words.txt").lines() {
                let is_code = crate::log::word::form(word) == Some(crate::log::word::Form::Code);
                for line in [
                    format!("{name}={word} status=429"),
                    format!("{{\"{name}\": \"{word} {word}\", \"status\": 429}}"),
                    format!("{{'{name}' => '{word}'}}"),
                ] {
                    let shown = redact(&line);
                    let value = shown.split_once(['=', ':']).map_or("", |(_, value)| value);
                    let value = value.trim_start_matches(['>', ' ', '"', '\'']);
                    let is_hidden = shown
                        .trim_start_matches(['{', '"', '\''])
                        .starts_with("...")
                        || value.starts_with("...");
                    assert!(
                        is_hidden || is_code || word == "localhost",
                        "{line} {shown}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_quote_inside_a_value_does_not_end_it() {
        for line in [
            r#"{"body":"can't cancel support","status":429}"#,
            r#"{"body":"\"cancel\" support","status":429}"#,
            r#"{"body":", cancel support","status":429}"#,
            r#"{"body":"{cancel support}","status":429}"#,
        ] {
            let shown = redact(line);
            let is_hidden = !shown.contains("cancel") && !shown.contains("support");
            assert!(is_hidden && shown.ends_with(",\"status\":429}"), "{shown}");
        }
    }

    #[test]
    fn a_value_of_another_kind_is_kept() {
        for line in [
            "url: 'https://api.intercom.io/contacts/search', path=/me",
            "message=rate_limit_exceeded",
            "hostname: api.intercom.io",
            "content-type: application/json, content-length: 512",
            "body: {\"code\":\"not_found\"}",
            "Exception: connection timeout",
        ] {
            assert_eq!(redact(line), line);
        }
    }
}
