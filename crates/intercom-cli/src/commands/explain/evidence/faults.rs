//! The vocabulary: exceptions of Intercom's SDKs, and errors of HTTP libraries and systems.

use intercom_protocol::{FaultKind, Phase};

use super::words;
use crate::commands::explain::nearest;
use crate::commands::explain::notation::{Pattern, begin};

/// How far the exchange got, and what stopped it.
pub(crate) type FaultParts = (Phase, FaultKind);

/// Exceptions of Intercom's SDKs that are named neither like a code nor like a status: the status, and the code if there
/// is only one.
#[rustfmt::skip]
const EXCEPTIONS: &[(&str, u16, &str)] = &[
    ("AppSuspendedError", 401, "token_suspended"), ("AuthenticationError", 401, ""),
    ("AuthorizationException", 401, ""), ("BlockedUserError", 400, "not_restorable"),
    ("CDALimitReachedError", 400, "custom_data_limit_reached"), ("InvalidException", 422, ""),
    ("MultipleMatchingUsersError", 409, "conflict"), ("RateLimitException", 429, "rate_limit_exceeded"),
    ("ResourceNotFound", 404, "not_found"), ("ResourceNotRestorable", 400, "not_restorable"),
    ("ResourceNotUniqueError", 409, "resource_conflict"), ("ScrollAlreadyExistsError", 400, "scroll_exists"),
    ("ServerException", 500, ""),
    ("ServiceUnavailableError", 503, "service_unavailable"),
];

/// A name of a class, the word of source code before it, and the message after it.
static NAME: Pattern = Pattern::new(
    r#"(?:\b(catch|class|except|extends|import|instanceof|new|raise|require|rescue|throws?|use)[\s(]+)?[\w.:\\$]*?\b([A-Z]\w*[a-z]\w*)\b(?:\s*(?:\((.+)\)|: *(.+)))?"#,
);

const UNSENT: Phase = Phase::NotSent;
const SENT: Phase = Phase::OutcomeUnknown;

