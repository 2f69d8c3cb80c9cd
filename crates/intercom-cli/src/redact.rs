//! Keeps the token out of everything that is printed, however the server or the network sends it back.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;

use serde::de::IgnoredAny;

use crate::json;

const MASK: &str = "[redacted]";
/// Shorter words are no tokens, and would be found in every other line.
const SHORTEST: usize = 6;
/// How many spellings may be within one another.
const LAYERS: usize = 3;
/// The most digits of a character's number in HTML, leading zeros among them.
const MOST_DIGITS: usize = 16;
/// The most backslashes in a row that are spelt themselves.
const MOST_SLASHES: usize = 3;
/// The longest part of a spelling that was cut off.
const LONGEST_PART: usize = 12;

/// Characters that HTML has names for, and tokens or their spellings have in them.
const NAMES: &[(&[u8], u8)] = &[
    (b"amp", b'&'),
    (b"apos", b'\''),
    (b"bsol", b'\\'),
    (b"equals", b'='),
    (b"gt", b'>'),
    (b"lowbar", b'_'),
    (b"lt", b'<'),
    (b"num", b'#'),
    (b"percnt", b'%'),
    (b"period", b'.'),
    (b"plus", b'+'),
    (b"quot", b'"'),
    (b"sol", b'/'),
];

/// Replaces a secret wherever it turns up, each of its characters in any spelling JSON, URLs and HTML give it.
///
/// Its padding may be missing, and its end where a text was cut off.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    /// Empty if there is nothing to hide.
    secret: Vec<u8>,
    /// How many bytes of it are not padding.
    core: usize,
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
            core: secret.trim_end_matches('=').len().max(SHORTEST),
        }
    }

    pub(crate) fn bytes<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        let Some((mut before, mut after)) = self.find(text) else {
            return Cow::Borrowed(text);
        };
        let mut out = Vec::with_capacity(text.len());
        loop {
            out.extend_from_slice(before);
            out.extend_from_slice(MASK.as_bytes());
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

    /// JSON that stays JSON: where the secret stands in a number, all of that becomes text. `None` if it cannot be.
    pub(crate) fn json(&self, document: String) -> Option<String> {
        let is_json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
        let redacted = match self.text(&document) {
            Cow::Borrowed(_) => return Some(document),
            Cow::Owned(redacted) => redacted,
        };
        if is_json(&redacted) {
            return Some(redacted);
        }
        let document = json::with_numbers(&document, |number| match self.text(number) {
            Cow::Borrowed(_) => number.to_owned(),
            Cow::Owned(_) => format!("\"{MASK}\""),
        });
        Some(self.text(&document).into_owned()).filter(|text| is_json(text))
    }

    /// What stands before the secret, and what behind it.
    fn find<'t>(&self, text: &'t [u8]) -> Option<(&'t [u8], &'t [u8])> {
        let first = *self.secret.first()?;
        (0..text.len()).find_map(|at| {
            let (before, from) = text.split_at_checked(at)?;
            // What begins within a run of backslashes begins at its start too, so the run is looked at once.
            let within = from.starts_with(b"\\") && before.ends_with(b"\\");
            let begins = !within && [first, b'\\', b'%', b'&'].contains(from.first()?);
            let rest = begins.then(|| self.behind(from))?;
            Some((before, rest?))
        })
    }

    /// What follows the secret, of which the text may have only the beginning.
    fn behind<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let mut rest = text;
        for (found, &byte) in self.secret.iter().enumerate() {
            match skip(rest, byte) {
                Some(behind) => rest = behind,
                None if found >= self.core => return Some(rest),
                None if found >= SHORTEST => return behind_cut(rest),
                None => return None,
            }
        }
        Some(rest)
    }
}

/// What follows a cut, which may go through a spelling: nothing, the end of a string, or dots.
fn behind_cut(text: &[u8]) -> Option<&[u8]> {
    let run = slashes(text);
    let bare = text.get(run..)?;
    let begins = match bare.first() {
        Some(b'u' | b'x') => run > 0,
        Some(b'%' | b'&') => true,
        _ => false,
    };
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"%&#;".contains(byte);
    let part = bare.iter().take(LONGEST_PART).take_while(is_part).count();
    let rest = if begins { bare.get(part..)? } else { text };
    let end = behind_blanks(rest);
    // Backslashes alone may belong to the quote.
    let end = end.get(slashes(end)..)?;
    let is_end = end.trim_ascii_start().is_empty()
        || [b"\"".as_slice(), b"...", "…".as_bytes()]
            .iter()
            .any(|mark| end.starts_with(mark));
    is_end.then_some(rest)
}

