//! Points in time, and the calendar.

use core::fmt;
use core::time::Duration;

pub(crate) const DAY: u64 = 86_400;

/// A point in time from 1970-01-01T00:00:00Z to the end of the year 9999.
///
/// A larger value is not accepted: it is probably in milliseconds, or garbage. `Display` writes RFC 3339 in UTC. With
/// the feature `std`, a `UnixTime` converts to and from [`SystemTime`](std::time::SystemTime).
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use intercom_errors::UnixTime;
///
/// let reset = UnixTime::from_secs(1_711_100_060).unwrap();
/// assert_eq!(reset.to_string(), "2024-03-22T09:34:20Z");
/// assert_eq!(UnixTime::from_secs(1_711_100_060_000), None);
///
/// # #[cfg(feature = "std")]
/// assert_eq!(SystemTime::from(reset), SystemTime::UNIX_EPOCH + Duration::from_secs(1_711_100_060));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(Duration);

impl UnixTime {
    /// The last second of the year 9999.
    const LAST: u64 = 253_402_300_799;

    /// Creates a time from seconds since the Unix epoch. Returns `None` after the year 9999.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Option<Self> {
        Self::from_duration(Duration::from_secs(seconds))
    }

    /// Creates a time from the duration since the Unix epoch. Returns `None` after the year 9999.
    #[must_use]
    pub const fn from_duration(since_epoch: Duration) -> Option<Self> {
        if since_epoch.as_secs() <= Self::LAST {
            Some(Self(since_epoch))
        } else {
            None
        }
    }

    /// Reads a day like `2026-03-29`, and returns the time at which it begins in UTC. Returns `None` for any other text, and before 1970.
    ///
    /// ```
    /// use intercom_errors::UnixTime;
    ///
    /// let day = UnixTime::from_date("2026-03-29").unwrap();
    /// assert_eq!(day.as_secs(), 1_774_742_400);
    /// assert_eq!(UnixTime::from_date("2026-02-29"), None);
    /// ```
    #[must_use]
    pub fn from_date(text: &str) -> Option<Self> {
        let number = |part: &str, length: usize| {
            let is_number = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| part.parse::<u64>().ok()).flatten()
        };
        let mut parts = text.split('-');
        let date = Date {
            year: number(parts.next()?, 4)?,
            month: number(parts.next()?, 2).filter(|month| (1..=12).contains(month))?,
            day: number(parts.next()?, 2)?,
        };
        match parts.next() {
            None => Self::from_secs(date.days()? * DAY),
            Some(_) => None,
        }
    }

    /// Returns the whole seconds since the Unix epoch, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0.as_secs()
    }

    /// Returns the whole seconds since the Unix epoch, rounded up.
    ///
    /// Use it for a time before which something must not happen.
    ///
    /// ```
    /// use std::time::Duration;
    /// use intercom_errors::UnixTime;
    ///
    /// let at = UnixTime::from_duration(Duration::from_millis(1_711_100_000_001)).unwrap();
    /// assert_eq!((at.as_secs(), at.as_secs_rounded_up()), (1_711_100_000, 1_711_100_001));
    /// ```
    #[must_use]
    pub const fn as_secs_rounded_up(self) -> u64 {
        let seconds = self.0.as_secs();
        // The last second of the year 9999 has no later one.
        if self.0.subsec_nanos() > 0 && seconds < Self::LAST {
            seconds + 1
        } else {
            seconds
        }
    }

    /// Returns the duration since the Unix epoch.
    #[must_use]
    pub const fn since_epoch(self) -> Duration {
        self.0
    }

    /// Returns the time `wait` later, or `None` after the year 9999.
    ///
    /// ```
    /// use std::time::Duration;
    /// use intercom_errors::UnixTime;
    ///
    /// let now = UnixTime::from_secs(1_711_100_000).unwrap();
    /// assert_eq!(now.checked_add(Duration::from_secs(60)), UnixTime::from_secs(1_711_100_060));
    /// assert_eq!(now.checked_add(Duration::MAX), None);
    /// ```
    #[must_use]
    pub const fn checked_add(self, wait: Duration) -> Option<Self> {
        match self.0.checked_add(wait) {
            Some(since_epoch) => Self::from_duration(since_epoch),
            None => None,
        }
    }

    /// Returns the duration from `earlier` to this time, or zero if `earlier` is later.
    #[must_use]
    pub const fn saturating_duration_since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

