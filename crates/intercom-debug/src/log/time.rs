//! Times in the forms that loggers write.

/// The forms of a date with a time: `Y` year, `M` month, `D` day, `h` hour, `m` minute, `s` second, `N` the name of a month, `W`
/// that of a weekday; a space in front of `D` stands for two. Anything else is itself. A longer form comes before its start.
const FORMS: &[&str] = &[
    "YYYY-MM-DDThh:mm:ss",
    "YYYY-MM-DD hh:mm:ss",
    "YYYY/MM/DD hh:mm:ss",
    "DD/NNN/YYYY:hh:mm:ss",
    "WWW, DD NNN YYYY hh:mm:ss",
    "WWW NNN DD hh:mm:ss YYYY",
    "WWW NNN DD hh:mm:ss",
    "NNN DD hh:mm:ss",
    "NNN  D hh:mm:ss",
];

/// A time without a date. Elsewhere than at the start of a line, it can be a part of something else.
const CLOCK: &str = "hh:mm:ss";

/// The names that a time follows, in small letters without `-`, `_` and `@`.
const NAMES: &[&str] = &[
    "asctime",
    "at",
    "date",
    "datetime",
    "time",
    "timestamp",
    "ts",
];

const MONTHS: &[&str] = &[
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: &[&str] = &["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Returns the length of the time at the start of the text, with its fraction of a second and its zone.
pub(super) fn len(text: &str, is_first: bool) -> Option<usize> {
    let starts = text.starts_with(|char: char| char.is_ascii_alphanumeric());
    if !starts {
        return None;
    }
    let clock = is_first.then_some(CLOCK);
    let forms = FORMS.iter().copied().chain(clock);
    let len = forms
        .map(|form| (form, form.len()))
        .find_map(|(form, len)| matches(text.get(..len)?, form).then_some(len))?;
    let len = len + fraction(text.get(len..)?);
    let len = len + zone(text.get(len..)?);
    let next = text.get(len..)?.chars().next();
    let ends =
        next.is_none_or(|next| !next.is_alphanumeric() && !matches!(next, ':' | '-' | '.' | '_'));
    // A colon ends a time when a space follows: `09:30:00: message`.
    let is_colon = text.get(len..)?.starts_with(": ");
    (ends || is_colon).then_some(len)
}

/// Whether this is the name of a time of a log line. A birth date has another one.
pub(super) fn is_name(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Whether the time has the form of access logs, which is used for nothing else.
pub(super) fn is_of_access_log(time: &str) -> bool {
    matches!(time.as_bytes(), [_, _, b'/', month, ..] if month.is_ascii_alphabetic())
}

/// Returns the time without the digits after the milliseconds.
pub(super) fn shortened(time: &str) -> String {
    let mut digits = None;
    let mut short = String::with_capacity(time.len());
    for char in time.chars() {
        digits = match (char, digits) {
            ('.' | ',', None) if !short.ends_with(|last: char| last.is_ascii_alphabetic()) => {
                Some(0)
            }
            (char, Some(n)) if char.is_ascii_digit() => Some(n + 1),
            _ => None,
        };
        if digits.is_none_or(|n| n <= 3) {
            short.push(char);
        }
    }
    short
}

fn matches(text: &str, form: &str) -> bool {
    let fits = text
        .bytes()
        .zip(form.bytes())
        .all(|(byte, form)| match form {
            b'Y' | b'M' | b'D' | b'h' | b'm' | b's' => byte.is_ascii_digit(),
            b'N' | b'W' => byte.is_ascii_alphabetic(),
            _ => byte == form,
        });
    let part = |letter: char| -> Option<&str> {
        let start = form.find(letter)?;
        text.get(start..=form.rfind(letter)?)
    };
    let number = |letter| part(letter).and_then(|part| part.parse::<u32>().ok());
    let within = |letter, low, high| number(letter).is_none_or(|n| (low..=high).contains(&n));
    fits && within('Y', 2015, 2035)
        && within('M', 1, 12)
        && within('D', 1, 31)
        && within('h', 0, 24)
        && within('m', 0, 59)
        && within('s', 0, 60)
        && part('N').is_none_or(|name| MONTHS.contains(&name))
        && part('W').is_none_or(|name| WEEKDAYS.contains(&name))
}

/// The length of a fraction of a second: `.123`, `,123`, up to nine digits.
fn fraction(text: &str) -> usize {
    let Some(digits) = text.strip_prefix(['.', ',']) else {
        return 0;
    };
    match digits.bytes().take_while(u8::is_ascii_digit).count() {
        count @ 1..=9 => 1 + count,
        _ => 0,
    }
}

/// The length of a zone: `Z`, ` GMT`, ` UTC`, `+01:00`, ` +0100`.
fn zone(text: &str) -> usize {
    if let Some(name) = ["Z", " GMT", " UTC"]
        .iter()
        .find(|name| text.starts_with(**name))
    {
        return name.len();
    }
    let forms = ["hh:mm", "hhmm"];
    let found = forms.iter().find_map(|form| {
        [1, 2].into_iter().find_map(|sign| {
            let signed = text.get(..sign)?;
            let is_sign = matches!(signed, "+" | "-" | " +" | " -");
            let zone = text.get(sign..sign + form.len())?;
            (is_sign && matches(zone, form)).then_some(sign + form.len())
        })
    });
    found.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{len, shortened};

    #[test]
    fn forms_of_common_loggers_are_times() {
        for time in [
            "2026-11-02T09:30:00.123456Z",
            "2026-11-02T09:30:00+01:00",
            "2026-11-02 09:30:00,123",
            "2026-11-02 09:30:00 UTC",
            "2026-11-02 09:30:00.1 +0000",
            "2026/11/02 09:30:00",
            "02/Nov/2026:09:30:00 +0000",
            "Mon, 02 Nov 2026 09:30:00 GMT",
            "Mon Nov 02 09:30:00 2026",
            "Nov 12 09:30:00",
            "Nov  2 09:30:00",
        ] {
            assert_eq!(len(time, false), Some(time.len()), "{time}");
            assert_eq!(
                len(&format!("{time}] x"), false),
                Some(time.len()),
                "{time}"
            );
        }
        assert_eq!(len("09:30:00.1: x", true), Some(10));
    }

    #[test]
    fn dates_alone_and_numbers_are_not_times() {
        for other in [
            "1984-05-12",
            "1984-05-12T09:30:00",
            "2001-05-12 00:00:00",
            "2026-13-02T09:30:00",
            "2026-11-02T09:30:00abc",
            "2026-11-02T09:30:00-415-555-0132",
            "09:30:00",
            "Mar 10:20",
            "May",
            "May 12 nine",
            "12:34:56:78:9a:bc",
            "",
        ] {
            assert_eq!(len(other, false), None, "{other}");
        }
        assert_eq!(len("12:34:56:78:9a:bc", true), None);
    }

    #[test]
    fn only_milliseconds_are_kept() {
        assert_eq!(
            shortened("2026-11-02T09:30:00.123456789Z"),
            "2026-11-02T09:30:00.123Z"
        );
        assert_eq!(
            shortened("2026-11-02 09:30:00,123"),
            "2026-11-02 09:30:00,123"
        );
        assert_eq!(
            shortened("Mon, 02 Nov 2026 09:30:00 GMT"),
            "Mon, 02 Nov 2026 09:30:00 GMT"
        );
        assert_eq!(shortened("09:30:00.5 +0100"), "09:30:00.5 +0100");
    }
}
