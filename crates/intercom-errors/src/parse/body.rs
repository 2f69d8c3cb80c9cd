//! The shapes of body, read in one pass.
//!
//! | shape | seen |
//! |---|---|
//! | `{"type":"error.list","request_id":..,"errors":[{"code","message","field","data"}]}` | documented |
//! | the same with `type` instead of `code` in an item, or with neither | before API 2, official SDKs still read it |
//! | `{"type":"error","request_id":..,"message":..}` | status of messages, 2.16 |
//! | `{"error_key":..,"message":..}` | phone call redirects |
//! | `{"errors":{"field":"message"}}`, also nested | Fin ratings and agents |
//! | `{"error":..}`, `[{..}]` | proxies, 2014 |

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{BodyKind, ErrorCode, ErrorItem};

/// More items than any answer has; what is beyond stays in the body.
const ITEMS: usize = 1000;

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
    match serde_json::from_slice::<Shape>(json) {
        Ok(Shape::List(parsed)) => (BodyKind::ErrorList, parsed),
        Ok(Shape::Known(parsed)) => (BodyKind::Known, parsed),
        Ok(Shape::Other(parsed)) => (BodyKind::Json, parsed),
        Err(_) => (BodyKind::Raw, Parsed::default()),
    }
}

enum Shape {
    List(Parsed),
    Known(Parsed),
    Other(Parsed),
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

/// Values that are no error at all: a number, a text, `null`.
macro_rules! no_error {
    ($($method:ident: $type:ty),+) => {
        $(fn $method<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok(Default::default())
        })+
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
    };
}

