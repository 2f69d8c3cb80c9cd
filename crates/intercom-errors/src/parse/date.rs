//! Parses HTTP dates in the three formats of RFC 9110, section 5.6.7. The `httpdate` crate does the same, but needs
//! `std`.

use alloc::string::String;

use crate::UnixTime;
use crate::unix_time::{DAY, Date};

const WEEKDAYS: [&[u8]; 7] = [
    b"Thursday",
    b"Friday",
    b"Saturday",
    b"Sunday",
    b"Monday",
    b"Tuesday",
    b"Wednesday",
];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Parses an HTTP date from 1970 to 9999.
///
/// Also accepts a day of one digit, and `UTC` instead of `GMT`, because servers send them.
pub(crate) fn parse(value: &[u8]) -> Option<UnixTime> {
    let value = value.trim_ascii();
    let (weekday, is_long, (date, time)) = match usual(value) {
        Some((weekday, moment)) => (weekday, false, moment),
        None => words(value)?,
    };
    let days = date.days()?;
    // A leap second belongs to the next day, so take the weekday from the date.
    let named = WEEKDAYS.get(usize::try_from(days % 7).ok()?)?;
    let is_right_weekday = if is_long {
        weekday == *named
    } else {
        named.get(..3) == Some(weekday)
    };
    is_right_weekday
        .then(|| UnixTime::from_secs(days * DAY + time))
        .flatten()
}

