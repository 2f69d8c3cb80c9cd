//! What the body of an answer is, as far as it decides whether the answer is a success.

use core::fmt;

use http::header::{CONTENT_TYPE, HeaderMap};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::reply::without_mark;

/// What a body is, found without reading it twice where that can be had.
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
    /// Looks at both ends of an answer that is called JSON and begins as Intercom's do, and reads any other through.
    ///
    /// A body that broke off is for the transport to find, which knows its length; what else may be wrong within is
    /// found by whoever reads the value.
    pub(crate) fn of(headers: &HeaderMap, body: &[u8]) -> Self {
        let body = without_mark(body);
        if is_called_json(headers) && is_typed_and_no_error(body) {
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
            Err(_) if serde_json::from_slice::<IgnoredAny>(body).is_ok() => Self::Json,
            Err(_) => Self::Other,
        }
    }
}

fn is_called_json(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

/// Whether an object begins with its type, as nearly all of Intercom's do, that is no error, and ends as one.
fn is_typed_and_no_error(body: &[u8]) -> bool {
    let mut rest = body;
    for token in [b"{".as_slice(), b"\"type\"", b":", b"\""] {
        match rest.trim_ascii_start().strip_prefix(token) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    // Nor may it be an escaped one.
    let names_no_error = rest
        .first()
        .is_some_and(|first| first.is_ascii_lowercase() && *first != b'e');
    names_no_error && body.trim_ascii_end().ends_with(b"}")
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

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::{CONTENT_TYPE, HeaderValue};

    use super::Content;

    /// What a body is, whatever it is called.
    #[track_caller]
    fn assert_is(body: &str, content: Content) {
        let mut headers = HeaderMap::new();
        assert_eq!(Content::of(&headers, body.as_bytes()), content, "{body}");
        for called in ["text/html", "application/json; charset=utf-8"] {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(called));
            let found = Content::of(&headers, body.as_bytes());
            assert_eq!(found, content, "{called} {body}");
        }
    }

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
            assert_is(body, Content::Error);
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
            assert_is(body, Content::Json);
        }
    }

    #[test]
    fn what_is_not_json_to_its_end_is_none() {
        for body in [
            "<html>",
            r#"{"type":"list""#,
            r#"{"type":"list"} x"#,
            r#"{"type":"error"} x"#,
        ] {
            assert_is(body, Content::Other);
        }
    }

    #[test]
    fn an_answer_called_json_that_looks_it_is_not_read_through() {
        let body = br#"{"type":"list","data":[nonsense]}"#;
        let mut headers = HeaderMap::new();
        assert_eq!(Content::of(&headers, body), Content::Other);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        assert_eq!(Content::of(&headers, body), Content::Json);
        assert_eq!(Content::of(&headers, &body[..20]), Content::Other);
    }
}
