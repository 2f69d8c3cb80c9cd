//! Objects in one pass, which is what nearly every answer is.
//!
//! Whatever is odd stops it, be it broken or merely a number in the place of a text: the lenient reader takes that from
//! its beginning.

use alloc::borrow::Cow;
use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::body::Parsed;
use super::json::{MANY, Pairs};
use super::members::{Envelope, Errors, Item, Member, worded};
use crate::{BodyKind, ErrorItem};

/// Reads an object with nothing odd in it; `None` for anything else.
pub(super) fn read(json: &str) -> Option<(BodyKind, Parsed)> {
    let Object(envelope) = serde_json::from_str(json).ok()?;
    Some(envelope.finish())
}

/// The value that comes next.
struct Next<'m, M>(&'m mut M);

impl<'de, M: MapAccess<'de>> Member<'de> for Next<'_, M> {
    type Error = M::Error;

    fn text(self) -> Result<Option<Cow<'de, str>>, M::Error> {
        let Text(text) = self.0.next_value()?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    fn json(self) -> Result<&'de RawValue, M::Error> {
        self.0.next_value()
    }

    fn errors(self) -> Result<Errors<'de>, M::Error> {
        self.0.next_value()
    }

    fn skip(self) -> Result<(), M::Error> {
        self.0.next_value().map(|IgnoredAny| ())
    }
}

struct Object(Envelope);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;
        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut envelope = Envelope::default();
                while let Some(Text(key)) = map.next_key()? {
                    envelope.take(&key.unwrap_or_default(), Next(&mut map))?;
                }
                Ok(Object(envelope))
            }
        }
        deserializer.deserialize_map(ObjectVisitor)
    }
}

impl<'de: 'j, 'j> Deserialize<'de> for Errors<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ErrorsVisitor;
        impl<'de> Visitor<'de> for ErrorsVisitor {
            type Value = Errors<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("errors")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Errors<'de>, A::Error> {
                let mut items = Vec::new();
                for _ in 0..MANY {
                    let Some(Element(item)) = seq.next_element()? else {
                        return Ok(Errors::List(items));
                    };
                    items.push(item);
                }
                while let Some(IgnoredAny) = seq.next_element()? {}
                Ok(Errors::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Errors<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some((Text(key), value)) = map.next_entry()? {
                    pairs.push((key.unwrap_or_default(), value));
                }
                Ok(Errors::Object(Pairs(pairs)))
            }

            fn visit_unit<E>(self) -> Result<Errors<'de>, E> {
                Ok(Errors::Other)
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Errors<'de>, E> {
                Ok(Errors::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Errors<'de>, E> {
                Ok(Errors::Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_any(ErrorsVisitor)
    }
}

/// An item of the list: an object, or a text alone.
struct Element(ErrorItem);

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ElementVisitor;
        impl<'de> Visitor<'de> for ElementVisitor {
            type Value = Element;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an item")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
                let mut item = Item::default();
                while let Some(Text(key)) = map.next_key()? {
                    item.take(&key.unwrap_or_default(), Next(&mut map))?;
                }
                Ok(Element(item.finish()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Element, E> {
                Ok(Element(worded(Cow::Borrowed(text))))
            }
        }
        deserializer.deserialize_any(ElementVisitor)
    }
}

/// A text; nothing for `null`.
struct Text<'j>(Option<Cow<'j, str>>);

impl<'de: 'j, 'j> Deserialize<'de> for Text<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }

            fn visit_unit<E>(self) -> Result<Text<'de>, E> {
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(TextVisitor)
    }
}
