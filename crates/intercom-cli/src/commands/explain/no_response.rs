//! What `curl`, this program and others print if there is no response.

use intercom_protocol::{FaultKind, Phase};

use super::clues;

/// How far the exchange got, and what stopped it.
pub(super) type FaultParts = (Phase, FaultKind);

/// Whether `curl` printed this line.
pub(super) fn is_curl(line: &str) -> bool {
    line.starts_with("curl: (") || line.starts_with("* ")
}

/// The fault in the output of `curl`: its last error, or else its first remark.
///
/// `sent` says whether the output shows that a request was sent.
pub(super) fn curl_fault(text: &str, sent: bool) -> Option<FaultParts> {
    let fault = text
        .lines()
        .rev()
        .find_map(curl_error)
        .or_else(|| text.lines().find_map(curl_remark))?;
    Some(of_all_attempts(fault, sent || maybe_applied(text)))
}

/// The status in `curl: (22) The requested URL returned error: 401`, which `curl --fail` prints instead of a response.
/// Only curl's last error counts.
pub(super) fn status(text: &str) -> Option<u16> {
    let mut lines = text.lines().rev();
    let last = lines.find(|line| line.starts_with("curl: ("))?;
    let error = last.strip_prefix("curl: (22) ")?;
    error
        .split_ascii_whitespace()
        .find_map(|word| word.parse().ok())
}

/// Whether any line describes an attempt that may have been applied. [`clues::status`] finds attempts with a response.
pub(super) fn maybe_applied(text: &str) -> bool {
    text.lines().any(|line| {
        let fault = || match is_curl(line) {
            true => curl_error(line),
            false => line_fault(line).filter(|_| clues::status(line).is_none()),
        };
        MAYBE_APPLIED.iter().any(|words| line.contains(words))
            || status(line).is_some_and(|status| status >= 500)
            || fault().is_some_and(|(phase, _)| phase != Phase::NotSent)
    })
}

/// The fault of a call. The phase is "not sent" only if no attempt was sent.
const fn of_all_attempts((phase, kind): FaultParts, maybe_applied: bool) -> FaultParts {
    (
        if maybe_applied {
            Phase::OutcomeUnknown
        } else {
            phase
        },
        kind,
    )
}

