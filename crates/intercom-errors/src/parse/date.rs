//! HTTP dates in the three forms of RFC 9110, section 5.6.7. The `httpdate` crate does this too, but needs `std`.

const DAY: u64 = 86_400;
const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];
const WEEKDAYS: [&[u8]; 7] = [
    b"Thursday",
    b"Friday",
    b"Saturday",
    b"Sunday",
    b"Monday",
    b"Tuesday",
    b"Wednesday",
];

/// The moment as Unix seconds; `None` for anything that is no HTTP date of 1970 or later.
///
/// Tolerated beyond the RFC, because servers send them: a day of one digit, and `UTC` for `GMT`.
pub(crate) fn parse(value: &[u8]) -> Option<u64> {
    let value = value.trim_ascii();
    let mut words = value
        .split(|&byte| byte == b' ')
        .filter(|word| !word.is_empty());
    let mut next = || words.next();
    let first = next()?;
    let (weekday, date) = match first.strip_suffix(b",") {
        Some(weekday) if weekday.len() == 3 => (weekday, imf_fixdate(&mut next)?),
        Some(weekday) => (weekday, rfc_850(&mut next)?),
        None => (first, asctime(&mut next)?),
    };
    let days = date.days()?;
    let named = WEEKDAYS.get(usize::try_from(days % 7).ok()?)?;
    let fits = if date.spelt_out {
        weekday == *named
    } else {
        named.get(..3) == Some(weekday)
    };
    (fits && next().is_none())
        .then(|| days.checked_mul(DAY)?.checked_add(date.time))
        .flatten()
}

struct Date {
    year: u64,
    month: u64,
    day: u64,
    time: u64,
    spelt_out: bool,
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn imf_fixdate<'v>(next: &mut impl FnMut() -> Option<&'v [u8]>) -> Option<Date> {
    let (day, month, year) = (
        number(next()?, 1..=2)?,
        month(next()?)?,
        number(next()?, 4..=4)?,
    );
    let time = time(next()?)?;
    zone(next()?)?;
    Some(Date {
        year,
        month,
        day,
        time,
        spelt_out: false,
    })
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`; two digits below 70 are of this century.
fn rfc_850<'v>(next: &mut impl FnMut() -> Option<&'v [u8]>) -> Option<Date> {
    let mut parts = next()?.split(|&byte| byte == b'-');
    let (day, month) = (number(parts.next()?, 2..=2)?, month(parts.next()?)?);
    let short = number(parts.next()?, 2..=2)?;
    let time = time(next()?)?;
    zone(next()?)?;
    let year = if short < 70 {
        2000 + short
    } else {
        1900 + short
    };
    parts.next().is_none().then_some(Date {
        year,
        month,
        day,
        time,
        spelt_out: true,
    })
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime<'v>(next: &mut impl FnMut() -> Option<&'v [u8]>) -> Option<Date> {
    let (month, day, time) = (month(next()?)?, number(next()?, 1..=2)?, time(next()?)?);
    Some(Date {
        year: number(next()?, 4..=4)?,
        month,
        day,
        time,
        spelt_out: false,
    })
}

fn zone(word: &[u8]) -> Option<()> {
    matches!(word, b"GMT" | b"UTC").then_some(())
}

fn month(word: &[u8]) -> Option<u64> {
    MONTHS
        .iter()
        .position(|month| *month == word)
        .and_then(|position| u64::try_from(position + 1).ok())
}

/// `08:49:37`; a leap second counts as the second after it.
fn time(word: &[u8]) -> Option<u64> {
    let mut parts = word.split(|&byte| byte == b':');
    let mut part = || number(parts.next()?, 2..=2);
    let (hours, minutes, seconds) = (part()?, part()?, part()?);
    let valid = hours < 24 && minutes < 60 && seconds <= 60 && parts.next().is_none();
    valid.then(|| hours * 3600 + minutes * 60 + seconds)
}

fn number(word: &[u8], digits: core::ops::RangeInclusive<usize>) -> Option<u64> {
    let valid = digits.contains(&word.len()) && word.iter().all(u8::is_ascii_digit);
    valid.then(|| {
        word.iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
    })
}

impl Date {
    /// Days since 1970-01-01; `None` for a day the month does not have, and before 1970.
    fn days(&self) -> Option<u64> {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let length = match self.month {
            2 => 28 + u64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if self.year < 1970 || !(1..=length).contains(&self.day) {
            return None;
        }
        // Years are counted from March, so that a leap day comes last.
        let (year, month) = if self.month > 2 {
            (self.year, self.month - 3)
        } else {
            (self.year - 1, self.month + 9)
        };
        let days =
            year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + self.day - 1;
        days.checked_sub(719_468)
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::time::{Duration, UNIX_EPOCH};

    use proptest::prelude::{any, proptest};

    use super::parse;

    #[test]
    fn all_three_forms_name_the_same_moment() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(parse(text.as_bytes()), Some(784_111_777), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 PST",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Wed, 30 Feb 2022 00:00:00 GMT",
            "Mon, 1 Jan 1900 12:34:56 GMT",
            "Fri, 29 Sep 100000 16:26:57 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT more",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_moment_is_read_back(seconds in 0_u64..253_402_300_800) {
            let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(parse(text.as_bytes()), Some(seconds), "{text}");
        }

        #[test]
        fn what_httpdate_reads_is_read_the_same(day in 0_u8..40, month in 0_usize..12, year in 1960_u16..2400, text in any::<std::string::String>()) {
            let name = core::str::from_utf8(super::MONTHS[month]).unwrap();
            for weekday in ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] {
                let text = format!("{weekday}, {day:02} {name} {year} 08:49:37 GMT");
                let theirs = httpdate::parse_http_date(&text).ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
                assert_eq!(parse(text.as_bytes()), theirs.map(|at| at.as_secs()), "{text}");
            }
            parse(text.as_bytes());
        }
    }
}
