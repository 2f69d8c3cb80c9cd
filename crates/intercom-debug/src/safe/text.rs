//! Bodies that a user chose to keep.

use super::{HIDDEN, Secrets};

/// The most bytes of a body that are kept.
const LONGEST: usize = 64 * 1024;

/// How much more is read, so that an address or a secret at the end is seen as a whole. As much is left out.
const ROOM: usize = 1024;

/// Other forms of the sign in an e-mail address: in JSON, URLs and HTML.
const ENCODED: [&str; 6] = ["\\u0040", "%40", "&#64;", "&#x40;", "&#X40;", "&commat;"];

/// Returns a body without e-mail addresses and secrets. This is not an allow-list: names and messages stay in it.
///
/// A body that has a part of a secret is hidden as a whole.
pub(crate) fn masked(body: &[u8], secrets: &Secrets) -> String {
    let part = body.get(..LONGEST + ROOM);
    let text = String::from_utf8_lossy(part.unwrap_or(body));
    if secrets.is_in(&text) {
        return HIDDEN.to_owned();
    }
    let decode = |text: String, form: &&str| text.replace(form, "@");
    let mut kept = without_addresses(&ENCODED.iter().fold(text.into_owned(), decode));
    if part.is_some() {
        let end = (0..=kept.len().saturating_sub(ROOM)).rev();
        let end = end.into_iter().find(|end| kept.is_char_boundary(*end));
        kept.truncate(end.unwrap_or_default());
    }
    kept
}

fn without_addresses(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
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
            (r#""ada\u0040example.org""#, r#""...""#),
            ("x ada%40example.org y", "x ... y"),
            ("<b>ada&#64;example.org</b>", "<b>...</b>"),
            ("<b>ada&#x40;example.org b", "<b>... b"),
            ("@", "..."),
        ] {
            assert_eq!(masked(body.as_bytes(), &none), kept);
        }
    }

    #[test]
    fn the_cut_leaves_no_part_of_an_address_or_a_secret() {
        let mut secrets = Secrets::default();
        secrets.add("dG9rOjEyMw==");
        for before in 64 * 1024 - 40..64 * 1024 + 1100 {
            for text in ["dG9rOjEyMw==", "zoltan@example.org"] {
                let body = "x ".repeat(before / 2) + text + &" y".repeat(40_000);
                let kept = masked(body.as_bytes(), &secrets);
                assert!(!kept.contains("dG9") && !kept.contains("zol"), "{before}");
                assert!(kept.len() <= 64 * 1024);
            }
        }
    }

    #[test]
    fn a_body_with_a_secret_is_hidden() {
        let mut secrets = Secrets::default();
        secrets.add("dG9rOjEyMw==");
        assert_eq!(masked(b"token dG9rOjEyMw== x", &secrets), "...");
    }
}
