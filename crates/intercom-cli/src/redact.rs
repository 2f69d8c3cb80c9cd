//! Keeps the token out of everything that is printed, however the server or the network sends it back.

use std::borrow::Cow;
use std::fmt;

const MASK: &[u8] = b"[redacted]";
/// Shorter words are no tokens, and would be found in every other line.
const SHORTEST: usize = 6;

/// Replaces a secret wherever it turns up, each of its characters in any spelling JSON, URLs and HTML give it.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    /// Empty if there is nothing to hide.
    secret: Vec<u8>,
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
        Self {
            secret: secret.as_bytes().to_vec(),
        }
    }

    pub(crate) fn bytes<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        let Some((mut before, mut after)) = self.find(text) else {
            return Cow::Borrowed(text);
        };
        let mut out = Vec::with_capacity(text.len());
        loop {
            out.extend_from_slice(before);
            out.extend_from_slice(MASK);
            let Some(next) = self.find(after) else {
                out.extend_from_slice(after);
                return Cow::Owned(out);
            };
            (before, after) = next;
        }
    }

    pub(crate) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// What stands before the secret, and what behind it.
    fn find<'t>(&self, text: &'t [u8]) -> Option<(&'t [u8], &'t [u8])> {
        let first = *self.secret.first()?;
        (0..text.len()).find_map(|at| {
            let (before, from) = text.split_at_checked(at)?;
            // What begins within a run of backslashes begins at its start too, so the run is looked at once.
            let within = from.starts_with(b"\\") && before.ends_with(b"\\");
            let begins = !within && [first, b'\\', b'%', b'&'].contains(from.first()?);
            let rest = begins.then(|| self.secret.iter().try_fold(from, skip))?;
            Some((before, rest?))
        })
    }
}

/// What follows a character in any of its spellings; `None` if the text begins with another one.
fn skip<'t>(text: &'t [u8], &byte: &u8) -> Option<&'t [u8]> {
    let code = |digits: &[u8]| {
        let digits = std::str::from_utf8(digits).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let is = |digits: &[u8]| code(digits) == Some(byte.into());
    // JSON within JSON has several backslashes.
    let slashes = text.iter().take_while(|&&char| char == b'\\').count();
    let bare = text.get(slashes..)?;
    match (text, bare) {
        ([b'\\', ..], [b'u', a, b, c, d, rest @ ..]) if is(&[*a, *b, *c, *d]) => Some(rest),
        ([b'%', a, b, rest @ ..], _) if is(&[*a, *b]) => Some(rest),
        ([b'&', ..], _) if in_html(byte).is_some_and(|name| text.starts_with(name)) => {
            text.get(in_html(byte)?.len()..)
        }
        (_, [plain, rest @ ..]) if *plain == byte => Some(rest),
        ([plain, rest @ ..], _) if *plain == byte => Some(rest),
        _ => None,
    }
}

const fn in_html(byte: u8) -> Option<&'static [u8]> {
    match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        b'"' => Some(b"&quot;"),
        _ => None,
    }
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
            r#"{"t":"\u0064\u0047\u0039\u0072\u002f\u004F\u006d\u0046\u0069\u002b\u0059\u0032\u0052\u006c\u003d\u003D"}"#,
            r#"{"t":"{\"in\":\"dG9r\\\/OmFi\\u002BY2Rl=="}"#,
            "%64G9r/OmFi+Y2Rl=%3D",
        ] {
            let hidden = redactor.text(shown);
            assert!(
                hidden.contains("[redacted]") && !hidden.contains("Y2Rl"),
                "{hidden}"
            );
        }
    }

    #[test]
    fn nothing_but_the_token_goes() {
        for (text, left) in [
            (r#""a\\dG9r/OmFi+Y2Rl==b\n""#, r#""a[redacted]b\n""#),
            (r"%\u00&amp;dG9r", r"%\u00&amp;dG9r"),
            ("dG9r/OmFi+Y2Rl=\\", "dG9r/OmFi+Y2Rl=\\"),
        ] {
            assert_eq!(Redactor::new(TOKEN).text(text), left);
        }
        let odd = Redactor::new(r#"a&b\c"d<"#);
        for text in [r#"a&b\c"d<"#, r#"a&b\\c\"d<"#, "a&amp;b\\c&quot;d&lt;"] {
            assert_eq!(odd.text(&format!("<{text}>")), "<[redacted]>", "{text}");
        }
    }

    #[test]
    fn a_long_run_of_backslashes_is_looked_at_once() {
        let redactor = Redactor::new(TOKEN);
        let run = "\\".repeat(1 << 20);
        assert_eq!(redactor.text(&run), run);
        assert_eq!(
            redactor.text(&format!("{run}x{run}")).len(),
            2 * run.len() + 1
        );
        assert_eq!(
            redactor.text(&format!("a{run}{TOKEN}{run}")),
            format!("a[redacted]{run}")
        );
        let escaped = format!("{run}u0064{run}u0047{}", &TOKEN[2..]);
        assert_eq!(redactor.text(&escaped), "[redacted]");
    }

    #[test]
    fn a_token_of_backslashes_is_found_in_a_run_of_them() {
        let odd = Redactor::new(r"\\ab\c");
        for (text, left) in [
            (r"\\ab\c", "[redacted]"),
            (r"x\\\\ab\\c", "x[redacted]"),
            (r"\\ab\c\\ab\c", "[redacted][redacted]"),
            (r"\\u005c\u005cab\c", "[redacted]"),
            (r"\ab\c", r"\ab\c"),
        ] {
            assert_eq!(odd.text(text), left, "{text}");
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
