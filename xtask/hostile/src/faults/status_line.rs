//! Status lines, most of which are none.

use crate::fault::{End, Fault, OWN};

/// Status lines before a good head and body.
#[rustfmt::skip]
const GOOD: [(&str, &[u8]); 8] = [
    ("a good response", b"HTTP/1.1 200 OK\r\n"),
    ("an empty reason", b"HTTP/1.1 200 \r\n"),
    ("another reason", b"HTTP/1.1 200 No such thing\r\n"),
    ("a tab in the reason", b"HTTP/1.1 200 O\tK\r\n"),
    ("a reason in Latin-1", b"HTTP/1.1 200 \xe0 la carte\r\n"),
    ("a reason in UTF-8", b"HTTP/1.1 200 \xe2\x9c\x93\r\n"),
    ("a reason of quotes and brackets", b"HTTP/1.1 200 \"<{[()]}>\"\r\n"),
    ("an empty line before", b"\r\nHTTP/1.1 200 OK\r\n"),
];

/// The libraries differ about these, which leave no doubt about the response.
#[rustfmt::skip]
const LENIENT: [(&str, &[u8]); 9] = [
    ("no reason", b"HTTP/1.1 200\r\n"),
    ("HTTP/1.0", b"HTTP/1.0 200 OK\r\n"),
    ("two spaces before the status", b"HTTP/1.1  200 OK\r\n"),
    ("two spaces after the status", b"HTTP/1.1 200  OK\r\n"),
    ("LF alone", b"HTTP/1.1 200 OK\n"),
    ("many empty lines before", b"\r\n\r\n\r\n\r\nHTTP/1.1 200 OK\r\n"),
    ("LF alone before", b"\n\nHTTP/1.1 200 OK\r\n"),
    ("a control character in the reason", b"HTTP/1.1 200 \x1b[31mred\r\n"),
    ("the status 299", b"HTTP/1.1 299 X\r\n"),
];

#[rustfmt::skip]
const BROKEN: [(&str, &[u8]); 30] = [
    ("HTTP/2.0", b"HTTP/2.0 200 OK\r\n"),
    ("HTTP/0.9", b"HTTP/0.9 200 OK\r\n"),
    ("HTTP/1.2", b"HTTP/1.2 200 OK\r\n"),
    ("HTTP/11.1", b"HTTP/11.1 200 OK\r\n"),
    ("no version", b"HTTP 200 OK\r\n"),
    ("lower case", b"http/1.1 200 OK\r\n"),
    ("another protocol", b"ICY 200 OK\r\n"),
    ("RTSP", b"RTSP/1.0 200 OK\r\n"),
    ("a tab before the status", b"HTTP/1.1\t200 OK\r\n"),
    ("a space before", b" HTTP/1.1 200 OK\r\n"),
    ("a byte order mark before", b"\xef\xbb\xbfHTTP/1.1 200 OK\r\n"),
    ("CR alone", b"HTTP/1.1 200 OK\r"),
    ("a CR in the reason", b"HTTP/1.1 200 O\rK\r\n"),
    ("a NUL in the reason", b"HTTP/1.1 200 O\0K\r\n"),
    ("no status", b"HTTP/1.1 OK\r\n"),
    ("a status of one digit", b"HTTP/1.1 2 OK\r\n"),
    ("a status of two digits", b"HTTP/1.1 20 OK\r\n"),
    ("a status of four digits", b"HTTP/1.1 2000 OK\r\n"),
    ("a status with a leading zero", b"HTTP/1.1 0200 OK\r\n"),
    ("a negative status", b"HTTP/1.1 -200 OK\r\n"),
    ("a letter in the status", b"HTTP/1.1 2x0 OK\r\n"),
    ("digits that are not ASCII", b"HTTP/1.1 \xd9\xa2\xd9\xa0\xd9\xa0 OK\r\n"),
    ("the status 000", b"HTTP/1.1 000 OK\r\n"),
    ("the status 099", b"HTTP/1.1 099 OK\r\n"),
    ("a request", b"GET / HTTP/1.1\r\n"),
    ("a greeting of SSH", b"SSH-2.0-OpenSSH_9.6\r\n"),
    ("a greeting of SMTP", b"220 mail.invalid ESMTP\r\n"),
    ("a preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("settings of HTTP/2", b"\0\0\0\x04\0\0\0\0\0"),
    ("an alert of TLS", b"\x15\x03\x01\0\x02\x02\x28"),
];

/// Bytes without a head.
#[rustfmt::skip]
const ALONE: [(&str, &[u8]); 8] = [
    ("only JSON", br#"{"type":"contact","id":"own"}"#),
    ("only HTML", b"<html><body>200 OK</body></html>\n"),
    ("only an empty line", b"\r\n\r\n"),
    ("only NULs", &[0; 1024]),
    ("only bytes above 127", &[0xff; 1024]),
    ("only the token", b"HTTP/1.1 Bearer planted-token-0123456789\r\n\r\n"),
    ("a line without an end", b"HTTP/1.1 200 OK"),
    ("a head without an end", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"),
];

pub(super) fn all() -> Vec<Fault> {
    let whole = |(name, line): (&str, &[u8])| {
        let head = format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            OWN.len()
        );
        Fault::response(name, [line, head.as_bytes(), OWN].concat())
    };
    let long = |length: usize| format!("HTTP/1.1 200 {}\r\n", "x".repeat(length));
    let mut faults = Vec::new();
    faults.extend(GOOD.map(|row| whole(row).delivered().then(End::Keep)));
    faults.extend(LENIENT.map(whole));
    faults.extend(BROKEN.map(|row| whole(row).refused()));
    faults.extend(ALONE.map(|(name, bytes)| Fault::response(name, bytes.to_vec()).refused()));
    faults.push(whole(("a reason of 1 KiB", long(1 << 10).as_bytes())).delivered());
    faults.push(whole(("a reason of 100 KiB", long(100 << 10).as_bytes())));
    faults.push(whole(("a reason of 2 MiB", long(2 << 20).as_bytes())).refused());
    faults
}
