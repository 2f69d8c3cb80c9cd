//! Bodies that a user chose to keep.

use super::{HIDDEN, Secrets};

/// The most characters of a body that are kept.
const LONGEST: usize = 64 * 1024;

/// Returns a body without e-mail addresses and secrets. This is not an allow-list: names and messages stay in it.
///
/// A body that has a part of a secret is hidden as a whole.
pub(crate) fn masked(body: &[u8], secrets: &Secrets) -> String {
    let text = String::from_utf8_lossy(body.get(..LONGEST).unwrap_or(body));
    if secrets.is_in(&text) {
        return HIDDEN.to_owned();
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find('@') {
        let (before, after) = rest.split_at(at);
        let start = before.rfind(|one| !is_part(one)).map_or(0, |last| {
            last + before
                .get(last..)
                .and_then(|rest| rest.chars().next())
                .map_or(1, char::len_utf8)
        });
        let end = after.get(1..).unwrap_or_default();
        let end = end
            .find(|one| !is_part(one))
            .map_or(after.len(), |length| length + 1);
        kept.push_str(before.get(..start).unwrap_or_default());
        kept.push_str(HIDDEN);
        rest = after.get(end..).unwrap_or_default();
    }
    kept.push_str(rest);
    kept
}

/// Whether this is a part of an e-mail address. A percent sign is one in a URL.
fn is_part(one: char) -> bool {
    one.is_alphanumeric() || ".!#$%&'*+-/=?^_`|~".contains(one)
}

#[cfg(test)]
mod tests {
    use super::masked;
    use crate::safe::Secrets;

    #[test]
    fn addresses_are_masked() {
        let none = Secrets::default();
        for (body, kept) in [
            (
                r#"{"email":"ada.l+x@example.org","n":1}"#,
                r#"{"email":"...","n":1}"#,
            ),
            ("a@b @ c", "... ... c"),
            ("\u{e9}@\u{e9}\u{20ac}", "...\u{20ac}"),
            ("plain", "plain"),
            ("@", "..."),
        ] {
            assert_eq!(masked(body.as_bytes(), &none), kept);
        }
    }

    #[test]
    fn a_body_with_a_secret_is_hidden() {
        let mut secrets = Secrets::default();
        secrets.add("dG9rOjEyMw==");
        assert_eq!(masked(b"token dG9rOjEyMw== x", &secrets), "...");
    }
}