/// Writes the time as RFC 3339 in UTC, with milliseconds if they are not zero.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Date { year, month, day } = Date::of(self.as_secs() / DAY);
        let time = self.as_secs() % DAY;
        let (hours, minutes, seconds) = (time / 3600, time / 60 % 60, time % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}"
        )?;
        match self.0.subsec_millis() {
            0 => f.write_str("Z"),
            millis => write!(f, ".{millis:03}Z"),
        }
    }
}

/// Writes the exact duration since the Unix epoch, and the time as `Display` writes it.
impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixTime({:?}, {self})", self.0)
    }
}

#[cfg(feature = "std")]
impl From<UnixTime> for std::time::SystemTime {
    fn from(time: UnixTime) -> Self {
        Self::UNIX_EPOCH + time.0
    }
}

/// Fails for times before 1970 and after the year 9999.
#[cfg(feature = "std")]
impl TryFrom<std::time::SystemTime> for UnixTime {
    type Error = UnixTimeError;

    fn try_from(time: std::time::SystemTime) -> Result<Self, UnixTimeError> {
        let since_epoch = time.duration_since(std::time::UNIX_EPOCH);
        since_epoch
            .ok()
            .and_then(Self::from_duration)
            .ok_or(UnixTimeError(()))
    }
}

/// The error of converting a time before 1970 or after the year 9999 to a [`UnixTime`].
#[cfg(feature = "std")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnixTimeError(());

#[cfg(feature = "std")]
impl fmt::Display for UnixTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time is before 1970 or after the year 9999")
    }
}

#[cfg(feature = "std")]
impl core::error::Error for UnixTimeError {}

/// A day of the calendar.
pub(crate) struct Date {
    pub(crate) year: u64,
    pub(crate) month: u64,
    pub(crate) day: u64,
}

// A year starts on the 1st of March here, so that a leap day is its last day. Years count from the year 0.
impl Date {
    /// The number of days in 400 years.
    const CYCLE: u64 = 146_097;
    /// The number of days from the 1st of March of the year 0 to the Unix epoch.
    const EPOCH: u64 = 719_468;

    /// Returns the days since the Unix epoch. Returns `None` before 1970, and if the month does not have this day.
    pub(crate) fn days(&self) -> Option<u64> {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        let length = match self.month {
            2 => 28 + u64::from(leap),
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        if self.year < 1970 || !(1..=length).contains(&self.day) {
            return None;
        }
        let (year, month) = if self.month > 2 {
            (self.year, self.month - 3)
        } else {
            (self.year - 1, self.month + 9)
        };
        let days =
            year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + self.day - 1;
        days.checked_sub(Self::EPOCH)
    }

    /// Returns the date that many days after the Unix epoch.
    pub(crate) fn of(days: u64) -> Self {
        let days = days + Self::EPOCH;
        let (cycle, day) = (days / Self::CYCLE, days % Self::CYCLE);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (year * 365 + year / 4 - year / 100);
        let month = (day * 5 + 2) / 153;
        let is_next_year = month > 9;
        Self {
            year: cycle * 400 + year + u64::from(is_next_year),
            month: if is_next_year { month - 9 } else { month + 3 },
            day: day - (month * 153 + 2) / 5 + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString as _;
    use core::time::Duration;

    use super::{Date, UnixTime};

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(seconds).unwrap()
    }

    #[test]
    fn display_is_rfc_3339_with_milliseconds_unless_they_are_zero() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_889_749, "2026-11-28T18:15:49Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(at(seconds).to_string(), text);
        }
        let late = at(1).checked_add(Duration::from_millis(50)).unwrap();
        assert_eq!(late.to_string(), "1970-01-01T00:00:01.050Z");
        assert_eq!(
            format!("{late:?}"),
            "UnixTime(1.05s, 1970-01-01T00:00:01.050Z)"
        );
        let later = at(1).checked_add(Duration::from_nanos(999_999)).unwrap();
        assert_eq!(later.to_string(), "1970-01-01T00:00:01Z");
    }

