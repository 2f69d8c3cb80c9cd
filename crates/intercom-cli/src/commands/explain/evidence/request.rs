//! The request or host that a text names.

use super::words::{METHODS, is_word};

/// Words before the host of a call that failed.
const CALLED: &[&str] = &[
    "EAI_AGAIN",
    "ENOTFOUND",
    "connect",
    "host",
    "lookup",
    "resolve",
    "to",
];
/// Domains of hosts, in the place of which files and modules have other names.
const DOMAINS: &[&str] = &["com", "dev", "io", "net", "org"];

/// The last method and path or URL in the text. Before a URL, a method may be written like `Post`.
pub(super) fn request(text: &str) -> Option<(http::Method, String)> {
    text.lines().rev().find_map(|line| {
        let mut method = "";
        line.split_ascii_whitespace().find_map(|word| {
            let target = word.trim_start_matches(is_mark);
            let is_url = target.starts_with("https://") || target.starts_with("http://");
            if is_url || target.starts_with('/') {
                let name = method.to_ascii_uppercase();
                let is_method = METHODS.contains(&name.as_str()) && (is_url || name == method);
                let path = target.trim_end_matches(is_mark).to_owned();
                return Some((is_method.then(|| name.parse().ok()).flatten()?, path));
            }
            if !["->", "to"].contains(&word) {
                let is_letter = |char: char| char.is_ascii_alphabetic();
                let end = word.trim_end_matches(|char| !is_letter(char));
                method = end
                    .rsplit(|char| !is_letter(char))
                    .next()
                    .unwrap_or_default();
            }
            None
        })
    })
}

const fn is_mark(char: char) -> bool {
    matches!(
        char,
        '"' | '\'' | '\\' | '`' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | ':' | '<'
    )
}

/// The last host of a call that failed: `ENOTFOUND api.example.com`, `host='api.example.com'`.
pub(super) fn called_host(text: &str) -> Option<&str> {
    let is_part = |char: char| is_word(char) || matches!(char, '.' | '-' | '@');
    let mut words = text
        .split(|char| !is_part(char))
        .filter(|word| !word.is_empty());
    let (mut before, mut last) = ("", None);
    words.by_ref().for_each(|word| {
        let is_called = CALLED.iter().any(|name| before.eq_ignore_ascii_case(name));
        let domain = word.trim_end_matches('.').rsplit_once('.');
        let is_host =
            domain.is_some_and(|(_, last)| DOMAINS.contains(&last)) && !word.contains('@');
        last = Some(word).filter(|_| is_called && is_host).or(last);
        before = word;
    });
    last
}

/// The last URL in the text.
pub(super) fn url(text: &str) -> Option<&str> {
    let at = text.rfind("https://").max(text.rfind("http://"))?;
    let url = text.get(at..)?;
    let end = url.find(|char: char| char.is_whitespace() || "\"'`<>()[]{},\\".contains(char));
    Some(
        url.get(..end.unwrap_or(url.len()))?
            .trim_end_matches(['.', ':', ';']),
    )
}
