//! Response headers: the names that are known, each with the form of its values.

use std::borrow::Cow;

use super::{HIDDEN, Secrets, request_id};

/// The form of a header's values. A value of another form is hidden.
enum Form {
    /// An HTTP date.
    Date,
    /// Numbers of at most so many digits, with commas between them.
    Numbers(usize),
    /// Numbers or an HTTP date.
    NumbersOrDate,
    /// Seconds of at most three digits, with a fraction.
    Seconds,
    /// Short numbers, or Unix times in seconds or milliseconds. A telephone number is neither.
    Times,
    /// One of these words. Parameters after a semicolon are left out.
    Words(&'static [&'static str]),
    /// A request id.
    RequestId,
    /// Forty hexadecimal digits.
    Hash,
    /// A link to a contact, which shows that it was merged.
    Link,
    /// Only the presence counts.
    Present,
}

/// The headers that are written. Any other one is left out.
const KNOWN: &[(&str, Form)] = &[
    (
        "content-encoding",
        Form::Words(&["gzip", "x-gzip", "deflate", "br", "zstd", "identity"]),
    ),
    ("content-length", Form::Numbers(9)),
    (
        "content-type",
        Form::Words(&[
            "application/json",
            "application/octet-stream",
            "application/xhtml+xml",
            "text/csv",
            "text/html",
            "text/plain",
        ]),
    ),
    ("date", Form::Date),
    ("intercom-version", Form::Numbers(5)),
    ("link", Form::Link),
    ("location", Form::Present),
    ("retry-after", Form::NumbersOrDate),
    (
        "server",
        Form::Words(&["nginx", "cloudflare", "awselb/2.0", "envoy"]),
    ),
    (
        "x-amzn-waf-action",
        Form::Words(&["captcha", "challenge", "block"]),
    ),
    ("x-intercom-version", Form::Hash),
    ("x-ratelimit-limit", Form::Numbers(7)),
    ("x-ratelimit-remaining", Form::Numbers(7)),
    ("x-ratelimit-reset", Form::Times),
    ("x-request-id", Form::RequestId),
    ("x-runtime", Form::Seconds),
];

/// Returns the name and the value of a header as they may be written, or `None` for a header that is not known.
///
/// A value of an unexpected form becomes `...`. The name is compared without its case.
pub(crate) fn header(
    name: &str,
    value: &[u8],
    secrets: &Secrets,
) -> Option<(&'static str, String)> {
    let (name, form) = KNOWN
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let value = core::str::from_utf8(value).unwrap_or_default().trim();
    let kept = form.kept(value, secrets);
    Some((name, kept.map_or(HIDDEN.to_owned(), Cow::into_owned)))
}

impl Form {
    /// Returns what may be written. It has nothing of the value but the parts that were looked at.
    fn kept<'v>(&self, value: &'v str, secrets: &Secrets) -> Option<Cow<'v, str>> {
        let all = |fits: &dyn Fn(&str) -> bool| {
            let parts: Vec<&str> = value.split(',').map(str::trim).collect();
            let all_fit = parts.iter().all(|part| fits(part));
            all_fit.then(|| Cow::Owned(parts.join(", ")))
        };
        let kept = match self {
            Self::Date => is_date(value).then_some(value),
            Self::Numbers(longest) => return all(&|part| is_number(part, *longest)),
            Self::NumbersOrDate if is_date(value) => Some(value),
            Self::NumbersOrDate if is_endless(value) => Some(ENDLESS),
            Self::NumbersOrDate => return all(&|part| is_number(part, SHORT)),
            Self::Seconds => is_seconds(value).then_some(value),
            Self::Times => return all(&|part| is_number(part, SHORT) || is_time(part)),
            Self::Words(words) => {
                let word = value.split(';').next().unwrap_or_default().trim();
                words
                    .iter()
                    .find(|known| known.eq_ignore_ascii_case(word))
                    .copied()
            }
            Self::RequestId => request_id(value, secrets),
            Self::Hash => {
                let is_hash =
                    value.len() == 40 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
                (is_hash && !secrets.is_in(value)).then_some(value)
            }
            Self::Link => value
                .contains("/contacts/")
                .then_some("</contacts/masked>; rel=\"canonical\""),
            Self::Present => None,
        };
        kept.map(Cow::Borrowed)
    }
}

/// The most digits of a number that cannot be a telephone number.
const SHORT: usize = 7;

/// Stands for each wait of more seconds than a short number. No client waits so long.
const ENDLESS: &str = "9999999999999999999999";

