//! The vocabulary: exceptions of Intercom's SDKs, and errors of HTTP libraries and systems.

use intercom_protocol::{FaultKind, Phase};

use super::{request, words};

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

const UNSENT: Phase = Phase::NotSent;
const SENT: Phase = Phase::OutcomeUnknown;

/// Phrases of faults as [`normal`] words. The more specific ones come first.
#[rustfmt::skip]
const FAULTS: &[(Phase, FaultKind, &[&str])] = &[
    (UNSENT, FaultKind::BadCertificate, &["certificate was refused"]),
    (UNSENT, FaultKind::Dns, &["host name could not be resolved"]),
    (UNSENT, FaultKind::Tls, &["tls handshake failed"]),
    (UNSENT, FaultKind::Connect, &["no connection could be made"]),
    (SENT, FaultKind::Closed, &["the connection was closed"]),
    (SENT, FaultKind::Protocol, &["the response is not valid http"]),
    (UNSENT, FaultKind::BadCertificate, &[
        "certificate verify failed", "certificate verification", "certificate problem", "certificate has expired",
        "cert has expired", "self signed cert", "self signed certificate", "unable to get local issuer certificate",
        "unable to get issuer cert", "unable to verify", "tls cert altname invalid", "pkix path", "x509 certificate",
        "ssl peer unverified", "certificate is invalid", "invalid peer certificate", "peer failed verification",
        "ssl cacert",
    ]),
    (UNSENT, FaultKind::Dns, &[
        "enotfound", "eai again", "eai noname", "no such host", "name or service not known",
        "nodename nor servname provided", "failure in name resolution", "could not resolve host", "couldnt resolve host",
        "failed to lookup address information", "failed to resolve", "getaddrinfo failed", "dns error",
        "network getaddresses", "name resolution error", "name not resolved", "unknown host", "unresolved address",
        "host not found", "nxdomain",
    ]),
    (UNSENT, FaultKind::Timeout, &[
        "connect etimedout", "connect timed out", "timed out connect 2", "connection attempt timed out",
        "connect timeout", "pool timeout", "open timeout", "connection failed execution expired",
        "dial tcp i o timeout", "tls handshake timeout",
    ]),
    (UNSENT, FaultKind::Connect, &["failed to open tcp connection"]),
    (SENT, FaultKind::Timeout, &[
        "etimedout", "esockettimedout", "econnaborted", "headers timeout", "body timeout", "read timeout",
        "write timeout", "server timeout", "socket timeout", "http timeout", "request timeout error", "timeout error",
        "timeout exception", "task canceled", "client timeout", "deadline exceeded", "i o timeout", "execution expired",
        "operation timedout", "connection timeout", "timed out", "timeout of",
    ]),
    (UNSENT, FaultKind::Connect, &[
        "econnrefused", "ehostunreach", "enetunreach", "connection refused", "actively refused it", "no route to host",
        "network is unreachable", "failed to establish a new connection", "failed to connect to",
        "couldnt connect", "cannot connect to host", "all connection attempts failed", "tcp connect error",
        "error trying to connect", "connect error", "connect exception", "connect failed", "new connection error",
        "host connect exception",
    ]),
    (UNSENT, FaultKind::Tls, &[
        "ssl handshake", "handshake failure", "wrong version number", "ssl connection could not be established",
        "ssl wrong version number", "ssl connect error",
    ]),
    (SENT, FaultKind::Closed, &[
        "econnreset", "epipe", "connection reset", "connection aborted", "forcibly closed", "broken pipe",
        "socket hang up", "other side closed", "und err socket", "end of file reached", "eof", "eoferror",
        "remote disconnected", "remote protocol error", "server disconnected", "read error", "no http response",
        "server closed idle connection", "connection closed before message completed", "empty reply from server",
        "response ended prematurely", "incomplete read", "chunked encoding error",
    ]),
    (SENT, FaultKind::Protocol, &["malformed http response", "http2 protocol error"]),
    (SENT, FaultKind::Other, &[
        "service connection error", "max retries exceeded with url", "error sending request for url", "fetch failed",
        "network error", "err network",
    ]),
];

/// The meaning of the exit codes in curl's manual. After 22, there was a response.
#[rustfmt::skip]
const CURL: &[(&[u8], Phase, FaultKind)] = &[
    (&[3], UNSENT, FaultKind::BadUri),
    (&[5, 6], UNSENT, FaultKind::Dns),
    (&[7], UNSENT, FaultKind::Connect),
    (&[28], SENT, FaultKind::Timeout),
    (&[35], UNSENT, FaultKind::Tls),
    (&[51, 58, 60, 77], UNSENT, FaultKind::BadCertificate),
    (&[52, 55, 56], SENT, FaultKind::Closed),
    (&[1, 16, 92], SENT, FaultKind::Protocol),
];
/// What curl says if it timed out before it sent anything, as [`normal`] words.
#[rustfmt::skip]
const EARLY: &[&str] = &[
    "failed to connect", "connection timed out", "connection timeout", "connection time out", "ssl connection",
    "resolving",
];

