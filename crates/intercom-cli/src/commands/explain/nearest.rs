//! The known code that an unknown one may stand for.

use intercom_errors::{CATALOG, Entry};
use strsim::levenshtein;

use crate::words::quoted;

/// How many codes a message lists.
const MOST_LISTED: usize = 8;

/// The message about an unknown code, with the nearest known one or those that contain it.
pub(crate) fn unknown(code: &str, near: Option<&str>) -> String {
    let shown = quoted(code);
    let alike = containing(code);
    match near {
        Some(near) => format!("unknown code {shown} (did you mean {near}?)"),
        None if alike.is_empty() => format!("unknown code {shown} (--all lists the known ones)"),
        None => format!("unknown code {shown} (known: {})", alike.join(", ")),
    }
}

/// The first few known codes that contain the word, like `token_expired` for `token`.
fn containing(word: &str) -> Vec<&'static str> {
    let word = word.to_ascii_lowercase();
    let codes = CATALOG.iter().map(|entry| entry.code().as_str());
    let alike = codes.filter(|code| code.split('_').any(|part| part == word));
    alike.take(MOST_LISTED).collect()
}

/// A name in lower case, without separators: people write `ratelimit exceeded` or `Rate-Limit-Exceeded`.
pub(crate) fn normalized(name: &str) -> String {
    let is_separator = |char: char| matches!(char, '_' | '-') || char.is_whitespace();
    name.to_ascii_lowercase().split(is_separator).collect()
}

/// The known code that differs only in case and separators.
pub(crate) fn same_spelling(code: &str) -> Option<&'static Entry> {
    let code = normalized(code);
    CATALOG
        .iter()
        .find(|entry| normalized(entry.code().as_str()) == code)
}

/// The nearest known code, if it is only a few typos away.
pub(crate) fn nearest(code: &str) -> Option<&'static str> {
    let code = normalized(code);
    let near = CATALOG
        .iter()
        .map(|entry| entry.code().as_str())
        .map(|known| (levenshtein(&code, &normalized(known)), known))
        .min()?;
    let typos = (code.chars().count() / 4).clamp(1, 4);
    (near.0 <= typos).then_some(near.1)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn typos_lead_to_a_code_and_nonsense_does_not() {
        assert_eq!(nearest("rate_limit_exceded"), Some("rate_limit_exceeded"));
        assert_eq!(nearest("not-found"), Some("not_found"));
        assert_eq!(nearest("NotFound"), Some("not_found"));
        assert_eq!(nearest("frobnicated"), None);
        assert_eq!(nearest("x"), None);
    }
}
