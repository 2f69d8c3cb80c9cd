//! The known code that somebody may have meant.

use intercom_errors::{CATALOG, Entry};
use strsim::levenshtein;

use crate::words::quoted;

/// What to say of a code that no table knows, which may be meant for this one.
pub(crate) fn complaint(code: &str, near: Option<&str>) -> String {
    let shown = quoted(code);
    match near {
        Some(near) => format!("unknown code {shown} (did you mean {near}?)"),
        None => format!("unknown code {shown}"),
    }
}

/// The letters and digits of a name: people write `ratelimit exceeded` or `Rate-Limit-Exceeded`.
pub(crate) fn squeezed(name: &str) -> String {
    let apart = |char: char| matches!(char, '_' | '-') || char.is_whitespace();
    name.to_ascii_lowercase().split(apart).collect()
}

/// The known code that is written otherwise.
pub(crate) fn respelt(code: &str) -> Option<&'static Entry> {
    let code = squeezed(code);
    CATALOG
        .iter()
        .find(|entry| squeezed(entry.code().as_str()) == code)
}

/// The nearest known code, if a few slips of the finger lead to it.
pub(crate) fn nearest(code: &str) -> Option<&'static str> {
    let code = squeezed(code);
    let near = CATALOG
        .iter()
        .map(|entry| entry.code().as_str())
        .map(|known| (levenshtein(&code, &squeezed(known)), known))
        .min()?;
    let slips = (code.chars().count() / 4).clamp(1, 4);
    (near.0 <= slips).then_some(near.1)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_lead_to_a_code_and_nonsense_does_not() {
        assert_eq!(nearest("rate_limit_exceded"), Some("rate_limit_exceeded"));
        assert_eq!(nearest("not-found"), Some("not_found"));
        assert_eq!(nearest("NotFound"), Some("not_found"));
        assert_eq!(nearest("frobnicated"), None);
        assert_eq!(nearest("x"), None);
    }
}
