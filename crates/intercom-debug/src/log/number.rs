//! Numbers that are allowed in a log line: a status, a number after a known name, a number with a unit.

use http::StatusCode;

/// What a status follows.
const STATUS: &[&str] = &[
    "status",
    "statuscode",
    "httpstatus",
    "httpcode",
    "responsecode",
    "returned",
    "returns",
    "responded",
    "response",
    "received",
    "completed",
    "error",
    "http",
    "got",
    "with",
    "failed",
];

/// What other numbers follow: the ends of names, in small letters without `-` and `_`.
const KEYS: &[&str] = &[
    "after",
    "attempt",
    "attempts",
    "bytes",
    "count",
    "delay",
    "duration",
    "durationms",
    "elapsed",
    "elapsedms",
    "latency",
    "latencyms",
    "length",
    "limit",
    "oserror",
    "perpage",
    "remaining",
    "retries",
    "retry",
    "runtime",
    "seconds",
    "size",
    "sleeping",
    "timeout",
    "took",
    "total",
    "wait",
    "waited",
    "waiting",
    "waitms",
    "window",
];

/// The ends of names of a time as Unix seconds. A telephone number can follow a shorter name, like `password_reset`.
const TIMES: &[&str] = &["ratelimitreset", "ratelimitresetat"];

/// Units at the end of a number, or after it.
const UNITS: &[&str] = &[
    "ms", "s", "sec", "secs", "second", "seconds", "m", "minutes", "b", "kb", "mb", "kib", "mib",
    "byte", "bytes", "attempts", "retries", "requests", "times", "pending", "lines", "%",
];

/// Whether the name, in small letters without `-` and `_`, is that of a status.
pub(super) fn is_status(name: &str) -> bool {
    STATUS.contains(&name)
}

/// Whether the token is a number that can follow this name.
pub(super) fn fits(name: &str, token: &str) -> bool {
    if is_status(name) && status(token).is_some() {
        return true;
    }
    if TIMES.iter().any(|end| name.ends_with(end)) && is_unix_time(token) {
        return true;
    }
    let is_version = name.ends_with("version") && is_version(token);
    let is_key = KEYS.iter().any(|end| name.ends_with(end));
    let token = token.strip_prefix('#').unwrap_or(token);
    is_version || is_key && (is_short(token) || is_part(token))
}

/// Whether the token is a number with its unit, like `12ms`.
pub(super) fn has_unit(token: &str) -> bool {
    let digits = token.find(|char: char| !char.is_ascii_digit() && char != '.');
    let Some((number, unit)) = digits.and_then(|at| token.split_at_checked(at)) else {
        return false;
    };
    is_short(number) && is_unit(unit.strip_prefix('_').unwrap_or(unit))
}

/// Whether the word after a number is its unit. A single letter can be anything there.
pub(super) fn is_unit_word(word: &str) -> bool {
    word.len() > 1 && is_unit(word)
}

fn is_unit(word: &str) -> bool {
    UNITS.iter().any(|unit| unit.eq_ignore_ascii_case(word))
}

/// Whether the token is a status, and its reason follows: `429 Too Many Requests`.
pub(super) fn is_status_with_reason(token: &str, rest: &str) -> bool {
    let reason = status(token).and_then(|status| status.canonical_reason());
    let rest = rest.strip_prefix(' ');
    reason.zip(rest).is_some_and(|(reason, rest)| {
        let start = rest.get(..reason.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(reason))
    })
}

/// The token as a status.
pub(super) fn status(token: &str) -> Option<StatusCode> {
    let is_plain = token.len() == 3 && token.bytes().all(|byte| byte.is_ascii_digit());
    let code = is_plain.then(|| token.parse().ok()).flatten()?;
    StatusCode::from_u16(code).ok().filter(|_| code < 600)
}

/// A number of at most five digits, and three after the point. Without a zero in front, which telephone numbers have.
pub(super) fn is_short(token: &str) -> bool {
    let (whole, part) = match token.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (token, None),
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole)
        && whole.len() <= 5
        && (whole == "0" || !whole.starts_with('0'))
        && part.is_none_or(|part| is_digits(part) && part.len() <= 3)
}

/// `2/4`: the second of four.
fn is_part(token: &str) -> bool {
    let is_small = |number: &str| number.len() <= 3 && is_short(number);
    token
        .split_once('/')
        .is_some_and(|(one, all)| is_small(one) && is_small(all))
}

/// `2.14` or `4.2.2`.
pub(super) fn is_version(token: &str) -> bool {
    let mut count = 0;
    let mut parts = token.split('.').inspect(|_| count += 1);
    let fits = parts
        .all(|part| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit()));
    fits && count <= 3
}

/// Seconds since 1970, from 2015 to 2035.
fn is_unix_time(token: &str) -> bool {
    let is_digits = token.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = token.parse::<u64>();
    is_digits && seconds.is_ok_and(|seconds| (1_420_070_400..2_082_758_400).contains(&seconds))
}

#[cfg(test)]
mod tests {
    use super::{fits, has_unit, is_status_with_reason};

    #[test]
    fn numbers_pass_after_their_names_only() {
        assert!(fits("status", "429"));
        assert!(fits("xratelimitremaining", "0"));
        assert!(fits("xratelimitreset", "1762075810"));
        assert!(fits("attempt", "#2"));
        assert!(fits("attempt", "2/4"));
        assert!(fits("intercomversion", "2.14"));
        for (name, token) in [
            ("phone", "415"),
            ("status", "5550132"),
            ("status", "999"),
            ("limit", "4155550132"),
            ("limit", "0132"),
            ("code", "94105"),
            ("phonenumber", "415"),
            ("reset", "1512345678"),
            ("passwordreset", "1701234567"),
            ("xratelimitreset", "4155550132"),
            ("xratelimitreset", "1312345678"),
            ("limit", "1.5550132"),
            ("version", "415.555.0132"),
        ] {
            assert!(!fits(name, token), "{name} {token}");
        }
    }

    #[test]
    fn units_make_a_number_readable() {
        assert!(
            ["12ms", "1.25s", "350MB", "10_seconds"]
                .into_iter()
                .all(has_unit)
        );
        assert!(
            !["5550132ms", "ms", "12", "12x", "0132s", "1.2.3s"]
                .into_iter()
                .any(has_unit)
        );
        assert!(is_status_with_reason("429", " Too Many Requests"));
        assert!(!is_status_with_reason("415", " 555 0132"));
    }
}
