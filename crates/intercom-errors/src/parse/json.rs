//! Parses JSON leniently: an invalid character in a message must not hide the code next to it.
//!
//! Values are skipped without recursion, so deep nesting does not use the stack.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, Visitor};

/// The maximum number of values in a list of errors. Further values are ignored, and remain in the body.
pub(super) const MANY: usize = 1000;

/// A reader of JSON text. Each method except [`peek`](Self::peek) reads the next value.
#[derive(Clone, Copy)]
pub(super) struct Json<'j>(&'j str);

impl<'j> Json<'j> {
    /// Creates a reader, or returns `None` if the text is not JSON.
    pub(super) fn new(text: &'j str) -> Option<Self> {
        let IgnoredAny = serde_json::from_str(text).ok()?;
        Some(Self(text))
    }

    /// Returns `true` if the rest of the text contains this string, spelled without escapes.
    pub(super) fn mentions(&self, string: &str) -> bool {
        self.0.contains(string)
    }

    /// Returns the first byte of the next value, or `None` at the end of a list or object.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let is_value = |byte: &u8| !is_between(*byte);
        let begin = self.0.as_bytes().iter().position(is_value)?;
        self.0 = self.0.get(begin..)?;
        let first = self.0.as_bytes().first().copied();
        first.filter(|byte| !matches!(byte, b']' | b'}'))
    }

    /// Reads a value as raw text.
    pub(super) fn raw(&mut self) -> &'j str {
        self.peek();
        let end = end_of_value(self.0.as_bytes());
        let (value, rest) = self.0.split_at_checked(end).unwrap_or_default();
        self.0 = rest;
        value
    }

    pub(super) fn skip(&mut self) {
        self.raw();
    }

    /// Reads a string. Replaces lone surrogates, which occur where a message was cut off inside an emoji.
    pub(super) fn string(&mut self) -> Cow<'j, str> {
        let raw = self.raw();
        let quoted = raw
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        match quoted {
            Some(text) if !text.contains('\\') => text.into(),
            _ => serde_json::from_str(raw).map_or(Cow::Borrowed(""), |Lossy(text)| text.into()),
        }
    }

    /// Reads a string, number or boolean as text. Returns `None` for other values and for the empty string.
    pub(super) fn text(&mut self) -> Option<Cow<'j, str>> {
        let text = match self.peek()? {
            b'"' => self.string(),
            b'[' | b'{' | b'n' => {
                self.skip();
                return None;
            }
            _ => self.raw().into(),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// Reads a list. `read` must read each value.
    pub(super) fn values(&mut self, mut read: impl FnMut(&mut Self)) {
        self.step();
        while self.peek().is_some() {
            read(self);
        }
        self.step();
    }

    /// Reads the members of an object in order, with duplicates. `read` must read each value.
    pub(super) fn members(&mut self, mut read: impl FnMut(&str, &mut Self)) {
        self.values(|json| {
            let key = json.string();
            read(&key, json);
        });
    }

    /// Skips a bracket.
    fn step(&mut self) {
        self.0 = self.0.get(1..).unwrap_or_default();
    }
}

/// Returns the length of the value at the start of the text.
fn end_of_value(text: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => drop(bytes.next()),
                        _ => {}
                    }
                }
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth > 0 => depth -= 1,
            byte if depth == 0 && (is_between(*byte) || matches!(byte, b']' | b'}')) => {
                return text.len() - bytes.len() - 1;
            }
            _ => continue,
        }
        if depth == 0 {
            break;
        }
    }
    text.len() - bytes.len()
}

const fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')
}

struct Lossy(String);

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LossyVisitor;
        impl Visitor<'_> for LossyVisitor {
            type Value = Lossy;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_bytes<E>(self, text: &[u8]) -> Result<Lossy, E> {
                Ok(Lossy(String::from_utf8_lossy(text).into_owned()))
            }
        }
        // serde_json accepts lone surrogates in bytes, but not in a `str`. It also accepts control characters in bytes,
        // so this is only safe after `Json::new` has checked the text.
        deserializer.deserialize_bytes(LossyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use proptest::collection::vec;
    use proptest::prelude::{
        Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
    };
    use proptest::sample::select;
    use serde_json::Value as Tree;

    use super::Json;

    const KEYS: [&str; 12] = [
        "code",
        "data",
        "error",
        "error_key",
        "errors",
        "field",
        "message",
        "request_id",
        "type",
        "email",
        "",
        "\\u0063ode",
    ];

    const VALUES: [&str; 18] = [
        r#""error.list""#,
        r#""error""#,
        r#""not_found""#,
        r#""User Not Found""#,
        r#""caf\u00e9 \ud83d\ude00 \"x\"\n""#,
        r#""\ud83d""#,
        r#""""#,
        r#"" ""#,
        r#""true""#,
        r#""a,b]}:\\""#,
        r#""\"[{\\\"""#,
        "null",
        "true",
        "-0.0",
        "1e999",
        "422",
        "[]",
        "{}",
    ];

    /// Generates nested JSON from known members and values.
    fn json() -> impl Strategy<Value = String> {
        let value = select(VALUES.as_slice()).prop_map(String::from);
        value.prop_recursive(4, 40, 5, |inner| {
            let key = prop_oneof![
                18 => select(KEYS.as_slice()).prop_map(String::from),
                1 => Just(r"\ud800".into()),
                1 => Just("\0".into()),
            ];
            let member =
                (key, inner.clone()).prop_map(|(key, value)| format!(r#""{key}" : {value}"#));
            prop_oneof![
                3 => vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(","))),
                1 => vec(inner, 0..5).prop_map(|values| format!("[{}]", values.join(" , "))),
            ]
        })
    }

    /// Builds the tree that serde_json would build.
    fn tree(json: &mut Json<'_>) -> Tree {
        match json.peek().unwrap() {
            b'[' => {
                let mut values = std::vec::Vec::new();
                json.values(|json| values.push(tree(json)));
                values.into()
            }
            b'{' => {
                let mut members = serde_json::Map::new();
                json.members(|key, json| {
                    // Skipping a value ends where reading it ends.
                    let mut other = *json;
                    members.insert(key.into(), tree(json));
                    other.skip();
                    assert_eq!(other.0, json.0);
                });
                members.into()
            }
            b'"' => json.string().into(),
            _ => {
                let raw = json.raw();
                serde_json::from_str(raw).unwrap_or(raw.into())
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn values_are_read_like_serde_json_does(json in json(), cut in any::<proptest::sample::Index>(), is_cut in any::<bool>()) {
            let end = if is_cut && json.is_ascii() { cut.index(json.len() + 1) } else { json.len() };
            let json = &json[..end];
            let split = Json::new(json).map(|mut json| tree(&mut json));
            // serde_json rejects lone surrogates and numbers that are too large.
            match serde_json::from_str::<Tree>(json) {
                Ok(expected) => prop_assert_eq!(split, Some(expected), "{}", json),
                Err(error) => prop_assert!(split.is_none() || !error.is_eof(), "{}", json),
            }
        }
    }
}