/// What follows white space as JSON spells it.
fn behind_blanks(mut text: &[u8]) -> &[u8] {
    while let Some((b'n' | b'r' | b't', behind)) = text
        .get(slashes(text)..)
        .filter(|_| text.starts_with(b"\\"))
        .and_then(<[u8]>::split_first)
    {
        text = behind;
    }
    text
}

/// JSON within JSON has several backslashes.
fn slashes(text: &[u8]) -> usize {
    text.iter().take_while(|&&char| char == b'\\').count()
}

/// What follows a character in any of its spellings; `None` if the text begins with another one.
fn skip(text: &[u8], byte: u8) -> Option<&[u8]> {
    let mut deepest = None;
    for layers in 0..=LAYERS {
        let Some((found, rest)) = unit(text, layers) else {
            break;
        };
        if found == byte {
            deepest = Some(rest);
        }
        // Only what begins a spelling is another character below the next layer.
        if !matches!(found, b'\\' | b'%' | b'&') {
            break;
        }
    }
    deepest
}

/// The next character and what follows it, after so many layers of spelling are taken off: JSON in HTML in a URL.
fn unit(text: &[u8], layers: usize) -> Option<(u8, &[u8])> {
    let Some(below) = layers.checked_sub(1) else {
        let (&first, rest) = text.split_first()?;
        return Some((first, rest));
    };
    let (found, rest) = unit(text, below)?;
    let spelt = match found {
        // Where it spells nothing, nobody is to look at the run again.
        b'\\' => return in_json(rest, below),
        b'%' => in_url(rest, below),
        b'&' => in_html(rest, below),
        _ => None,
    };
    spelt.or(Some((found, rest)))
}

/// Behind a backslash, of which there are several in JSON within JSON: `/`, `u002f`, `x2f`.
fn in_json(mut text: &[u8], layers: usize) -> Option<(u8, &[u8])> {
    // A run that stands in the text is looked at once; one that is itself spelt is short.
    let mut more = if layers == 0 {
        usize::MAX
    } else {
        MOST_SLASHES
    };
    loop {
        let (found, rest) = unit(text, layers)?;
        match found {
            b'\\' if more == 0 => return None,
            b'\\' => (text, more) = (rest, more - 1),
            b'u' => return number(rest, layers, 16, 4..=4),
            b'x' => return number(rest, layers, 16, 2..=2).or(Some((found, rest))),
            _ => return Some((found, rest)),
        }
    }
}

/// Behind a percent sign, which may be spelt in turn however often: `2F`, `252F`.
fn in_url(text: &[u8], layers: usize) -> Option<(u8, &[u8])> {
    let digits = |text| number(text, layers, 16, 2..=2);
    let (mut found, mut rest) = digits(text)?;
    while found == b'%' {
        let Some(next) = digits(rest) else {
            break;
        };
        (found, rest) = next;
    }
    Some((found, rest))
}

/// Behind an ampersand: `#43;`, `#x2B;`, `plus;`.
fn in_html(text: &[u8], layers: usize) -> Option<(u8, &[u8])> {
    let (first, behind) = unit(text, layers)?;
    let (byte, rest) = if first == b'#' {
        match unit(behind, layers)? {
            (b'x' | b'X', hex) => number(hex, layers, 16, 1..=MOST_DIGITS),
            _ => number(behind, layers, 10, 1..=MOST_DIGITS),
        }?
    } else {
        NAMES.iter().find_map(|&(name, byte)| {
            let (&initial, more) = name.split_first()?;
            let follow = |rest, &wanted: &u8| {
                let (found, rest) = unit(rest, layers)?;
                (found == wanted).then_some(rest)
            };
            let rest = (initial == first).then(|| more.iter().try_fold(behind, follow))??;
            Some((byte, rest))
        })?
    };
    let end = unit(rest, layers).filter(|(end, _)| *end == b';');
    Some((byte, end.map_or(rest, |(_, behind)| behind)))
}

