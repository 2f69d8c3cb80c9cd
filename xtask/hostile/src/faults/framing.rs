//! How the length of a body is announced, and what comes of it.

use crate::fault::{End, Fault, OWN, head};

/// Values of `Content-Length` that are not the length, or not a number.
const LENGTHS: [&str; 19] = [
    "",
    "-1",
    "-29",
    "abc",
    "0x1d",
    "1d",
    "29.0",
    "2.9e1",
    "29;",
    "29 29",
    "29,30",
    "30, 29",
    "29, x",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999",
    "\u{661}",
    "1 0",
    "NaN",
];

/// Values that some libraries accept as 29.
const ALMOST: [&str; 6] = [
    "+29",
    "029",
    "29, 29",
    "29,29",
    "29\t",
    "0000000000000000000000000000029",
];

/// Values of `Transfer-Encoding` before a chunked body.
const CODINGS: [&str; 12] = [
    "identity",
    "chunked, identity",
    "chunked, chunked",
    "xchunked",
    "chunkedx",
    "x-chunked",
    "gzip, chunked",
    "chunked, gzip",
    "\"chunked\"",
    "chunked;q=1",
    "",
    "cow",
];

/// Chunked bodies that are not well-formed, or not complete.
#[rustfmt::skip]
const BROKEN: [(&str, &[u8]); 16] = [
    ("a size that is negative", b"-1d\r\n{}\r\n0\r\n\r\n"),
    ("a size with 0x", b"0x1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("a size that is not a number", b"xyz\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("a size of 17 digits", b"1000000000000001d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("a size of 16 digits", b"fffffffffffffffe\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("no size", b"\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("a size that is too small", b"1\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("a size that is too large", b"1e\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("no line break after a chunk", b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}0\r\n\r\n"),
    ("no chunks", b""),
    ("no last chunk", b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n"),
    ("half of a chunk", b"1d\r\n{\"type\":\"conta"),
    ("half of a size", b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n1"),
    ("a size without a line break", b"1d"),
    ("a body that is not chunked", b"{\"type\":\"contact\",\"id\":\"own\"}"),
    ("a NUL after the size", b"1d\0\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
];

/// Chunked bodies about which the libraries differ.
#[rustfmt::skip]
const LENIENT: [(&str, &[u8]); 9] = [
    ("LF alone", b"1d\n{\"type\":\"contact\",\"id\":\"own\"}\n0\n\n"),
    ("a space before the size", b" 1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("a space after the size", b"1d \r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("a plus before the size", b"+1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("many zeros before the size", b"000000000000001d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("no line break at the end", b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n"),
    ("nothing after the last size", b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0"),
    ("a trailer that is malformed", b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\nX A\r\n\r\n"),
    ("a trailer without an end", b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\nX-A: b\r\n"),
];

#[rustfmt::skip]
const CHUNKED: [(&str, &[u8]); 8] = [
    ("one chunk", b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("two chunks", b"8\r\n{\"type\":\r\n15\r\n\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("upper case", b"1D\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("a zero before the size", b"01d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\n\r\n"),
    ("an extension", b"1d;a=b;c=\"d\"\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0;e\r\n\r\n"),
    ("a trailer", b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\nX-A: b\r\n\r\n"),
    ("a trailer with a length", b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n0\r\nContent-Length: 2\r\n\r\n"),
    ("many zeros as last size", b"1d\r\n{\"type\":\"contact\",\"id\":\"own\"}\r\n00000\r\n\r\n"),
];

pub(super) fn all() -> Vec<Fault> {
    let mut faults = lengths();
    faults.extend(CHUNKED.map(|row| chunked(row, "chunked").delivered().then(End::Keep)));
    faults.extend(LENIENT.map(|row| chunked(row, "chunked")));
    for (name, body) in BROKEN {
        faults.push(chunked((name, body), "chunked").refused());
        let reset = chunked((&format!("{name}, then a reset"), body), "chunked");
        faults.push(reset.refused().then(End::Reset));
    }
    let [one, ..] = CHUNKED;
    for coding in CODINGS {
        let name = format!("the coding {coding:?}");
        faults.push(chunked((&name, one.1), coding));
    }
    for coding in ["Chunked", "CHUNKED", " chunked "] {
        let name = format!("the coding {coding:?}");
        faults.push(chunked((&name, one.1), coding).delivered().then(End::Keep));
    }
    faults.extend(pieces());
    faults.extend(both());
    faults
}

fn response(name: &str, headers: &[&str], body: &[u8]) -> Fault {
    let bytes = [head("HTTP/1.1 200 OK", headers), body.to_vec()].concat();
    Fault::response(name, bytes)
}

fn chunked((name, body): (&str, &[u8]), coding: &str) -> Fault {
    response(
        &format!("chunked: {name}"),
        &[&format!("Transfer-Encoding: {coding}")],
        body,
    )
}

fn lengths() -> Vec<Fault> {
    let mut faults = Vec::new();
    for length in LENGTHS {
        let header = format!("Content-Length: {length}");
        faults.push(response(&format!("the length {length:?}"), &[&header], OWN));
    }
    for length in ALMOST {
        let header = format!("Content-Length: {length}");
        faults.push(response(&format!("the length {length:?}"), &[&header], OWN));
    }
    for (name, end) in [
        ("closed", End::Close),
        ("broken", End::Break),
        ("reset", End::Reset),
    ] {
        for length in [30, 100, 1 << 19] {
            let header = format!("Content-Length: {length}");
            let name = format!("{length} bytes announced, then {name}");
            faults.push(response(&name, &[&header], OWN).refused().then(end));
        }
    }
    faults.push(response("beyond the limit", &["Content-Length: 1048577"], OWN).refused());
    faults.push(response("no length, closed", &[], OWN).delivered());
    faults.push(
        response("no length, reset", &[], OWN)
            .refused()
            .then(End::Reset),
    );
    faults.push(response("no length, close announced", &["Connection: close"], OWN).delivered());
    faults.push(response("no length, no body", &[], b"").body(b""));
    faults.push(response("one byte less than sent", &["Content-Length: 28"], OWN).refused());
    let longer = [OWN, b"    "].concat();
    let fault = response(
        "four bytes less than sent",
        &["Content-Length: 29"],
        &longer,
    );
    faults.push(fault.delivered().then(End::Keep));
    faults.push(response("the length 0 and a body", &["Content-Length: 0"], OWN).body(b""));
    let twice = ["Content-Length: 29", "Content-Length: 29"];
    faults.push(response("the same length twice", &twice, OWN));
    for (first, second) in [(29, 2), (2, 29), (29, 100), (0, 29)] {
        let lines = [first, second].map(|length| format!("Content-Length: {length}"));
        let lines = [lines[0].as_str(), lines[1].as_str()];
        let name = format!("the lengths {first} and {second}");
        faults.push(response(&name, &lines, OWN).refused());
    }
    faults
}

/// Bodies in very many or very large pieces.
fn pieces() -> Vec<Fault> {
    let tiny: Vec<u8> = OWN
        .iter()
        .flat_map(|byte| [b"1\r\n", &[*byte][..], b"\r\n"].concat())
        .collect();
    let tiny = [&tiny, &b"0\r\n\r\n"[..]].concat();
    let [one, ..] = CHUNKED;
    let extended = |length: usize| {
        let extension = format!("1d;{}\r\n", "x".repeat(length));
        [extension.as_bytes(), one.1.get(4..).unwrap_or_default()].concat()
    };
    let trailers = |count: usize| {
        let chunk = one.1.strip_suffix(b"\r\n").unwrap_or_default();
        [chunk, "X-A: b\r\n".repeat(count).as_bytes(), b"\r\n"].concat()
    };
    let padded = [vec![b' '; 1 << 20], OWN.to_vec()].concat();
    let padded = [b"10001d\r\n", padded.as_slice(), b"\r\n0\r\n\r\n"].concat();
    vec![
        chunked(("a byte in each", &tiny), "chunked")
            .delivered()
            .then(End::Keep),
        chunked(("an extension of 1 KiB", &extended(1 << 10)), "chunked"),
        chunked(("an extension of 1 MiB", &extended(1 << 20)), "chunked"),
        chunked(("a hundred trailers", &trailers(100)), "chunked"),
        chunked(("100,000 trailers", &trailers(100_000)), "chunked"),
        chunked(("beyond the limit", &padded), "chunked").refused(),
    ]
}

/// Responses with a length and a coding, or with neither where one is needed.
fn both() -> Vec<Fault> {
    let [(_, chunks), ..] = CHUNKED;
    let coding = "Transfer-Encoding: chunked";
    let no_body = |name: &str, line: &str| {
        let bytes = [head(line, &["Content-Length: 29"]), OWN.to_vec()].concat();
        Fault::response(name, bytes).body(b"")
    };
    let old = [head("HTTP/1.0 200 OK", &[coding]), chunks.to_vec()].concat();
    vec![
        response(
            "chunked, with a length",
            &[coding, "Content-Length: 29"],
            chunks,
        ),
        response(
            "chunked, with the length of the chunks",
            &["Content-Length: 40", coding],
            chunks,
        ),
        response(
            "chunked, with the length 0",
            &["Content-Length: 0", coding],
            chunks,
        ),
        response("chunked twice", &[coding, coding], chunks),
        response(
            "a space before the colon",
            &["Transfer-Encoding : chunked", "Content-Length: 40"],
            chunks,
        ),
        response(
            "a folded coding",
            &["Transfer-Encoding:\r\n chunked"],
            chunks,
        ),
        response(
            "chunked under another name",
            &["TE: chunked", "Content-Length: 29"],
            OWN,
        )
        .delivered(),
        Fault::response("chunked in HTTP/1.0", old),
        no_body("204 with a body", "HTTP/1.1 204 No Content"),
        no_body("205 with a body", "HTTP/1.1 205 Reset Content").body(OWN),
        no_body("304 with a body", "HTTP/1.1 304 Not Modified")
            .failed(304)
            .not_applied(),
    ]
}