/// Phrases that other programs use as well. They count only in a line about HTTP.
const WEAK: &[&str] = &["eof", "failed to resolve", "read error"];
/// Words that show that a phrase in the same line is about a call.
#[rustfmt::skip]
const CONTEXT: &[&str] = &["caused", "curl", "errno", "error", "exception", "failed", "getaddrinfo"];
/// Words that show it if they are directly before the phrase.
const CALLS: &[&str] = &["code", "connect", "lookup", "read", "write"];
/// Words of other services and of parsers, which fail in the same way.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "amqp", "json", "kafka", "ldap", "mongo", "mongodb", "mysql", "parse", "parsing", "postgres", "postgresql",
    "psycopg2", "redis", "smtp", "ssh", "syntax",
];
/// Ports of other services.
#[rustfmt::skip]
const PORTS: &[&str] = &[
    "22", "25", "389", "465", "587", "636", "1433", "1521", "2181", "2525", "3306", "5432", "5672", "6379",
    "9092", "9200", "11211", "26379", "27017",
];
/// Words in source code before the name of an exception.
#[rustfmt::skip]
const SOURCE: &[&str] = &[
    "catch", "class", "except", "extends", "import", "instanceof", "new", "raise", "require", "rescue", "throw",
    "throws", "use",
];

/// This program's phrases for a request that may have been applied, in all versions, as [`normal`] words.
#[rustfmt::skip]
const MAYBE_APPLIED: &[&str] = &[
    "may have been applied", "may have been carried out", "maybe applied",
];

/// The exception of an SDK in a line, and the text after its name. Source code only mentions one.
pub(super) fn exception(line: &str) -> Option<(u16, &'static str, &str)> {
    let mut found = words::words(line).filter_map(|word| {
        let row = EXCEPTIONS.iter().find(|row| row.0 == word.text)?;
        let before = line.get(..line.len() - word.after.len() - word.text.len())?;
        let before = before.trim_end_matches(|char: char| is_name(char) || char == '(');
        let last = before.split_ascii_whitespace().next_back();
        let is_source = last.is_some_and(|last| SOURCE.contains(&last));
        (!is_source).then_some((row.1, row.2, word.after))
    });
    found.next()
}

const fn is_name(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | ':' | '\\' | '$')
}

/// The words of a line in lower case, with a space around each. Names like `ReadTimeoutError` and `EAI_AGAIN` are several
/// words. A dot stands where two words are not next to each other.
fn normal(line: &str) -> String {
    let (mut out, mut before, mut gap) = (" ".to_owned(), ' ', 0);
    let mut chars = line.chars().take(MOST_CHARS).peekable();
    while let Some(char) = chars.next() {
        let is_next_low = chars.peek().is_some_and(char::is_ascii_lowercase);
        let is_begin = char.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || (before.is_ascii_uppercase() && is_next_low));
        if char == '\'' {
            gap += 1;
            continue;
        }
        if char.is_ascii_alphanumeric() {
            if gap > 3 {
                out.push_str(". ");
            }
            if is_begin && !out.ends_with(' ') {
                out.push(' ');
            }
            out.push(char.to_ascii_lowercase());
            gap = 0;
        } else {
            if !out.ends_with(' ') {
                out.push(' ');
            }
            gap += char.len_utf8();
        }
        before = char;
    }
    out + " "
}

/// How much of a line is examined for a fault.
const MOST_CHARS: usize = 16_000;

fn has(normal: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| find(normal, phrase).is_some())
}

/// The words before and after a phrase.
fn find<'t>(normal: &'t str, phrase: &str) -> Option<(&'t str, &'t str)> {
    let mut found = normal.match_indices(phrase).filter_map(|(at, _)| {
        let (before, after) = (normal.get(..at)?, normal.get(at + phrase.len()..)?);
        (before.ends_with(' ') && after.starts_with(' ')).then_some((before, after))
    });
    found.next()
}

/// The fault in a line.
pub(super) fn fault(line: &str) -> Option<FaultParts> {
    let trimmed = line.trim_start();
    // A comment, or an item of a change log. curl's remarks begin with a star, too.
    let is_item = ["//", "- ", "| ", "self."]
        .iter()
        .any(|mark| trimmed.starts_with(mark))
        || (trimmed.starts_with("* ") && trimmed.len() < line.len());
    if is_item || line.contains("::<") || words::is_source_string(line) {
        return None;
    }
    let normal = normal(line);
    let (phase, kind) = logged(line)
        .or_else(|| curl(line, &normal))
        .or_else(|| phrase(line, &normal))?;
    let is_unsent = has(&normal, &["nothing was sent", "not sent"]);
    Some((if is_unsent { UNSENT } else { phase }, kind))
}

