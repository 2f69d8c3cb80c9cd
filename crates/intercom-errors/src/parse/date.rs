//! Parses HTTP dates in the three formats of RFC 9110, section 5.6.7. The `httpdate` crate does the same, but needs
//! `std`.

use crate::UnixTime;
use crate::unix_time::{DAY, Date};

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

/// Parses an HTTP date from 1970 to 9999.
///
/// Also accepts a day of one digit, and `UTC` instead of `GMT`, because servers send them.
pub(crate) fn parse(value: &[u8]) -> Option<UnixTime> {
    let value = value.trim_ascii();
    let mut words = value
        .split(|&byte| byte == b' ')
        .filter(|word| !word.is_empty());
    let mut next = || words.next();
    let first = next()?;
    let (weekday, is_long, (date, time)) = match first.strip_suffix(b",") {
        Some(weekday) if weekday.len() == 3 => (weekday, false, imf_fixdate(&mut next)?),
        Some(weekday) => (weekday, true, rfc_850(&mut next)?),
        None => (first, false, asctime(&mut next)?),
    };
    let days = date.days()?;
    // A leap second belongs to the next day, so take the weekday from the date.
    let named = WEEKDAYS.get(usize::try_from(days % 7).ok()?)?;
    let is_right_weekday = if is_long {
        weekday == *named
    } else {
        named.get(..3) == Some(weekday)
    };
    (is_right_weekday && next().is_none())
        .then(|| UnixTime::from_secs(days * DAY + time))
        .flatten()
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn imf_fixdate<'v>(next: &mut impl FnMut() -> Option<&'v [u8]>) -> Option<(Date, u64)> {
    let (day, month, year) = (
        number(next()?, 1..=2)?,
        month(next()?)?,
        number(next()?, 4..=4)?,
    );
    let time = time(next()?)?;
    zone(next()?)?;
    Some((Date { year, month, day }, time))
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`. Years below 70 belong to this century.
fn rfc_850<'v>(next: &mut impl FnMut() -> Option<&'v [u8]>) -> Option<(Date, u64)> {
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
    let date = Date { year, month, day };
    parts.next().is_none().then_some((date, time))
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime<'v>(next: &mut impl FnMut() -> Option<&'v [u8]>) -> Option<(Date, u64)> {
    let (month, day, time) = (month(next()?)?, number(next()?, 1..=2)?, time(next()?)?);
    let year = number(next()?, 4..=4)?;
    Some((Date { year, month, day }, time))
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

/// `08:49:37`. A leap second counts as the next second.
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

#[cfg(test)]
mod tests {
    use std::format;
    use std::time::{Duration, UNIX_EPOCH};

    use proptest::prelude::{any, proptest};

    use super::{UnixTime, parse};

    #[test]
    fn all_three_formats_are_parsed() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(
                parse(text.as_bytes()),
                UnixTime::from_secs(784_111_777),
                "{text}"
            );
        }
    }

    #[test]
    fn invalid_dates_are_rejected() {
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
        fn every_date_round_trips(seconds in 0_u64..253_402_300_800) {
            let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(parse(text.as_bytes()), UnixTime::from_secs(seconds), "{text}");
        }

        #[test]
        fn dates_are_parsed_like_httpdate_does(day in 0_u8..40, month in 0_usize..12, year in 1960_u16..2400, text in any::<std::string::String>()) {
            let name = core::str::from_utf8(super::MONTHS[month]).unwrap();
            for weekday in ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] {
                let text = format!("{weekday}, {day:02} {name} {year} 08:49:37 GMT");
                let theirs = httpdate::parse_http_date(&text).ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
                assert_eq!(parse(text.as_bytes()), theirs.and_then(UnixTime::from_duration), "{text}");
            }
            parse(text.as_bytes());
        }
    }
}
