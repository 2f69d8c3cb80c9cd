//! Compressed bodies, and bodies that are not what the headers say.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

use crate::fault::{End, Fault, OWN, head, ok};

/// Codings with which the plain body is sent.
const PLAIN: [&str; 10] = [
    "br",
    "zstd",
    "compress",
    "deflate",
    "unknown",
    "gzip",
    "x-gzip",
    "gzip, gzip",
    "identity, gzip",
    "\u{1b}[31m",
];

/// Bodies of a success that are not the JSON of a contact.
#[rustfmt::skip]
const BODIES: [(&str, &[u8]); 22] = [
    ("HTML", b"<html>"),
    ("white space", b" \r\n\t "),
    ("JSON that breaks off", b"{\"type\":\"contact\",\"id\":\"own\""),
    ("JSON with a comma too many", b"{\"type\":\"contact\",}"),
    ("JSON with more after it", b"{\"type\":\"contact\"}{}"),
    ("JSON in single quotes", b"{'type':'contact'}"),
    ("JSON with a comment", b"{/* */}"),
    ("NaN", b"NaN"),
    ("a NUL", b"\0"),
    ("NULs after JSON", b"{}\0\0"),
    ("bytes above 127", b"\xff\xfe\xfd"),
    ("invalid UTF-8 in a string", b"{\"id\":\"\xff\"}"),
    ("half of a character", b"{\"id\":\"\xe2\x9c"),
    ("UTF-16", b"\xff\xfe{\0}\0"),
    ("a byte order mark", b"\xef\xbb\xbf{}"),
    ("an escape that is none", b"{\"id\":\"\\x\"}"),
    ("half of a surrogate", b"{\"id\":\"\\ud800\"}"),
    ("a control character in a string", b"{\"id\":\"\x1b[31m\"}"),
    ("a number beyond 64 bits", b"{\"id\":1e999999}"),
    ("the same member twice", b"{\"id\":\"1\",\"id\":\"2\"}"),
    ("an error list", b"{\"type\":\"error.list\",\"errors\":[{\"code\":\"server_error\",\"message\":\"\\u001b[31m\"}]}"),
    ("the token", b"Bearer planted-token-0123456789"),
];

