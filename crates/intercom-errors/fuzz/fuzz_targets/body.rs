//! Fuzzes the status and the body. The first two bytes are the status, the rest is the body.

#![no_main]

use intercom_errors::{ApiError, BodyKind, Fault, FaultKind, RequestLine, Resend};
use libfuzzer_sys::fuzz_target;

const KEPT: usize = 64 * 1024;
const BUSY: &str = "The members of this team are being changed by another request. Try again.";

fuzz_target!(|data: &[u8]| {
    let Some((status, body)) = data.split_first_chunk() else {
        return;
    };
    let status = u16::from_le_bytes(*status);
    let error = ApiError::from_parts(status, [], body);

    assert_eq!(error.status(), status);
    assert_eq!(error.body().bytes(), &body[..body.len().min(KEPT)]);
    assert_eq!(error.body().len(), body.len() as u64);
    assert_eq!(error.body().is_truncated(), body.len() > KEPT);
    let _ = (
        error.existing_contact(),
        error.required_scope(),
        error.merged_into(),
        error.hint(None),
    );

    one_line(&error.to_string());
    one_line(&error.line().with_message().to_string());
    one_line(&Fault::cut(FaultKind::Closed, error.clone()).to_string());
    assert!(
        error.class().resend() != Resend::Safe || may_be_safe(&error),
        "{error:?}"
    );
    for (method, path) in [
        ("GET", "/companies/scroll"),
        ("POST", "/messages"),
        ("DELETE", "/contacts/1"),
        ("PATCH", "/x"),
    ] {
        let request = RequestLine::new(method, path);
        let narrowed = ApiError::from_parts_to(&request, status, [], body);
        assert!(narrowed.class().resend() <= error.class().resend());
    }
    an_odd_key_changes_nothing(&error, body);
});

fn one_line(text: &str) {
    assert!(text.chars().count() < 5_000);
    assert!(
        !text
            .chars()
            .any(|char| char.is_control() || ('\u{2028}'..='\u{202e}').contains(&char)),
        "{text:?}"
    );
}

/// Returns `true` for the only responses that mean that nothing was done. Does not use the tables of the crate.
fn may_be_safe(error: &ApiError) -> bool {
    let items = error.errors();
    let code = |code: &str| {
        items
            .iter()
            .all(|item| item.code().is_some_and(|is| *is == code))
    };
    match error.status() {
        400 => {
            !items.is_empty()
                && items.iter().all(|item| {
                    item.code().is_some_and(|code| *code == "scroll_exists")
                        || item
                            .message()
                            .is_some_and(|text| text.starts_with("scroll already exists"))
                })
        }
        409 => items.len() == 1 && code("conflict") && error.message() == Some(BUSY),
        429 => !items.iter().any(|item| {
            item.message().is_some_and(|text| {
                text.starts_with("Exceeded rate limit of 5 pending ") && text.ends_with(" jobs")
            })
        }),
        503 => {
            error.body().kind() == BodyKind::ErrorList
                && !items.is_empty()
                && code("service_unavailable")
        }
        _ => false,
    }
}

/// Checks that an unknown member whose key is a lone surrogate changes nothing.
fn an_odd_key_changes_nothing(error: &ApiError, body: &[u8]) {
    let Some(members) = body.trim_ascii_start().strip_prefix(b"{") else {
        return;
    };
    let is_empty = members.trim_ascii_start().starts_with(b"}");
    let comma: &[u8] = if is_empty { b"" } else { b"," };
    let odd = [br#"{"\ud800":0"#, comma, members].concat();
    let other = ApiError::from_parts(error.status(), [], &odd);
    assert_eq!(other.body().kind(), error.body().kind());
    assert_eq!(other.errors(), error.errors());
    assert_eq!(other.request_id(), error.request_id());
    assert_eq!(other.class(), error.class());
}
