//! The scope a token lacks.

use alloc::boxed::Box;

use serde_json::value::RawValue;

use super::json::{Pairs, Value, text};
use super::message;
use crate::ErrorItem;

/// The scope that the message names, else the first of `data.required_permissions`, which is a text or a list.
pub(crate) fn required_scope(items: &[ErrorItem]) -> Option<Box<str>> {
    items.iter().find_map(|item| {
        let named = item.message().and_then(message::required_scope);
        named
            .map(Into::into)
            .or_else(|| item.data().and_then(in_data))
    })
}

fn in_data(data: &str) -> Option<Box<str>> {
    let Value::Object(Pairs(pairs)) = Value::read(serde_json::from_str(data).ok()?) else {
        return None;
    };
    let (_, required) = pairs
        .into_iter()
        .find(|(key, _)| &**key == "required_permissions")?;
    match Value::read(required) {
        Value::List(values) => values.into_iter().find_map(only_text),
        Value::Text(_) => text(required).map(Into::into),
        Value::Object(_) | Value::Other => None,
    }
}

fn only_text(value: &RawValue) -> Option<Box<str>> {
    text(value)
        .filter(|_| value.get().starts_with('"'))
        .map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::in_data;

    #[test]
    fn the_first_required_permission_is_read_from_a_text_or_a_list() {
        for (data, scope) in [
            (
                r#"{"required_permissions":["read_users","write_users"]}"#,
                Some("read_users"),
            ),
            (
                r#"{"required_permissions":"read_users"}"#,
                Some("read_users"),
            ),
            (
                r#"{ "required_permissions" : [ 1, null, "a\"b" ] }"#,
                Some("a\"b"),
            ),
            (
                r#"{"note":"\"required_permissions\":\"fooled\"","other":"x"}"#,
                None,
            ),
            (
                r#"{"required_permissions":null,"hint":"not_a_permission"}"#,
                None,
            ),
            (r#"{"required_permissions":[]}"#, None),
            (r#"{"required_permissions":7}"#, None),
            (r#""required_permissions""#, None),
            ("[", None),
        ] {
            assert_eq!(in_data(data).as_deref(), scope, "{data}");
        }
    }
}
