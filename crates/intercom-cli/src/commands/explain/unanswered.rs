//! What `curl`, this program and others say where no answer came.

use intercom_protocol::{FaultKind, Phase};

use super::telling;

/// How far an exchange came, and what stopped it.
pub(super) type Broken = (Phase, FaultKind);

/// Whether a line is one of curl's own.
pub(super) fn is_curl(line: &str) -> bool {
    line.starts_with("curl: (") || line.starts_with("* ")
}

/// What went wrong, by curl's last word on it or else by its remarks.
///
/// `sent` says whether a request was shown.
pub(super) fn read(text: &str, sent: bool) -> Option<Broken> {
    let broken = text
        .lines()
        .rev()
        .find_map(verdict)
        .or_else(|| text.lines().find_map(remark))?;
    Some(of_all(broken, sent || is_open(text)))
}

/// The status in `curl: (22) The requested URL returned error: 401`, which is what `curl --fail` shows of an answer; only
/// curl's last word on it counts.
pub(super) fn status(text: &str) -> Option<u16> {
    let mut lines = text.lines().rev();
    let last = lines.find(|line| line.starts_with("curl: ("))?;
    let told = last.strip_prefix("curl: (22) ")?;
    told.split_ascii_whitespace()
        .find_map(|word| word.parse().ok())
}

/// Whether any line tells of an attempt that may have been carried out; what it answered, where it did, is told elsewhere.
pub(super) fn is_open(text: &str) -> bool {
    text.lines().any(|line| {
        let broken = || match is_curl(line) {
            true => verdict(line),
            false => word(line).filter(|_| telling::status(line).is_none()),
        };
        OPEN.iter().any(|words| line.contains(words))
            || status(line).is_some_and(|status| status >= 500)
            || broken().is_some_and(|(phase, _)| phase != Phase::NotSent)
    })
}

/// Nothing was sent only if that is so of every attempt.
const fn of_all((phase, kind): Broken, open: bool) -> Broken {
    (if open { Phase::OutcomeUnknown } else { phase }, kind)
}

/// Of a line such as `curl: (7) Failed to connect to ...`. The numbers are those of curl's manual.
fn verdict(line: &str) -> Option<Broken> {
    let (number, what) = line.trim_start().strip_prefix("curl: (")?.split_once(')')?;
    Some(match number {
        // It was answered.
        "22" => return None,
        "3" => (Phase::NotSent, FaultKind::BadUri),
        "5" | "6" => (Phase::NotSent, FaultKind::Dns),
        "7" => (Phase::NotSent, FaultKind::Connect),
        "28" if is_about_connecting(what) => (Phase::NotSent, FaultKind::Timeout),
        "28" => (Phase::OutcomeUnknown, FaultKind::Timeout),
        "35" => (Phase::NotSent, FaultKind::Tls),
        "51" | "60" | "77" => (Phase::NotSent, FaultKind::BadCertificate),
        "52" | "55" | "56" => (Phase::OutcomeUnknown, FaultKind::Closed),
        "1" | "16" | "92" => (Phase::OutcomeUnknown, FaultKind::Protocol),
        _ => (Phase::OutcomeUnknown, FaultKind::Other),
    })
}

/// What other programs say of it, and this one; the last line that does counts.
pub(super) fn words(text: &str) -> Option<Broken> {
    let broken = text.lines().rev().find_map(word)?;
    Some(of_all(broken, is_open(text)))
}

/// Whoever says that nothing was sent is believed, and so is an event that names phase and fault.
fn word(line: &str) -> Option<Broken> {
    let lower = line.to_ascii_lowercase();
    let is_said = |words: &str| lower.contains(words) && is_about_calls(line, &lower, words);
    let known = || SAYINGS.iter().find(|(words, ..)| is_said(words));
    let (phase, kind) = match event(&lower) {
        Some(kind) => (Phase::OutcomeUnknown, kind),
        None => known().map(|&(_, phase, kind)| (phase, kind))?,
    };
    let unsent = [UNSENT, "not_sent", "connect etimedout"];
    let unsent = unsent.iter().any(|words| lower.contains(words));
    Some((if unsent { Phase::NotSent } else { phase }, kind))
}

/// Whether a line with such words is about a call: they name an error of the system's, are all of it, or something beside
/// them says so.
fn is_about_calls(line: &str, lower: &str, words: &str) -> bool {
    !words.contains(' ')
        || lower.trim() == words
        || BESIDE.iter().chain(OPEN).any(|word| lower.contains(word))
        || telling::request(line).is_some()
        || lower.split_ascii_whitespace().any(is_address)
}

