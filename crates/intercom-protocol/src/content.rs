//! What the body of an answer is, as far as it decides whether the answer is a success.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::reply::without_mark;

/// What a body is, found in one pass over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// An error list, whatever the status.
    ///
    /// Intercom has answered errors with a 2xx status; official SDKs look at the body's type whatever the status.
    Error,
    /// Any other JSON, or nothing.
    Json,
    /// Anything else.
    Other,
}

impl Content {
    pub(crate) fn of(body: &[u8]) -> Self {
        let body = without_mark(body);
        let mut json = serde_json::Deserializer::from_slice(body);
        let object = json
            .deserialize_map(Object)
            .and_then(|object| json.end().map(|()| object));
        match object {
            Ok(content) => content,
            Err(_) if body.trim_ascii().is_empty() => Self::Json,
            // JSON other than an object, or an object whose type is no text.
            Err(_) if serde_json::from_slice::<IgnoredAny>(body).is_ok() => Self::Json,
            Err(_) => Self::Other,
        }
    }
}

/// Reads an object and keeps nothing of it but whether it is an error.
struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Content, A::Error> {
        let mut content = Content::Json;
        while let Some(is_type) = members.next_key_seed(OneOf(&["type"]))? {
            if !is_type {
                members.next_value::<IgnoredAny>()?;
            } else if members.next_value_seed(OneOf(&["error.list", "error"]))? {
                content = Content::Error;
            }
        }
        Ok(content)
    }
}

/// Reads a text and says whether it is one of these.
struct OneOf(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for OneOf {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, text: D) -> Result<bool, D::Error> {
        text.deserialize_str(self)
    }
}

impl Visitor<'_> for OneOf {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<bool, E> {
        Ok(self.0.contains(&text))
    }
}
