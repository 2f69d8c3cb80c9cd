//! Vectors of other projects for `Retry-After` and for dates.
//!
//! This crate follows RFC 9110. A delay consists of digits and can be zero. A delay that is too large becomes the
//! longest delay. A date in the past is a delay of zero. `UTC` is accepted for `GMT`. Beyond the RFC, fractions are
//! accepted and rounded up. The retry policy, not this crate, refuses or limits long waits.

use std::time::{Duration, UNIX_EPOCH};

use intercom_errors::{ApiError, RateLimit, RetryAfter, UnixTime};
use serde_json::Value;

/// What this crate makes of a row.
#[derive(Debug, PartialEq)]
enum Verdict {
    Nothing,
    NotApplicable(&'static str),
    Seconds(u64),
}

fn expected(row: &Value) -> Verdict {
    let (source, value) = (
        row["source"].as_str().unwrap(),
        row["value"].as_str().unwrap(),
    );
    let is_date = value.ends_with("GMT") || value.ends_with("UTC");
    match (&row["expected_seconds"], value) {
        _ if source.starts_with("gRPC") => {
            Verdict::NotApplicable("another header, in milliseconds")
        }
        (Value::Number(seconds), _) => Verdict::Seconds(seconds.as_u64().unwrap()),
        (Value::Null, "0") => Verdict::Seconds(0),
        // urllib3 refuses fractions. This crate accepts any valid hint.
        (Value::Null, "1.0") => Verdict::Seconds(1),
        // openai-python replaces a date in the past by its own back-off.
        (Value::Null, "Fri, 29 Sep 2023 16:26:37 GMT" | "Fri, 29 Sep 2023 16:26:27 GMT") => {
            Verdict::Seconds(0)
        }
        (Value::Null, _) => Verdict::Nothing,
        // Others refuse or limit these waits. This crate returns them in full.
        (_, "121") => Verdict::Seconds(121),
        (_, "Fri, 29 Sep 2023 16:28:38 GMT") => Verdict::Seconds(121),
        (_, "Wed, 31 Dec 2138 02:26:59 GMT") => Verdict::Seconds(5_333_048_819),
        (_, digits) if !is_date && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Verdict::Seconds(u64::MAX)
        }
        (other, value) => panic!("{source}: undecided: {value} {other}"),
    }
}

#[test]
fn retry_after_is_parsed_like_other_projects_do() {
    let Some(rows) = crate::read_beside("vectors/retry_after.json") else {
        return;
    };
    let rows: Vec<Value> = serde_json::from_str(&rows).unwrap();
    let mut skipped = 0;
    for row in &rows {
        let value = row["value"].as_str().unwrap();
        let now = UnixTime::from_secs(row["now_unix"].as_u64().unwrap_or(0));
        let error = ApiError::from_parts(503, [("Retry-After", value.as_bytes())], b"");
        let found = error.hint(now).map_or(Verdict::Nothing, |hint| {
            Verdict::Seconds(hint.wait().as_secs())
        });
        match expected(row) {
            Verdict::NotApplicable(why) => {
                skipped += 1;
                eprintln!("not applicable ({why}): {row}");
            }
            verdict => assert_eq!(found, verdict, "{row}"),
        }
    }
    assert_eq!((rows.len() - skipped, skipped), (57, 3));
}

#[test]
fn dates_in_the_formats_of_the_rfc_are_parsed_like_curl_does() {
    let Some(file) = crate::read_beside("vectors/curl_dates.json") else {
        return;
    };
    let file: Value = serde_json::from_str(&file).unwrap();
    let mut binding = 0;
    for row in file["rows"].as_array().unwrap() {
        let value = row["value"].as_str().unwrap();
        let read = RateLimit::from_headers([("Date", value.as_bytes())]).date();
        let in_header = RetryAfter::parse(value.as_bytes());
        if row["rfc9110"] == false {
            continue;
        }
        binding += 1;
        assert_eq!(in_header, read.map(RetryAfter::At), "{value}");
        if row["platform_dependent"] == true {
            // curl rejects 2044 if its time has 32 bits, and accepts dates before 1970, which no response contains.
            let theirs = httpdate::parse_http_date(value).ok();
            let theirs = theirs.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            assert_eq!(read, theirs.and_then(UnixTime::from_duration), "{value}");
        } else {
            assert_eq!(
                read,
                u64::try_from(row["unix"].as_i64().unwrap())
                    .ok()
                    .and_then(UnixTime::from_secs),
                "{value}"
            );
        }
    }
    assert!(binding > 10, "{binding}");
}

#[test]
fn delays_and_dates_are_parsed_as_documented() {
    let delay = |seconds| Some(RetryAfter::Delay(Duration::from_secs(seconds)));
    for (value, read) in [
        ("0", delay(0)),
        ("\t42 ", delay(42)),
        ("007", delay(7)),
        ("18446744073709551616", delay(u64::MAX)),
        (
            "Mon, 3 Jun 2019 12:00:00 UTC",
            UnixTime::from_secs(1_559_563_200).map(RetryAfter::At),
        ),
        (
            "Wed, 31 Dec 2008 23:59:60 GMT",
            UnixTime::from_secs(1_230_768_000).map(RetryAfter::At),
        ),
        ("+1", None),
        ("-1", None),
        ("1.0", delay(1)),
        ("1.5", delay(2)),
        ("1e3", None),
        ("\u{b2}", None),
        ("inf", None),
        ("", None),
        ("Mon, 1 Jan 1900 12:34:56 GMT", None),
    ] {
        assert_eq!(RetryAfter::parse(value.as_bytes()), read, "{value:?}");
    }
}
