//! The shapes of body.
//!
//! | shape | seen |
//! |---|---|
//! | `{"type":"error.list","request_id":..,"errors":[{"code","message","field","data"}]}` | documented |
//! | the same with `type` instead of `code` in an item, or with neither | before API 2, official SDKs still read it |
//! | `{"type":"error","request_id":..,"message":..}` | status of messages, 2.16 |
//! | `{"error_key":..,"message":..}` | phone call redirects |
//! | `{"errors":{"field":"message"}}`, also nested | Fin ratings and agents |
//! | `{"error":..}`, `[{..}]` | proxies, 2014 |

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::{lenient, strict};
use crate::{BodyKind, ErrorItem};

/// What a body says.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Parsed {
    pub(crate) items: Vec<ErrorItem>,
    pub(crate) request_id: Option<Box<str>>,
}

/// Reads a body of any kind; never fails.
pub(crate) fn parse(body: &[u8]) -> (BodyKind, Parsed) {
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    // JSON has no form feeds, but they hide nothing of what they stand before or after.
    let json = json.trim_ascii();
    match json.first() {
        None => (BodyKind::Empty, Parsed::default()),
        Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
            match core::str::from_utf8(json) {
                Ok(json) => strict::read(json).unwrap_or_else(|| lenient::read(json)),
                Err(_) => lenient::read(&String::from_utf8_lossy(json)),
            }
        }
        Some(_) => (BodyKind::Raw, Parsed::default()),
    }
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use proptest::collection::vec;
    use proptest::prelude::{
        Just, ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest,
    };
    use proptest::sample::select;

    use super::{lenient, strict};

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

    const VALUES: [&str; 16] = [
        r#""error.list""#,
        r#""error""#,
        r#""not_found""#,
        r#""User Not Found""#,
        r#""caf\u00e9 \ud83d\ude00 \"x\"\n""#,
        r#""\ud83d""#,
        r#""""#,
        r#"" ""#,
        r#""true""#,
        "null",
        "true",
        "-0.0",
        "1e999",
        "422",
        "[]",
        "{}",
    ];

    /// JSON of the members and values that mean something here, in any nesting.
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

    #[test]
    fn the_documented_shape_needs_one_pass() {
        for body in [
            r#"{"type":"error.list","request_id":"r","errors":[{"code":"x","message":"m\n","field":null,"data":{"a":[1]}},"y"]}"#,
            r#"{"errors":{"base":"m","user":{"name":["n"]}}}"#,
            r#"{"type":"error","message":"m","error":{"code":"x"},"status":404}"#,
        ] {
            assert_eq!(strict::read(body), Some(lenient::read(body)), "{body}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn both_readers_say_the_same(json in json(), cut in any::<proptest::sample::Index>(), is_cut in any::<bool>()) {
            let end = if is_cut && json.is_ascii() { cut.index(json.len() + 1) } else { json.len() };
            let json = &json[..end];
            if let Some(read) = strict::read(json) {
                prop_assert_eq!(read, lenient::read(json), "{}", json);
            }
        }
    }
}
