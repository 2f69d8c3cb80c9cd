//! What the body of an answer is, as far as it decides whether the answer is a success.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

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
        let is_json = || serde_json::from_slice::<IgnoredAny>(body).is_ok();
        if says_at_once_that_it_is_no_error(body) && is_json() {
            return Self::Json;
        }
        let mut json = serde_json::Deserializer::from_slice(body);
        let object = json
            .deserialize_map(Object)
            .and_then(|object| json.end().map(|()| object));
        match object {
            Ok(content) => content,
            Err(_) if body.trim_ascii().is_empty() => Self::Json,
            // JSON other than an object, or an object whose type is no text.
            Err(_) if is_json() => Self::Json,
            Err(_) => Self::Other,
        }
    }
}

/// Whether an object begins with its type, as Intercom's do, and that is no error: then only its form is in question,
/// which is cheaper to see.
fn says_at_once_that_it_is_no_error(body: &[u8]) -> bool {
    let mut rest = body;
    for token in [b"{".as_slice(), b"\"type\"", b":", b"\""] {
        match rest.trim_ascii_start().strip_prefix(token) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    // Nor may it be an escaped one.
    rest.first()
        .is_some_and(|first| first.is_ascii_lowercase() && *first != b'e')
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

/// The body without a UTF-8 byte order mark, which JSON does not admit.
pub(crate) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

#[cfg(test)]
mod tests {
    use super::Content;

    #[test]
    fn an_error_is_found_wherever_its_type_stands_and_however_it_is_written() {
        for body in [
            r#"{"type":"error.list","errors":[]}"#,
            r#" { "type" : "error" } "#,
            r#"{"errors":[],"type":"error.list"}"#,
            r#"{"type":"\u0065rror"}"#,
            r#"{"\u0074ype":"error"}"#,
            "\u{feff}{\"type\":\"error\"}",
        ] {
            assert_eq!(Content::of(body.as_bytes()), Content::Error, "{body}");
        }
    }

    #[test]
    fn an_error_inside_of_something_else_is_no_error() {
        for body in [
            r#"{"type":"list","data":[{"type":"error.list"}]}"#,
            r#"{"data":{"type":"error"}}"#,
            r#"{"type":"event"}"#,
            r#"{"type":["error"]}"#,
            r#"["error"]"#,
            r#"[{"type":"error"}]"#,
            r#"{"type":null}"#,
            "1e999",
            " \n",
            "",
        ] {
            assert_eq!(Content::of(body.as_bytes()), Content::Json, "{body}");
        }
    }

    #[test]
    fn what_is_not_json_to_its_end_is_none() {
        for body in [
            "<html>",
            r#"{"type":"list""#,
            r#"{"type":"list"} x"#,
            // Cut off behind an inner end, or gone wrong where it was rendered.
            r#"{"type":"list","data":[{"type":"tag"}"#,
            r#"{"type":"list","data":[{]}"#,
            r#"{"type":"contact"}{"type":"error.list","errors":[]}"#,
            r#"{"type":"error"} x"#,
        ] {
            assert_eq!(Content::of(body.as_bytes()), Content::Other, "{body}");
        }
    }
}
