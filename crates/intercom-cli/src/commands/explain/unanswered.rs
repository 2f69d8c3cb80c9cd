//! What `curl` says where no answer came.

use intercom_protocol::{FaultKind, Phase};

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
    let (phase, kind) = text
        .lines()
        .rev()
        .find_map(verdict)
        .or_else(|| text.lines().find_map(remark))?;
    Some((if sent { Phase::FateUnknown } else { phase }, kind))
}

/// The status in `curl: (22) The requested URL returned error: 401`, which is what `curl --fail` shows of an answer.
pub(super) fn status(text: &str) -> Option<u16> {
    let told = text
        .lines()
        .find_map(|line| line.strip_prefix("curl: (22) "))?;
    told.split_ascii_whitespace()
        .find_map(|word| word.parse().ok())
}

/// Of a line such as `curl: (7) Failed to connect to ...`. The numbers are those of curl's manual.
fn verdict(line: &str) -> Option<Broken> {
    let (number, what) = line.trim_start().strip_prefix("curl: (")?.split_once(')')?;
    Some(match number {
        "3" => (Phase::NotSent, FaultKind::BadUri),
        "5" | "6" => (Phase::NotSent, FaultKind::Dns),
        "7" => (Phase::NotSent, FaultKind::Connect),
        "28" if is_about_connecting(what) => (Phase::NotSent, FaultKind::Timeout),
        "28" => (Phase::FateUnknown, FaultKind::Timeout),
        "35" => (Phase::NotSent, FaultKind::Tls),
        "51" | "60" | "77" => (Phase::NotSent, FaultKind::BadCertificate),
        "52" | "55" | "56" => (Phase::FateUnknown, FaultKind::Closed),
        "1" | "16" | "92" => (Phase::FateUnknown, FaultKind::Protocol),
        _ => (Phase::FateUnknown, FaultKind::Other),
    })
}

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

    use super::{read, status};

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
                (Phase::FateUnknown, FaultKind::Timeout),
            ),
            (
                "curl: (60) SSL certificate problem: x",
                (Phase::NotSent, FaultKind::BadCertificate),
            ),
            (
                "curl: (52) Empty reply from server",
                (Phase::FateUnknown, FaultKind::Closed),
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
    fn what_was_sent_may_have_been_carried_out() {
        let text = "> POST /messages HTTP/1.1\ncurl: (28) SSL connection timeout";
        assert_eq!(
            read(text, true),
            Some((Phase::FateUnknown, FaultKind::Timeout))
        );
    }
}
