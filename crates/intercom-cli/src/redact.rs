//! Keeps the token out of everything that is printed, however the server or the network sends it back.

use std::borrow::Cow;
use std::fmt;

const MASK: &[u8] = b"[redacted]";
/// Shorter words are no tokens, and would be found in every other line.
const SHORTEST: usize = 6;

/// Replaces a secret wherever it turns up, in the spellings JSON, URLs and HTML give it.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    spellings: Vec<Vec<u8>>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    pub(crate) fn new(secret: &str) -> Self {
        let secret = secret.trim();
        if secret.len() < SHORTEST {
            return Self::default();
        }
        let mut spellings: Vec<Vec<u8>> = [
            secret.to_owned(),
            in_json(secret),
            in_json(secret).replace('/', "\\/"),
            in_url(secret, true),
            in_url(secret, false),
            in_html(secret),
        ]
        .into_iter()
        .map(String::into_bytes)
        .collect();
        // The longest first: a shorter spelling may be a part of it.
        spellings.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        spellings.dedup();
        Self { spellings }
    }

    pub(crate) fn bytes<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        self.spellings
            .iter()
            .fold(Cow::Borrowed(text), |text, secret| {
                match find(&text, secret) {
                    None => text,
                    Some(first) => Cow::Owned(replaced(&text, secret, first)),
                }
            })
    }

    pub(crate) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
}

fn find(text: &[u8], secret: &[u8]) -> Option<usize> {
    text.windows(secret.len())
        .position(|window| window == secret)
}

fn replaced(text: &[u8], secret: &[u8], first: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let (mut rest, mut next) = (text, Some(first));
    while let Some((before, after)) = next.and_then(|at| rest.split_at_checked(at)) {
        out.extend_from_slice(before);
        out.extend_from_slice(MASK);
        rest = after.get(secret.len()..).unwrap_or_default();
        next = find(rest, secret);
    }
    out.extend_from_slice(rest);
    out
}

fn in_json(secret: &str) -> String {
    serde_json::Value::from(secret)
        .to_string()
        .trim_matches('"')
        .to_owned()
}

fn in_url(secret: &str, upper: bool) -> String {
    secret
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                char::from(byte).to_string()
            }
            byte if upper => format!("%{byte:02X}"),
            byte => format!("%{byte:02x}"),
        })
        .collect()
}

fn in_html(secret: &str) -> String {
    secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::Redactor;

    const TOKEN: &str = "dG9r/OmFi+Y2Rl==";

    #[test]
    fn the_token_is_found_in_every_spelling() {
        let redactor = Redactor::new(TOKEN);
        for shown in [
            "Bearer dG9r/OmFi+Y2Rl==",
            r#"{"t":"dG9r\/OmFi+Y2Rl=="}"#,
            "?token=dG9r%2FOmFi%2BY2Rl%3D%3D&x",
            "?token=dG9r%2fOmFi%2bY2Rl%3d%3d&x",
            "dG9r/OmFi+Y2Rl==dG9r/OmFi+Y2Rl==",
        ] {
            let hidden = redactor.text(shown);
            assert!(
                hidden.contains("[redacted]") && !hidden.contains("Y2Rl"),
                "{hidden}"
            );
        }
    }

    #[test]
    fn bytes_that_are_no_text_stay_as_they_are() {
        let redactor = Redactor::new(TOKEN);
        let body = [b"\xff\xfe".as_slice(), TOKEN.as_bytes(), b"\x80"].concat();
        assert_eq!(
            redactor.bytes(&body).as_ref(),
            b"\xff\xfe[redacted]\x80".as_slice()
        );
    }

    #[test]
    fn nothing_is_no_secret() {
        assert_eq!(Redactor::new("").text("abc"), "abc");
        assert_eq!(Redactor::default().text("abc"), "abc");
    }
}
