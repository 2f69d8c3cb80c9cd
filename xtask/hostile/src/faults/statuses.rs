//! Statuses, with the bodies of Intercom and of what stands before it.

use crate::fault::{End, Fault, OWN, status};

/// Statuses that refuse the request.
const REFUSALS: [u16; 25] = [
    400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 417, 418, 421, 422,
    423, 424, 426, 428, 431, 451,
];

/// Statuses after which the request may have been carried out.
const AMBIGUOUS: [u16; 20] = [
    408, 499, 500, 501, 502, 503, 504, 505, 507, 508, 509, 510, 511, 520, 521, 522, 523, 524, 529,
    530,
];

const REDIRECTS: [u16; 7] = [300, 301, 302, 303, 305, 307, 308];

pub(super) fn all() -> Vec<Fault> {
    let mut faults = successes();
    for code in REFUSALS {
        faults.push(listed(code, "a_code").not_applied());
    }
    for code in AMBIGUOUS {
        faults.push(listed(code, "server_error"));
        faults.push(page(code));
    }
    for code in REDIRECTS {
        let location = format!("Location: http://127.0.0.1:1/{code}");
        let bytes = status(&format!("{code} Moved"), &[&location], b"");
        faults.push(
            kept(format!("{code} to another host"), bytes)
                .failed(code)
                .not_applied(),
        );
    }
    faults.extend(limits());
    faults
}

fn kept(name: impl Into<String>, bytes: Vec<u8>) -> Fault {
    Fault::response(name, bytes).then(End::Keep)
}

fn successes() -> Vec<Fault> {
    let mut faults = Vec::new();
    for code in [201, 202, 203, 206, 207, 208, 226] {
        let bytes = status(&format!("{code} Fine"), &[], OWN);
        faults.push(kept(format!("{code} with a body"), bytes).delivered());
    }
    let empty = |name: &str, line: &str| kept(name, status(line, &[], b"")).body(b"");
    faults.push(empty("200 without a body", "200 OK").either());
    faults.push(empty("205 without a body", "205 Reset Content").either());
    let none = b"HTTP/1.1 204 No Content\r\n\r\n".to_vec();
    faults.push(kept("204", none).body(b"").either());
    let bytes = b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec();
    faults.push(kept("304", bytes).failed(304).not_applied());
    for code in [600, 700, 999] {
        let bytes = status(&format!("{code} X"), &[], OWN);
        faults.push(Fault::response(format!("{code}"), bytes).refused());
    }
    faults
}

/// A list of errors, as Intercom sends it.
fn listed(code: u16, error: &str) -> Fault {
    let body = format!(
        r#"{{"type":"error.list","request_id":"r","errors":[{{"code":"{error}","message":"\u001b[31mno\u0007"}}]}}"#
    );
    let bytes = status(&format!("{code} Status"), &[], body.as_bytes());
    kept(format!("{code} with a list of errors"), bytes).failed(code)
}

/// A page of a gateway.
fn page(code: u16) -> Fault {
    let page = "<html>\u{1b}]0;planted\u{7}<h1>Bad gateway</h1></html>";
    let bytes = status(
        &format!("{code} Status"),
        &["Content-Type: text/html"],
        page.as_bytes(),
    );
    kept(format!("{code} with a page"), bytes).failed(code)
}

/// Responses that say when to come back.
fn limits() -> Vec<Fault> {
    let hints = [
        "0",
        "1",
        "-1",
        "3600",
        "99999999999999999999",
        "1e3",
        "soon",
        "",
        "NaN",
        "Wed, 21 Oct 2015 07:28:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "0x10",
        "\u{1b}[31m",
    ];
    let body = br#"{"type":"error.list","errors":[{"code":"rate_limit_exceeded","message":"m"}]}"#;
    let mut faults = Vec::new();
    for hint in hints {
        let after = format!("Retry-After: {hint}");
        let shown = hint.escape_debug().to_string();
        let bytes = status("429 Too Many", &[&after], body);
        faults.push(kept(format!("429, {shown:?} to wait"), bytes).not_applied());
        let reset = format!("X-RateLimit-Reset: {hint}");
        let bytes = status("429 Too Many", &[&reset, "X-RateLimit-Remaining: 0"], body);
        faults.push(kept(format!("429, reset at {shown:?}"), bytes).not_applied());
    }
    let busy = br#"{"type":"error.list","errors":[{"code":"service_unavailable","message":"m"}]}"#;
    let bytes = status("503 Busy", &[], busy);
    faults.push(kept("503 that refuses", bytes).not_applied().failed(503));
    faults
}
