//! Every shape of body, one level at a time.

use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;
use core::convert::Infallible;

use serde_json::value::RawValue;

use super::body::Parsed;
use super::json::{MANY, Pairs, Value, text};
use super::members::{Envelope, Errors, Item, Member, worded};
use crate::{BodyKind, ErrorItem};

/// How deep messages by field may be nested; the deepest that is known has two levels.
const DEPTH: usize = 8;

/// How much of a field's name is kept, for it is kept once for each of its messages.
const NAME: usize = 200;

/// Reads any JSON; anything else is raw.
pub(super) fn read(json: &str) -> (BodyKind, Parsed) {
    match serde_json::from_str::<&RawValue>(json).map(Value::read) {
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

impl<'j> Member<'j> for &'j RawValue {
    type Error = Infallible;

    fn text(self) -> Result<Option<Cow<'j, str>>, Infallible> {
        Ok(text(self))
    }

    fn json(self) -> Result<&'j RawValue, Infallible> {
        Ok(self)
    }

    fn errors(self) -> Result<Errors<'j>, Infallible> {
        Ok(match Value::read(self) {
            Value::List(values) => Errors::List(list(values)),
            Value::Object(pairs) => Errors::Object(pairs),
            Value::Other => Errors::Other,
            Value::Text(text) => Errors::Text(text),
        })
    }

    fn skip(self) -> Result<(), Infallible> {
        Ok(())
    }
}

fn envelope(Pairs(pairs): Pairs<'_>) -> (BodyKind, Parsed) {
    let mut envelope = Envelope::default();
    for (key, value) in pairs {
        let Ok(()) = envelope.take(&key, value);
    }
    envelope.finish()
}

fn list(values: Vec<&RawValue>) -> Vec<ErrorItem> {
    let items = values
        .into_iter()
        .filter_map(|value| match Value::read(value) {
            Value::Object(pairs) => Some(Item::of(&pairs)),
            Value::Text(text) => Some(worded(text)),
            Value::List(_) | Value::Other => None,
        });
    items.collect()
}

/// Messages by field, with the path of nested ones: `user.attributes.plan`.
pub(super) fn by_field(pairs: &Pairs<'_>) -> Vec<ErrorItem> {
    let mut items = Vec::new();
    flatten(None, pairs, DEPTH, &mut items);
    items
}

fn flatten(path: Option<&str>, Pairs(pairs): &Pairs<'_>, depth: usize, items: &mut Vec<ErrorItem>) {
    for (key, value) in pairs {
        if items.len() >= MANY {
            return;
        }
        let end = key.char_indices().nth(NAME).map_or(key.len(), |(at, _)| at);
        let name = key.get(..end).unwrap_or_default();
        let field = match path {
            Some(path) => Cow::Owned(format!("{path}.{name}")),
            None => Cow::Borrowed(name),
        };
        match Value::read(value) {
            Value::Object(nested) if depth > 1 => flatten(Some(&field), &nested, depth - 1, items),
            Value::Object(_) => {}
            Value::List(values) => {
                items.extend(
                    values
                        .into_iter()
                        .filter_map(|value| in_list(&field, value)),
                );
            }
            Value::Text(text) => items.extend(at_field(&field, text)),
            Value::Other => items.extend(text(value).and_then(|text| at_field(&field, text))),
        }
    }
}

/// One of several messages of a field; a whole item may say which field it means itself.
fn in_list(field: &str, value: &RawValue) -> Option<ErrorItem> {
    match Value::read(value) {
        Value::Object(pairs) => {
            let mut item = Item::of(&pairs);
            item.field.get_or_insert_with(|| field.into());
            Some(item)
        }
        Value::Text(text) => at_field(field, text),
        Value::List(_) | Value::Other => at_field(field, text(value)?),
    }
}

fn at_field(field: &str, message: Cow<'_, str>) -> Option<ErrorItem> {
    (!message.is_empty()).then(|| ErrorItem {
        message: Some(message.into()),
        field: Some(field.into()),
        ..ErrorItem::default()
    })
}
