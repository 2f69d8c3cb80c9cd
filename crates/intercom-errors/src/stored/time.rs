//! Times in RFC 3339, to the nanosecond.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString as _};
use core::time::Duration;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::UnixTime;
use crate::unix_time::{DAY, Date};

/// Writes RFC 3339 in UTC, like `2024-03-22T09:34:20Z`, with as many digits of the second as the time has.
impl Serialize for UnixTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(*self))
    }
}

/// Reads RFC 3339 in UTC, with at most nine digits after the second.
impl<'de> Deserialize<'de> for UnixTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        time(&text).ok_or_else(|| D::Error::custom("the time is not like 2024-03-22T09:34:20Z"))
    }
}

fn text(time: UnixTime) -> String {
    let nanos = time.since_epoch().subsec_nanos();
    let whole = UnixTime::from_secs(time.as_secs()).unwrap_or(time);
    if nanos == 0 {
        return whole.to_string();
    }
    let whole = whole.to_string();
    let fraction = format!("{nanos:09}");
    let (whole, fraction) = (whole.trim_end_matches('Z'), fraction.trim_end_matches('0'));
    format!("{whole}.{fraction}Z")
}

fn time(text: &str) -> Option<UnixTime> {
    let text = text.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let (date, time) = whole.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hours, minutes, seconds] = numbers(time, ':', [2, 2, 2])?;
    if hours > 23 || minutes > 59 || seconds > 59 || !(1..=9).contains(&fraction.len()) {
        return None;
    }
    let days = Date { year, month, day }.days()?;
    let seconds = days * DAY + hours * 3600 + minutes * 60 + seconds;
    let nanos = number(&format!("{fraction:0<9}"))?.try_into().ok()?;
    UnixTime::from_duration(Duration::new(seconds, nanos))
}

/// Reads three numbers with these lengths.
fn numbers(text: &str, separator: char, lengths: [usize; 3]) -> Option<[u64; 3]> {
    let mut parts = text.split(separator);
    let mut next = |length| number(parts.next().filter(|part| part.len() == length)?);
    let [first, second, third] = lengths;
    let numbers = [next(first)?, next(second)?, next(third)?];
    parts.next().is_none().then_some(numbers)
}

fn number(digits: &str) -> Option<u64> {
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| all_digits)
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use proptest::prelude::{prop_assert_eq, proptest};

    use super::{text, time};
    use crate::UnixTime;

    proptest! {
        #[test]
        fn every_time_is_read_as_it_was_written(secs in 0..253_402_300_800_u64, nanos in 0..1_000_000_000_u32) {
            let at = UnixTime::from_duration(Duration::new(secs, nanos)).unwrap();
            prop_assert_eq!(time(&text(at)), Some(at));
        }
    }

    #[test]
    fn the_fraction_has_as_many_digits_as_needed() {
        for (millis, written) in [
            (1_711_100_060_000, "2024-03-22T09:34:20Z"),
            (1_711_100_060_050, "2024-03-22T09:34:20.05Z"),
        ] {
            let at = UnixTime::from_duration(Duration::from_millis(millis)).unwrap();
            assert_eq!(text(at), written);
        }
    }

    #[test]
    fn other_text_is_refused() {
        for wrong in [
            "",
            "Z",
            "2024-03-22",
            "2024-03-22T09:34:20",
            "2024-03-22T09:34:20+01:00",
            "2024-02-30T09:34:20Z",
            "2024-03-22T24:00:00Z",
            "2024-03-22T09:34:60Z",
            "2024-03-22T09:34:20.Z",
            "2024-03-22T09:34:20.1234567890Z",
            "2024-03-22T09:34:+2Z",
            "99999-03-22T09:34:20Z",
        ] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }
}