/// Writes a time in the usual format, without fractions of a second.
pub(crate) fn written(time: UnixTime) -> String {
    let (days, seconds) = (time.as_secs() / DAY, time.as_secs() % DAY);
    let Date { year, month, day } = Date::of(days);
    let index = |number: u64| usize::try_from(number).unwrap_or_default();
    let weekday = WEEKDAYS.get(index(days % 7)).and_then(|name| name.get(..3));
    let weekday = weekday.and_then(|name| core::str::from_utf8(name).ok());
    alloc::format!(
        "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT",
        weekday.unwrap_or_default(),
        MONTHS
            .get(index(month.saturating_sub(1)))
            .copied()
            .unwrap_or_default(),
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// A day, and the seconds since its start.
type Moment = (Date, u64);

/// Parses the usual format by position. Nearly every response has such a date.
#[rustfmt::skip]
fn usual(value: &[u8]) -> Option<(&[u8], Moment)> {
    let &[
        _, _, _, b',', b' ', d1, d2, b' ', m1, m2, m3, b' ', y1, y2, y3, y4,
        b' ', h1, h2, b':', n1, n2, b':', s1, s2, b' ', b'G', b'M', b'T',
    ] = value else { return None };
    let two = |tens, ones| number(&[tens, ones], 2..=2);
    let date = Date {
        year: number(&[y1, y2, y3, y4], 4..=4)?,
        month: month(&[m1, m2, m3])?,
        day: two(d1, d2)?,
    };
    let time = seconds(two(h1, h2)?, two(n1, n2)?, two(s1, s2)?)?;
    Some((value.get(..3)?, (date, time)))
}

/// Parses any format word by word. Returns the weekday, whether it is a long one, and the moment.
fn words(value: &[u8]) -> Option<(&[u8], bool, Moment)> {
    let mut words = value
        .split(|&byte| byte == b' ')
        .filter(|word| !word.is_empty());
    let mut next = || words.next();
    let first = next()?;
    let read = match first.strip_suffix(b",") {
        Some(weekday) if weekday.len() == 3 => (weekday, false, imf_fixdate(&mut next)?),
        Some(weekday) => (weekday, true, rfc_850(&mut next)?),
        None => (first, false, asctime(&mut next)?),
    };
    next().is_none().then_some(read)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn imf_fixdate<'v>(next: &mut impl FnMut() -> Option<&'v [u8]>) -> Option<Moment> {
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
fn rfc_850<'v>(next: &mut impl FnMut() -> Option<&'v [u8]>) -> Option<Moment> {
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
fn asctime<'v>(next: &mut impl FnMut() -> Option<&'v [u8]>) -> Option<Moment> {
    let (month, day, time) = (month(next()?)?, number(next()?, 1..=2)?, time(next()?)?);
    let year = number(next()?, 4..=4)?;
    Some((Date { year, month, day }, time))
}

fn zone(word: &[u8]) -> Option<()> {
    matches!(word, b"GMT" | b"UTC").then_some(())
}

fn month(word: &[u8]) -> Option<u64> {
    Some(match word {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// `08:49:37`
fn time(word: &[u8]) -> Option<u64> {
    let mut parts = word.split(|&byte| byte == b':');
    let mut part = || number(parts.next()?, 2..=2);
    let time = seconds(part()?, part()?, part()?)?;
    parts.next().is_none().then_some(time)
}

/// The seconds since the start of a day. A leap second counts as the next second.
fn seconds(hours: u64, minutes: u64, seconds: u64) -> Option<u64> {
    let valid = hours < 24 && minutes < 60 && seconds <= 60;
    valid.then_some(hours * 3600 + minutes * 60 + seconds)
}

#[inline]
fn number(word: &[u8], digits: core::ops::RangeInclusive<usize>) -> Option<u64> {
    let add = |sum: u64, digit: &u8| {
        let is_digit = digit.is_ascii_digit();
        is_digit.then(|| sum * 10 + u64::from(digit - b'0'))
    };
    if !digits.contains(&word.len()) {
        return None;
    }
    word.iter().try_fold(0, add)
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::time::{Duration, UNIX_EPOCH};

    use proptest::prelude::{any, proptest};

    use super::{MONTHS, UnixTime, WEEKDAYS, parse, written};

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
    fn every_month_is_known_in_each_format() {
        let mut start = 1_767_225_600;
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (name, length) in MONTHS.into_iter().zip(lengths) {
            let weekday = WEEKDAYS[(start / 86_400 % 7) as usize];
            let weekday = core::str::from_utf8(weekday).unwrap();
            let short = &weekday[..3];
            for text in [
                format!("{short}, 01 {name} 2026 00:00:00 GMT"),
                format!("{weekday}, 01-{name}-26 00:00:00 UTC"),
                format!("{short} {name}  1 00:00:00 2026"),
            ] {
                assert_eq!(parse(text.as_bytes()), UnixTime::from_secs(start), "{text}");
            }
            start += 86_400 * length;
        }
    }

    #[test]
    fn years_of_two_digits_are_from_1970_to_2069() {
        let year = |text: &str| parse(text.as_bytes()).map(UnixTime::as_secs);
        assert_eq!(year("Thursday, 01-Jan-70 00:00:00 GMT"), Some(0));
        assert_eq!(year("Tuesday, 01-Jan-69 00:00:00 GMT"), Some(3_124_224_000));
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
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 1994 08:4a:37 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_date_round_trips(seconds in 0_u64..253_402_300_800) {
            let text = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(parse(text.as_bytes()), UnixTime::from_secs(seconds), "{text}");
            assert_eq!(written(UnixTime::from_secs(seconds).unwrap()), text);
            let spaced = text.replacen(' ', "  ", 1);
            assert_eq!(parse(spaced.as_bytes()), UnixTime::from_secs(seconds), "{spaced}");
        }

        #[test]
        fn dates_are_parsed_like_httpdate_does(day in 0_u8..40, month in 0_usize..12, year in 1960_u16..2400, text in any::<std::string::String>()) {
            let name = MONTHS[month];
            for weekday in ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] {
                let text = format!("{weekday}, {day:02} {name} {year} 08:49:37 GMT");
                let theirs = httpdate::parse_http_date(&text).ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
                assert_eq!(parse(text.as_bytes()), theirs.and_then(UnixTime::from_duration), "{text}");
            }
            parse(text.as_bytes());
        }
    }
}