impl Default for Shape {
    fn default() -> Self {
        Self::Other(Parsed::default())
    }
}

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    no_error!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Shape, A::Error> {
        let items = list(seq)?;
        let parsed = Parsed {
            items,
            request_id: None,
        };
        Ok(if parsed.items.is_empty() {
            Shape::Other(parsed)
        } else {
            Shape::Known(parsed)
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut envelope = Envelope::default();
        while let Some(key) = map.next_key::<Key>()? {
            envelope.take(key, &mut map)?;
        }
        Ok(envelope.shape())
    }
}

#[derive(Default)]
struct Envelope {
    kind: Option<Box<str>>,
    request_id: Option<Box<str>>,
    listed: Option<Items>,
    single: ErrorItem,
    named: Option<Items>,
}

impl Envelope {
    fn take<'de, A: MapAccess<'de>>(&mut self, key: Key, map: &mut A) -> Result<(), A::Error> {
        match key {
            Key::Type => self.kind = map.next_value::<Text>()?.0,
            Key::RequestId => {
                let id = map.next_value::<Text>()?.0;
                self.request_id = self.request_id.take().or(id);
            }
            Key::Errors => self.listed = Some(map.next_value()?),
            Key::Error => self.named = Some(map.next_value()?),
            Key::ErrorKey | Key::Code => self.single.code = map.next_value::<Text>()?.code(),
            Key::Message => self.single.message = map.next_value::<Text>()?.0,
            Key::Field => self.single.field = map.next_value::<Text>()?.0,
            Key::Data => self.single.data = map.next_value::<Raw>()?.0,
            Key::Other => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }

    fn shape(self) -> Shape {
        let is_list = matches!(self.listed, Some(Items::List(_)))
            || self.kind.as_deref() == Some("error.list");
        let has_single = self.single.code.is_some() || self.single.message.is_some();
        let mut items = self.listed.map_or_else(Vec::new, Items::into_vec);
        items.extend(self.named.map_or_else(Vec::new, Items::into_vec));
        if items.is_empty() && has_single {
            items.push(self.single);
        }
        let is_error = self.kind.as_deref() == Some("error") || !items.is_empty();
        let parsed = Parsed {
            items,
            request_id: self.request_id,
        };
        match (is_list, is_error) {
            (true, _) => Shape::List(parsed),
            (false, true) => Shape::Known(parsed),
            (false, false) => Shape::Other(parsed),
        }
    }
}

/// The keys that mean something, in the envelope and in an item.
enum Key {
    Code,
    Data,
    Error,
    ErrorKey,
    Errors,
    Field,
    Message,
    Other,
    RequestId,
    Type,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E>(self, key: &str) -> Result<Key, E> {
                Ok(match key {
                    "code" => Key::Code,
                    "data" => Key::Data,
                    "error" => Key::Error,
                    "error_key" => Key::ErrorKey,
                    "errors" => Key::Errors,
                    "field" => Key::Field,
                    "message" => Key::Message,
                    "request_id" => Key::RequestId,
                    "type" => Key::Type,
                    _ => Key::Other,
                })
            }
        }
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

/// What `errors` or `error` holds.
enum Items {
    List(Vec<ErrorItem>),
    Fields(Vec<ErrorItem>),
}

impl Default for Items {
    fn default() -> Self {
        Self::Fields(Vec::new())
    }
}

impl Items {
    fn into_vec(self) -> Vec<ErrorItem> {
        match self {
            Self::List(items) | Self::Fields(items) => items,
        }
    }
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor;
        impl<'de> Visitor<'de> for ItemsVisitor {
            type Value = Items;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("errors")
            }

            no_error!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

            fn visit_str<E>(self, text: &str) -> Result<Items, E> {
                Ok(Items::Fields(alloc::vec![worded(text)]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Items, A::Error> {
                list(seq).map(Items::List)
            }

            /// Either one item, or messages by field.
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Items, A::Error> {
                let mut fields = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    let value: Box<RawValue> = map.next_value()?;
                    flatten(key, value.get(), &mut fields);
                }
                Ok(Items::Fields(
                    one_item(&fields).map_or(fields, |item| alloc::vec![item]),
                ))
            }
        }
        deserializer.deserialize_any(ItemsVisitor)
    }
}

/// `{"error":{"code":..,"message":..}}` is one item; so is the same with `type`.
fn one_item(fields: &[ErrorItem]) -> Option<ErrorItem> {
    let of = |name: &str| {
        fields
            .iter()
            .find(|item| item.field() == Some(name))
            .and_then(ErrorItem::message)
    };
    let code = of("code").or_else(|| of("type"))?;
    let mut item = ErrorItem::new(code, of("message").unwrap_or_default());
    if of("message").is_none() {
        item.message = None;
    }
    item.field = of("field").map(Into::into);
    Some(item)
}

/// Messages by field, with the path of nested ones: `user.attributes.plan`.
fn flatten(path: String, json: &str, fields: &mut Vec<ErrorItem>) {
    if fields.len() >= ITEMS {
        return;
    }
    if let Ok(nested) =
        serde_json::from_str::<alloc::collections::BTreeMap<String, &RawValue>>(json)
    {
        for (key, value) in nested {
            flatten(format!("{path}.{key}"), value.get(), fields);
        }
        return;
    }
    let messages = serde_json::from_str::<Vec<Text>>(json).ok();
    let messages = messages.or_else(|| {
        serde_json::from_str::<Text>(json)
            .ok()
            .map(|text| alloc::vec![text])
    });
    for message in messages
        .unwrap_or_default()
        .into_iter()
        .filter(|message| message.0.is_some())
    {
        fields.push(ErrorItem {
            message: message.0,
            field: Some(path.as_str().into()),
            ..ErrorItem::default()
        });
    }
}

fn list<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Vec<ErrorItem>, A::Error> {
    let mut items = Vec::new();
    while let Some(Item(item)) = seq.next_element()? {
        if let Some(item) = item.filter(|_| items.len() < ITEMS) {
            items.push(item);
        }
    }
    Ok(items)
}

/// One item of a list; a bare text is its message, and what is neither is none.
#[derive(Default)]
struct Item(Option<ErrorItem>);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemVisitor;
        impl<'de> Visitor<'de> for ItemVisitor {
            type Value = Item;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an error")
            }

            no_error!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

            fn visit_str<E>(self, text: &str) -> Result<Item, E> {
                Ok(Item(Some(worded(text))))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Item(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
                let (mut item, mut legacy) = (ErrorItem::default(), None);
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Code => item.code = map.next_value::<Text>()?.code(),
                        Key::Type => legacy = map.next_value::<Text>()?.code(),
                        Key::Message => item.message = map.next_value::<Text>()?.0,
                        Key::Field => item.field = map.next_value::<Text>()?.0,
                        Key::Data => item.data = map.next_value::<Raw>()?.0,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                item.code = item.code.or(legacy);
                Ok(Item(Some(item)))
            }
        }
        deserializer.deserialize_any(ItemVisitor)
    }
}

/// A text alone: a code if it looks like one, else a message.
fn worded(text: &str) -> ErrorItem {
    let is_code = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_code {
        ErrorItem {
            code: Some(text.into()),
            ..ErrorItem::default()
        }
    } else {
        ErrorItem {
            message: Some(text.into()),
            ..ErrorItem::default()
        }
    }
}

/// A text, or what stands where one should be: a number or a truth is kept as text, anything else is none.
#[derive(Default)]
struct Text(Option<Box<str>>);

impl Text {
    fn code(self) -> Option<ErrorCode> {
        self.0
            .filter(|text| !text.is_empty())
            .map(|text| ErrorCode::from(&*text))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text(Some(text.into())))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
                Ok(Text(Some(if value { "true" } else { "false" }.into())))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Text, E> {
                Ok(Text(Some(format!("{value}").into())))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Text, E> {
                Ok(Text(Some(format!("{value}").into())))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Text, E> {
                Ok(Text(Some(format!("{value}").into())))
            }

            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}

/// Any value as its JSON text; `null` is none.
struct Raw(Option<Box<str>>);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: &RawValue = Deserialize::deserialize(deserializer)?;
        Ok(Self(
            (raw.get() != "null").then(|| raw.get().to_owned().into()),
        ))
    }
}
