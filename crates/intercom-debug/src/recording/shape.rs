//! The shape of a JSON body: the names of members that the API's schema has, types and lengths, without any value.

use core::fmt::{self, Write as _};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::safe;

/// How long the text of a shape gets.
const LONGEST: usize = 240;

/// How deep a shape goes.
const DEEPEST: usize = 5;

/// Returns the shape of a body, like `{type:str4,data:[2 of {id:str24}]}`. A member that is not in the schema is `*`. `None` for a body
/// that is not JSON.
pub(crate) fn shape(body: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = Value {
        text: &mut text,
        depth: DEEPEST,
    };
    value.deserialize(&mut json).ok()?;
    json.end().ok()?;
    Some(text)
}

/// Whether this is the text of a shape. The line may not come from a recorder.
pub(super) fn is_shape(text: &str) -> bool {
    text.len() <= LONGEST * 3 && after_value(text, DEEPEST + 1) == Some("")
}

/// Returns what follows the shape of a value.
fn after_value(text: &str, depth: usize) -> Option<&str> {
    let deeper = depth.checked_sub(1)?;
    if let Some(rest) = ["num", "bool", "null"]
        .iter()
        .find_map(|word| text.strip_prefix(word))
    {
        return Some(rest);
    }
    if let Some(length) = text.strip_prefix("str") {
        return after_number(length);
    }
    if let Some(members) = text.strip_prefix('{') {
        return after_members(members, deeper);
    }
    let rest = after_number(text.strip_prefix('[')?)?;
    let rest = match rest.strip_prefix(" of ") {
        Some(first) => after_value(first, deeper)?,
        None => rest,
    };
    rest.strip_prefix(']')
}

fn after_members(mut rest: &str, depth: usize) -> Option<&str> {
    while !rest.starts_with(['}', '.']) {
        let (name, value) = rest.split_once(':')?;
        if name != "*" && !safe::is_member(name) {
            return None;
        }
        rest = after_value(value, depth)?;
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
    rest.strip_prefix("...").unwrap_or(rest).strip_prefix('}')
}

/// A number of at most seven digits. A telephone number is longer.
fn after_number(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    matches!(text.len() - rest.len(), 1..=7).then_some(rest)
}

struct Value<'t> {
    text: &'t mut String,
    depth: usize,
}

impl Value<'_> {
    fn inner(&mut self) -> Value<'_> {
        Value {
            text: self.text,
            depth: self.depth.saturating_sub(1),
        }
    }

    fn is_full(&self) -> bool {
        self.text.len() > LONGEST || self.depth == 0
    }

    fn add(self, text: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = self.text.write_fmt(text);
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! scalars {
    ($($visit:ident($kind:ty) => $name:literal,)+) => {
        $(fn $visit<E>(self, _: $kind) -> Result<(), E> {
            self.add(format_args!($name));
            Ok(())
        })+
    };
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars! {
        visit_bool(bool) => "bool",
        visit_i64(i64) => "num",
        visit_u64(u64) => "num",
        visit_f64(f64) => "num",
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.add(format_args!("null"));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.add(format_args!("str{}", text.chars().count()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        let start = self.text.len();
        let mut count = 0_usize;
        if !self.is_full() && list.next_element_seed(self.inner())?.is_some() {
            count = 1;
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        let first = self.text.split_off(start);
        let of = if first.is_empty() { "" } else { " of " };
        self.add(format_args!("[{count}{of}{first}]"));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        self.text.push('{');
        let mut separator = "";
        while let Some(name) = members.next_key::<std::borrow::Cow<'de, str>>()? {
            if self.is_full() {
                if separator != "..." {
                    self.text.push_str("...");
                    separator = "...";
                }
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            self.text.push_str(separator);
            separator = ",";
            let name = if safe::is_member(&name) { &*name } else { "*" };
            self.text.push_str(name);
            self.text.push(':');
            members.next_value_seed(self.inner())?;
        }
        self.text.push('}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{is_shape, shape};
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn a_shape_has_names_of_the_schema_types_and_lengths() {
        let body = br#"{"type":"list","data":[{"id":"5f1","custom_attributes":{"Ada":1},"email":null},{}],"total_count":2.5}"#;
        let shape = shape(body).unwrap();
        insta::assert_snapshot!(shape, @"{type:str4,data:[2 of {id:str3,custom_attributes:{*:num},email:null}],total_count:num}");
        assert!(is_shape(&shape));
    }

    #[test]
    fn only_shapes_are_shapes() {
        for text in [
            "ada@example.org",
            "{ada:str1}",
            "Ada",
            "str1 lovelace",
            "",
            "4915123456789",
            "str4915123456789",
            "[4915123456789]",
            "[2 of 4915123]",
            "{id:4915123}",
            "{id:str1} email",
            "email",
            "list",
            "1 2 3",
            "{email,phone}",
            "{id:str1",
            "[1 of ]",
            "\u{e9}",
        ] {
            assert!(!is_shape(text), "{text}");
        }
        assert!(!is_shape(&"[1 of ".repeat(40)) && !is_shape(&"{id:".repeat(60)));
        assert_eq!(shape(b"<html>"), None);
        assert_eq!(shape(b"{} x"), None);
    }

    proptest! {
        #[test]
        fn the_shape_of_any_body_is_a_shape(body in "[\\[\\]{}\",:a-z0-9 ]{0,60}") {
            if let Some(shape) = shape(body.as_bytes()) {
                prop_assert!(is_shape(&shape), "{shape}");
            }
        }
    }
}
