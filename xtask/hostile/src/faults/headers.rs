//! Headers: malformed, too many, too long, and with unexpected values.

use crate::fault::{End, Fault, OWN, head, ok};

/// Header lines that are well-formed, whatever their value says.
#[rustfmt::skip]
const GOOD: [(&str, &str); 44] = [
    ("no space after the colon", "X-A:b"),
    ("white space around the value", "X-A:  \t b \t "),
    ("an empty value", "X-A:"),
    ("upper case", "X-UPPER: b"),
    ("every character of a token", "!#$%&'*+-.^_`|~09azAZ: b"),
    ("the same header twice", "X-A: b\r\nX-A: c"),
    ("two content types", "Content-Type: text/html"),
    ("HTML as content type", "Content-Type: text/html; charset=latin1"),
    ("a content type that is none", "Content-Type: ;;;==="),
    ("a request id of 4 KiB", "X-Request-Id: LONG"),
    ("two request ids", "X-Request-Id: a\r\nX-Request-Id: b"),
    ("an empty request id", "X-Request-Id: "),
    ("a location", "Location: http://127.0.0.1:1/"),
    ("a refresh", "Refresh: 0; url=http://127.0.0.1:1/"),
    ("a cookie", "Set-Cookie: a=b; Path=/"),
    ("a date of 1970", "Date: Thu, 01 Jan 1970 00:00:00 GMT"),
    ("a date of 9999", "Date: Fri, 31 Dec 9999 23:59:59 GMT"),
    ("a date that is none", "Date: yesterday"),
    ("two dates", "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT"),
    ("a negative limit", "X-RateLimit-Limit: -1"),
    ("a limit of zero", "X-RateLimit-Limit: 0\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 0"),
    ("a limit beyond 64 bits", "X-RateLimit-Limit: 99999999999999999999999"),
    ("a limit that is not a number", "X-RateLimit-Limit: many"),
    ("a reset in the far future", "X-RateLimit-Reset: 9223372036854775807"),
    ("a hint on a success", "Retry-After: 3600"),
    ("a time-out of the connection", "Keep-Alive: timeout=0, max=0"),
    ("a time-out that is none", "Keep-Alive: timeout=-1, =, ;"),
    ("a connection that is kept", "Connection: keep-alive"),
    ("an unknown option of the connection", "Connection: x-unknown"),
    ("an upgrade that is offered", "Upgrade: h2c, websocket"),
    ("another service", "Alt-Svc: h3=\":443\"; ma=86400"),
    ("a trailer that does not come", "Trailer: X-Checksum"),
    ("a link", "Link: </a>; rel=preload"),
    ("a proxy", "Via: 1.1 a, 1.0 b (c)"),
    ("an authentication that is not needed", "WWW-Authenticate: Negotiate"),
    ("an age", "Age: 99999999999"),
    ("a range that was not requested", "Content-Range: bytes 0-1/2"),
    ("a strict transport", "Strict-Transport-Security: max-age=0"),
    ("an old cache header", "Pragma: no-cache\r\nExpires: -1"),
    ("a policy of 2 KiB", "Content-Security-Policy: LONG"),
    ("an echo of the token", "X-Echo: Bearer planted-token-0123456789"),
    ("bytes above 127", "X-A: \u{e9}\u{e9}"),
    ("an emoji", "X-A: \u{1f600}"),
    ("a separator in a value", "X-A: a:b;c,d\"e"),
];

/// Header lines that are malformed. A library may refuse or ignore them.
#[rustfmt::skip]
const LENIENT: [(&str, &[u8]); 17] = [
    ("no colon", b"X-A"),
    ("no name", b": b"),
    ("a space in the name", b"X A: b"),
    ("a space before the colon", b"X-A : b"),
    ("a tab before the colon", b"X-A\t: b"),
    ("a name in UTF-8", "X-\u{e9}: b".as_bytes()),
    ("a NUL in the name", b"X\0A: b"),
    ("a control character in the name", b"X\x1bA: b"),
    ("a NUL in the value", b"X-A: b\0c"),
    ("an escape in the value", b"X-A: \x1b[31mred"),
    ("a DEL in the value", b"X-A: b\x7fc"),
    ("a CR in the value", b"X-A: b\rc"),
    ("an LF instead of CRLF", b"X-A: b\nX-B: c"),
    ("a folded line", b"X-A: b\r\n c"),
    ("a folded line with a tab", b"X-A: b\r\n\tc"),
    ("only a colon", b":"),
    ("a second status line", b"HTTP/1.1 404 Not Found"),
];

pub(super) fn all() -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, lines) in GOOD {
        let lines = lines.replace("LONG", &"x".repeat(4096));
        faults.push(
            Fault::response(name, ok(&[&lines], OWN))
                .delivered()
                .then(End::Keep),
        );
    }
    for (name, line) in LENIENT {
        faults.push(Fault::response(name, with(line)));
    }
    let first = b"HTTP/1.1 200 OK\r\n folded: a\r\nContent-Length: 29\r\n\r\n";
    faults.push(Fault::response(
        "a folded line first",
        [first, OWN].concat(),
    ));
    let bare = b"HTTP/1.1 200 OK\nContent-Length: 29\n\n";
    faults.push(Fault::response(
        "LF alone everywhere",
        [bare.as_slice(), OWN].concat(),
    ));
    faults.push(
        Fault::response(
            "no headers",
            [head("HTTP/1.1 200 OK", &[]), OWN.to_vec()].concat(),
        )
        .delivered(),
    );
    for count in [50, 90] {
        faults.push(many(count).delivered().then(End::Keep));
    }
    for count in [100, 127, 128, 129, 1_000] {
        faults.push(many(count));
    }
    faults.push(many(100_000).refused());
    for kib in [8, 32] {
        faults.push(long(kib).delivered().then(End::Keep));
    }
    for kib in [60, 100, 500] {
        faults.push(long(kib));
    }
    faults.push(long(4096).refused());
    let name = format!("{}: b", "X".repeat(200 << 10));
    faults.push(Fault::response("a name of 200 KiB", ok(&[&name], OWN)));
    faults
}

/// A good response with this header line before the others.
fn with(line: &[u8]) -> Vec<u8> {
    let good = ok(&[], OWN);
    let start = b"HTTP/1.1 200 OK\r\n";
    let rest = good.strip_prefix(start).unwrap_or_default();
    [start, line, b"\r\n", rest].concat()
}

fn many(count: usize) -> Fault {
    let lines = vec!["X-A: b"; count];
    Fault::response(format!("{count} headers more"), ok(&lines, OWN))
}

fn long(kib: usize) -> Fault {
    let line = format!("X-A: {}", "x".repeat(kib << 10));
    Fault::response(format!("a value of {kib} KiB"), ok(&[&line], OWN))
}
