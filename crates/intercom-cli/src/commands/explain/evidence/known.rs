//! The vocabulary: exceptions of Intercom's SDKs, and errors of HTTP libraries and systems.

use intercom_protocol::{FaultKind, Phase};

use super::words::{self, Word};

/// How far the exchange got, and what stopped it.
pub(crate) type FaultParts = (Phase, FaultKind);

/// An exception of an SDK: its name, the status, and the code if there is only one.
type Exception = (&'static str, u16, &'static str);

/// The exceptions of Intercom's SDKs for Go, Java, Node, PHP, Python and Ruby.
#[rustfmt::skip]
const EXCEPTIONS: &[Exception] = &[
    ("AppSuspendedError", 401, "token_suspended"),
    ("AuthenticationError", 401, ""),
    ("AuthorizationException", 401, ""),
    ("BadGatewayError", 502, ""),
    ("BadRequestError", 400, ""),
    ("BlockedUserError", 400, "not_restorable"),
    ("CDALimitReachedError", 400, "custom_data_limit_reached"),
    ("ConflictError", 409, ""),
    ("ForbiddenError", 403, ""),
    ("GatewayTimeoutError", 504, ""),
    ("InternalServerError", 500, ""),
    ("InvalidDocumentError", 400, "invalid_document"),
    ("InvalidException", 422, ""),
    ("MultipleMatchingUsersError", 409, "conflict"),
    ("NotFoundError", 404, ""),
    ("NotFoundException", 404, ""),
    ("RateLimitExceeded", 429, "rate_limit_exceeded"),
    ("RateLimitException", 429, "rate_limit_exceeded"),
    ("ResourceNotFound", 404, "not_found"),
    ("ResourceNotRestorable", 400, "not_restorable"),
    ("ResourceNotUniqueError", 409, "resource_conflict"),
    ("ScrollAlreadyExistsError", 400, "scroll_exists"),
    ("ServerError", 500, ""),
    ("ServerException", 500, ""),
    ("ServiceUnavailableError", 503, "service_unavailable"),
    ("TokenNotFoundError", 401, "token_not_found"),
    ("TokenUnauthorizedError", 401, "token_unauthorized"),
    ("TooManyRequestsError", 429, ""),
    ("UnauthorizedError", 401, ""),
    ("UnprocessableEntityError", 422, ""),
];

/// How many words of a line are examined for a fault.
const MOST_WORDS: usize = 2_000;
const UNSENT: Phase = Phase::NotSent;
const SENT: Phase = Phase::OutcomeUnknown;