macro_rules! phrases {
    ($($text:literal)+) => { Pattern::new(concat!("(?:^| )(?:", $($text),+, ")(?: |$)")) };
}
/// Phrases of faults in [`normal`] text. The more specific ones come first.
#[rustfmt::skip]
static FAULTS: [(Phase, FaultKind, Pattern); 11] = [
    (UNSENT, FaultKind::BadCertificate, phrases!(
        "certificate (?:was refused|verify failed|verification|problem|has expired|is invalid)|cert has expired|"
        "self signed cert(?:ificate)?|unable to (?:get local issuer certificate|get issuer cert|verify)|pkix path|"
        "tls cert altname invalid|x509 certificate|ssl peer unverified|invalid peer certificate|ssl cacert|"
        "peer failed verification"
    )),
    (UNSENT, FaultKind::Dns, phrases!(
        "host name could not be resolved|enotfound|eai (?:again|noname)|no such host|name or service not known|"
        "nodename nor servname provided|failure in name resolution|could(?: not|nt) resolve host|dns error|"
        "failed to lookup address information|failed to resolve|getaddrinfo failed|network getaddresses|nxdomain|"
        "name resolution error|name not resolved|unknown host|unresolved address|host not found"
    )),
    (UNSENT, FaultKind::Timeout, phrases!(
        "connect etimedout|connect timed out|timed out connect 2|connection attempt timed out|connect timeout|"
        "pool timeout|open timeout|connection failed execution expired|dial tcp i o timeout|tls handshake timeout"
    )),
    (UNSENT, FaultKind::Connect, phrases!("no connection could be made|failed to open tcp connection")),
    (SENT, FaultKind::Timeout, phrases!(
        "e(?:socket)?timedout|econnaborted|(?:headers|body|read|write|server|socket|http|connection|client) timeout|"
        "timeout (?:error|exception|of)|task canceled|deadline exceeded|i o timeout|execution expired|"
        "operation timedout|timed out"
    )),
    (UNSENT, FaultKind::Connect, phrases!(
        "econnrefused|ehostunreach|enetunreach|connection refused|actively refused it|no route to host|"
        "network is unreachable|failed to establish a new connection|failed to connect to|couldnt connect|"
        "cannot connect to host|all connection attempts failed|tcp connect error|error trying to connect|"
        "connect (?:error|exception|failed)|new connection error"
    )),
    (UNSENT, FaultKind::Tls, phrases!(
        "tls handshake failed|ssl handshake|handshake failure|(?:ssl )?wrong version number|ssl connect error|"
        "ssl connection could not be established"
    )),
    (SENT, FaultKind::Closed, phrases!(
        "the connection was closed|econnreset|epipe|connection (?:reset|aborted)|forcibly closed|broken pipe|"
        "socket hang up|other side closed|und err socket|end of file reached|eof(?:error| error)?|read error|"
        "remote (?:disconnected|protocol error)|server disconnected|no http response|incomplete read|"
        "server closed idle connection|connection closed before message completed|empty reply from server|"
        "response ended prematurely|chunked encoding error"
    )),
    (SENT, FaultKind::Protocol, phrases!("(?:response is not valid|malformed) http(?: response)?|http2 protocol error")),
    (SENT, FaultKind::Other, phrases!(
        "service connection error|max retries exceeded with url|error sending request for url|fetch failed|"
        "network error|err network"
    )),
    (SENT, FaultKind::Other, phrases!("the exchange failed")),
];
/// Phrases that other programs use as well. They count only in a line about HTTP.
static WEAK: Pattern = phrases!("eof|failed to resolve|read error");
/// What shows that a phrase in the same text is about a call, and what shows it directly before the phrase.
static CONTEXT: Pattern = phrases!("caused|curl|errno|error|exception|failed|getaddrinfo");
static CALL: Pattern = Pattern::new("(?:^| )(?:code|connect|lookup|read|write) ?$");
/// Other services and parsers, which fail in the same way.
static OTHER: Pattern = phrases!(
    "amqp|json|kafka|ldap|mongo(?:db)?|mysql|parse|parsing|postgres(?:ql)?|psycopg2|redis|smtp|ssh|syntax"
);
/// Ports of other services.
static PORT: Pattern = Pattern::new(concat!(
    r"(?::|(?i:\bport\W+))(?:22|25|389|465|587|636|1433|1521|2181|2525|3306|5432|5672|6379|9092|9200|11211|26379|",
    r"27017)\b"
));
/// A host and its port.
static ADDRESS: Pattern = Pattern::new(r"\b\w[\w-]*\.[\w.-]+:\d+\b");
/// A class in a module, like `Net::ReadTimeout` or `httpx.ReadTimeout`.
static CLASS: Pattern = Pattern::new(r"\b\w+(?:\.|::|\\)[\w.:\\]*[A-Z]\w*");
/// This program's phrases for a request that may have been applied, in all versions.
static MAYBE_APPLIED: Pattern = phrases!("may have been (?:applied|carried out)|maybe applied");
static NOT_SENT: Pattern = phrases!("nothing was sent|not sent");
/// What curl says if it timed out before it sent anything.
static EARLY: Pattern = phrases!(
    "failed to connect|connection time(?:d )?out|connection timeout|ssl connection|resolving"
);
/// The code with which curl exits.
static CURL: Pattern =
    Pattern::new(r"(?i)\bcurl\W+(?:(?:error|errno|exit|code)\W+)*(\d{1,2})(?:[):]|$)");