pub(super) fn all() -> Vec<Fault> {
    let mut faults = gzip();
    faults.extend(damaged());
    faults.extend(PLAIN.map(|coding| {
        let header = format!("Content-Encoding: {coding}");
        Fault::response(format!("plain as {coding:?}"), ok(&[&header], OWN))
    }));
    for coding in ["identity", ""] {
        let header = format!("Content-Encoding: {coding}");
        faults.push(Fault::response(
            format!("plain as {coding:?}"),
            ok(&[&header], OWN),
        ));
    }
    for (name, body) in BODIES {
        let fault = Fault::response(name, ok(&[], body)).body(body);
        faults.push(fault.then(End::Keep));
    }
    for depth in [100, 100_000] {
        let body = "[".repeat(depth) + &"]".repeat(depth);
        let fault = Fault::response(
            format!("{depth} lists, one in another"),
            ok(&[], body.as_bytes()),
        );
        faults.push(fault.body(body.as_bytes()));
    }
    faults
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// A response whose body has this coding.
fn coded(name: impl Into<String>, coding: &str, body: &[u8]) -> Fault {
    Fault::response(name, ok(&[&format!("Content-Encoding: {coding}")], body))
}

/// Bodies that can be decoded.
fn gzip() -> Vec<Fault> {
    let own = compressed(OWN);
    let named = {
        let mut encoder = flate2::GzBuilder::new()
            .filename("a")
            .comment("b")
            .extra(*b"c");
        encoder = encoder.mtime(1);
        let mut encoder = encoder.write(Vec::new(), Compression::best());
        let _ = encoder.write_all(OWN);
        encoder.finish().unwrap_or_default()
    };
    let half = OWN.len() / 2;
    let (first, second) = OWN.split_at(half);
    let members = [compressed(first), compressed(second)].concat();
    let chunked = {
        let headers = ["Content-Encoding: gzip", "Transfer-Encoding: chunked"];
        let size = format!("{:x}\r\n", own.len());
        let parts = [
            head("HTTP/1.1 200 OK", &headers),
            size.into_bytes(),
            own.clone(),
            b"\r\n0\r\n\r\n".to_vec(),
        ];
        Fault::response("gzip, chunked", parts.concat())
    };
    let until_close = [
        head("HTTP/1.1 200 OK", &["Content-Encoding: gzip"]),
        own.clone(),
    ]
    .concat();
    vec![
        coded("gzip", "gzip", &own).delivered().then(End::Keep),
        coded("GZIP", "GZIP", &own).delivered().then(End::Keep),
        coded("x-gzip", "x-gzip", &own),
        coded("gzip with a name", "gzip", &named)
            .delivered()
            .then(End::Keep),
        chunked.delivered().then(End::Keep),
        Fault::response("gzip until the end", until_close).delivered(),
        coded("gzip in two members", "gzip", &members),
        coded("gzip twice", "gzip, gzip", &compressed(&own)),
        coded("gzip in gzip", "gzip", &compressed(&own)).refused(),
        coded("gzip as identity", "identity", &own).refused(),
        Fault::response("gzip that is not announced", ok(&[], &own)).refused(),
        coded("gzip, identity", "gzip, identity", &own),
        coded(
            "gzip in two headers",
            "gzip\r\nContent-Encoding: gzip",
            &own,
        ),
        coded("zlib", "deflate", &zlib(OWN)),
        coded("deflate", "deflate", &deflated(OWN)),
        coded("zlib as gzip", "gzip", &zlib(OWN)).refused(),
        coded("a bomb of zeros", "gzip", &compressed(&vec![0; 4 << 20])).refused(),
        coded(
            "a bomb of spaces",
            "gzip",
            &compressed(&[vec![b' '; 4 << 20], OWN.to_vec()].concat()),
        )
        .refused(),
        coded(
            "a bomb that is an error",
            "gzip",
            &compressed(&vec![b'['; 4 << 20]),
        )
        .refused(),
        coded("gzip of nothing", "gzip", &compressed(b"")).body(b""),
        coded("nothing as gzip", "gzip", b"").body(b""),
    ]
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// Bodies whose end is missing or whose bytes have changed.
fn damaged() -> Vec<Fault> {
    let own = compressed(OWN);
    let mut faults = Vec::new();
    for missing in [1, 4, 8, 9, own.len() / 2, own.len() - 10, own.len() - 3] {
        let (part, _) = own.split_at(own.len() - missing);
        let name = format!("gzip without its last {missing} bytes");
        faults.push(coded(&name, "gzip", part).refused());
        let headers = ["Content-Encoding: gzip"];
        let bytes = [head("HTTP/1.1 200 OK", &headers), part.to_vec()].concat();
        faults.push(Fault::response(name + ", until the end", bytes).refused());
    }
    let changed = |at: usize, name: &str| {
        let mut bytes = own.clone();
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 0xff;
        }
        coded(format!("gzip with {name} changed"), "gzip", &bytes).refused()
    };
    faults.push(changed(0, "its first byte"));
    faults.push(changed(1, "its second byte"));
    faults.push(changed(2, "its method"));
    faults.push(changed(3, "its flags"));
    faults.push(changed(10, "its first block"));
    faults.push(changed(own.len() - 8, "its checksum"));
    faults.push(changed(own.len() - 1, "its length"));
    let more = [own.as_slice(), b"more"].concat();
    faults.push(coded("gzip with more after it", "gzip", &more));
    let zeros = [own.as_slice(), &[0; 16]].concat();
    faults.push(coded("gzip with zeros after it", "gzip", &zeros));
    faults
}