/// Phrases of faults, in lower case and without punctuation. The more specific ones come first.
#[rustfmt::skip]
const FAULTS: &[(Phase, FaultKind, &[&str])] = &[
    (UNSENT, FaultKind::BadCertificate, &["certificate was refused"]),
    (UNSENT, FaultKind::Dns, &["host name could not be resolved"]),
    (UNSENT, FaultKind::Tls, &["tls handshake failed"]),
    (UNSENT, FaultKind::Connect, &["no connection could be made"]),
    (SENT, FaultKind::Closed, &["the connection was closed"]),
    (SENT, FaultKind::Protocol, &["the response is not valid http"]),
    (UNSENT, FaultKind::BadCertificate, &[
        "certificate verify failed", "certificate verification failed", "certificate problem",
        "certificate has expired", "self signed certificate", "unable to get local issuer certificate",
        "unable to verify the first certificate", "cert_has_expired", "depth_zero_self_signed_cert",
        "err_tls_cert_altname_invalid", "self_signed_cert_in_chain", "unable_to_get_issuer_cert_locally",
        "unable_to_verify_leaf_signature", "sslcertverificationerror", "pkix path building failed",
        "pkix path validation failed", "sslpeerunverifiedexception", "x509 certificate",
        "remote certificate is invalid", "invalid peer certificate", "curle_peer_failed_verification",
        "curle_ssl_cacert",
    ]),
    (UNSENT, FaultKind::Dns, &[
        "enotfound", "eai_again", "eai_noname", "no such host", "no such host is known", "name or service not known",
        "nodename nor servname provided", "temporary failure in name resolution", "failure in name resolution",
        "could not resolve host", "couldn t resolve host", "failed to lookup address information", "failed to resolve",
        "getaddrinfo failed", "dns error", "php_network_getaddresses", "nameresolutionerror", "clientconnectordnserror",
        "unknownhostexception", "unresolvedaddressexception", "hostnotfound", "nxdomain", "curle_couldnt_resolve_host",
    ]),
    (UNSENT, FaultKind::Timeout, &[
        "connect etimedout", "connect timed out", "connect timeout", 
        "connecttimeout", "connecttimeouterror", "connecttimeoutexception", "httpconnecttimeoutexception",
        "pooltimeout", "und_err_connect_timeout", "open timeout", "opentimeout",
    ]),
    (UNSENT, FaultKind::Connect, &["failed to open tcp connection"]),
    (UNSENT, FaultKind::Timeout, &["dial tcp i o timeout", "tls handshake timeout"]),
    (SENT, FaultKind::Timeout, &[
        "etimedout", "esockettimedout", "econnaborted", "und_err_headers_timeout", "und_err_body_timeout",
        "headerstimeouterror", "bodytimeouterror", "intercomtimeouterror", "readtimeout", "readtimeouterror",
        "writetimeout", "servertimeouterror", "sockettimeoutexception", "httptimeoutexception", "taskcanceledexception",
        "httpclient timeout", "client timeout exceeded", "context deadline exceeded", "i o timeout",
        "execution expired", "curle_operation_timedout", "connectiontimeouterror", "connection timeout", "timed out",
        "timeout of",
    ]),
    (UNSENT, FaultKind::Connect, &[
        "econnrefused", "ehostunreach", "enetunreach", "connection refused", "actively refused it", "no route to host",
        "network is unreachable", "failed to establish a new connection", "failed to connect to",
        "couldn t connect to server", "cannot connect to host", "all connection attempts failed", "tcp connect error",
        "error trying to connect", "connecterror", "connectexception", "connectfailed", "newconnectionerror",
        "clientconnectorerror", "noroutetohostexception", "httphostconnectexception", "curle_couldnt_connect",
    ]),
    (UNSENT, FaultKind::Tls, &[
        "sslhandshakeexception", "handshake failure", "wrong version number",
        "ssl connection could not be established", "err_ssl_wrong_version_number", "curle_ssl_connect_error",
    ]),
    (SENT, FaultKind::Closed, &[
        "econnreset", "epipe", "connection reset", "connection aborted", "forcibly closed", "broken pipe",
        "socket hang up", "other side closed", "und_err_socket", "end of file reached", "eoferror", "unexpected eof",
        "unexpected_eof_while_reading",
        "remotedisconnected", "remoteprotocolerror", "serverdisconnectederror", "server disconnected",
        "connectionreseterror", "readerror", "nohttpresponseexception", "server closed idle connection",
        "connection closed before message completed", "empty reply from server", "response ended prematurely",
        "incompleteread", "chunkedencodingerror",
    ]),
    (SENT, FaultKind::Protocol, &["malformed http response", "err_http2_protocol_error"]),
    (SENT, FaultKind::Other, &[
        "serviceconnectionerror", "max retries exceeded with url", "error sending request for url", "fetch failed",
        "network error", "err_network",
    ]),
];

/// Words that show that a phrase in the same line is about a call.
const CONTEXT: &[&str] = &[
    "Caused",
    "ERROR",
    "Error",
    "Exception",
    "curl",
    "errno",
    "error",
    "exception",
    "failed",
    "getaddrinfo",
];
/// Words of other services that fail in the same way.
const OTHERS: &[&str] = &[
    "amqp",
    "kafka",
    "ldap",
    "mongodb",
    "mysql",
    "postgres",
    "postgresql",
    "psycopg2",
    "redis",
    "smtp",
    "ssh",
];
/// Words that show it if they are directly before the phrase.
const CALLS: &[&str] = &["code", "connect", "lookup", "read", "write"];