/// The fault in an event that this program logs.
static BROKE_OFF: Pattern = Pattern::new(r#"broke off(?:.*fault=|: \w+ )"?(\w+)"#);

/// The status, code and message of an exception of an SDK in a line. Source code only mentions one.
pub(super) fn exception(line: &str) -> Option<(Option<u16>, Option<&'static str>, Option<&str>)> {
    NAME.captures_iter(line).find_map(|found| {
        let name = found.get(2).filter(|_| found.get(1).is_none())?.as_str();
        let row = EXCEPTIONS
            .iter()
            .find(|row| row.0 == name)
            .map(|row| (Some(row.1), row.2));
        let base = name
            .strip_suffix("Error")
            .or_else(|| name.strip_suffix("Exception"));
        let entry = |name| {
            nearest::same_spelling(name)
                .map(|entry| (entry.statuses().first().copied(), entry.code().as_str()))
        };
        let reason = |name| words::reason_named(name).map(|status| (Some(status), ""));
        let named = || {
            entry(name)
                .or_else(|| reason(name))
                .or_else(|| reason(base?))
                .or_else(|| entry(base?))
        };
        let is_name = name.chars().filter(char::is_ascii_uppercase).count() > 1;
        let (status, code) = row.or_else(named).filter(|_| is_name)?;
        let said = found
            .get(3)
            .or(found.get(4))
            .map(|said| said.as_str().trim_matches(['\'', '"']));
        Some((status, Some(code).filter(|code| !code.is_empty()), said))
    })
}

static CAMEL: Pattern = Pattern::new("([a-z])([A-Z])|([A-Z])([A-Z][a-z])");
static GAP: Pattern = Pattern::new("[^a-z0-9]+");

/// The words of a line in lower case. Names like `ReadTimeoutError` and `EAI_AGAIN` are several words.
fn normal(line: &str) -> String {
    let words = CAMEL
        .replace_all(begin(line, words::LONGEST_LINE), "$1$3 $2$4")
        .replace('\'', "");
    GAP.replace_all(&words.to_ascii_lowercase(), " ")
        .into_owned()
}

/// The fault in a line.
pub(super) fn fault(line: &str) -> Option<FaultParts> {
    if words::is_source(line) {
        return None;
    }
    let normal = normal(line);
    let (phase, kind) = logged(line)
        .or_else(|| curl(line, &normal))
        .or_else(|| phrase(line, &normal))?;
    Some((
        if NOT_SENT.is_match(&normal) {
            UNSENT
        } else {
            phase
        },
        kind,
    ))
}

fn logged(line: &str) -> Option<FaultParts> {
    Some((SENT, BROKE_OFF.captures(line)?[1].parse().ok()?))
}

/// The fault with this exit code in curl's manual. After 22, there was a response.
fn curl(line: &str, normal: &str) -> Option<FaultParts> {
    let code: u8 = CURL.captures(line)?[1].parse().ok()?;
    Some(match code {
        22 => return None,
        28 if EARLY.is_match(normal) => (UNSENT, FaultKind::Timeout),
        28 => (SENT, FaultKind::Timeout),
        3 => (UNSENT, FaultKind::BadUri),
        5 | 6 => (UNSENT, FaultKind::Dns),
        7 => (UNSENT, FaultKind::Connect),
        35 => (UNSENT, FaultKind::Tls),
        51 | 58 | 60 | 77 => (UNSENT, FaultKind::BadCertificate),
        52 | 55 | 56 => (SENT, FaultKind::Closed),
        1 | 16 | 92 => (SENT, FaultKind::Protocol),
        _ => (SENT, FaultKind::Other),
    })
}

/// The fault of the most specific phrase in the line, if the line is about a call.
fn phrase(line: &str, text: &str) -> Option<FaultParts> {
    let mut found = FAULTS
        .iter()
        .filter_map(|row| Some((row, row.2.find(text)?)));
    let ((phase, kind, pattern), phrase) = found.next()?;
    let (before, after) = (text.get(..phrase.start())?, text.get(phrase.end()..)?);
    let around = [before, " . ", after].concat();
    let is_about_http = || {
        words::is_signed(&around)
            || ADDRESS.is_match(line)
            || words::is_signed(line) && words::request(line).is_some()
            || line.contains("(request ")
    };
    let is_class = || {
        CLASS
            .find_iter(line)
            .any(|class| pattern.is_match(&normal(class.as_str())))
    };
    let is_name =
        after.trim().is_empty() && (before.trim().is_empty() || !line.trim().contains(' '));
    // In source code, `Error` can be a part of a path.
    let is_path = line.contains("::") && !line.contains(": ");
    let has_context = || {
        (!is_path && CONTEXT.is_match(&around))
            || CALL.is_match(before)
            || MAYBE_APPLIED.is_match(text)
    };
    let is_call = match WEAK.is_match(phrase.as_str()) {
        true => is_about_http(),
        false => is_name || has_context() || is_class() || is_about_http(),
    };
    let is_other = OTHER.is_match(&around) || PORT.is_match(line);
    (is_call && !is_other).then_some((*phase, *kind))
}

/// Whether a line describes an attempt that may have been applied.
pub(super) fn maybe_applied(line: &str) -> bool {
    let lost = || fault(line).filter(|_| words::status(line).is_none());
    MAYBE_APPLIED.is_match(&normal(line))
        || lost().is_some_and(|(phase, kind)| phase != UNSENT && kind != FaultKind::Other)
}
