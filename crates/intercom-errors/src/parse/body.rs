//! The shapes of body.
//!
//! | shape | seen |
//! |---|---|
//! | `{"type":"error.list","request_id":..,"errors":[{"code","message","field","data"}]}` | documented |
//! | the same with `type` instead of `code` in an item, or with neither | before API 2, official SDKs still read it |
//! | `{"type":"error","request_id":..,"message":..}` | status of messages, 2.16 |
//! | `{"error_key":..,"message":..}` | phone call redirects |
//! | `{"errors":{"field":"message"}}`, also nested | Fin ratings and agents |
//! | `{"error":..}`, `[{..}]` | proxies, 2014 |

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::value::RawValue;

use super::headers::keep;
use super::json::{MANY, Pairs, Value, text, word};
use crate::{BodyKind, ErrorCode, ErrorItem};

/// How deep messages by field may be nested; the deepest that is known has two levels.
const DEPTH: usize = 8;

/// How much of a field's name is kept, for it is kept once for each of its messages.
const NAME: usize = 200;

/// What a body says.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) items: Vec<ErrorItem>,
    pub(crate) request_id: Option<Box<str>>,
}

/// Reads a body of any kind; never fails.
pub(crate) fn parse(body: &[u8]) -> (BodyKind, Parsed) {
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if json.trim_ascii().is_empty() {
        return (BodyKind::Empty, Parsed::default());
    }
    let json = String::from_utf8_lossy(json);
    match serde_json::from_str::<&RawValue>(&json).map(Value::read) {
        Ok(Value::Object(pairs)) => envelope(pairs),
        Ok(Value::List(values)) => {
            let items = list(values);
            let kind = if items.is_empty() {
                BodyKind::Json
            } else {
                BodyKind::Known
            };
            let request_id = None;
            (kind, Parsed { items, request_id })
        }
        Ok(Value::Other | Value::Text(_)) => (BodyKind::Json, Parsed::default()),
        Err(_) => (BodyKind::Raw, Parsed::default()),
    }
}

/// An object. Of a member that is repeated the first that says something holds; lists are joined.
fn envelope(Pairs(pairs): Pairs<'_>) -> (BodyKind, Parsed) {
    let (mut kind, mut request_id, mut error_key) = (None, None, None);
    let (mut items, mut single, mut has_list) = (Vec::new(), ErrorItem::default(), false);
    for (key, value) in pairs {
        match &*key {
            "error" => items.extend(named(value)),
            "error_key" => keep(&mut error_key, || code(value)),
            "errors" => {
                has_list |= value.get().starts_with('[');
                items.extend(listed(value));
            }
            "request_id" => keep(&mut request_id, || word(value)),
            "type" => keep(&mut kind, || text(value)),
            _ => take(&mut single, &key, value),
        }
    }
    single.code = error_key.or(single.code);
    if single.code.is_some() || single.message.is_some() {
        items.push(single);
    }
    let kind = match kind.as_deref() {
        Some("error.list") => BodyKind::ErrorList,
        _ if has_list => BodyKind::ErrorList,
        Some("error") => BodyKind::Known,
        _ if !items.is_empty() => BodyKind::Known,
        _ => BodyKind::Json,
    };
    (kind, Parsed { items, request_id })
}

/// What `errors` holds: a list, messages by field, or one item.
fn listed(value: &RawValue) -> Vec<ErrorItem> {
    match Value::read(value) {
        Value::List(values) => list(values),
        Value::Object(pairs) => {
            let item = item(&pairs);
            let is_item = item
                .code
                .as_ref()
                .is_some_and(|code| is_word(code.as_str()))
                && item.message.is_some();
            if is_item {
                alloc::vec![item]
            } else {
                by_field(&pairs)
            }
        }
        Value::Text(text) => alloc::vec![worded(text)],
        Value::Other => Vec::new(),
    }
}

/// What `error` holds: one item as a rule.
fn named(value: &RawValue) -> Vec<ErrorItem> {
    let Value::Object(pairs) = Value::read(value) else {
        return listed(value);
    };
    let item = item(&pairs);
    if item.code.is_some() || item.message.is_some() {
        alloc::vec![item]
    } else {
        by_field(&pairs)
    }
}

fn list(values: Vec<&RawValue>) -> Vec<ErrorItem> {
    let items = values
        .into_iter()
        .filter_map(|value| match Value::read(value) {
            Value::Object(pairs) => Some(item(&pairs)),
            Value::Text(text) => Some(worded(text)),
            Value::List(_) | Value::Other => None,
        });
    items.collect()
}

/// One item; its `type` is its code where it has none.
fn item(Pairs(pairs): &Pairs<'_>) -> ErrorItem {
    let (mut item, mut legacy) = (ErrorItem::default(), None);
    for (key, value) in pairs {
        match &**key {
            "type" => keep(&mut legacy, || code(value)),
            _ => take(&mut item, key, value),
        }
    }
    item.code = item.code.or(legacy);
    item
}

fn take(item: &mut ErrorItem, key: &str, value: &RawValue) {
    match key {
        "code" => keep(&mut item.code, || code(value)),
        "data" => keep(&mut item.data, || {
            Some(value.get())
                .filter(|&data| data != "null")
                .map(Into::into)
        }),
        "field" => keep(&mut item.field, || text(value)),
        "message" => keep(&mut item.message, || text(value)),
        _ => {}
    }
}

/// Messages by field, with the path of nested ones: `user.attributes.plan`.
fn by_field(pairs: &Pairs<'_>) -> Vec<ErrorItem> {
    let mut items = Vec::new();
    flatten(None, pairs, DEPTH, &mut items);
    items
}

fn flatten(path: Option<&str>, Pairs(pairs): &Pairs<'_>, depth: usize, items: &mut Vec<ErrorItem>) {
    for (key, value) in pairs {
        if items.len() >= MANY {
            return;
        }
        let name: String = key.chars().take(NAME).collect();
        let field = match path {
            Some(path) => format!("{path}.{name}"),
            None => name,
        };
        match Value::read(value) {
            Value::Object(nested) if depth > 1 => flatten(Some(&field), &nested, depth - 1, items),
            Value::Object(_) => {}
            Value::List(values) => {
                items.extend(
                    values
                        .into_iter()
                        .filter_map(|value| match Value::read(value) {
                            Value::Object(pairs) => {
                                let item = item(&pairs);
                                let field =
                                    item.field.clone().or_else(|| Some(field.as_str().into()));
                                Some(ErrorItem { field, ..item })
                            }
                            _ => at_field(&field, value),
                        }),
                )
            }
            Value::Text(_) | Value::Other => items.extend(at_field(&field, value)),
        }
    }
}

fn at_field(field: &str, message: &RawValue) -> Option<ErrorItem> {
    text(message).map(|message| ErrorItem {
        message: Some(message),
        field: Some(field.into()),
        ..ErrorItem::default()
    })
}

/// A text alone: a code if it looks like one, else a message.
fn worded(text: Box<str>) -> ErrorItem {
    let mut item = ErrorItem::default();
    if is_word(&text) {
        item.code = Some(ErrorCode::from(&*text));
    } else {
        item.message = Some(text).filter(|text| !text.is_empty());
    }
    item
}

fn code(value: &RawValue) -> Option<ErrorCode> {
    word(value).map(|text| ErrorCode::from(&*text))
}

fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