/// This program's phrases for a request that may have been applied, in all versions.
const MAYBE_APPLIED: &[&str] = &[
    "may have been applied",
    "may have been carried out",
    "maybe applied",
    "maybe_applied",
];

/// The exception of an SDK in a line, and the text after its name.
pub(super) fn exception(line: &str) -> Option<(u16, &'static str, &str)> {
    let mut found = words::words(line).filter_map(|word| {
        let is = |row: &&Exception| row.0 == word.text;
        let row = EXCEPTIONS.iter().find(is)?;
        Some((row.1, row.2, word.after))
    });
    found.next()
}

/// The fault in a line.
pub(super) fn fault(line: &str) -> Option<FaultParts> {
    let words: Vec<Word<'_>> = words::words(line).take(MOST_WORDS).collect();
    let (phase, kind) = logged(&words)
        .or_else(|| curl(&words, line))
        .or_else(|| phrase(&words, line))?;
    let is_unsent =
        line.contains("nothing was sent") || words.iter().any(|word| word.text == "not_sent");
    Some((if is_unsent { UNSENT } else { phase }, kind))
}

/// The fault of the most specific phrase in the line.
fn phrase(words: &[Word<'_>], line: &str) -> Option<FaultParts> {
    let phrases = || {
        FAULTS.iter().flat_map(|&(phase, kind, phrases)| {
            phrases.iter().map(move |phrase| (phase, kind, *phrase))
        })
    };
    let found = phrases().find_map(|(phase, kind, phrase)| {
        let at = (0..words.len())
            .find(|&at| begins_with(words.get(at..).unwrap_or_default(), phrase))?;
        Some((at, phase, kind, phrase))
    });
    let (at, phase, kind, phrase) = found?;
    let end = at + phrase.split(' ').count();
    let before = words.get(..at).unwrap_or_default();
    let after = words.get(end..).unwrap_or_default();
    let is_name = |char: char| char.is_ascii_alphanumeric() || "_.:\\".contains(char);
    let is_all = line.trim().len() <= phrase.len() + 1
        || (after.is_empty() && line.trim().chars().all(is_name));
    (is_all || is_about_a_call(before, after, line)).then_some((phase, kind))
}

fn begins_with(words: &[Word<'_>], phrase: &str) -> bool {
    let parts = phrase.split(' ').enumerate();
    let mut words = words.iter();
    parts.into_iter().all(|(index, part)| {
        words.next().is_some_and(|word| {
            let is_near = index == 0 || word.gap.len() <= 3;
            is_near && word.text.eq_ignore_ascii_case(part)
        })
    })
}

/// Whether the rest of a line with a phrase shows that it is about a call.
fn is_about_a_call(before: &[Word<'_>], after: &[Word<'_>], line: &str) -> bool {
    let is_other = |word: &Word<'_>| {
        OTHERS
            .iter()
            .any(|other| word.text.eq_ignore_ascii_case(other))
    };
    if before.iter().chain(after).any(is_other) {
        return false;
    }
    let mut others = before.iter().chain(after);
    let is_call = |word: &Word<'_>| CALLS.contains(&word.text);
    let is_listed = before
        .last()
        .is_some_and(|word| word.after.starts_with("\","));
    // The name of an exception begins the line: `httpx.ReadTimeout: `.
    let is_qualified = line
        .split(':')
        .next()
        .is_some_and(|name| !name.contains(char::is_whitespace));
    before
        .last()
        .is_some_and(|word| is_call(word) && !is_listed)
        || others.any(|word| is_context(word.text))
        || MAYBE_APPLIED.iter().any(|words| line.contains(words))
        || line.contains("(request ")
        || words::request(line).is_some()
        || line.split_ascii_whitespace().any(is_address)
        || (is_qualified && after.first().is_some_and(|word| word.gap.starts_with(':')))
}

fn is_context(word: &str) -> bool {
    let is_exception = word.ends_with("Error") || word.ends_with("Exception");
    is_exception || CONTEXT.contains(&word) || words::is_sign(word)
}

/// Whether a word is a host and a port, like `127.0.0.1:443`.
fn is_address(word: &str) -> bool {
    let word = word.trim_matches(|char: char| !char.is_ascii_alphanumeric());
    word.rsplit_once(':').is_some_and(|(host, port)| {
        host.contains('.') && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The fault in a logged event: `broke off: outcome_unknown timeout in 5s`, or `broke off ... fault="timeout"`.
fn logged(words: &[Word<'_>]) -> Option<FaultParts> {
    let at = words
        .windows(2)
        .position(|pair| matches!(pair, [a, b] if a.text == "broke" && b.text == "off"))?;
    let after = words.get(at + 2..)?;
    let named = after.iter().skip_while(|word| word.text != "fault").nth(1);
    let phase = after
        .iter()
        .position(|word| word.text.parse::<Phase>().is_ok());
    let kind = named.or_else(|| after.get(phase? + 1))?;
    Some((SENT, kind.text.parse().ok()?))
}

/// The fault in `curl: (7) Failed to connect`, `cURL error 28: Operation timed out` or `[curl] 60: `.
fn curl(words: &[Word<'_>], line: &str) -> Option<FaultParts> {
    let at = words
        .iter()
        .position(|word| word.text.eq_ignore_ascii_case("curl"))?;
    let next = words.get(at + 1)?;
    let number = match next.text {
        "error" | "errno" | "exit" | "code" => words.get(at + 2)?,
        _ => next,
    };
    let code = number.text.parse::<u8>().ok()?;
    let is_error = number.after.starts_with([')', ':']) || number.after.is_empty();
    is_error.then(|| numbered(code, line)).flatten()
}

/// The meaning of the exit codes in curl's manual.
fn numbered(code: u8, line: &str) -> Option<FaultParts> {
    Some(match code {
        // There was a response.
        22 => return None,
        3 => (UNSENT, FaultKind::BadUri),
        5 | 6 => (UNSENT, FaultKind::Dns),
        7 => (UNSENT, FaultKind::Connect),
        28 if EARLY.iter().any(|words| line.contains(words)) => (UNSENT, FaultKind::Timeout),
        28 => (SENT, FaultKind::Timeout),
        35 => (UNSENT, FaultKind::Tls),
        51 | 58 | 60 | 77 => (UNSENT, FaultKind::BadCertificate),
        52 | 55 | 56 => (SENT, FaultKind::Closed),
        1 | 16 | 92 => (SENT, FaultKind::Protocol),
        _ => (SENT, FaultKind::Other),
    })
}

/// What curl says if it timed out before it sent anything.
const EARLY: &[&str] = &[
    "Failed to connect",
    "Connection timed out",
    "Connection timeout",
    "Connection time-out",
    "SSL connection",
    "Resolving",
];

/// Whether a line describes an attempt that may have been applied.
pub(super) fn maybe_applied(line: &str) -> bool {
    let lost = || fault(line).filter(|_| words::status(line).is_none());
    MAYBE_APPLIED.iter().any(|words| line.contains(words))
        || returned(line).is_some_and(|status| status >= 500)
        || lost().is_some_and(|(phase, _)| phase != UNSENT)
}

/// The status in `curl: (22) The requested URL returned error: 401`, which `curl --fail` prints instead of a response.
pub(super) fn returned(line: &str) -> Option<u16> {
    let error = line.trim_start().strip_prefix("curl: (22) ")?;
    error
        .split_ascii_whitespace()
        .find_map(|word| word.parse().ok())
}
