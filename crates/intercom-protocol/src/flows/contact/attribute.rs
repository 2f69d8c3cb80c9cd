//! The value of a custom attribute.

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// The value of a custom attribute: a string, number or boolean. Intercom rejects lists and objects.
#[non_exhaustive]
#[derive(Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// True or false.
    Bool(bool),
    /// An integer, or a date as Unix time.
    Integer(i64),
    /// Any number.
    Number(f64),
    /// A string of at most 255 characters.
    Text(String),
}

impl AttributeValue {
    /// Reads a value that a person has written: JSON, or else a text. A number that would change when it is written again, like `1.10`
    /// or one with thirty digits, stays a text.
    ///
    /// ```
    /// use intercom_protocol::AttributeValue;
    ///
    /// assert_eq!(AttributeValue::parse("3"), AttributeValue::Integer(3));
    /// assert_eq!(AttributeValue::parse("pro"), AttributeValue::Text("pro".to_owned()));
    /// assert_eq!(AttributeValue::parse("02134"), AttributeValue::Text("02134".to_owned()));
    /// assert_eq!(AttributeValue::parse("1.10"), AttributeValue::Text("1.10".to_owned()));
    /// assert_eq!(AttributeValue::parse("\"3\""), AttributeValue::Text("3".to_owned()));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let value = serde_json::from_str(text).ok().filter(|value| match value {
            Self::Bool(_) | Self::Text(_) => true,
            number => serde_json::to_string(number).is_ok_and(|written| written == text),
        });
        value.unwrap_or_else(|| Self::Text(text.to_owned()))
    }
}

/// Reads the value without buffering it, so that an error says what is allowed.
impl<'de> Deserialize<'de> for AttributeValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Scalar)
    }
}

struct Scalar;

impl<'de> Visitor<'de> for Scalar {
    type Value = AttributeValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number or a boolean")
    }

    fn visit_bool<E>(self, value: bool) -> Result<AttributeValue, E> {
        Ok(AttributeValue::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<AttributeValue, E> {
        Ok(AttributeValue::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<AttributeValue, E> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "JSON has no other form for so large a number"
        )]
        let large = || AttributeValue::Number(value as f64);
        Ok(i64::try_from(value).map_or_else(|_| large(), AttributeValue::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<AttributeValue, E> {
        Ok(AttributeValue::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<AttributeValue, E> {
        Ok(AttributeValue::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<AttributeValue, A::Error> {
        Err(A::Error::invalid_type(Unexpected::Other("a list"), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<AttributeValue, A::Error> {
        Err(A::Error::invalid_type(
            Unexpected::Other("an object"),
            &self,
        ))
    }
}

/// Shows the kind of the value and not the value, which can be personal data.
impl fmt::Debug for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool(_) => "Bool(..)",
            Self::Integer(_) => "Integer(..)",
            Self::Number(_) => "Number(..)",
            Self::Text(_) => "Text(..)",
        })
    }
}

impl From<bool> for AttributeValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i32> for AttributeValue {
    fn from(value: i32) -> Self {
        Self::Integer(value.into())
    }
}

impl From<i64> for AttributeValue {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<f64> for AttributeValue {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for AttributeValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for AttributeValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

#[cfg(test)]
mod tests {
    use super::AttributeValue;

    #[test]
    fn value_is_read_as_what_it_is() {
        for (json, value) in [
            ("true", AttributeValue::Bool(true)),
            ("-3", AttributeValue::Integer(-3)),
            ("9223372036854775807", AttributeValue::Integer(i64::MAX)),
            (
                "9223372036854775808",
                AttributeValue::Number(9_223_372_036_854_775_808.0),
            ),
            ("3.0", AttributeValue::Number(3.0)),
            ("\"\\u0033\"", AttributeValue::Text("3".to_owned())),
        ] {
            assert_eq!(serde_json::from_str::<AttributeValue>(json).unwrap(), value);
        }
        for json in ["null", "[]", "{}"] {
            let error = serde_json::from_str::<AttributeValue>(json).unwrap_err();
            let allowed = "expected a string, a number or a boolean";
            assert!(error.to_string().contains(allowed), "{error}");
        }
    }

    #[test]
    fn text_is_a_number_only_if_it_is_written_as_one() {
        for (text, expected) in [
            ("3", AttributeValue::Integer(3)),
            ("1.5", AttributeValue::Number(1.5)),
            ("true", AttributeValue::Bool(true)),
            ("\"3\"", AttributeValue::Text("3".to_owned())),
            ("02", AttributeValue::Text("02".to_owned())),
            ("1.50", AttributeValue::Text("1.50".to_owned())),
        ] {
            assert_eq!(AttributeValue::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn debug_shows_the_kind_alone() {
        let shown = |text| format!("{:?}", AttributeValue::parse(text));
        let kinds = ["true", "3", "1.5", "pro"].map(shown);
        assert_eq!(kinds, ["Bool(..)", "Integer(..)", "Number(..)", "Text(..)"]);
    }
}