/// The character of a number with so many digits, and what follows them.
fn number(
    mut text: &[u8],
    layers: usize,
    radix: u32,
    digits: RangeInclusive<usize>,
) -> Option<(u8, &[u8])> {
    let (mut sum, mut read) = (0_u32, 0);
    while read < *digits.end() {
        let next = unit(text, layers);
        let Some((digit, rest)) =
            next.and_then(|(found, rest)| Some((char::from(found).to_digit(radix)?, rest)))
        else {
            break;
        };
        sum = sum.saturating_mul(radix).saturating_add(digit);
        (text, read) = (rest, read + 1);
    }
    let byte = sum.try_into().ok().filter(|_| digits.contains(&read))?;
    Some((byte, text))
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
            "dG9r/OmFi&#43;Y2Rl&#61;&#061;",
            "dG9r&#x2F;OmFi&#x2b;Y2Rl&#X3D;&#x3D",
            "&#100;&#71;&#57;&#114;&sol;OmFi&plus;Y2Rl&equals;=",
            "dG9r&amp;#x2F;OmFi&amp;amp;#43;Y2Rl==",
            "dG9r%252FOmFi%252BY2Rl%253D%253D",
            r"dG9r\u0026#x2F;OmFi\u0026#43;Y2Rl==",
            "dG9r%26%23x2F%3BOmFi%26plus%3BY2Rl==",
            r"dG9r%5C%2FOmFi%5Cu002BY2Rl==",
            "dG9r&#37;2FOmFi&#x25;2BY2Rl==",
            r"dG9r\u00252FOmFi+Y2Rl==",
            "dG9r&#38;#47;OmFi&#92;u002bY2Rl&#61;=",
            "dG9r&bsol;/OmFi%25%32%42Y2Rl==",
            "dG9r&#0000000000047;OmFi+Y2Rl==",
            "dG9r%25252fOmFi%25252bY2Rl%25253d%25253d",
            r"dG9r\x2fOmFi\x2BY2Rl\x3d\x3D",
            r#"{"t":"dG9r\x2fOmFi\x2bY2Rl\x3d\x3d"}"#,
            "dG9r/OmFi+Y2Rl",
            "dG9r/OmFi+Y2Rl=&x",
            "dG9r%2FOmFi%2BY2Rl%3D.",
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
            ("dG9r/OmFi+Y2Rl=\\", "[redacted]\\"),
            ("dG9r/OmFi-Y2Rl==", "dG9r/OmFi-Y2Rl=="),
            ("dG9r/OmFi, and so on", "dG9r/OmFi, and so on"),
            ("&#43&#;%25%2525", "&#43&#;%25%2525"),
        ] {
            assert_eq!(Redactor::new(TOKEN).text(text), left);
        }
        let odd = Redactor::new(r#"a&b\c"d<"#);
        for text in [r#"a&b\c"d<"#, r#"a&b\\c\"d<"#, "a&amp;b\\c&quot;d&lt;"] {
            assert_eq!(odd.text(&format!("<{text}>")), "<[redacted]>", "{text}");
        }
    }

    #[test]
    fn the_beginning_of_the_token_goes_where_the_text_was_cut_off() {
        let redactor = Redactor::new(TOKEN);
        for (text, left) in [
            ("dG9r/OmFi", "[redacted]"),
            ("dG9r/OmFi\n", "[redacted]\n"),
            ("dG9r/OmFi…", "[redacted]…"),
            (r#"{"body":"dG9r/OmFi"}"#, r#"{"body":"[redacted]"}"#),
            (
                r#"{"body":"{\"a\":\"dG9r/Om\""}"#,
                r#"{"body":"{\"a\":\"[redacted]\""}"#,
            ),
            (r#"{"body":"dG9r/OmFi\\"}"#, r#"{"body":"[redacted]\\"}"#),
            (r#"{"body":"dG9r\\/OmFi\\u00"}"#, r#"{"body":"[redacted]"}"#),
            ("dG9r%2FOmFi%2", "[redacted]"),
            ("dG9r%252FOmFi%25", "[redacted]"),
            ("dG9r&#x2F;OmFi&#x2", "[redacted]"),
            (
                r#"{"body":"dG9r/OmFi\r\n"}"#,
                r#"{"body":"[redacted]\r\n"}"#,
            ),
            (
                r#"{"body":"dG9r/OmFi\\n\""}"#,
                r#"{"body":"[redacted]\\n\""}"#,
            ),
            (r"dG9r/OmFi\next", r"dG9r/OmFi\next"),
            ("dG9r/", "dG9r/"),
        ] {
            assert_eq!(redactor.text(text), left, "{text}");
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
    fn long_runs_of_spelt_signs_are_looked_at_once() {
        let redactor = Redactor::new(TOKEN);
        let begun = &TOKEN[..8];
        for run in ["25", "amp;", "#0", "a", " ", "u0"].map(|part| part.repeat(1 << 16)) {
            for sign in ["%", "&", "&#", "\\", ""] {
                let text = format!("{sign}{run}{begun}{sign}{run}-");
                assert_eq!(redactor.text(&text), text);
            }
        }
        let text = format!("{}{}", "dG9r/O- ".repeat(1 << 16), " ".repeat(1 << 16));
        assert_eq!(redactor.text(&text), text);
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
