//! Parses a body. These shapes are known:
//!
//! | shape | where |
//! |---|---|
//! | `{"type":"error.list","request_id":..,"errors":[{"code","message","field","data"}]}` | documented |
//! | the same with `type` instead of `code` in an item, or with neither | before API 2; official SDKs still read it |
//! | `{"type":"error","request_id":..,"message":..}` | the status of messages, 2.16 |
//! | `{"error_key":..,"message":..}` | phone call redirects |
//! | `{"errors":{"field":"message"}}`, also nested | Fin ratings and agents |
//! | `{"error":..}`, `[{..}]` | proxies, in 2014 |
//! | an error list inside any of these, or inside unknown members | gateways and loggers that wrap the body |

use alloc::string::String;

use super::enclosed::outermost_list;
use super::json::Json;
use super::members::{Parsed, envelope};
use crate::BodyKind;

/// Parses a body of any kind. Never fails.
pub(crate) fn parse(body: &[u8]) -> (BodyKind, Parsed) {
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // This also trims form feeds, which are not white space in JSON but do no harm here.
    let json = json.trim_ascii();
    match json.first() {
        None => (BodyKind::Empty, Parsed::default()),
        Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
            match core::str::from_utf8(json) {
                Ok(json) => read(json),
                Err(_) => read(&String::from_utf8_lossy(json)),
            }
        }
        Some(_) => (BodyKind::Raw, Parsed::default()),
    }
}

/// How far into a page its first tag is looked for.
pub(super) const HEAD: usize = 1024;

/// Returns `true` if a body that is not JSON starts like an HTML page.
pub(super) fn is_html(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let page = body.trim_ascii_start();
    let head = page.get(..HEAD).unwrap_or(page);
    let has = |tag: &[u8]| {
        head.windows(tag.len())
            .any(|part| part.eq_ignore_ascii_case(tag))
    };
    head.starts_with(b"<") && (has(b"<html") || has(b"<!doctype html"))
}

/// Parses JSON. Anything else is raw.
fn read(json: &str) -> (BodyKind, Parsed) {
    let Some(mut json) = Json::new(json) else {
        return (BodyKind::Raw, Parsed::default());
    };
    match json.peek() {
        Some(b'{') => envelope(&mut json),
        Some(b'[') => {
            let parsed = outermost_list(&mut json);
            let kind = match parsed.items.is_empty() {
                true => BodyKind::Json,
                false => BodyKind::Known,
            };
            (kind, parsed)
        }
        _ => (BodyKind::Json, Parsed::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Parsed, parse};
    use crate::{BodyKind, ErrorItem};

    fn item(code: Option<&str>, message: Option<&str>, field: Option<&str>) -> ErrorItem {
        ErrorItem {
            code: code.map(Into::into),
            message: message.map(Into::into),
            field: field.map(Into::into),
            data: None,
        }
    }

    #[test]
    fn objects_of_several_shapes_are_parsed() {
        let detailed = ErrorItem {
            data: Some(r#"{"a":[1]}"#.into()),
            ..item(Some("x"), Some("m\n"), None)
        };
        for (body, kind, items, request_id) in [
            (
                r#"{"type":"error.list","request_id":"r","errors":[{"code":"x","message":"m\n","field":null,"data":{"a":[1]}},"y"]}"#,
                BodyKind::ErrorList,
                [detailed, item(Some("y"), None, None)],
                Some("r"),
            ),
            (
                r#"{"errors":{"base":"m","user":{"name":["n"]}}}"#,
                BodyKind::Known,
                [
                    item(None, Some("m"), Some("base")),
                    item(None, Some("n"), Some("user.name")),
                ],
                None,
            ),
            (
                r#"{"type":"error","message":"m","error":{"code":"x"},"status":404}"#,
                BodyKind::Known,
                [item(Some("x"), None, None), item(None, Some("m"), None)],
                None,
            ),
        ] {
            let parsed = Parsed {
                items: items.into(),
                request_id: request_id.map(Into::into),
                is_enclosed: false,
            };
            assert_eq!(parse(body.as_bytes()), (kind, parsed), "{body}");
        }
    }
}
