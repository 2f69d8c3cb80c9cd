//! What reading an error answer costs, beside what serde_json takes for the same body.
//!
//! `cargo bench -p intercom-errors`. Three readers are given the same bytes and keep the same: the status, the request
//! id, every item's texts as owned strings, and a copy of the first 64 KiB of the body.
//!
//! - `error`: `ApiError::from_parts`, which reads leniently, keeps the body's kind as well, and classifies;
//! - `typed`: a struct that serde derives for the documented shape alone;
//! - `value`: a `serde_json::Value`, of which nothing is looked up yet.
//!
//! The allocations are those of one round.

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

/// An answer to be read: its name, status and body.
struct Answer {
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

fn answer(name: &'static str) -> Answer {
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
    Answer { name, status, body }
}

/// An error list as Intercom sends it, with codes known and unknown.
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

/// Bytes of a fixed pseudo-random sequence (xorshift).
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

/// What serde derives for the documented shape.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read to be kept, as the error keeps it")]
struct Typed {
    request_id: Option<String>,
    #[serde(default)]
    errors: Vec<TypedItem>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read to be kept, as the error keeps it")]
struct TypedItem {
    code: Option<String>,
    message: Option<String>,
    field: Option<String>,
    data: Option<Box<RawValue>>,
}

/// What a caller keeps of an answer whichever way it was read.
#[expect(dead_code, reason = "kept, as the error keeps it")]
struct Kept<T> {
    status: u16,
    read: Option<T>,
    body: Box<[u8]>,
}

fn kept<T>(answer: &Answer, read: impl Fn(&[u8]) -> Option<T>) -> Kept<T> {
    let body = answer.body.as_slice();
    Kept {
        status: answer.status,
        read: read(body),
        body: body.get(..64 * 1024).unwrap_or(body).into(),
    }
}

fn bench<T>(bencher: Bencher<'_, '_>, name: &'static str, read: impl Fn(&Answer) -> T) {
    let answer = answer(name);
    assert_eq!(answer.name, name);
    bencher
        .counter(BytesCount::new(answer.body.len()))
        .bench_local(|| read(black_box(&answer)));
}

#[divan::bench(args = NAMES)]
fn error(bencher: Bencher<'_, '_>, name: &'static str) {
    bench(bencher, name, |answer| {
        ApiError::from_parts(answer.status, [], &answer.body)
    });
}

#[divan::bench(args = NAMES)]
fn typed(bencher: Bencher<'_, '_>, name: &'static str) {
    bench(bencher, name, |answer| {
        kept(answer, |body| serde_json::from_slice::<Typed>(body).ok())
    });
}

#[divan::bench(args = NAMES)]
fn value(bencher: Bencher<'_, '_>, name: &'static str) {
    bench(bencher, name, |answer| {
        kept(answer, |body| serde_json::from_slice::<Value>(body).ok())
    });
}