/// The fault of the most specific phrase in the line.
fn phrase(line: &str, normal: &str) -> Option<FaultParts> {
    let mut rows = FAULTS.iter();
    let (phase, kind, phrase, (before, after)) = rows.find_map(|(phase, kind, phrases)| {
        let find = |phrase: &&'static str| Some((*phrase, find(normal, phrase)?));
        let (phrase, around) = phrases.iter().find_map(find)?;
        Some((*phase, *kind, phrase, around))
    })?;
    let is_plain =
        |char: char| is_name(char) || (before.trim().is_empty() && " '-/".contains(char));
    let is_all = after.trim().is_empty() && line.trim().chars().all(is_plain);
    let is_about_a_call = || match WEAK.contains(&phrase) {
        true => is_about_http(before, after, line),
        false => is_all || is_about_a_call(before, after, line) || has_class(line, phrase),
    };
    let both = |words: &[&str]| has(before, words) || has(after, words);
    let is_other = both(OTHERS) || has_foreign_port(line) || line.contains("ErrorKind::");
    (!is_other && is_about_a_call()).then_some((phase, kind))
}

/// Whether the rest of a line with a phrase shows that it is about a call.
fn is_about_a_call(before: &str, after: &str, line: &str) -> bool {
    let both = |words: &[&str]| has(before, words) || has(after, words);
    let last = before.split_ascii_whitespace().next_back();
    // In source code, `Error` can be a part of a path.
    let is_path = line.contains("::") && !line.contains(": ");
    last.is_some_and(|word| CALLS.contains(&word))
        || (both(CONTEXT) && !is_path)
        || both(MAYBE_APPLIED)
        || is_about_http(before, after, line)
}

/// Whether a line with a phrase has a sign of HTTP or Intercom.
fn is_about_http(before: &str, after: &str, line: &str) -> bool {
    let mut words = before.split(' ').chain(after.split(' '));
    words.any(words::is_sign)
        || line.contains("(request ")
        || request::request(line).is_some()
        || line.split_ascii_whitespace().any(is_address)
}

/// Whether the phrase is in the name of a class, like `Net::ReadTimeout` or `httpx.ReadTimeout`. Source code only mentions one.
fn has_class(line: &str, phrase: &str) -> bool {
    let mut last = "";
    line.split_ascii_whitespace().any(|word| {
        let name = word.trim_matches(|char: char| !is_name(char));
        let name = name.trim_matches(['.', ':']);
        let is_class = name.contains(['.', ':'])
            && name.chars().all(is_name)
            && name.contains(char::is_uppercase);
        let before = std::mem::replace(&mut last, word);
        let is_pattern = line.contains(&format!("{word} =>"));
        is_class
            && !is_pattern
            && !SOURCE.contains(&before)
            && find(&normal(name), phrase).is_some()
    })
}

/// Whether a word is a host and a port, like `127.0.0.1:443`.
fn is_address(word: &str) -> bool {
    let word = word.trim_matches(|char: char| !char.is_ascii_alphanumeric());
    word.rsplit_once(':').is_some_and(|(host, port)| {
        host.contains('.') && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Whether a line has the port of another service: `127.0.0.1:6379`, `port 5432`.
fn has_foreign_port(line: &str) -> bool {
    words::words(line).any(|word| {
        let is_port = word.gap.ends_with(':') || word.label.eq_ignore_ascii_case("port");
        is_port && PORTS.contains(&word.text)
    })
}

/// The fault in a logged event: `broke off: outcome_unknown timeout in 5s`, or `broke off ... fault="timeout"`.
fn logged(line: &str) -> Option<FaultParts> {
    let (_, after) = line.split_once("broke off")?;
    let after = after.split_once("fault=").map_or(after, |(_, named)| named);
    let kind = words::words(after).find_map(|word| word.text.parse().ok())?;
    Some((SENT, kind))
}

/// The fault in `curl: (7) Failed to connect`, `cURL error 28: Operation timed out` or `[curl] 60: `.
fn curl(line: &str, normal: &str) -> Option<FaultParts> {
    let is = |names: &[&str], word: &str| names.iter().any(|name| word.eq_ignore_ascii_case(name));
    let after = words::words(line).skip_while(|word| !is(&["curl"], word.text));
    let mut after =
        after.skip_while(|word| is(&["curl", "error", "errno", "exit", "code"], word.text));
    let number = after.next()?;
    let code: u8 = number.text.parse().ok().filter(|code| *code != 22)?;
    let is_error = number.after.starts_with([')', ':']) || number.after.is_empty();
    if code == 28 && has(normal, EARLY) {
        return Some((UNSENT, FaultKind::Timeout));
    }
    let row = CURL.iter().find(|row| row.0.contains(&code));
    let (phase, kind) = row.map_or((SENT, FaultKind::Other), |row| (row.1, row.2));
    is_error.then_some((phase, kind))
}

/// Whether a line describes an attempt that may have been applied.
pub(super) fn maybe_applied(line: &str) -> bool {
    let lost = || fault(line).filter(|_| words::status(line).is_none());
    has(&normal(line), MAYBE_APPLIED)
        || returned(line).is_some_and(|status| status >= 500)
        || lost().is_some_and(|(phase, kind)| phase != UNSENT && kind != FaultKind::Other)
}

/// The status in `curl: (22) The requested URL returned error: 401`, which `curl --fail` prints instead of a response.
pub(super) fn returned(line: &str) -> Option<u16> {
    let error = line.trim_start().strip_prefix("curl: (22) ")?;
    error
        .split_ascii_whitespace()
        .find_map(|word| word.parse().ok())
}
