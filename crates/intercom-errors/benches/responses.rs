//! Measures the cost of parsing an error response, compared with serde_json.
//!
//! `cargo bench -p intercom-errors`. Three parsers receive the same bytes and keep the same values: the status, the
//! request id, the texts of every item as owned strings, and a copy of the first 64 KiB of the body.
//!
//! - `error`: `ApiError::from_parts`, which parses leniently, and also determines the kind of the body and the class;
//! - `typed`: a struct with `derive(Deserialize)` for the documented shape;
//! - `value`: a `serde_json::Value`, without looking anything up in it.
//!
//! The allocations are those of one iteration.

use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher, black_box};
use intercom_errors::ApiError;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// A response: its name, status and body.
struct Response {
    name: &'static str,
    status: u16,
    body: Vec<u8>,
}

const NAMES: [&str; 8] = [
    "401",
    "2 items",
    "20 items",
    "by field",
    "nginx 502",
    "empty",
    "64K bytes",
    "64K json",
];

fn response(name: &'static str) -> Response {
    let (status, body) = match name {
        "401" => (401, br#"{
  "type": "error.list",
  "request_id": "req_abc123",
  "errors": [
    {
      "code": "unauthorized",
      "message": "Access Token Invalid"
    }
  ]
}"#.to_vec()),
        "2 items" => (404, list(2)),
        "20 items" => (422, list(20)),
        "by field" => (422, br#"{"errors":{"rating":"is not an option","base":["The rating window for this conversation has closed"]}}"#.to_vec()),
        "nginx 502" => (502, b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n".to_vec()),
        "64K bytes" => (500, junk()),
        "64K json" => (500, format!(r#"{{"junk":[{}0]}}"#, r#"{"a":[1,"two",null]},"#.repeat(3100)).into_bytes()),
        _ => (503, Vec::new()),
    };
    Response { name, status, body }
}

/// Creates an error list like Intercom's, with known and unknown codes.
fn list(items: usize) -> Vec<u8> {
    let items: Vec<String> = (0..items)
        .map(|n| {
            let code = match n % 3 {
                0 => "parameter_invalid",
                1 => "not_found",
                _ => "brand_new_code",
            };
            format!(r#"{{"code":"{code}","message":"No such email[pi{n}@example.org]","field":"email"}}"#)
        })
        .collect();
    let items = items.join(",");
    format!(r#"{{"type":"error.list","request_id":"b2i3mhcboc6pcbe33q80","errors":[{items}]}}"#)
        .into_bytes()
}

/// Creates a fixed sequence of pseudo-random bytes (xorshift).
fn junk() -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    core::iter::repeat_with(next)
        .take(8 * 1024)
        .flatten()
        .collect()
}

/// The documented shape, with a derived `Deserialize`.
#[derive(Deserialize)]
#[expect(dead_code, reason = "kept like an error keeps it")]
struct Typed {
    request_id: Option<String>,
    #[serde(default)]
    errors: Vec<TypedItem>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "kept like an error keeps it")]
struct TypedItem {
    code: Option<String>,
    message: Option<String>,
    field: Option<String>,
    data: Option<Box<RawValue>>,
}

/// What a caller keeps of a response, for any parser.
#[expect(dead_code, reason = "kept like an error keeps it")]
struct Kept<T> {
    status: u16,
    read: Option<T>,
    body: Box<[u8]>,
}

fn kept<T>(response: &Response, read: impl Fn(&[u8]) -> Option<T>) -> Kept<T> {
    let body = response.body.as_slice();
    Kept {
        status: response.status,
        read: read(body),
        body: body.get(..64 * 1024).unwrap_or(body).into(),
    }
}

fn bench<T>(bencher: Bencher<'_, '_>, name: &'static str, read: impl Fn(&Response) -> T) {
    let response = response(name);
    assert_eq!(response.name, name);
    bencher
        .counter(BytesCount::new(response.body.len()))
        .bench_local(|| read(black_box(&response)));
}

#[divan::bench(args = NAMES)]
fn error(bencher: Bencher<'_, '_>, name: &'static str) {
    bench(bencher, name, |response| {
        ApiError::from_parts(response.status, [], &response.body)
    });
}

#[divan::bench(args = NAMES)]
fn typed(bencher: Bencher<'_, '_>, name: &'static str) {
    bench(bencher, name, |response| {
        kept(response, |body| serde_json::from_slice::<Typed>(body).ok())
    });
}

#[divan::bench(args = NAMES)]
fn value(bencher: Bencher<'_, '_>, name: &'static str) {
    bench(bencher, name, |response| {
        kept(response, |body| serde_json::from_slice::<Value>(body).ok())
    });
}