fn is_endless(text: &str) -> bool {
    text.len() > SHORT && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this is a duration like `0.123456`.
fn is_seconds(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    is_number(text, 10) && whole.len() <= 3 && fraction.len() <= 6
}

/// Whether this is a time from 2020 to 2033, in seconds or milliseconds since 1970, with a short fraction.
fn is_time(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_in_reach = matches!(whole.as_bytes(), [b'1', b'6'..=b'9', ..]);
    let has_length = matches!(whole.len(), 10 | 13) && fraction.len() <= 3;
    is_in_reach && has_length && is_number(text, 17)
}

/// Whether this is a number that is not longer than this, with the sign and the decimal point.
fn is_number(text: &str, longest: usize) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    !whole.is_empty() && text.len() <= longest && digits(whole) && digits(rest)
}

/// Whether this is an HTTP date in the usual form.
fn is_date(text: &str) -> bool {
    const SHAPE: &[u8] = b"Aaa, 00 Aaa 0000 00:00:00 GMT";
    const WORDS: &str =
        "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
    let fits = |(byte, shape): (u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_uppercase(),
        b'a' => byte.is_ascii_lowercase(),
        other => byte == *other,
    };
    let is_word = |range: core::ops::Range<usize>| {
        text.get(range)
            .is_some_and(|word| WORDS.split(' ').any(|known| known == word))
    };
    // The last three letters are those of the time zone, which the shape has as they are.
    text.len() == SHAPE.len()
        && text.bytes().zip(SHAPE).all(fits)
        && is_word(0..3)
        && is_word(8..11)
}

#[cfg(test)]
mod tests {
    use super::{Secrets, header};

    fn kept(name: &str, value: &str) -> Option<String> {
        header(name, value.as_bytes(), &Secrets::default()).map(|(_, value)| value)
    }

    #[test]
    fn a_known_header_with_a_value_of_its_form_is_kept() {
        for (name, value, expected) in [
            (
                "Date",
                "Fri, 22 Mar 2024 09:34:13 GMT",
                "Fri, 22 Mar 2024 09:34:13 GMT",
            ),
            ("X-RateLimit-Reset", "1711100003.2, 7", "1711100003.2, 7"),
            ("x-ratelimit-reset", "1711100003000", "1711100003000"),
            ("x-ratelimit-reset", "7", "7"),
            ("x-ratelimit-limit", " 10 ,\t20", "10, 20"),
            ("retry-after", "3,\u{2003}9", "3, 9"),
            ("x-runtime", "0.123456", "0.123456"),
            ("x-ratelimit-remaining", "-1", "-1"),
            (
                "content-type",
                "application/json; charset=utf-8",
                "application/json",
            ),
            ("retry-after", "120", "120"),
            ("retry-after", "4915123456789", "9999999999999999999999"),
            (
                "link",
                "</contacts/5f1>; rel=\"canonical\"",
                "</contacts/masked>; rel=\"canonical\"",
            ),
            (
                "x-request-id",
                "b2i3mhcboc6pcbe33q80",
                "b2i3mhcboc6pcbe33q80",
            ),
        ] {
            assert_eq!(kept(name, value).as_deref(), Some(expected));
        }
    }

    #[test]
    fn any_other_value_is_hidden_and_any_other_header_is_left_out() {
        for (name, value) in [
            ("date", "Fri, 22 Ada 2024 09:34:13 GMT"),
            ("date", "22 Mar 2024"),
            ("x-request-id", "ada@example.org"),
            ("x-ratelimit-limit", "many"),
            ("retry-after", "Ada"),
            ("content-type", "ada/lovelace"),
            ("location", "https://files.example/signed?key=secret"),
            ("x-intercom-version", "Ada Lovelace"),
            ("x-ratelimit-limit", "4915123456789"),
            ("x-runtime", "+4915123456789"),
            ("x-runtime", "491512.345678"),
            ("x-runtime", "4.915123456"),
            ("x-ratelimit-reset", "4915123456789"),
            ("x-ratelimit-reset", "15123456789"),
            ("x-ratelimit-reset", "5123456789"),
            ("x-ratelimit-reset", "17111000034"),
            ("x-ratelimit-reset", "1711100003.4915123"),
            ("x-ratelimit-reset", "7,4915123456789"),
            ("content-length", "4915123456789"),
            ("intercom-version", "4915123456789"),
        ] {
            assert_eq!(kept(name, value).as_deref(), Some("..."), "{name}: {value}");
        }
        for name in ["authorization", "set-cookie", "x-ada"] {
            assert_eq!(kept(name, "x"), None);
        }
    }

    #[test]
    fn a_value_that_is_not_text_is_hidden() {
        let (_, value) = header("date", b"\xff", &Secrets::default()).unwrap();
        assert_eq!(value, "...");
    }
}