    #[test]
    fn a_time_after_the_year_9999_is_rejected() {
        let last = at(253_402_300_799);
        let almost = Duration::new(0, 999_999_999);
        assert!(last.checked_add(almost).is_some());
        assert_eq!(last.checked_add(Duration::from_secs(1)), None);
        assert_eq!(last.checked_add(Duration::MAX), None);
        assert_eq!(UnixTime::from_secs(253_402_300_800), None);
        assert_eq!(UnixTime::from_duration(Duration::MAX), None);
    }

    #[cfg(feature = "std")]
    #[test]
    fn system_times_from_1970_to_9999_convert() {
        use std::time::{SystemTime, UNIX_EPOCH};

        let time = at(1_711_100_060);
        assert_eq!(UnixTime::try_from(SystemTime::from(time)), Ok(time));
        let before = UnixTime::try_from(UNIX_EPOCH - Duration::from_nanos(1));
        assert_eq!(
            before.unwrap_err().to_string(),
            "the time is before 1970 or after the year 9999"
        );
        assert!(UnixTime::try_from(UNIX_EPOCH + Duration::from_secs(253_402_300_800)).is_err());
    }

    #[test]
    fn seconds_are_rounded_up_but_for_the_last() {
        let up = |seconds, nanos| {
            let time = UnixTime::from_duration(Duration::new(seconds, nanos)).unwrap();
            time.as_secs_rounded_up()
        };
        assert_eq!((up(7, 0), up(7, 1), up(7, 999_999_999)), (7, 8, 8));
        let last = UnixTime::LAST;
        assert_eq!(
            (up(last - 1, 1), up(last, 0), up(last, 1)),
            (last, last, last)
        );
    }

    #[test]
    fn a_date_is_read_if_there_is_such_a_day() {
        let day = |text| UnixTime::from_date(text).map(UnixTime::as_secs);
        assert_eq!(day("1970-01-01"), Some(0));
        assert_eq!(day("2000-02-29"), Some(951_782_400));
        assert_eq!(day("9999-12-31"), Some(253_402_214_400));
        for none in [
            "",
            "2026",
            "2026-03",
            "2026-03-29-",
            "2026-03-29T00",
            "226-03-29",
            "2026-3-29",
            "2026-03-9",
            "2026-03-029",
            "+026-03-29",
            "2026-0x-29",
            "1969-12-31",
            "2026-00-10",
            "2026-13-10",
            "2026-01-00",
        ] {
            assert_eq!(day(none), None, "{none}");
        }
    }

    #[test]
    fn months_have_their_lengths() {
        let length = |year: u64, month: u64| {
            let has =
                |day: &u64| UnixTime::from_date(&format!("{year}-{month:02}-{day:02}")).is_some();
            (0..=99).filter(has).max().unwrap()
        };
        let common: [u64; 12] = core::array::from_fn(|month| length(2026, month as u64 + 1));
        assert_eq!(common, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
        let february = [1970, 1972, 2000, 2024, 2100, 2200, 2400].map(|year| length(year, 2));
        assert_eq!(february, [28, 29, 29, 29, 28, 28, 29]);
    }

    #[test]
    fn every_date_round_trips() {
        for days in 0..2_932_897 {
            assert_eq!(Date::of(days).days(), Some(days));
        }
    }
}