/// The fault in a line like `curl: (7) Failed to connect to ...`. The numbers are the exit codes in curl's manual.
fn curl_error(line: &str) -> Option<FaultParts> {
    let (number, what) = line.trim_start().strip_prefix("curl: (")?.split_once(')')?;
    Some(match number {
        // There was a response.
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

/// The fault in text of this program or of others. The last line with a fault counts.
pub(super) fn fault(text: &str) -> Option<FaultParts> {
    let fault = text.lines().rev().find_map(line_fault)?;
    Some(of_all_attempts(fault, maybe_applied(text)))
}

/// The fault in a line. A line that says that nothing was sent is believed.
fn line_fault(line: &str) -> Option<FaultParts> {
    let lower = line.to_ascii_lowercase();
    let matches = |words: &str| lower.contains(words) && is_about_a_call(line, &lower, words);
    let known = || PHRASES.iter().find(|(words, ..)| matches(words));
    let (phase, kind) = match event(&lower) {
        Some(kind) => (Phase::OutcomeUnknown, kind),
        None => known().map(|&(_, phase, kind)| (phase, kind))?,
    };
    let unsent = [UNSENT, "not_sent", "connect etimedout"];
    let unsent = unsent.iter().any(|words| lower.contains(words));
    Some((if unsent { Phase::NotSent } else { phase }, kind))
}

/// Whether a line with this phrase is about a call: the phrase is the name of a system error, it is the whole line, or the
/// rest of the line says so.
fn is_about_a_call(line: &str, lower: &str, words: &str) -> bool {
    !words.contains(' ')
        || lower.trim() == words
        || CONTEXT
            .iter()
            .chain(MAYBE_APPLIED)
            .any(|word| lower.contains(word))
        || clues::request(line).is_some()
        || lower.split_ascii_whitespace().any(is_address)
}

/// Whether a word is a host and a port, like `127.0.0.1:443`.
fn is_address(word: &str) -> bool {
    let word = word.trim_matches(|char: char| !char.is_ascii_alphanumeric());
    word.rsplit_once(':').is_some_and(|(host, port)| {
        host.contains('.') && port.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The fault kind in a logged event: `broke off: outcome_unknown timeout in 5s`, or `broke off ... fault="timeout"`.
fn event(lower: &str) -> Option<FaultKind> {
    let named = || {
        let (_, rest) = lower.split_once("broke off: ")?;
        let mut words = rest.split_ascii_whitespace();
        words.find(|word| word.parse::<Phase>().is_ok())?;
        words.next()
    };
    clues::value(lower, "fault").or_else(named)?.parse().ok()
}

/// This program's phrase for a request that the server cannot have seen.
const UNSENT: &str = "nothing was sent";

/// Words in lower case that show that a phrase in the same line is about a call.
const CONTEXT: &[&str] = &["curl", "error", "exception", "failed", "intercom:", UNSENT];

/// This program's phrases for a request that may have been applied, in all versions.
const MAYBE_APPLIED: &[&str] = &[
    "may have been applied",
    "may have been carried out",
    "maybe applied",
    "maybe_applied",
];

/// Phrases in lower case. The more specific ones come first.
const PHRASES: &[(&str, Phase, FaultKind)] = &[
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

/// Whether curl timed out before it sent anything.
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

/// The fault in a line like `* connect to 127.0.0.1 port 9 failed: Connection refused`.
fn curl_remark(line: &str) -> Option<FaultParts> {
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

    use super::{curl_fault, fault, status};

    #[test]
    fn the_last_error_of_curl_counts_or_else_a_remark() {
        let refused =
            "* connect to 127.0.0.1 port 9 from 127.0.0.1 port 5 failed: Connection refused";
        for (text, expected) in [
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
            assert_eq!(curl_fault(text, false), Some(expected), "{text}");
        }
        assert_eq!(curl_fault("* Connected to x", false), None);
        assert_eq!(
            status("curl: (22) The requested URL returned error: 401"),
            Some(401)
        );
    }

    #[test]
    fn an_earlier_attempt_that_may_have_been_applied_decides_the_phase() {
        let unknown = |kind| Some((Phase::OutcomeUnknown, kind));
        for (text, expected) in [
            (
                "POST /a failed: read ECONNRESET\nPOST /a failed: connect ECONNREFUSED 1.2.3.4:443",
                unknown(FaultKind::Connect),
            ),
            (
                "attempt 1 broke off: outcome_unknown timeout\nattempt 2 broke off: not_sent dns",
                unknown(FaultKind::Dns),
            ),
            (
                "it may have been carried out\nconnect ECONNREFUSED 1.2.3.4:443",
                unknown(FaultKind::Connect),
            ),
            (
                "it may have been applied\nconnect ECONNREFUSED 1.2.3.4:443",
                unknown(FaultKind::Connect),
            ),
            (
                "attempt 1 broke off: not_sent dns\nattempt 2 broke off: not_sent connect",
                Some((Phase::NotSent, FaultKind::Connect)),
            ),
        ] {
            assert_eq!(fault(text), expected, "{text}");
        }
        let late = "curl: (28) Operation timed out after 5 ms";
        let failed = "curl: (22) The requested URL returned error: 503";
        for first in [late, failed] {
            let text = format!("{first}\ncurl: (7) Failed to connect to x");
            assert_eq!(
                curl_fault(&text, false),
                unknown(FaultKind::Connect),
                "{text}"
            );
            assert_eq!(status(&text), None, "{text}");
        }
    }

    #[test]
    fn a_timeout_after_sending_has_an_unknown_outcome() {
        let text = "> POST /messages HTTP/1.1\ncurl: (28) SSL connection timeout";
        assert_eq!(
            curl_fault(text, true),
            Some((Phase::OutcomeUnknown, FaultKind::Timeout))
        );
    }

    #[test]
    fn fault_messages_of_other_programs_are_recognized() {
        for (text, expected) in [
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
            assert_eq!(fault(text), expected, "{text}");
        }
    }
}