/// Whether a word is a host and a port, such as `127.0.0.1:443`.
fn is_address(word: &str) -> bool {
    let word = word.trim_matches(|char: char| !char.is_ascii_alphanumeric());
    word.rsplit_once(':').is_some_and(|(host, port)| {
        host.contains('.') && port.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The kind in an event: `broke off: outcome_unknown timeout in 5s`, or `broke off ... fault="timeout"`.
fn event(lower: &str) -> Option<FaultKind> {
    let named = || {
        let (_, told) = lower.split_once("broke off: ")?;
        let mut words = told.split_ascii_whitespace();
        words.find(|word| word.parse::<Phase>().is_ok())?;
        words.next()
    };
    telling::value(lower, "fault").or_else(named)?.parse().ok()
}

/// How this program says that the server cannot have seen a request.
const UNSENT: &str = "nothing was sent";

/// What beside a saying shows that it is about a call, in small letters.
const BESIDE: &[&str] = &["curl", "error", "exception", "failed", "intercom:", UNSENT];

/// How this program says that a request may have been carried out.
const OPEN: &[&str] = &[
    "may have been applied",
    "may have been carried out",
    "maybe applied",
    "maybe_applied",
];

/// In small letters; what says more stands first.
const SAYINGS: &[(&str, Phase, FaultKind)] = &[
    (
        "certificate was refused",
        Phase::NotSent,
        FaultKind::BadCertificate,
    ),
    (
        "certificate verify failed",
        Phase::NotSent,
        FaultKind::BadCertificate,
    ),
    (
        "host name could not be resolved",
        Phase::NotSent,
        FaultKind::Dns,
    ),
    ("enotfound", Phase::NotSent, FaultKind::Dns),
    ("eai_again", Phase::NotSent, FaultKind::Dns),
    ("name or service not known", Phase::NotSent, FaultKind::Dns),
    ("tls handshake failed", Phase::NotSent, FaultKind::Tls),
    (
        "no connection could be made",
        Phase::NotSent,
        FaultKind::Connect,
    ),
    ("econnrefused", Phase::NotSent, FaultKind::Connect),
    ("connection refused", Phase::NotSent, FaultKind::Connect),
    ("etimedout", Phase::OutcomeUnknown, FaultKind::Timeout),
    ("timed out", Phase::OutcomeUnknown, FaultKind::Timeout),
    (
        "the connection was closed",
        Phase::OutcomeUnknown,
        FaultKind::Closed,
    ),
    ("econnreset", Phase::OutcomeUnknown, FaultKind::Closed),
    ("connection reset", Phase::OutcomeUnknown, FaultKind::Closed),
    ("socket hang up", Phase::OutcomeUnknown, FaultKind::Closed),
    (
        "the response is not valid http",
        Phase::OutcomeUnknown,
        FaultKind::Protocol,
    ),
];

/// Curl ran out of time before it could send anything.
fn is_about_connecting(what: &str) -> bool {
    [
        "Failed to connect",
        "Connection timed out",
        "Connection timeout",
        "SSL connection",
        "Resolving",
    ]
    .iter()
    .any(|words| what.trim_start().starts_with(words))
}

/// Of a line such as `* connect to 127.0.0.1 port 9 failed: Connection refused`.
fn remark(line: &str) -> Option<Broken> {
    let what = line.trim_start().strip_prefix("* ")?;
    let kinds = [
        ("Could not resolve", FaultKind::Dns),
        ("Connection refused", FaultKind::Connect),
        ("unreachable", FaultKind::Connect),
        ("No route to host", FaultKind::Connect),
        ("timed out", FaultKind::Timeout),
        ("certificate problem", FaultKind::BadCertificate),
        ("Failed to connect", FaultKind::Connect),
    ];
    let known = kinds.iter().find(|(words, _)| what.contains(words))?;
    Some((Phase::NotSent, known.1))
}

#[cfg(test)]
mod tests {
    use intercom_protocol::{FaultKind, Phase};

    use super::{read, status, words};

    #[test]
    fn curls_last_word_counts_and_its_remarks_where_there_is_none() {
        let refused =
            "* connect to 127.0.0.1 port 9 from 127.0.0.1 port 5 failed: Connection refused";
        for (text, broken) in [
            (refused, (Phase::NotSent, FaultKind::Connect)),
            (
                "curl: (6) Could not resolve host: x",
                (Phase::NotSent, FaultKind::Dns),
            ),
            (
                "curl: (28) Connection timed out after 5 ms",
                (Phase::NotSent, FaultKind::Timeout),
            ),
            (
                "curl: (28) Operation timed out after 5 ms with 0 bytes received",
                (Phase::OutcomeUnknown, FaultKind::Timeout),
            ),
            (
                "curl: (60) SSL certificate problem: x",
                (Phase::NotSent, FaultKind::BadCertificate),
            ),
            (
                "curl: (52) Empty reply from server",
                (Phase::OutcomeUnknown, FaultKind::Closed),
            ),
            (
                "* connect to ::1 port 9 failed: Connection refused\n*   Trying\ncurl: (28) Failed to connect to x: Timeout was reached",
                (Phase::NotSent, FaultKind::Timeout),
            ),
        ] {
            assert_eq!(read(text, false), Some(broken), "{text}");
        }
        assert_eq!(read("* Connected to x", false), None);
        assert_eq!(
            status("curl: (22) The requested URL returned error: 401"),
            Some(401)
        );
    }

    #[test]
    fn an_earlier_attempt_that_may_have_been_carried_out_is_not_forgotten() {
        let open = |kind| Some((Phase::OutcomeUnknown, kind));
        for (text, broken) in [
            (
                "POST /a failed: read ECONNRESET\nPOST /a failed: connect ECONNREFUSED 1.2.3.4:443",
                open(FaultKind::Connect),
            ),
            (
                "attempt 1 broke off: outcome_unknown timeout\nattempt 2 broke off: not_sent dns",
                open(FaultKind::Dns),
            ),
            (
                "it may have been carried out\nconnect ECONNREFUSED 1.2.3.4:443",
                open(FaultKind::Connect),
            ),
            (
                "it may have been applied\nconnect ECONNREFUSED 1.2.3.4:443",
                open(FaultKind::Connect),
            ),
            (
                "attempt 1 broke off: not_sent dns\nattempt 2 broke off: not_sent connect",
                Some((Phase::NotSent, FaultKind::Connect)),
            ),
        ] {
            assert_eq!(words(text), broken, "{text}");
        }
        let late = "curl: (28) Operation timed out after 5 ms";
        let failed = "curl: (22) The requested URL returned error: 503";
        for first in [late, failed] {
            let text = format!("{first}\ncurl: (7) Failed to connect to x");
            assert_eq!(read(&text, false), open(FaultKind::Connect), "{text}");
            assert_eq!(status(&text), None, "{text}");
        }
    }

    #[test]
    fn what_was_sent_may_have_been_carried_out() {
        let text = "> POST /messages HTTP/1.1\ncurl: (28) SSL connection timeout";
        assert_eq!(
            read(text, true),
            Some((Phase::OutcomeUnknown, FaultKind::Timeout))
        );
    }

    #[test]
    fn what_other_programs_say_is_understood() {
        for (text, broken) in [
            (
                "connect ECONNREFUSED 127.0.0.1:9",
                Some((Phase::NotSent, FaultKind::Connect)),
            ),
            (
                "connect ETIMEDOUT 1.2.3.4:443",
                Some((Phase::NotSent, FaultKind::Timeout)),
            ),
            (
                "read ECONNRESET",
                Some((Phase::OutcomeUnknown, FaultKind::Closed)),
            ),
            (
                "intercom: timed out; nothing was sent: x",
                Some((Phase::NotSent, FaultKind::Timeout)),
            ),
            (
                "#5 GET /me: attempt 1 broke off: outcome_unknown protocol in 5s",
                Some((Phase::OutcomeUnknown, FaultKind::Protocol)),
            ),
            (
                "broke off call=5 phase=\"not_sent\" fault=\"dns\"",
                Some((Phase::NotSent, FaultKind::Dns)),
            ),
            (
                "#5 GET /me: attempt 1 broke off: 200 cut timeout in 5s",
                Some((Phase::OutcomeUnknown, FaultKind::Timeout)),
            ),
            (
                "dial tcp 1.2.3.4:443: connect: connection refused",
                Some((Phase::NotSent, FaultKind::Connect)),
            ),
            (
                "POST /messages: socket hang up",
                Some((Phase::OutcomeUnknown, FaultKind::Closed)),
            ),
            (
                "Connection refused",
                Some((Phase::NotSent, FaultKind::Connect)),
            ),
            ("it took some time", None),
            ("INFO user session timed out, logged out", None),
            ("09:34:13 0 rows timed out", None),
            ("the user said connection refused by contract", None),
        ] {
            assert_eq!(words(text), broken, "{text}");
        }
    }
}
