//! The vocabulary: what stands around a status, names of exceptions, and errors of HTTP libraries and systems.

use intercom_protocol::{FaultKind, Phase};

use crate::commands::explain::notation::{Pattern, pattern};

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $($text:literal)+;)+) => {
        $($(#[$doc])* pub(super) static $name: Pattern = pattern!($($text),+);)+
    };
}

patterns! {
    /// A number of three digits.
    NUMBER = r"\b[2-5]\d\d\b";
    /// What names a status: names for HTTP only, the name of an error or of Intercom before a bracket, names that can be those
    /// of something else, and words. And what can be between a name and its number: `: Some(`, `" => `, `] `.
    NAME = r"(?:(?<clear>(?i:status[ _-]?code|http[ _-]?(?:status|code|error)|response[ _-]?(?:code|status)|intercom|"
        r"\bhttp(?:/[\d.]+)?|url returned error|<(?:title|h1|response))|(?:Error|Exception|Intercom\w*)[ :\])]*[(\[])|"
        r"(?<named>(?i:(?:\b|_)status))|"
        r"(?<said>(?i:\b(?:answered|failed|responded|returned|got)(?: with)?|error|"
        r"\b(?:critical|debug|err|fatal|info|notice|trace|warn|warning))))"
        r#"[\s"'=>:()\[\]|`<\\]*(?:(?i:some|int)\()?$"#;
    /// The exit status of a process, and a comparison in source code.
    EXIT = r#"(?i)\b(?:exit|exited|finished|signal|terminated)\b[^,;:.]*[\s"'=>:()\[\]|`<\\]*$|[=<>!]=+\s*$"#;
    /// The request in an access log, before the status.
    ACCESS = r#""(?:DELETE|GET|HEAD|PATCH|POST|PUT) [^"]*" $"#;
    /// The text after a number that stands alone, and counts nothing.
    ALONE = r#"^\s*(?:$|[:;,.()"|{]|in \d)"#;
    /// The rest of a larger number, and units of numbers that are not a status.
    UNIT = r"^(?:[.,]\d|[%/-]|\s*(?:[mun]?s|sec|seconds|m|min|minutes|h|bytes|[kKM]?B|[KM]iB)\b)";
    /// Programs whose errors have statuses of other services.
    TOOL = r"^\s*(?:npm|pip|pnpm|yarn)\s";
    /// What shows that a line is about HTTP.
    SIGN = r"(?i)\b(?:curl|https?|request_id|status_?code|http_code|response)\b|\(request ";
    /// What names Intercom or a part of its SDKs. `intercom_version_invalid` is a code.
    INTERCOM = "Intercom|(?i:(?:^|[^a-z])intercom(?:$|[^a-z_]|_[^v]))";
    /// A line of source code, a comment, or an item of a change log. curl's remarks begin with a star, too.
    SOURCE = r#"^\s*(?:"[^"]*"[),;]*\s*$|"[^"]*", |//|[-|] |self\.|assert|(?:catch|class|except|fn|impl|import|pub|raise|"#
        r"rescue|throw|use)\b)|^\s+\* |::<|ErrorKind::|\w\((?:\w+::)+\w+\)| =>(?: |$)|;\s*$|^\s*\w+,$";
    /// A code with its name, a code with underscores, and the code directly after a status.
    CODE = r"(?i)\b(?:error_)?code\W*[=:|]\W*(\w+)";
    SNAKE = r#"(?:\b(?:(cause|reason)\W*[=:]\W*)|"?)\b([a-z0-9]+_\w+)(=|["']?:|")?"#;
    AFTER_STATUS = r#"^[ :\])] ?:?([a-z0-9_]+)(?:[^\w=]|$)"#;
    /// Where a request begins. A method before a URL may be written like `Post`.
    REQUEST = r#"\b((?i:delete|get|head|patch|post|put))\W{1,3}(?:(?:->|to) )?["'`(<\[]*"#
        r#"(https?://[^\s"'`<>()\[\]{},;\\]+|/[^\s"'`<>()\[\]{},;\\]*)"#;
    /// A URL with its host, and the host of a call that failed.
    URL = r#"https?://(?:[^\s/@"']*@)?(\[?[^\s/?#:"'`<>()\[\]{},\\]+)[^\s"'`<>()\[\]{},\\]*"#;
    CALLED = r"(?i)\b(?:EAI_AGAIN|ENOTFOUND|connect|host|lookup|resolve|to)[^\w.@-]+"
        r"([\w.-]+\.(?:com|dev|io|net|org))\.?(?:[^\w.@-]|$)";
    /// The request id as this program prints it, and the message that it quotes after a status.
    OWN_REQUEST_ID = r"\(request ([^\s)]+)\)";
    QUOTED = r#"^.* "(.*)":"#;
    /// Where a message can begin in a line, and where in a line without a sign of HTTP or Intercom; and what ends it.
    BEGIN = r#"^|: |["'(]"#;
    BEGIN_UNSIGNED = r#"^|: |[="]""#;
    END = r#" \(request |"| and http_code:"#;
    /// A name of a class, the word of source code before it, and the message after it.
    CLASS_NAME = r"(?:\b(catch|class|except|extends|import|instanceof|new|raise|require|rescue|throws?|use)[\s(]+)?"
        r#"[\w.:\\$]*?\b([A-Z]\w*[a-z]\w*)\b(?:\s*(?:\((.+)\)|: *(.+)))?"#;
    /// A class in a module, like `Net::ReadTimeout` or `httpx.ReadTimeout`.
    QUALIFIED = r"\b\w+(?:\.|::|\\)[\w.:\\]*[A-Z]\w*";
    /// A host and its port, and ports of other services.
    ADDRESS = r"\b\w[\w-]*\.[\w.-]+:\d+\b";
    PORT = r"(?::|(?i:\bport\W+))(?:22|25|389|465|587|636|1433|1521|2181|2525|3306|5432|5672|6379|9092|9200|11211|"
        r"26379|27017)\b";
    /// The code with which curl exits, and the fault in an event that this program logs.
    CURL = r"(?i)\bcurl\W+(?:(?:error|errno|exit|code)\W+)*(\d{1,2})(?:[):]|$)";
    BROKE_OFF = r#"broke off(?:.*fault=|: \w+ )"?(\w+)"#;
    /// Keys of an error list, of its items, and of a single error. Also the last part of a longer key: `error.code`.
    ERRORS = r"(?i)(?:^|\.)errors$";
    ITEM = "^(?:error|item|element|entry|[0-9]+)$";
    CODE_KEY = r"(?i)(?:^|\.)(?:(?:error[_-]?)?code|error[_-]?key)$";
    FIELD = r"(?i)(?:^|\.)field$";
    DATA = r"(?i)(?:^|\.)data$";
    TYPE = r"(?i)(?:^|\.)type$";
    /// Keys of its message. The first ones belong to the error even if the log line has a message of its own.
    ERROR_MESSAGE = r"(?i)err(?:or)?[._-]?(?:message|msg|detail|description)$|(?:^|\.)(?:details?|description)$";
    MESSAGE = r"(?i)(?:^|\.)(?:message|msg|error|err|exception)$";
    /// Members of error bodies of other services.
    FOREIGN = "(?i)^(?:documentation_?url|doc_?url|domain|extensions|fault_?code|locations|more_?info|param|reason|"
        "request_?log_?url)$";
    /// Headers that count wherever they are, the group of the others, and headers about the body, which has been read.
    HEADER = "(?i)^(?:retry|x[-_]amzn[-_]waf|x[-_]ratelimit|x[-_]request|proxy)[-_]"
        "(?:after|action|limit|remaining|reset|id|authenticate)$";
    HEADERS = "(?i)headers$";
    ENCODING = "(?i)^(?:content-encoding|content-length|transfer-encoding)$";
    /// Keys with the method, the path or URL, and the id of the request.
    METHOD = r"(?i)(?:^|\.)(?:(?:request|http)?_?method|verb)=:?(delete|get|head|patch|post|put)$";
    TARGET = r"(?i)(?:^|\.)(?:(?:request_?)?(?:url|uri|path)|url\.full|endpoint)=((?:https?:/)?/.*)";
    REQUEST_ID = r"(?i)(?:^|\.)(?:x[_-]?)?request[_-]?id=(\S{1,200})$";
    /// A control sequence of a terminal, which colours logs, in the spellings of logs and strings.
    COLOUR = r"(?:\x1b|\\u001[bB]|\\x1[bB]|\\033|\\e|\^\[)\[[0-9;:?]{0,32}[A-Za-z]|"
        r"\x1b\][^\x07\x1b]{0,2048}(?:\x07|\x1b\\?)";
    /// Only a name and a status, like `status=429` or `429 rate_limit_exceeded`.
    ONLY_STATUS = r"^\s*[[:alnum:]_-]+(?:[=: ]+[[:alnum:]_-]+){0,2}\s*$";
    /// The first line of a response, with the mark of `curl -v`; the marks of its other lines; and the end of its head.
    HEAD = r"(?m)^(< |\s*)HTTP/[\d.]+ ([1-5]\d\d)\b";
    MARK = "(?m)^< ?";
    BLANK = r"\r?\n\r?\n";
    /// What `curl -v` prints between the lines of the response: the request, remarks, byte counts, the progress meter.
    /// If the body does not end in a line break, a remark is on its last line.
    NOISE = r"(?m)^(?:[*>](?: .*)?|[{}] \[.* bytes data\]|.*--:--:--.*)\r?(?:\n|\z)|\* Connection #.*";
    /// In lower-case words: phrases that other programs use as well, which count only in a line about HTTP; what shows that a
    /// phrase is about a call, in the same text and directly before the phrase; and other services and parsers.
    WEAK = "^ ?(?:eof|failed to resolve|read error) ?$";
    CONTEXT = "(?:^| )(?:caused|curl|errno|error|exception|failed|getaddrinfo)(?: |$)";
    CALL = "(?:^| )(?:code|connect|lookup|read|write) ?$";
    OTHER = "(?:^| )(?:amqp|json|kafka|ldap|mongo(?:db)?|mysql|parse|parsing|postgres(?:ql)?|psycopg2|redis|smtp|ssh|"
        "syntax)(?: |$)";
    /// This program's phrases for a request that may have been applied, in all versions, and for one that was not sent.
    MAYBE_APPLIED = "(?:^| )(?:may have been (?:applied|carried out)|maybe applied)(?: |$)";
    NOT_SENT = "(?:^| )(?:nothing was|not) sent(?: |$)";
    /// The ends of words in a name.
    CAMEL = "([a-z])([A-Z])|([A-Z])([A-Z][a-z])";
    BETWEEN_WORDS = "[^a-z0-9]+";
}

/// Exceptions of Intercom's SDKs that are named neither like a code nor like a status.
#[rustfmt::skip]
pub(super) const EXCEPTIONS: &[(&str, u16, &str)] = &[
    ("AppSuspendedError", 401, "token_suspended"), ("AuthenticationError", 401, ""),
    ("AuthorizationException", 401, ""), ("BlockedUserError", 400, "not_restorable"),
    ("CDALimitReachedError", 400, "custom_data_limit_reached"), ("InvalidException", 422, ""),
    ("MultipleMatchingUsersError", 409, "conflict"), ("RateLimitException", 429, "rate_limit_exceeded"),
    ("ResourceNotFound", 404, "not_found"), ("ResourceNotRestorable", 400, "not_restorable"),
    ("ResourceNotUniqueError", 409, "resource_conflict"), ("ScrollAlreadyExistsError", 400, "scroll_exists"),
    ("ServerException", 500, ""), ("ServiceUnavailableError", 503, "service_unavailable"),
];

/// Beginnings of messages that occur with only one code. Without a beginning: any message that changes the class.
#[rustfmt::skip]
pub(super) const MESSAGES: &[(&str, u16, &str)] = &[
    ("Access Token Invalid", 401, "unauthorized"), ("Exceeded rate limit of ", 429, "rate_limit_exceeded"),
    ("Not authorized to access resource", 401, "token_unauthorized"),
    ("Rate limit exceeded", 429, "rate_limit_exceeded"), ("User Not Found", 404, "not_found"),
    ("", 400, "client_error"), ("", 403, "forbidden"), ("", 404, "not_found"), ("", 409, "conflict"),
    ("", 422, "parameter_invalid"), ("", 429, "rate_limit_exceeded"), ("", 500, "server_error"),
];

pub(super) const UNSENT: Phase = Phase::NotSent;
pub(super) const SENT: Phase = Phase::OutcomeUnknown;

macro_rules! phrases {
    ($($text:literal)+) => { pattern!("(?:^| )(?:", $($text),+, ")(?: |$)") };
}

/// Phrases of faults in lower-case words. The more specific ones come first. After curl's exit 22, there was a response.
#[rustfmt::skip]
pub(super) static FAULTS: [(Phase, FaultKind, Pattern); 11] = [
    (UNSENT, FaultKind::BadCertificate, phrases!(
        "certificate (?:was refused|verify failed|verification|problem|has expired|is invalid)|cert has expired|"
        "self signed cert(?:ificate)?|unable to (?:get local issuer certificate|get issuer cert|verify)|pkix path|"
        "tls cert altname invalid|x509 certificate|ssl peer unverified|invalid peer certificate|ssl cacert|"
        "peer failed verification|curl exit (?:51|58|60|77)")),
    (UNSENT, FaultKind::BadUri, phrases!("curl exit 3")),
    (UNSENT, FaultKind::Dns, phrases!(
        "host name could not be resolved|enotfound|eai (?:again|noname)|no such host|name or service not known|"
        "nodename nor servname provided|failure in name resolution|could(?: not|nt) resolve host|dns error|"
        "failed to lookup address information|failed to resolve|getaddrinfo failed|network getaddresses|nxdomain|"
        "name resolution error|name not resolved|unknown host|unresolved address|host not found|curl exit [56]")),
    (UNSENT, FaultKind::Timeout, phrases!(
        "connect etimedout|connect timed out|timed out connect 2|connection attempt timed out|connect timeout|"
        "pool timeout|open timeout|connection failed execution expired|dial tcp i o timeout|tls handshake timeout|"
        "curl exit 28 (?:.* )?(?:failed to connect|connection time(?:d ?)?out|ssl connection|resolving)")),
    (UNSENT, FaultKind::Connect, phrases!("no connection could be made|failed to open tcp connection|curl exit 7")),
    (SENT, FaultKind::Timeout, phrases!(
        "e(?:socket)?timedout|econnaborted|(?:headers|body|read|write|server|socket|http|connection|client) timeout|"
        "timeout (?:error|exception|of)|task canceled|deadline exceeded|i o timeout|execution expired|"
        "operation timedout|timed out|curl exit 28")),
    (UNSENT, FaultKind::Connect, phrases!(
        "econnrefused|ehostunreach|enetunreach|connection refused|actively refused it|no route to host|"
        "network is unreachable|failed to establish a new connection|failed to connect to|couldnt connect|"
        "cannot connect to host|all connection attempts failed|tcp connect error|error trying to connect|"
        "connect (?:error|exception|failed)|new connection error")),
    (UNSENT, FaultKind::Tls, phrases!(
        "tls handshake failed|ssl handshake|handshake failure|(?:ssl )?wrong version number|ssl connect error|"
        "ssl connection could not be established|curl exit 35")),
    (SENT, FaultKind::Closed, phrases!(
        "the connection was closed|econnreset|epipe|connection (?:reset|aborted)|forcibly closed|broken pipe|"
        "socket hang up|other side closed|und err socket|end of file reached|eof(?:error| error)?|read error|"
        "remote (?:disconnected|protocol error)|server disconnected|no http response|incomplete read|"
        "server closed idle connection|connection closed before message completed|empty reply from server|"
        "response ended prematurely|chunked encoding error|curl exit (?:52|55|56)")),
    (SENT, FaultKind::Protocol, phrases!(
        "(?:response is not valid|malformed) http(?: response)?|http2 protocol error|curl exit (?:1|16|92)")),
    (SENT, FaultKind::Other, phrases!(
        "service connection error|max retries exceeded with url|error sending request for url|fetch failed|"
        "network error|err network|the exchange failed|curl exit (?:2[^2]|[^2]?.)")),
];
