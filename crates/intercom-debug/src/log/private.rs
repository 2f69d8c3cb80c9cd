//! Values that are hidden even if they are made of allowed words, like the name of a company.

use super::token::Token;

/// What such a value follows, in small letters without `-` and `_`.
const NAMES: &[&str] = &[
    "accesstoken",
    "address",
    "apikey",
    "city",
    "clientsecret",
    "companyname",
    "cookie",
    "email",
    "firstname",
    "lastname",
    "name",
    "password",
    "phone",
    "secret",
    "setcookie",
    "subject",
    "title",
    "username",
];

const QUOTES: [char; 3] = ['"', '\'', '`'];

/// Whether the tokens that come are parts of such a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Private {
    #[default]
    No,
    /// Up to the next quote.
    Quoted,
    /// One token.
    Bare,
}

impl Private {
    /// The state at this token, after the state at the token before it.
    pub(super) fn at(self, token: &Token<'_>, before: Option<&Token<'_>>) -> Self {
        let is_inside = self == Self::Quoted && !token.gap.contains(QUOTES);
        if is_inside {
            return Self::Quoted;
        }
        let follows = before.is_some_and(|before| NAMES.contains(&plain(before.text).as_str()));
        let Some(at) = token.gap.find(['=', ':']).filter(|_| follows) else {
            return Self::No;
        };
        let value = token.gap.get(at..).unwrap_or_default();
        // The name of an exception is one of the words that a log is read for.
        let is_exception = ["Error", "Exception"]
            .iter()
            .any(|end| token.text.ends_with(end));
        match () {
            () if value.contains([',', ';', '}', ']', ')']) || is_exception => Self::No,
            () if value.contains(QUOTES) => Self::Quoted,
            () => Self::Bare,
        }
    }
}

/// The token in small letters, without `-` and `_`.
pub(super) fn plain(text: &str) -> String {
    let kept = text.chars().filter(|char| !matches!(char, '-' | '_'));
    kept.map(|char| char.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use crate::log::redact;

    #[test]
    fn values_made_of_allowed_words_are_hidden_after_personal_names() {
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
            ("user name not found", "user name not found"),
            (
                "subject => 'Open request', code: 'not_found'",
                "...', code: 'not_found'",
            ),
        ] {
            assert_eq!(redact(line), shown);
        }
    }
}
