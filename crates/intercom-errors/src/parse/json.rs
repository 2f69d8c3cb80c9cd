//! JSON, one level at a time and leniently: a bad character in a message must not cost the code beside it.
//!
//! Values stay text until they are asked for, so that no depth of nesting costs any stack.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// More values than any list of errors has; what is beyond stays in the body.
pub(super) const MANY: usize = 1000;

/// A value, and what is in it.
pub(super) enum Value<'j> {
    List(Vec<&'j RawValue>),
    /// A number, a truth, `null`.
    Other,
    Object(Pairs<'j>),
    Text(Cow<'j, str>),
}

impl<'j> Value<'j> {
    pub(super) fn read(json: &'j RawValue) -> Self {
        let json = json.get();
        let read = match json.as_bytes().first() {
            Some(b'[') => serde_json::from_str(json).map(|List(values)| Self::List(values)),
            Some(b'{') => serde_json::from_str(json).map(Self::Object),
            Some(b'"') => serde_json::from_str(json).map(|Lossy(text)| Self::Text(text)),
            _ => Ok(Self::Other),
        };
        read.unwrap_or(Self::Other)
    }
}

/// The text of a value; a number or a truth as it is spelt, nothing for anything else and for the empty text.
pub(super) fn text(json: &RawValue) -> Option<Cow<'_, str>> {
    let text = match json.get().as_bytes().first()? {
        b'"' => serde_json::from_str::<Lossy>(json.get()).ok()?.0,
        b'[' | b'{' | b'n' => return None,
        _ => json.get().into(),
    };
    Some(text).filter(|text| !text.is_empty())
}

/// The members of an object in their order, repeated ones too.
pub(super) struct Pairs<'j>(pub(super) Vec<(Cow<'j, str>, &'j RawValue)>);

impl<'de: 'j, 'j> Deserialize<'de> for Pairs<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some((Lossy(key), value)) = map.next_entry()? {
                    pairs.push((key, value));
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

/// The values of a list, up to [`MANY`].
struct List<'j>(Vec<&'j RawValue>);

impl<'de: 'j, 'j> Deserialize<'de> for List<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor;
        impl<'de> Visitor<'de> for ListVisitor {
            type Value = List<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<'de>, A::Error> {
                let mut values = Vec::new();
                while values.len() < MANY {
                    let Some(value) = seq.next_element()? else {
                        return Ok(List(values));
                    };
                    values.push(value);
                }
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(List(values))
            }
        }
        deserializer.deserialize_seq(ListVisitor)
    }
}

/// A text in which halves of surrogate pairs are replaced, such as a message cut off within an emoji has.
struct Lossy<'j>(Cow<'j, str>);

impl<'de: 'j, 'j> Deserialize<'de> for Lossy<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LossyVisitor;
        impl<'de> Visitor<'de> for LossyVisitor {
            type Value = Lossy<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_bytes<E>(self, text: &'de [u8]) -> Result<Lossy<'de>, E> {
                Ok(Lossy(String::from_utf8_lossy(text)))
            }

            fn visit_bytes<E>(self, text: &[u8]) -> Result<Lossy<'de>, E> {
                Ok(Lossy(Cow::Owned(
                    String::from_utf8_lossy(text).into_owned(),
                )))
            }
        }
        // serde_json refuses lone surrogates in a `str`, but not in bytes; it does not refuse control characters there
        // either, so this reads only what was found to be JSON before.
        deserializer.deserialize_bytes(LossyVisitor)
    }
}
